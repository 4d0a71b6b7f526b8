import type { LedgerGroup, LedgerLeg, ShareTransfer, TransactionType } from '../../src/domain/accounting/types.js';
import type { TickerSymbol } from '../../src/events/names.js';
import { Decimal, type DecimalText } from '../../src/kernel/decimal.js';
import { invariant } from '../../src/kernel/errors.js';
import { sha256Hex } from '../../src/kernel/hash.js';
import { type Cents, centsToDecimal, moneyText, negateCents } from '../../src/kernel/money.js';
import type { UtcText } from '../../src/kernel/time.js';
import { cashEffect, inJournalOrder, type StatementAccountType, type StatementInput } from './statement.js';

export type TradeSide = 'BUY' | 'SELL' | 'SELLSHORT' | 'BUYTOCOVER';
export type BankType = 'CREDIT' | 'DEBIT' | 'DEP' | 'XFER' | 'INT' | 'DIV' | 'FEE';

interface Common {
  readonly fitid: string;
  readonly at: UtcText;
  /** Description; a reversal names the reversed FITID, or the group when that FITID is unknown. */
  readonly memo: string;
}

/** Security trade. Units and total carry the signs of the account holder: a buy is + units and - total. */
export interface TradeTransaction extends Common {
  readonly kind: 'trade';
  readonly side: TradeSide;
  readonly symbol: TickerSymbol;
  readonly units: Decimal;
  readonly unitPrice: DecimalText;
  /** Positive when paid, negative when a reversal returns it. */
  readonly commission: Cents;
  readonly fees: Cents;
  readonly total: Cents;
}

/** Dividend received, or expense of a security other than a trade (dividend on a short, a fee). */
export interface SecurityCashTransaction extends Common {
  readonly kind: 'income' | 'expense';
  readonly symbol: TickerSymbol;
  readonly total: Cents;
}

export interface MarginInterestTransaction extends Common {
  readonly kind: 'marginInterest';
  readonly total: Cents;
}

/** Shares received or removed without cash: the opening positions, and executions worth less than half a cent. */
export interface TransferTransaction extends Common {
  readonly kind: 'transfer';
  readonly symbol: TickerSymbol;
  readonly action: 'IN' | 'OUT';
  readonly position: 'LONG' | 'SHORT';
  readonly units: Decimal;
  readonly averageCost: DecimalText;
}

/** Shares replaced by others of the same symbol and the same cost. Without a sign, as OFX has them. */
export interface SplitTransaction extends Common {
  readonly kind: 'split';
  readonly symbol: TickerSymbol;
  readonly position: 'LONG' | 'SHORT';
  readonly oldUnits: Decimal;
  /** The change in shares, with the sign of the account holder. */
  readonly units: Decimal;
  readonly newUnits: Decimal;
}

/** Cash that moved without a security. */
export interface BankTransaction extends Common {
  readonly kind: 'bank';
  readonly trntype: BankType;
  readonly name: string;
  readonly amount: Cents;
}

/** One transaction of a statement in the terms of OFX, without notation. */
export type StatementTransaction =
  | TradeTransaction
  | SecurityCashTransaction
  | MarginInterestTransaction
  | TransferTransaction
  | SplitTransaction
  | BankTransaction;

type TradeType = Extract<TransactionType, TradeSide>;
/** Types of which the cash is a transaction; a split moves none. */
type CashType = Exclude<TransactionType, TradeSide | 'SPLIT'>;

interface Chart {
  readonly cashAccounts: readonly string[];
  typeOf(accountCode: string): StatementAccountType | undefined;
  fitidOf(groupId: string): string | null;
}

const OPPOSITE: Readonly<Record<TradeSide, TradeSide>> = {
  BUY: 'SELL',
  SELL: 'BUY',
  SELLSHORT: 'BUYTOCOVER',
  BUYTOCOVER: 'SELLSHORT',
};

const ONE_CENT = Decimal.of(1, 2);
/** Of shares whose cost is less than half a cent. */
const NO_COST = Decimal.ZERO.shortText(2);

function isTrade(trntype: TransactionType): trntype is TradeType {
  return trntype in OPPOSITE;
}

/** The legs that move shares: with a quantity, on an asset (held long) or a liability (sold short), not the cash. */
function shareLegs(group: LedgerGroup, chart: Chart): readonly LedgerLeg[] {
  return group.legs.filter((leg) => {
    const type = chart.typeOf(leg.accountCode);
    return (
      leg.quantity !== null &&
      !chart.cashAccounts.includes(leg.accountCode) &&
      (type === 'asset' || type === 'liability')
    );
  });
}

function sideOfLeg(leg: LedgerLeg, chart: Chart): TradeSide {
  if (chart.typeOf(leg.accountCode) === 'asset') return leg.debit > 0n ? 'BUY' : 'SELL';
  return leg.credit > 0n ? 'SELLSHORT' : 'BUYTOCOVER';
}

