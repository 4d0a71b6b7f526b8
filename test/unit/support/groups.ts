import type {
  LedgerGroup,
  LedgerLeg,
  ShareTransfer,
  TradeAction,
  TransactionType,
} from '../../../src/domain/accounting/types.js';
import { parseStrategyName, parseSymbol } from '../../../src/events/names.js';
import type { Position } from '../../../src/events/event.js';
import { Decimal, type DecimalText } from '../../../src/kernel/decimal.js';
import { naturalKeyId, sha256Hex } from '../../../src/kernel/hash.js';
import { composeBotIdentity } from '../../../src/kernel/identity.js';
import {
  addCents,
  type Cents,
  cents,
  centsFromText,
  negateCents,
  NO_CENTS,
  roundToCents,
} from '../../../src/kernel/money.js';
import { epochMs, parseUtcText, toUtcText, type UtcText } from '../../../src/kernel/time.js';
import {
  cashEffect,
  closingBalances,
  type StatementAccount,
  type StatementInput,
} from '../../../projections/exports/statement.js';
import { heldAtClose } from './held-at-close.js';

/** A part of the default chart (ACC-15), enough for every posting rule. */
export const CHART: readonly StatementAccount[] = [
  { code: '1000', name: 'Bank and Cash', type: 'asset', parent: null },
  { code: '1010', name: 'Float Injection in transit', type: 'asset', parent: '1000' },
  { code: '1020', name: 'Float Return in transit', type: 'asset', parent: '1000' },
  { code: '1030', name: 'Broker Cash', type: 'asset', parent: '1000' },
  { code: '1100', name: 'Assets', type: 'asset', parent: null },
  { code: '1111', name: 'Broker Equities', type: 'asset', parent: '1100' },
  { code: '2000', name: 'Liabilities', type: 'liability', parent: null },
  { code: '2110', name: 'Broker Short Positions', type: 'liability', parent: '2000' },
  { code: '3000', name: 'Equity', type: 'equity', parent: null },
  { code: '3010', name: 'Capital Float', type: 'equity', parent: '3000' },
  { code: '3030', name: 'Opening Balance', type: 'equity', parent: '3000' },
  { code: '4000', name: 'Income', type: 'income', parent: null },
  { code: '4050', name: 'Qualified Dividends', type: 'income', parent: '4000' },
  { code: '4055', name: 'Interest', type: 'income', parent: '4000' },
  { code: '4060', name: 'Short-Term Capital Gains', type: 'income', parent: '4000' },
  { code: '5000', name: 'Expenses', type: 'expense', parent: null },
  { code: '5010', name: 'Broker Fee', type: 'expense', parent: '5000' },
  { code: '9100', name: 'Export Control', type: 'control', parent: null },
];

/** The account of the broker's cash in it. */
export const CASH_ACCOUNTS: readonly string[] = ['1030'];

