import { Decimal } from '../../kernel/decimal.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import { moneyText } from '../../kernel/money.js';
import { type EpochMs, toUtcText } from '../../kernel/time.js';
import type { TickerSymbol } from '../../events/names.js';
import {
  bookedCharges,
  chargesText,
  minus,
  NO_CHARGES,
  partsOfAmount,
  sameCharges,
  unbookedOf,
  type Unbooked,
} from './charges.js';
import { historyOf, type Execution, type Order, type OrderEvent } from './order.js';

/** What separates a new report of an execution id from a repeated one. */
export interface Numbered {
  /** Broker's time of the report, which a repetition has too. */
  readonly at?: EpochMs;
  /** In a query result, which lists every report in order: the number of this one among those of its kind and id. */
  readonly occurrence?: number;
}

/** An execution as the broker reports it; quantity is its own, never cumulative (F17). */
export interface FillReport extends Numbered {
  readonly executionId: string;
  readonly brokerOrderId: string;
  readonly symbol: TickerSymbol;
  readonly quantity: Decimal;
  readonly price: Decimal;
  readonly commission: Decimal;
  readonly fee: Decimal;
  readonly filledAt: EpochMs;
  readonly rawSha256: Sha256Hex;
  /** All that the broker order has traded, at a broker that reports no executions. */
  readonly soFar?: { readonly quantity: Decimal; readonly averagePrice: Decimal };
}

/** A correction: this execution in the place of another, or of an earlier version of itself. */
export interface CorrectionReport extends FillReport {
  readonly correctsExecutionId: string;
}

/** A bust of an execution. */
export interface BustReport extends Numbered {
  readonly executionId: string;
  readonly reason: string;
}

/** A fill counts unless it repeats one that counts already; a repetition that brings a charge corrects it. */
export function decideFill(order: Order, command: FillReport, unbooked: Unbooked): readonly OrderEvent[] {
  const fill = growthOf(order, command);
  if (fill === undefined) return [];
  const standing = order.executions.get(fill.executionId);
  if (standing !== undefined && bringsCharge(order, fill)) return [correctionOf(order, standing, fill, unbooked)];
  if (isBooked(order, fill)) return [];
  return [{ type: 'OrderFilled', data: fillData(order, fill, unbooked) }];
}

/** The price of a growth is a quotient: finer than any broker's price, so that its value rounds to the right cent. */
const GROWTH_PRICE_SCALE = 10;

/**
 * What a report of growth adds to the executions that are booked of the same broker order (P2): a process that saw other steps
 * before, or none, would count shares twice. Undefined when it adds nothing.
 */
function growthOf(order: Order, report: FillReport): FillReport | undefined {
  const { soFar } = report;
  if (soFar === undefined) return report;
  const booked = [...order.executions.values()].filter((each) => each.brokerOrderId === report.brokerOrderId);
  const known = Decimal.sum(booked.map((each) => each.quantity));
  const quantity = soFar.quantity.minus(known);
  if (quantity.sign() <= 0) return undefined;
  if (quantity.equals(report.quantity)) return report;
  const value = soFar.quantity.times(soFar.averagePrice);
  const added = value.minus(Decimal.sum(booked.map((each) => each.quantity.times(each.price))));
  const price = added.divide(quantity, { scale: GROWTH_PRICE_SCALE, round: 'halfEven' });
  return { ...report, quantity, price: price.sign() > 0 ? price : soFar.averagePrice };
}

/**
 * For an unknown execution there is nothing to correct yet: the query of the order returns both, in order. In its result a
 * correction of an execution that does not stand, because a bust that came late ended it, is booked as what it is.
 */
export function decideCorrection(order: Order, command: CorrectionReport, unbooked: Unbooked): readonly OrderEvent[] {
  const { correctsExecutionId, executionId } = command;
  const wrong = order.executions.get(correctsExecutionId);
  if (wrong === undefined) {
    const isListed = command.occurrence !== undefined && order.history.has(correctsExecutionId);
    return isListed && correctsExecutionId !== executionId ? decideFill(order, command, unbooked) : [];
  }
  if (correctsExecutionId === executionId) {
    return isRepeatedCorrection(order, command, wrong) ? [] : [correctionOf(order, wrong, command, unbooked)];
  }
  if (!isBooked(order, command)) return [correctionOf(order, wrong, command, unbooked)];
  return isEndedBy(order, wrong, command) ? [bustOf(order, correctsExecutionId, `replaced by ${executionId}`)] : [];
}

/** Whether a correction whose execution is booked already ends the one that it replaces: that one was booked since, or came late. */
function isEndedBy(order: Order, wrong: Execution, { at, occurrence }: CorrectionReport): boolean {
  const { endings, endedAt } = historyOf(order, wrong.executionId);
  if (at === undefined || toUtcText(at) < wrong.filledAt) return false;
  if (endings === 0 || endedAt === null) return endings === 0;
  return occurrence === undefined ? toUtcText(at) > endedAt : toUtcText(at) >= endedAt;
}

function correctionOf(order: Order, wrong: Execution, report: FillReport, unbooked: Unbooked): OrderEvent {
  const charges = minus(unbooked, unbookedOf(wrong));
  const amounts = unbooked.amounts?.minus(partsOfAmount({ side: order.intent.side, ...wrong }));
  const data = fillData(order, report, amounts === undefined ? charges : { ...charges, amounts });
  return { type: 'OrderFillCorrected', data: { ...data, correctsExecutionId: wrong.executionId } };
}