/**
 * The side of the trade, derived from the booked legs. A reversal mirrors the legs of its trade, so it
 * is the opposite trade, regardless of its TRNTYPE.
 */
function sideOf(group: LedgerGroup, trntype: TradeType, chart: Chart): TradeSide {
  const leg = shareLegs(group, chart)[0];
  if (leg === undefined) return group.reverses === null ? trntype : OPPOSITE[trntype];
  const side = sideOfLeg(leg, chart);
  invariant(
    group.reverses !== null || side === trntype,
    'EXPORT_SIDE_MISMATCH',
    `group ${group.groupId} is called ${trntype}, but its legs are of a ${side}`,
  );
  return side;
}

function common(group: LedgerGroup, chart: Chart): Common {
  const { fitid, reverses, datetimeUtc: at, description } = group;
  if (reverses === null) return { fitid, at, memo: description };
  return { fitid, at, memo: `Reversal of ${chart.fitidOf(reverses) ?? `group ${reverses}`}: ${description}` };
}

/**
 * TOTAL against -(UNITS x UNITPRICE) - COMMISSION - FEES: half a cent at most, since an execution is rounded to the cent
 * once; under a cent where a correction made it cross zero, and its cents were divided between a closing and an opening.
 */
function totalHolds(trade: TradeTransaction): boolean {
  const gross = trade.units.times(Decimal.parse(trade.unitPrice)).negated();
  const net = gross.minus(centsToDecimal(trade.commission)).minus(centsToDecimal(trade.fees));
  return centsToDecimal(trade.total).minus(net).abs().lt(ONE_CENT);
}

function trade(group: LedgerGroup, trntype: TradeType, chart: Chart): TradeTransaction {
  const { symbol, quantity, price } = group;
  const total = cashEffect(group, chart.cashAccounts);
  invariant(
    symbol !== null && quantity !== null && price !== null,
    'EXPORT_TRADE_INCOMPLETE',
    `group ${group.groupId} is a ${trntype} without symbol, quantity or price`,
  );
  invariant(
    total === group.netAmount || (group.reverses !== null && total === negateCents(group.netAmount)),
    'EXPORT_NET_AMOUNT',
    `group ${group.groupId} moves cash by ${moneyText(total)} but says ${moneyText(group.netAmount)}`,
  );
  const side = sideOf(group, trntype, chart);
  const size = Decimal.parse(quantity).abs();
  const paid: TradeTransaction = {
    ...common(group, chart),
    kind: 'trade',
    side,
    symbol,
    units: side === 'BUY' || side === 'BUYTOCOVER' ? size : size.negated(),
    unitPrice: price,
    commission: group.commission,
    fees: group.fee,
    total,
  };
  if (totalHolds(paid)) return paid;
  const givenBack = { ...paid, commission: negateCents(paid.commission), fees: negateCents(paid.fees) };
  invariant(
    group.reverses !== null && totalHolds(givenBack),
    'EXPORT_TOTAL_IDENTITY',
    `group ${group.groupId}: ${moneyText(total)} is not -(${paid.units.text()} x ${price}) less commission and fees`,
  );
  return givenBack;
}

/** An opening position has no cash of its own; its leg carries shares and cost. One group may bring several. */
function transfers(group: LedgerGroup, chart: Chart): readonly TransferTransaction[] {
  return shareLegs(group, chart).map((leg, index) => {
    const symbol = leg.symbol ?? group.symbol;
    invariant(
      symbol !== null && leg.quantity !== null,
      'EXPORT_TRANSFER_INCOMPLETE',
      `${group.groupId} names no symbol`,
    );
    const shares = Decimal.parse(leg.quantity).abs();
    const amount = centsToDecimal((leg.debit + leg.credit) as Cents);
    const long = chart.typeOf(leg.accountCode) === 'asset';
    return {
      ...common(group, chart),
      kind: 'transfer',
      // the cash of the group, when there is any, keeps the group's own FITID
      fitid:
        cashEffect(group, chart.cashAccounts) === 0n && index === 0
          ? group.fitid
          : sha256Hex(`${group.fitid}:share-leg:${index}`),
      symbol,
      action: long === leg.debit > 0n ? 'IN' : 'OUT',
      position: long ? 'LONG' : 'SHORT',
      units: leg.debit > 0n ? shares : shares.negated(),
      averageCost: leg.price ?? amount.divide(shares, { scale: 6, round: 'halfEven' }).shortText(2),
    };
  });
}

/** Shares that moved without a cent; `units` have the sign of the change. */
function shareTransfer(moved: ShareTransfer): TransferTransaction {
  const shares = Decimal.parse(moved.quantity);
  const adds = (moved.direction === 'in') === (moved.side === 'long');
  return {
    fitid: moved.fitid,
    at: moved.datetimeUtc,
    memo: moved.description,
    kind: 'transfer',
    symbol: moved.symbol,
    action: moved.direction === 'in' ? 'IN' : 'OUT',
    position: moved.side === 'long' ? 'LONG' : 'SHORT',
    units: adds ? shares : shares.negated(),
    averageCost: NO_COST,
  };
}

