import type { EventData } from '../../../events/event.js';
import { Decimal } from '../../../kernel/decimal.js';
import { NO_CENTS, roundToCents, type Cents } from '../../../kernel/money.js';
import type { UtcText } from '../../../kernel/time.js';
import type { MappingKey } from '../roles.js';
import type { LedgerGroup, LotClosure, TradeAction, TransactionType } from '../types.js';
import { LegList, type Shares } from './group.js';
import { tradeNote } from './notes.js';
import type { PostingSource } from './source.js';

/** An execution as reported by `OrderFilled` and `OrderFillCorrected`. */
export type FillData = EventData<'OrderFilled'>;

/** Kind of trade in the books. */
export type TradeKind = 'buy_to_open' | 'sell_to_close' | 'sell_short' | 'buy_to_cover';

/** Shares and dollars of an execution, or of its part on one side of zero. */
export interface TradePart {
  readonly kind: TradeKind;
  readonly quantity: Decimal;
  readonly price: Decimal;
  /** Price x quantity to the cent: the change of broker cash. */
  readonly notional: Cents;
  readonly commission: Cents;
  readonly fee: Cents;
  /** Empty for an opening trade. */
  readonly closures: readonly LotClosure[];
}

/** Identification of a trade's group: by its fill time, or by the time of the event that caused it to be booked again. */
export interface TradeNaming {
  /** Identifies the group within its event. */
  readonly part: string;
  readonly externalId: string;
  readonly datetimeUtc: UtcText;
  readonly note: string;
}

interface TradeTerms {
  readonly trntype: TransactionType;
  readonly action: TradeAction;
  readonly key: MappingKey;
  /** +1 when cash is received, -1 when it is spent. */
  readonly cash: 1n | -1n;
}

const TRADE: Readonly<Record<TradeKind, TradeTerms>> = {
  buy_to_open: { trntype: 'BUY', action: 'long', key: 'buy_to_open/cost', cash: -1n },
  sell_to_close: { trntype: 'SELL', action: 'long', key: 'sell_to_close/proceeds', cash: 1n },
  sell_short: { trntype: 'SELLSHORT', action: 'short', key: 'sell_short/proceeds', cash: 1n },
  buy_to_cover: { trntype: 'BUYTOCOVER', action: 'short', key: 'buy_to_cover/cost', cash: -1n },
};

/** Price x quantity, rounded half-even once per execution. */
export function notionalOf(fill: Pick<FillData, 'quantity' | 'price'>): Cents {
  return roundToCents(Decimal.parse(fill.quantity).times(Decimal.parse(fill.price)));
}

/**
 * Posts a trade with its commission and fee as one group. Undefined when no cent moves (a tiny fraction of a share
 * without a commission): the lots change, but there is no amount to post.
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
  tradeLegs(legs, trade, { quantity, price });
  if (trade.commission !== 0n) legs.pair('commission/charge', trade.commission);
  if (trade.fee !== 0n) legs.pair('fee/charge', trade.fee);
  return legs.group(source, {
    part: naming.part,
    externalId: naming.externalId,
    clientOrderId: fill.clientOrderId,
    trntype: terms.trntype,
    action: terms.action,
    datetimeUtc: naming.datetimeUtc,
    description: tradeNote(trade.kind, { quantity, symbol: fill.symbol, price }, naming.note),
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

/** Adds the legs of shares, cash and gain; charges have separate legs. */
function tradeLegs(legs: LegList, trade: TradePart, shares: Shares): void {
  const accounts = legs.accounts(TRADE[trade.kind].key);
  switch (trade.kind) {
    case 'buy_to_open':
      legs.debit(accounts.debit, trade.notional, shares);
      legs.credit(accounts.credit, trade.notional);
      return;
    case 'sell_short':
      legs.debit(accounts.debit, trade.notional);
      legs.credit(accounts.credit, trade.notional, shares);
      return;
    case 'sell_to_close':
      legs.debit(accounts.debit, trade.notional);
      legs.credit(accounts.credit, openAmountOf(trade.closures), shares);
      // no account is for an unknown holding period: its gain is with the short-term ones, its closure says unknown
      gainLeg(legs, 'sell_to_close/short_term', gainOf(trade.closures, 'short', 'unknown'));
      gainLeg(legs, 'sell_to_close/long_term', gainOf(trade.closures, 'long'));
      return;
    case 'buy_to_cover':
      legs.debit(accounts.debit, openAmountOf(trade.closures), shares);
      legs.credit(accounts.credit, trade.notional);
      gainLeg(legs, 'buy_to_cover/short_term', gainOf(trade.closures, 'short'));
  }
}

function gainLeg(legs: LegList, key: MappingKey, gain: bigint): void {
  const accounts = legs.accounts(key);
  if (gain >= 0n) legs.credit(accounts.credit, gain as Cents);
  else legs.debit(accounts.debit, -gain as Cents);
}

function openAmountOf(closures: readonly LotClosure[]): Cents {
  return closures.reduce((sum, closure) => (sum + closure.openAmount) as Cents, NO_CENTS);
}

function gainOf(closures: readonly LotClosure[], ...terms: readonly LotClosure['term'][]): bigint {
  return closures.reduce((sum, closure) => (terms.includes(closure.term) ? sum + closure.gain : sum), 0n);
}
