import type { EventData, Position, RecordedEvent } from '../../events/event.js';
import type { StrategyName, TickerSymbol } from '../../events/names.js';
import { Decimal, type DecimalText } from '../../kernel/decimal.js';
import { invariant } from '../../kernel/errors.js';
import { naturalKeyId, type Sha256Hex, type Uuid } from '../../kernel/hash.js';
import { type Cents, moneyText, negateCents, NO_CENTS, roundToCents } from '../../kernel/money.js';
import type { UtcText } from '../../kernel/time.js';
import { fitidOf } from './fitid.js';
import type { AccountPair, Mapping, MappingKey } from './mapping.js';
import type { LedgerGroup, LedgerLeg, LotClosure, OpenLot, TradeAction, TransactionType } from './types.js';

/**
 * The posting rules: what an event is in double entry. Accounts come from the mapping table in force, amounts from the
 * event and from the lots that it closes; nothing here keeps state.
 */

/** The parts of the bot identity as codes, and the account at the broker. Given as parts: the identity is never parsed. */
export interface BookCodes {
  readonly entity: string;
  readonly jurisdiction: string;
  readonly broker: string;
  readonly bot: string;
  readonly account: string;
}

/** The event that a group is made from, and the tables that it is made with. */
export interface PostingSource {
  readonly codes: BookCodes;
  readonly mapping: Mapping;
  readonly eventId: Uuid;
  readonly position: Position;
  readonly batchId: Uuid;
}

/** An execution as `OrderFilled` and `OrderFillCorrected` tell it. */
export type FillData = EventData<'OrderFilled'>;
export type ActivityData = EventData<'BrokerActivityImported'>;

/** One of the four things that a trade can be in the books. */
export type TradeKind = 'buy_to_open' | 'sell_to_close' | 'sell_short' | 'buy_to_cover';

/** Shares and dollars of an execution, or of the part of it on one side of zero. */
export interface TradePart {
  readonly kind: TradeKind;
  readonly quantity: Decimal;
  readonly price: Decimal;
  /** Price x quantity to the cent: what the broker's cash moves by. */
  readonly notional: Cents;
  readonly commission: Cents;
  readonly fee: Cents;
  /** Empty when it opens. */
  readonly closures: readonly LotClosure[];
}

/** How a trade is told: by its own fill time, or by the time of the event that made it be booked anew. */
export interface TradeNaming {
  /** Names the group among those of its event. */
  readonly part: string;
  readonly externalId: string;
  readonly datetimeUtc: UtcText;
  readonly note: string;
}

interface TradeTerms {
  readonly trntype: TransactionType;
  readonly action: TradeAction;
  readonly verb: string;
  readonly key: MappingKey;
  /** +1 when cash comes in, -1 when it is spent. */
  readonly cash: 1n | -1n;
}

const TRADE: Readonly<Record<TradeKind, TradeTerms>> = {
  buy_to_open: { trntype: 'BUY', action: 'long', verb: 'Buy', key: 'buy_to_open/cost', cash: -1n },
  sell_to_close: { trntype: 'SELL', action: 'long', verb: 'Sell', key: 'sell_to_close/proceeds', cash: 1n },
  sell_short: { trntype: 'SELLSHORT', action: 'short', verb: 'Sell short', key: 'sell_short/proceeds', cash: 1n },
  buy_to_cover: { trntype: 'BUYTOCOVER', action: 'short', verb: 'Buy to cover', key: 'buy_to_cover/cost', cash: -1n },
};

/** Price x quantity, half-even, once per execution. */
export function notionalOf(fill: Pick<FillData, 'quantity' | 'price'>): Cents {
  return roundToCents(Decimal.parse(fill.quantity).times(Decimal.parse(fill.price)));
}

/**
 * A trade with its commission and fee in one group. Undefined when not a cent moves (a dust fraction of a share without
 * a commission): shares move in the lots, but there is nothing to debit or credit.
 */