const BANK: Readonly<Record<CashType, { readonly in: BankType; readonly out: BankType; readonly name: string }>> = {
  OPENING: { in: 'CREDIT', out: 'DEBIT', name: 'Opening balance' },
  FLOATIN: { in: 'XFER', out: 'XFER', name: 'Float injected' },
  FLOATOUT: { in: 'XFER', out: 'XFER', name: 'Float returned' },
  DEPOSIT: { in: 'DEP', out: 'DEBIT', name: 'Deposit' },
  WITHDRAWAL: { in: 'CREDIT', out: 'DEBIT', name: 'Withdrawal' },
  DIVIDEND: { in: 'DIV', out: 'DEBIT', name: 'Dividend' },
  INTEREST: { in: 'INT', out: 'DEBIT', name: 'Interest' },
  FEE: { in: 'CREDIT', out: 'FEE', name: 'Broker fee' },
  ADJUSTMENT: { in: 'CREDIT', out: 'DEBIT', name: 'Adjustment' },
};

function cashTransaction(group: LedgerGroup, trntype: CashType, chart: Chart): StatementTransaction {
  const total = cashEffect(group, chart.cashAccounts);
  const base = common(group, chart);
  const { symbol } = group;
  const gained = total > 0n === (group.reverses === null);
  if (trntype === 'DIVIDEND' && symbol !== null) {
    return { ...base, kind: gained ? 'income' : 'expense', symbol, total };
  }
  if (trntype === 'FEE' && symbol !== null) return { ...base, kind: 'expense', symbol, total };
  if (trntype === 'INTEREST' && !gained) return { ...base, kind: 'marginInterest', total };
  const { in: credit, out: debit, name } = BANK[trntype];
  return { ...base, kind: 'bank', trntype: total > 0n ? credit : debit, name, amount: total };
}

/** A split has the shares before and after in one entry; a change of symbol has an entry for each name, which is a transfer. */
function replacedShares(group: LedgerGroup, chart: Chart): readonly StatementTransaction[] {
  const legs = shareLegs(group, chart);
  if (legs.length < 2) return transfers(group, chart);
  const isLong = legs.every((leg) => chart.typeOf(leg.accountCode) === 'asset');
  const { symbol } = group;
  const unitsOf = (isBefore: boolean): Decimal =>
    Decimal.sum(
      legs
        .filter((leg) => (isLong ? leg.credit > 0n : leg.debit > 0n) === isBefore)
        .map((leg) => Decimal.parse(leg.quantity ?? '0')),
    );
  invariant(symbol !== null, 'EXPORT_TRANSFER_INCOMPLETE', `${group.groupId} names no symbol`);
  const position = isLong ? 'LONG' : 'SHORT';
  const [oldUnits, newUnits] = [unitsOf(true), unitsOf(false)];
  const units = isLong ? newUnits.minus(oldUnits) : oldUnits.minus(newUnits);
  return [{ ...common(group, chart), kind: 'split', symbol, position, oldUnits, newUnits, units }];
}

function transactionsOf(group: LedgerGroup, chart: Chart): readonly StatementTransaction[] {
  const { trntype } = group;
  if (isTrade(trntype)) return [trade(group, trntype, chart)];
  if (trntype === 'SPLIT') return replacedShares(group, chart);
  const shares = trntype === 'OPENING' ? transfers(group, chart) : [];
  return cashEffect(group, chart.cashAccounts) === 0n ? shares : [cashTransaction(group, trntype, chart), ...shares];
}

/**
 * The economic events of the range, each once, in journal order (ACC-70). A group that moves neither cash at the
 * broker nor shares is bookkeeping between our own accounts, such as an acknowledged transfer that has
 * not arrived: it is not on the statement until the cash is.
 *
 * @throws LogicError `EXPORT_TOTAL_IDENTITY`, `EXPORT_NET_AMOUNT`, `EXPORT_SIDE_MISMATCH` when a group contradicts itself.
 */
export function statementTransactions(input: StatementInput): readonly StatementTransaction[] {
  const types = new Map(input.accounts.map((account) => [account.code, account.type]));
  const fitids = new Map<string, string>();
  for (const { groupId, fitid } of input.reversedGroups ?? []) fitids.set(groupId, fitid);
  for (const { groupId, fitid } of input.groups) fitids.set(groupId, fitid);
  const { cashAccounts } = input;
  const chart: Chart = { cashAccounts, typeOf: (code) => types.get(code), fitidOf: (id) => fitids.get(id) ?? null };
  return inJournalOrder(input).flatMap((entry) =>
    'legs' in entry ? transactionsOf(entry, chart) : [shareTransfer(entry)],
  );
}