/** A correction under the id that it corrects: it is new when the execution in force says something else. */
function isRepeatedCorrection(order: Order, command: FillReport, standing: Execution): boolean {
  const { bookings } = historyOf(order, command.executionId);
  if (command.occurrence !== undefined) return command.occurrence <= bookings.length;
  return isSame(standing, command) || bookings.some((booking) => isSame(booking, command));
}

/**
 * Whether a report of an execution repeats one that counts already. After a bust of its id, a report from after the bust is a new
 * booking, and one from before is over, whatever a list numbers: the broker's time decides which of the two was last. At the same
 * time the number decides; the same figures at an unknown time may be either, and wait for a query.
 */
function isBooked(order: Order, command: FillReport): boolean {
  const { bookings, endings, endedAt } = historyOf(order, command.executionId);
  if (bookings.length === 0) return false;
  if (bookings.length > endings) return true;
  // a growth is made again by each look at its order, and its time may be that of the look
  const { at, soFar, occurrence } = command;
  const isTimed = at !== undefined && endedAt !== null && (soFar === undefined || occurrence === undefined);
  const times = isTimed ? { at: toUtcText(at), endedAt } : undefined;
  if (times !== undefined && times.at !== times.endedAt) return times.at < times.endedAt;
  if (occurrence !== undefined) return occurrence <= bookings.length;
  return times !== undefined || bookings.some((booking) => isSame(booking, command));
}

/** Whether a report has the figures and the charges of a booking. */
export function isSame(booking: Execution, report: FillReport): boolean {
  return isSameTrade(booking, report) && isSameCharge(booking, report);
}

/**
 * Whether a report has the charges of an execution that was booked without them: a broker may report them later, and after a
 * restart the fill comes again with them. Charges that a booking of the execution had before are of an older report.
 */
export function bringsCharge(order: Pick<Order, 'executions' | 'history'>, report: FillReport): boolean {
  const standing = order.executions.get(report.executionId);
  if (standing === undefined || !isWithoutCharge(standing) || sameCharges(report, NO_CHARGES)) return false;
  const { bookings } = historyOf(order, report.executionId);
  const isNewest = report.occurrence === undefined || report.occurrence === bookings.length;
  return isNewest && isSameTrade(standing, report) && !bookings.some((booking) => isSame(booking, report));
}

/** Whether the broker had reported no charge when an execution was booked. */
export function isWithoutCharge(execution: Execution): boolean {
  return sameCharges(execution.reportedCharges ?? execution, NO_CHARGES);
}

function isSameTrade(booking: Execution, { quantity, price, filledAt }: FillReport): boolean {
  return booking.quantity.equals(quantity) && booking.price.equals(price) && booking.filledAt === toUtcText(filledAt);
}

/** A booking without charges as reported was reported with its cents, or by a version that kept no parts of a cent. */
function isSameCharge(booking: Execution, report: FillReport): boolean {
  if (booking.reportedCharges !== undefined) return sameCharges(booking.reportedCharges, report);
  const { commission, fee } = report;
  return sameCharges(booking, { commission: commission.rounded(2, 'halfEven'), fee: fee.rounded(2, 'halfEven') });
}

/** A bust of an unknown execution waits for the query too; one of an execution that was booked again must be newer than the last. */
export function decideBust(order: Order, command: BustReport): readonly OrderEvent[] {
  const { executionId, reason, occurrence, at } = command;
  const standing = order.executions.get(executionId);
  // in a list, the end of a booking that the journal never took
  if (standing === undefined || occurrence === 0) return [];
  // one from before the booking ended an earlier one, of which the report was lost or the list is old
  if (at !== undefined && toUtcText(at) < standing.filledAt) return [];
  const { endings, endedAt } = historyOf(order, executionId);
  const isNewer = at !== undefined && endedAt !== null && toUtcText(at) > endedAt;
  const isNew = isNewer || (occurrence === undefined ? endings === 0 : occurrence > endings);
  return isNew ? [bustOf(order, executionId, reason)] : [];
}

function bustOf({ intent }: Order, executionId: string, reason: string): OrderEvent {
  const { clientOrderId, symbol } = intent;
  return { type: 'OrderFillBusted', data: { clientOrderId, executionId, symbol, reason } };
}

/** The number of this event among those of its execution id; 1 but for what the broker did again under the same id. */
export function occurrenceOf(order: Order, event: OrderEvent): number {
  switch (event.type) {
    case 'OrderFilled':
    case 'OrderFillCorrected':
      return historyOf(order, event.data.executionId).bookings.length + 1;
    case 'OrderFillBusted':
      return historyOf(order, event.data.executionId).endings + 1;
    default:
      return 1;
  }
}

function fillData(
  order: Order,
  fill: FillReport,
  unbooked: Unbooked,
): Extract<OrderEvent, { type: 'OrderFilled' }>['data'] {
  const { clientOrderId, strategy, positionId, side, positionEffect, symbol } = order.intent;
  const booked = bookedCharges(unbooked, { ...fill, side });
  return {
    clientOrderId,
    brokerOrderId: fill.brokerOrderId,
    executionId: fill.executionId,
    strategy,
    positionId,
    symbol,
    side,
    positionEffect,
    quantity: fill.quantity.shortText(),
    price: fill.price.shortText(2),
    commission: moneyText(booked.commission),
    fee: moneyText(booked.fee),
    currency: 'USD',
    filledAt: toUtcText(fill.filledAt),
    rawSha256: fill.rawSha256,
    ...(sameCharges(booked, fill) ? {} : { reportedCharges: chargesText(fill) }),
  };
}