export function postTrade(
  source: PostingSource,
  fill: FillData,
  trade: TradePart,
  naming: TradeNaming,
): LedgerGroup | undefined {
  const terms = TRADE[trade.kind];
  const quantity = trade.quantity.shortText();
  const price = trade.price.shortText(2);
  const legs = new LegList(source.mapping, fill.symbol);
  legs.trade(trade, { quantity, price });
  legs.charge('commission/charge', trade.commission);
  legs.charge('fee/charge', trade.fee);
  return legs.group(source, {
    part: naming.part,
    externalId: naming.externalId,
    trntype: terms.trntype,
    action: terms.action,
    datetimeUtc: naming.datetimeUtc,
    description: `${terms.verb} ${quantity} ${fill.symbol} at ${price}${naming.note}`,
    strategy: fill.strategy,
    symbol: fill.symbol,
    quantity,
    price,
    commission: trade.commission,
    fee: trade.fee,
    netAmount: (terms.cash * trade.notional - trade.commission - trade.fee) as Cents,
    responseHash: fill.rawSha256,
  });
}

/** The mirror image of a group: the same accounts, debits for credits; it names the group that it takes back. */
export function postReversal(
  source: PostingSource,
  group: LedgerGroup,
  naming: TradeNaming & { readonly responseHash: Sha256Hex | null },
): LedgerGroup {
  const facts: GroupFacts = {
    ...naming,
    trntype: group.trntype,
    action: group.action,
    description: `${naming.note}: ${group.description}`,
    strategy: group.strategy,
    symbol: group.symbol,
    quantity: group.quantity,
    price: group.price,
    commission: negateCents(group.commission),
    fee: negateCents(group.fee),
    netAmount: negateCents(group.netAmount),
  };
  const legs = group.legs.map((leg) => ({ ...leg, debit: leg.credit, credit: leg.debit }));
  return groupOf(source, facts, legs, group.groupId);
}

/** Opening cash and each opening position, against 3030. */
export function postOpening(
  source: PostingSource,
  opening: EventData<'OpeningBalancesRecorded'>,
  lots: readonly OpenLot[],
): readonly LedgerGroup[] {
  const cash = roundToCents(Decimal.parse(opening.cash));
  const base = { trntype: 'OPENING', action: 'other', datetimeUtc: opening.asOf } as const;
  const cashLegs = new LegList(source.mapping, null);
  cashLegs.pair('opening_cash/cash', cash);
  const groups = [
    cashLegs.group(source, {
      ...noSecurity(base, 'opening/cash', 'Opening cash'),
      netAmount: cash,
    }),
    ...lots.map((lot, index) => {
      const legs = new LegList(source.mapping, lot.symbol);
      const shares = { quantity: lot.quantity.shortText(), price: lot.price.shortText(2) };
      legs.pair('opening_position/cost', lot.amount, { debit: shares });
      const estimated = opening.positions[index]?.basis === 'EST_BASIS' ? ' (EST_BASIS)' : '';
      return legs.group(source, {
        ...noSecurity(base, `opening/${lot.lotId}`, `Opening position ${shares.quantity} ${lot.symbol}${estimated}`),
        ...shares,
        symbol: lot.symbol,
        action: 'long',
        netAmount: NO_CENTS,
      });
    }),
  ];
  return groups.filter((group) => group !== undefined);
}

/** An acknowledged transfer is in transit until the broker shows the cash. The opening float is in 3030 already. */
export function postFloat(source: PostingSource, event: RecordedEvent<'FloatAdjusted'>): LedgerGroup | undefined {
  const { adjustmentId, direction, reason, source: origin } = event.data;
  if (origin === 'opening-balance') return undefined;
  const inject = direction === 'inject';
  const legs = new LegList(source.mapping, null);
  legs.pair(
    inject ? 'float_injected/acknowledged' : 'float_returned/acknowledged',
    roundToCents(Decimal.parse(event.data.amount)),
  );
  const base = { trntype: inject ? 'FLOATIN' : 'FLOATOUT', action: 'other', datetimeUtc: event.occurredAt } as const;
  const words = `Float ${inject ? 'injection' : 'return'} ${adjustmentId} acknowledged: ${reason}`;
  return legs.group(source, { ...noSecurity(base, `float/${adjustmentId}`, words), netAmount: NO_CENTS });
}