export const PARTS = { entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' };
const START = parseUtcText('2013-10-07T13:30:00.000Z');

interface LegSpec {
  readonly account: string;
  /** Debit above zero, credit below. */
  readonly amount: Cents;
  readonly quantity?: DecimalText;
  readonly price?: DecimalText;
}

interface GroupSpec {
  readonly trntype: TransactionType;
  readonly legs: readonly LegSpec[];
  readonly symbol?: string;
  readonly quantity?: DecimalText;
  readonly price?: DecimalText;
  readonly commission?: Cents;
  readonly fee?: Cents;
  readonly action?: TradeAction;
  readonly description?: string;
  readonly at?: UtcText;
  readonly external?: string | null;
}

export interface FillSpec {
  readonly symbol: string;
  readonly quantity: string;
  readonly price: string;
  readonly commission?: string;
  readonly fee?: string;
  /** Cost of the lots sold, or proceeds of the lots covered; without it the closure gains nothing. */
  readonly lots?: string;
  readonly description?: string;
}

function legOf(spec: LegSpec, symbol: string | undefined): LedgerLeg {
  return {
    accountCode: spec.account,
    debit: spec.amount > 0n ? spec.amount : NO_CENTS,
    credit: spec.amount < 0n ? negateCents(spec.amount) : NO_CENTS,
    currency: 'USD',
    quantity: spec.quantity ?? null,
    price: spec.price ?? null,
    symbol: symbol === undefined ? null : parseSymbol(symbol),
  };
}

/**
 * Makes balanced groups as the posting rules do, by its own arithmetic: an oracle for the exports that
 * shares no code with the ledger. Times advance by a minute, positions by one.
 */
export class GroupBuilder {
  private readonly made: LedgerGroup[] = [];

  get groups(): readonly LedgerGroup[] {
    return this.made;
  }

  add(spec: GroupSpec, reverses: LedgerGroup | null = null): LedgerGroup {
    const n = this.made.length + 1;
    const legs = spec.legs.filter((leg) => leg.amount !== 0n).map((leg) => legOf(leg, spec.symbol));
    const group: LedgerGroup = {
      groupId: naturalKeyId('test-group', String(n)),
      fitid: sha256Hex(`fitid-${n}`),
      externalId: spec.external === undefined ? `exec-${n}` : spec.external,
      trntype: spec.trntype,
      action: spec.action ?? 'other',
      datetimeUtc: spec.at ?? toUtcText(epochMs(START + n * 60_000)),
      description: spec.description ?? `${spec.trntype} ${spec.symbol ?? ''}`.trim(),
      strategy: spec.symbol === undefined ? null : parseStrategyName('open'),
      symbol: spec.symbol === undefined ? null : parseSymbol(spec.symbol),
      quantity: spec.quantity ?? null,
      price: spec.price ?? null,
      commission: spec.commission ?? NO_CENTS,
      fee: spec.fee ?? NO_CENTS,
      netAmount: NO_CENTS,
      sourceEventId: naturalKeyId('test-event', String(n)),
      sourcePosition: String(n).padStart(12, '0') as Position,
      syncRunId: null,
      batchId: naturalKeyId('test-batch', String(n)),
      mappingVersion: 1,
      responseHash: null,
      reverses: reverses?.groupId ?? null,
      legs,
    };
    const whole = { ...group, netAmount: cashEffect(group, CASH_ACCOUNTS) };
    this.made.push(whole);
    return whole;
  }

  opening(cash: string, positions: readonly { symbol: string; quantity: string; cost: string }[] = []): void {
    const amount = centsFromText(cash);
    this.add({
      trntype: 'OPENING',
      external: null,
      legs: [
        { account: '1030', amount },
        { account: '3030', amount: negateCents(amount) },
      ],
    });
    for (const { symbol, quantity, cost } of positions) {
      const value = centsFromText(cost);
      const shares = quantity as DecimalText;
      this.add({
        trntype: 'OPENING',
        symbol,
        quantity: shares,
        legs: [
          { account: '1111', amount: value, quantity: shares },
          { account: '3030', amount: negateCents(value) },
        ],
      });
    }
  }

  buy(fill: FillSpec): LedgerGroup {
    return this.trade('BUY', fill, 'long');
  }

  sell(fill: FillSpec): LedgerGroup {
    return this.trade('SELL', fill, 'long');
  }

  sellShort(fill: FillSpec): LedgerGroup {
    return this.trade('SELLSHORT', fill, 'short');
  }

  cover(fill: FillSpec): LedgerGroup {
    return this.trade('BUYTOCOVER', fill, 'short');
  }

  /** Cash in (above zero) or out against one other account. */
  cash(trntype: TransactionType, amount: string, account: string, more: Partial<GroupSpec> = {}): LedgerGroup {
    const moved = centsFromText(amount);
    return this.add({
      trntype,
      legs: [
        { account: '1030', amount: moved },
        { account, amount: negateCents(moved) },
      ],
      ...more,
    });
  }

  /** The legs mirrored, as a bust or a correction posts; `net` says how the amounts of the group are signed. */
  reverse(of: LedgerGroup, figures: 'mirrored' | 'kept' = 'mirrored'): LedgerGroup {
    const sign = figures === 'mirrored' ? -1n : 1n;
    const made = this.add(
      {
        trntype: of.trntype,
        ...(of.symbol === null ? {} : { symbol: of.symbol }),
        ...(of.quantity === null ? {} : { quantity: of.quantity }),
        ...(of.price === null ? {} : { price: of.price }),
        commission: cents(of.commission * sign),
        fee: cents(of.fee * sign),
        action: of.action,
        description: 'bust of the fill',
        legs: of.legs.map((leg) => ({
          account: leg.accountCode,
          amount: cents(leg.credit - leg.debit),
          ...(leg.quantity === null ? {} : { quantity: leg.quantity }),
          ...(leg.price === null ? {} : { price: leg.price }),
        })),
      },
      of,
    );
    if (figures === 'mirrored') return made;
    const kept = { ...made, netAmount: of.netAmount };
    this.made[this.made.length - 1] = kept;
    return kept;
  }

  private trade(
    trntype: 'BUY' | 'SELL' | 'SELLSHORT' | 'BUYTOCOVER',
    fill: FillSpec,
    action: TradeAction,
  ): LedgerGroup {
    const quantity = fill.quantity as DecimalText;
    const price = fill.price as DecimalText;
    const gross = roundToCents(Decimal.parse(quantity).times(Decimal.parse(price)));
    const commission = centsFromText(fill.commission ?? '0.00');
    const fee = centsFromText(fill.fee ?? '0.00');
    const buys = trntype === 'BUY' || trntype === 'BUYTOCOVER';
    const closes = trntype === 'SELL' || trntype === 'BUYTOCOVER';
    const moved = closes && fill.lots !== undefined ? centsFromText(fill.lots) : gross;
    const shares = action === 'long' ? '1111' : '2110';
    const toShares = buys ? moved : negateCents(moved);
    const toCash = buys ? negateCents(gross) : gross;
    return this.add({
      trntype,
      symbol: fill.symbol,
      quantity,
      price,
      commission,
      fee,
      action,
      ...(fill.description === undefined ? {} : { description: fill.description }),
      legs: [
        { account: shares, amount: toShares, quantity, price },
        { account: '1030', amount: toCash },
        { account: '4060', amount: negateCents(addCents(toShares, toCash)) },
        { account: '5010', amount: addCents(commission, fee) },
        { account: '1030', amount: negateCents(addCents(commission, fee)) },
      ],
    });
  }
}

/** A statement over the groups, with the cash that they come to. */
export function statementOf(groups: readonly LedgerGroup[], more: Partial<StatementInput> = {}): StatementInput {
  const opening = (more.openingBalances ?? []).find(({ accountCode }) => accountCode === '1030')?.balance ?? 0n;
  const cash = groups.reduce<bigint>((sum, group) => sum + cashEffect(group, CASH_ACCOUNTS), opening);
  return {
    identity: composeBotIdentity(PARTS),
    identityParts: PARTS,
    brokerId: 'sim.invalid',
    accountId: 'SIM-B01',
    currency: 'USD',
    range: { from: '2013-10-04T20:00:00.000Z' as UtcText, to: '2013-10-07T20:00:00.000Z' as UtcText },
    asOf: '2013-10-07T20:00:00.000Z' as UtcText,
    groups,
    transfers: [],
    accounts: CHART,
    positions: [],
    cashAccounts: CASH_ACCOUNTS,
    cash: cents(cash),
    shortBalance: NO_CENTS,
    openingBalances: [],
    securities: [{ symbol: parseSymbol('SPY'), name: 'SPDR S&P 500 <ETF>' }],
    ...more,
  };
}

/** A day with one of everything: what the golden files show. */
export function fullDay(): StatementInput {
  const day = new GroupBuilder();
  day.opening('100000.00', [{ symbol: 'IBM', quantity: '30', cost: '5432.10' }]);
  day.add({
    trntype: 'FLOATIN',
    external: 'FA-1',
    description: 'acknowledged transfer',
    legs: [
      { account: '1010', amount: centsFromText('5000.00') },
      { account: '3010', amount: centsFromText('-5000.00') },
    ],
  });
  day.cash('DEPOSIT', '5000.00', '1010', { description: 'float has arrived' });
  day.buy({ symbol: 'SPY', quantity: '59.701492', price: '167.44', commission: '0.35', fee: '0.02' });
  day.sell({ symbol: 'SPY', quantity: '20.5', price: '167.915', lots: '3432.52', commission: '0.35', fee: '0.06' });
  day.sellShort({
    symbol: 'AIG',
    quantity: '100',
    price: '48.5525',
    commission: '1.00',
    description: 'AT&T <short>; "x"',
  });
  day.cover({ symbol: 'AIG', quantity: '60', price: '48.60', lots: '2913.15', commission: '0.60' });
  const wrong = day.buy({ symbol: 'BAC', quantity: '10', price: '13.8725', commission: '0.35' });
  day.reverse(wrong);
  day.cash('DIVIDEND', '12.34', '4050', { symbol: 'IBM' });
  day.cash('DIVIDEND', '-3.21', '5010', { symbol: 'AIG', description: 'dividend on a short' });
  day.cash('INTEREST', '1.05', '4055');
  day.cash('INTEREST', '-0.45', '5010');
  day.cash('FEE', '-0.19', '5010', { description: 'regulatory fee of the day' });
  day.cash('WITHDRAWAL', '-250.00', '1020');
  return statementOf(day.groups, {
    positions: [
      heldAtClose('AIG', 'short', '40', '48.49', '48.5525'),
      heldAtClose('IBM', 'long', '30', '181.90', '181.07'),
      heldAtClose('SPY', 'long', '39.201492', '167.43', '167.44'),
    ],
    shortBalance: centsFromText('1939.60'),
  });
}

/** The statement after it: a late dividend of the day before, a sale of shares that cost nothing, dust, and a quiet close. */
export function dayAfter(before: StatementInput = fullDay()): StatementInput {
  const day = new GroupBuilder();
  const at = '2013-10-08T14:00:00.000Z' as UtcText;
  day.cash('DIVIDEND', '25.00', '4050', {
    symbol: 'IBM',
    description: 'late dividend',
    at: '2013-10-04T20:30:00.000Z' as UtcText,
  });
  day.add({
    trntype: 'SELL',
    symbol: 'FREE',
    quantity: '4' as DecimalText,
    price: '12.00' as DecimalText,
    action: 'long',
    at,
    legs: [
      { account: '1030', amount: centsFromText('48.00') },
      { account: '4060', amount: centsFromText('-48.00') },
    ],
  });
  day.cash('FEE', '-1.00', '5010', { at: '2013-10-09T01:00:00.000Z' as UtcText });
  const openingBalances = closingBalances(before);
  const groups = day.groups.map((group, index) => ({
    ...group,
    groupId: naturalKeyId('test-group-after', String(index)),
    fitid: sha256Hex(`fitid-after-${index}`),
  }));
  const moved = (n: number, symbol: string, quantity: string, price: string): ShareTransfer => ({
    fitid: sha256Hex(`transfer-${n}`),
    externalId: n === 1 ? null : `exec-dust-${n}`,
    datetimeUtc: at,
    description: `${symbol} without a cent`,
    strategy: null,
    symbol: parseSymbol(symbol),
    side: 'long',
    direction: 'in',
    quantity: quantity as DecimalText,
    price: price as DecimalText,
    sourceEventId: naturalKeyId('test-transfer', String(n)),
    sourcePosition: '000000000001' as Position,
  });
  return statementOf(groups, {
    range: { from: before.range.to, to: '2013-10-08T20:00:00.000Z' as UtcText },
    asOf: '2013-10-08T20:00:00.000Z' as UtcText,
    openingBalances,
    transfers: [moved(1, 'FREE', '10', '0.00'), moved(2, 'DUST', '0.000001', '12.00')],
  });
}
