import { foreignFillOf, foreignShares, type ForeignFill } from '../../domain/accounting/foreign-account.js';
import { bookedCharges, chargesText, NO_CHARGES, sameCharges } from '../../domain/orders/charges.js';
import type { Charges } from '../../domain/orders/order.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { firstFillAt } from '../../domain/session/position-cost.js';
import { foreignFillKey } from '../../domain/session/reduce-foreign.js';
import { heldSide } from '../../domain/session/session-run.js';
import type { Draft } from '../../events/draft.js';
import { canonicalSymbol, isClientOrderId, type ClientOrderId, type TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { sha256Hex, type Sha256Hex } from '../../kernel/hash.js';
import { moneyText } from '../../kernel/money.js';
import { toUtcText, type EpochMs } from '../../kernel/time.js';

interface ReportOnForeign {
  readonly clientOrderId: string;
  readonly brokerOrderId: string;
  readonly executionId: string;
  readonly at: EpochMs;
}

/** An execution of an order that the journal does not have, as the broker reports it. */
export interface ForeignExecution extends ReportOnForeign {
  readonly kind: 'filled' | 'corrected';
  readonly symbol: TickerSymbol;
  readonly side: 'buy' | 'sell';
  readonly quantity: Decimal;
  readonly price: Decimal;
  readonly commission: Decimal;
  readonly fee: Decimal;
  readonly filledAt: EpochMs;
  readonly rawSha256: Sha256Hex;
  /** Only of a correction. */
  readonly correctsExecutionId?: string;
}

interface ForeignBust extends ReportOnForeign {
  readonly kind: 'busted';
  readonly reason: string;
}

/** A report that moves the account by an order of others. */
export type ForeignReport = ForeignExecution | ForeignBust;

/** A report that waits until the figures of the account show it. */
export interface WaitingReport {
  readonly report: ForeignReport;
  readonly source: ForeignFill['source'];
  /** Looks that did not show it. */
  readonly looks: number;
  /** When the first of them was; undefined before. */
  readonly lookedAt?: EpochMs;
}

/** Whether the broker has answered about an order of the bot since a time, so that the books have its fills until then. */
export type AnsweredSince = (clientOrderId: string, since: EpochMs) => boolean;

const CHARGED_LATER = 'charges reported later';
const LONGEST_REASON = 500;
const MOST_ID = 128;
const ID_SHAPE = /^[A-Za-z0-9][A-Za-z0-9._:/-]*$/;

/** An id of others in the form that the journal takes; one of another form is replaced by its digest. */
function idOfOthers(text: string): string {
  return text.length <= MOST_ID && ID_SHAPE.test(text) ? text : `x-${sha256Hex(text).slice(0, 32)}`;
}

/** What identifies a report: the broker may send it twice, as a report and as an activity. */
export function reportKey(report: ForeignReport): string {
  return `${report.kind === 'busted' ? 'busted ' : ''}${foreignFillKey(namesOf(report))}`;
}

/** The key of the report that a bust or a correction ends: that of its execution; undefined when it ends none. */
export function endedBy(report: ForeignReport): string | undefined {
  if (report.kind === 'busted') return foreignFillKey(namesOf(report));
  const { correctsExecutionId: executionId } = report;
  if (executionId === undefined || executionId === report.executionId) return undefined;
  return foreignFillKey(namesOf({ ...report, executionId }));
}

/** Whether a report says nothing new of the books. */
export function isBookedForeign(state: EngineState, report: ForeignReport): boolean {
  if (report.kind === 'busted') return foreignFillOf(state.foreign, namesOf(report)) === undefined;
  if (replacedBy(state, report) !== undefined) return sameAsBooked(state, report);
  return state.foreignFills.has(foreignFillKey(namesOf(report)));
}

/**
 * The waiting reports that the account shows, in the order of their times: those of a symbol add up to its difference between
 * books and broker. Shares that came and went prove nothing, so the cash has to show them.
 */
export function shownReports(
  state: EngineState,
  waiting: readonly WaitingReport[],
  differences: { readonly shares: ReadonlyMap<TickerSymbol, Decimal>; readonly cash: Decimal | undefined },
  isAnswered: AnsweredSince,
): readonly WaitingReport[] {
  const groups = new Map<TickerSymbol, WaitingReport[]>();
  for (const one of waiting) {
    const symbol = symbolOf(state, one.report);
    if (symbol !== undefined) groups.set(symbol, [...(groups.get(symbol) ?? []), one]);
  }
  const proven: WaitingReport[] = [];
  const unproven: WaitingReport[] = [];
  for (const [symbol, group] of groups) {
    const sum = Decimal.sum(group.map(({ report }) => sharesOf(state, report)));
    const difference = differences.shares.get(symbol) ?? Decimal.ZERO;
    if (!sum.equals(difference) || ordersInDoubt(state, { symbol, group, isAnswered }).length > 0) continue;
    const list = difference.isZero() ? unproven : proven;
    list.push(...group);
  }
  const all = [...proven, ...unproven];
  const shown = unproven.length === 0 || isPaid(state, all, differences.cash) ? all : proven;
  return shown.toSorted((a, b) => a.report.at - b.report.at);
}

/** What books a report: one append. Undefined when there is nothing that the books can follow. */
export function foreignDrafts(state: EngineState, { report, source }: WaitingReport, broker: string): readonly Draft[] {
  if (report.kind === 'busted') {
    const fill = foreignFillOf(state.foreign, namesOf(report));
    return fill === undefined ? [] : [bustDraft(fill, report, broker, report.reason)];
  }
  const wrong = replacedBy(state, report);
  const why = report.kind === 'filled' ? CHARGED_LATER : 'corrected';
  const instead = wrong === undefined ? [] : [bustDraft(wrong, report, broker, why)];
  return [...instead, fillDraft(state, { report, source }, broker, wrong)];
}

/**
 * Orders of the bot whose own fills may be what the account shows: the broker has not answered about them since the first look
 * that had the report.
 */
export function ordersInDoubt(
  state: EngineState,
  at: { readonly symbol: TickerSymbol; readonly group: readonly WaitingReport[]; readonly isAnswered: AnsweredSince },
): readonly ClientOrderId[] {
  const looked = at.group.flatMap(({ lookedAt }) => lookedAt ?? []);
  const since = looked.length === 0 ? undefined : (Math.max(...looked) as EpochMs);
  return [...state.liveOrders.values()]
    .filter(({ intent }) => intent.symbol === at.symbol)
    .map(({ intent }) => intent.clientOrderId)
    .filter((id) => since === undefined || !at.isAnswered(id, since));
}

function fillDraft(
  state: EngineState,
  { report, source }: { readonly report: ForeignExecution; readonly source: ForeignFill['source'] },
  broker: string,
  wrong: ForeignFill | undefined,
): Draft {
  const names = namesOf(report);
  const booked = bookedCharges(state.unbookedCharges, report);
  // a report with the charges has the digest of the one without them
  const charged = report.kind === 'filled' ? [CHARGED_LATER] : [];
  const occurrence = wrong === undefined ? [] : [wrong.rawSha256, ...charged];
  return {
    type: 'ForeignFillBooked',
    data: {
      orderName: orderNameOf(report),
      ...names,
      symbol: canonicalSymbol(report.symbol),
      side: report.side,
      quantity: report.quantity.shortText(),
      price: report.price.shortText(2),
      commission: moneyText(booked.commission),
      fee: moneyText(booked.fee),
      filledAt: toUtcText(report.filledAt),
      rawSha256: report.rawSha256,
      source,
      positions: wrong?.positions ?? closedPositions(state, report),
      ...(sameCharges(booked, report) ? {} : { reportedCharges: chargesText(report) }),
    },
    occurredAt: report.at,
    naturalKey: ['ForeignFillBooked', broker, names.brokerOrderId, names.executionId, ...occurrence],
    correlationId: orderNameOf(report),
    causationId: null,
  };
}

function bustDraft(fill: ForeignFill, { at }: ForeignReport, broker: string, reason: string): Draft {
  const { orderName, brokerOrderId, executionId, symbol } = fill;
  return {
    type: 'ForeignFillBusted',
    data: { orderName, brokerOrderId, executionId, symbol, reason: reason.slice(0, LONGEST_REASON) },
    occurredAt: at,
    naturalKey: [
      ...['ForeignFillBusted', broker, brokerOrderId, executionId, fill.rawSha256],
      ...(reason === CHARGED_LATER ? [reason] : []),
    ],
    correlationId: orderName,
    causationId: null,
  };
}

/**
 * The positions of the bot that an execution of others closed: at the broker the shares of an account are one. It closes
 * shares of others first, then positions that were open when it happened, the oldest first.
 */
function closedPositions(state: EngineState, report: ForeignExecution): ForeignFill['positions'] {
  const symbol = canonicalSymbol(report.symbol);
  const closes = report.side === 'sell' ? 'long' : 'short';
  const theirs = foreignShares(state.foreign, symbol);
  const isTheirs = closes === 'long' ? theirs.sign() > 0 : theirs.sign() < 0;
  let left = isTheirs ? Decimal.max(report.quantity.minus(theirs.abs()), Decimal.ZERO) : report.quantity;
  const closed: ForeignFill['positions'][number][] = [];
  for (const position of state.positions.values()) {
    const { positionId, quantity } = position;
    if (position.symbol !== symbol || quantity.sign() <= 0 || heldSide(position) !== closes) continue;
    const since = firstFillAt(position);
    if (since === undefined || since > toUtcText(report.filledAt)) continue;
    const taken = Decimal.min(left, quantity);
    if (taken.isZero()) break;
    closed.push({ positionId, quantity: taken.shortText() });
    left = left.minus(taken);
  }
  return closed;
}

/** The booked execution that a report replaces: the one that it corrects, or the same one, booked before its charges came. */
function replacedBy(state: EngineState, report: ForeignExecution): ForeignFill | undefined {
  const { correctsExecutionId: id } = report;
  if (report.kind === 'filled') {
    const fill = foreignFillOf(state.foreign, namesOf(report));
    const hasCharges = fill === undefined || !sameCharges(chargesOf(fill), NO_CHARGES);
    return hasCharges || sameCharges(report, NO_CHARGES) || !sameTrade(fill, report) ? undefined : fill;
  }
  if (id === undefined) return undefined;
  return foreignFillOf(state.foreign, { ...namesOf(report), executionId: idOfOthers(id) });
}

function sameAsBooked(state: EngineState, report: ForeignExecution): boolean {
  const fill = foreignFillOf(state.foreign, namesOf(report));
  if (fill === undefined) return false;
  return sameTrade(fill, report) && sameCharges(chargesOf(fill), report);
}

function sameTrade(fill: ForeignFill, report: ForeignExecution): boolean {
  return report.quantity.equals(Decimal.parse(fill.quantity)) && report.price.equals(Decimal.parse(fill.price));
}

/** The charges of a booked execution as the broker reported them. */
function chargesOf(fill: ForeignFill): Charges {
  const { commission, fee } = fill.reportedCharges ?? fill;
  return { commission: Decimal.parse(commission), fee: Decimal.parse(fee) };
}

/** The symbol that a report moves; undefined for a bust of what is not booked. */
export function symbolOf(state: EngineState, report: ForeignReport): TickerSymbol | undefined {
  if (report.kind !== 'busted') return canonicalSymbol(report.symbol);
  return foreignFillOf(state.foreign, namesOf(report))?.symbol;
}

/** Shares that a report adds to the account; below zero for those that it takes. */
function sharesOf(state: EngineState, report: ForeignReport): Decimal {
  if (report.kind === 'busted') return signedOf(foreignFillOf(state.foreign, namesOf(report))).negated();
  const shares = report.side === 'buy' ? report.quantity : report.quantity.negated();
  return shares.minus(signedOf(replacedBy(state, report)));
}

function signedOf(fill: ForeignFill | undefined): Decimal {
  if (fill === undefined) return Decimal.ZERO;
  const quantity = Decimal.parse(fill.quantity);
  return fill.side === 'buy' ? quantity : quantity.negated();
}

/** Whether the cash differs by what the reports paid and received, to half a cent for each. */
function isPaid(state: EngineState, reports: readonly WaitingReport[], difference: Decimal | undefined): boolean {
  if (difference === undefined) return false;
  const paid = Decimal.sum(reports.map(({ report }) => cashOf(state, report)));
  return difference
    .minus(paid)
    .abs()
    .lte(Decimal.of(5 * (reports.length + 1), 3));
}

function cashOf(state: EngineState, report: ForeignReport): Decimal {
  if (report.kind === 'busted') return bookedCash(foreignFillOf(state.foreign, namesOf(report))).negated();
  const { side, quantity, price, commission, fee } = report;
  const amount = quantity.times(price);
  const received = (side === 'sell' ? amount : amount.negated()).minus(commission).minus(fee);
  return received.minus(bookedCash(replacedBy(state, report)));
}

function bookedCash(fill: ForeignFill | undefined): Decimal {
  if (fill === undefined) return Decimal.ZERO;
  const amount = Decimal.parse(fill.quantity).times(Decimal.parse(fill.price));
  const received = fill.side === 'sell' ? amount : amount.negated();
  return received.minus(Decimal.parse(fill.commission)).minus(Decimal.parse(fill.fee));
}

function namesOf({ brokerOrderId, executionId }: ReportOnForeign): Pick<ForeignFill, 'brokerOrderId' | 'executionId'> {
  return { brokerOrderId: idOfOthers(brokerOrderId), executionId: idOfOthers(executionId) };
}

function orderNameOf({ clientOrderId, brokerOrderId }: ForeignReport): ClientOrderId {
  if (isClientOrderId(clientOrderId)) return clientOrderId;
  return `foreign-${sha256Hex(brokerOrderId).slice(0, 32)}` as ClientOrderId;
}