interface ActivityTerms {
  readonly key: MappingKey;
  readonly trntype: TransactionType;
  readonly cash: 1n | -1n;
}

const ACTIVITY: Readonly<Record<ActivityData['activityType'], ActivityTerms>> = {
  deposit: { key: 'float_injected/settled', trntype: 'DEPOSIT', cash: 1n },
  withdrawal: { key: 'float_returned/settled', trntype: 'WITHDRAWAL', cash: -1n },
  dividend: { key: 'dividend/income', trntype: 'DIVIDEND', cash: 1n },
  dividend_on_short: { key: 'dividend_on_short/charge', trntype: 'DIVIDEND', cash: -1n },
  interest: { key: 'interest/income', trntype: 'INTEREST', cash: 1n },
  fee: { key: 'broker_fee/charge', trntype: 'FEE', cash: -1n },
};

/** Whether the table knows an account for it; what is not mapped is not posted and waits (ACC-17). */
export function isMapped(mapping: Mapping, activity: ActivityData): boolean {
  return mapping.find(ACTIVITY[activity.activityType].key, activity.symbol) !== undefined;
}

/** A movement of cash at the broker that is not a trade. */
export function postActivity(source: PostingSource, activity: ActivityData): LedgerGroup | undefined {
  const { key, trntype, cash } = ACTIVITY[activity.activityType];
  const amount = roundToCents(Decimal.parse(activity.amount));
  const legs = new LegList(source.mapping, activity.symbol);
  legs.pair(key, amount);
  const settles = activity.adjustmentId === null ? '' : ` (${activity.adjustmentId})`;
  const base = { trntype, action: 'other', datetimeUtc: activity.happenedAt } as const;
  return legs.group(source, {
    ...noSecurity(base, 'activity', `${activity.description}${settles}`),
    externalId: activity.activityId,
    symbol: activity.symbol,
    netAmount: (cash * amount) as Cents,
    responseHash: activity.rawSha256,
  });
}

interface GroupFacts {
  readonly part: string;
  readonly externalId: string | null;
  readonly trntype: TransactionType;
  readonly action: TradeAction;
  readonly datetimeUtc: UtcText;
  readonly description: string;
  readonly strategy: StrategyName | null;
  readonly symbol: TickerSymbol | null;
  readonly quantity: DecimalText | null;
  readonly price: DecimalText | null;
  readonly commission: Cents;
  readonly fee: Cents;
  readonly netAmount: Cents;
  readonly responseHash: Sha256Hex | null;
}

function noSecurity(
  base: Pick<GroupFacts, 'trntype' | 'action' | 'datetimeUtc'>,
  part: string,
  description: string,
): Omit<GroupFacts, 'netAmount'> {
  const none = { strategy: null, symbol: null, quantity: null, price: null, responseHash: null };
  return { ...base, ...none, part, description, externalId: null, commission: NO_CENTS, fee: NO_CENTS };
}

/** Field by field: a rest or spread here costs more than all the rest of a posting. */
function groupOf(
  source: PostingSource,
  facts: GroupFacts,
  legs: readonly LedgerLeg[],
  reverses: Uuid | null,
): LedgerGroup {
  const { codes, eventId } = source;
  const fitid = fitidOf({
    broker: codes.broker,
    account: codes.account,
    externalId: facts.externalId ?? facts.part,
    trntype: facts.trntype,
    symbol: facts.symbol,
    datetimeUtc: facts.datetimeUtc,
    amount: moneyText(facts.netAmount),
    quantity: facts.quantity,
    price: facts.price,
    currency: 'USD',
  });
  return {
    groupId: naturalKeyId('group', eventId, facts.part),
    fitid,
    externalId: facts.externalId,
    trntype: facts.trntype,
    action: facts.action,
    datetimeUtc: facts.datetimeUtc,
    description: facts.description,
    strategy: facts.strategy,
    symbol: facts.symbol,
    quantity: facts.quantity,
    price: facts.price,
    commission: facts.commission,
    fee: facts.fee,
    netAmount: facts.netAmount,
    sourceEventId: eventId,
    sourcePosition: source.position,
    syncRunId: null,
    batchId: source.batchId,
    mappingVersion: source.mapping.table.version,
    responseHash: facts.responseHash,
    reverses,
    legs,
  };
}

interface Shares {
  readonly quantity: DecimalText;
  readonly price: DecimalText;
}

/** Legs as they come together; a leg of nothing is left out. */
class LegList {
  readonly #legs: LedgerLeg[] = [];

  constructor(
    readonly mapping: Mapping,
    readonly symbol: TickerSymbol | null,
  ) {}

  /** One amount from the credit account to the debit account; below zero the other way round. */
  pair(key: MappingKey, amount: Cents, shares: { readonly debit?: Shares; readonly credit?: Shares } = {}): void {
    const accounts = this.mapping.require(key, this.symbol);
    const turned = amount < 0n;
    const size = (turned ? -amount : amount) as Cents;
    this.debit(turned ? accounts.credit : accounts.debit, size, shares.debit);
    this.credit(turned ? accounts.debit : accounts.credit, size, shares.credit);
  }

  charge(key: 'commission/charge' | 'fee/charge', amount: Cents): void {
    if (amount !== 0n) this.pair(key, amount);
  }

  trade(trade: TradePart, shares: Shares): void {
    const accounts = this.mapping.require(TRADE[trade.kind].key, this.symbol);
    switch (trade.kind) {
      case 'buy_to_open':
        this.debit(accounts.debit, trade.notional, shares);
        this.credit(accounts.credit, trade.notional);
        return;
      case 'sell_short':
        this.debit(accounts.debit, trade.notional);
        this.credit(accounts.credit, trade.notional, shares);
        return;
      case 'sell_to_close':
        this.debit(accounts.debit, trade.notional);
        this.credit(accounts.credit, openAmountOf(trade.closures), shares);
        this.gain(this.mapping.require('sell_to_close/short_term', this.symbol), gainOf(trade.closures, 'short'));
        this.gain(this.mapping.require('sell_to_close/long_term', this.symbol), gainOf(trade.closures, 'long'));
        return;
      case 'buy_to_cover':
        this.debit(accounts.debit, openAmountOf(trade.closures), shares);
        this.credit(accounts.credit, trade.notional);
        this.gain(this.mapping.require('buy_to_cover/short_term', this.symbol), gainOf(trade.closures, 'short'));
    }
  }

  group(source: PostingSource, facts: GroupFacts): LedgerGroup | undefined {
    if (this.#legs.length === 0) return undefined;
    let sum = 0n;
    for (const leg of this.#legs) sum += leg.debit - leg.credit;
    if (sum !== 0n || this.#legs.length < 2) {
      invariant(false, 'UNBALANCED', `${facts.description}: debits and credits differ by ${sum} cents`);
    }
    return groupOf(source, facts, this.#legs, null);
  }

  private gain(accounts: AccountPair, gain: bigint): void {
    if (gain >= 0n) this.credit(accounts.credit, gain as Cents);
    else this.debit(accounts.debit, -gain as Cents);
  }

  private debit(accountCode: string, debit: Cents, shares?: Shares): void {
    this.add(accountCode, debit, NO_CENTS, shares);
  }

  private credit(accountCode: string, credit: Cents, shares?: Shares): void {
    this.add(accountCode, NO_CENTS, credit, shares);
  }

  private add(accountCode: string, debit: Cents, credit: Cents, shares: Shares | undefined): void {
    if (debit === 0n && credit === 0n) return;
    const quantity = shares?.quantity ?? null;
    const price = shares?.price ?? null;
    const symbol = shares === undefined ? null : this.symbol;
    this.#legs.push({ accountCode, debit, credit, currency: 'USD', quantity, price, symbol });
  }
}

function openAmountOf(closures: readonly LotClosure[]): Cents {
  return closures.reduce((sum, closure) => (sum + closure.openAmount) as Cents, NO_CENTS);
}

function gainOf(closures: readonly LotClosure[], term: LotClosure['term']): bigint {
  return closures.reduce((sum, closure) => (closure.term === term ? sum + closure.gain : sum), 0n);
}
