import { Decimal } from '../../kernel/decimal.js';
import type { EventData } from '../../events/event.js';
import type { Charges, Execution, Order } from './order.js';

export const NO_CHARGES: Charges = { commission: Decimal.ZERO, fee: Decimal.ZERO };

/** The sum of two charges. */
export function plus(a: Charges, b: Charges): Charges {
  return { commission: a.commission.plus(b.commission), fee: a.fee.plus(b.fee) };
}

/** The difference of two charges. */
export function minus(a: Charges, b: Charges): Charges {
  return { commission: a.commission.minus(b.commission), fee: a.fee.minus(b.fee) };
}

/** The charges of an execution as the broker reported them. */
function reportedCharges(execution: Execution): Charges {
  return execution.reportedCharges ?? execution;
}

/** What the broker reported for an execution beyond the cents that it books; below zero when it books more. */
export function unbookedOf(execution: Execution): Charges {
  return minus(reportedCharges(execution), execution);
}

/** What the broker reported for the executions of an order beyond the cents that they book. */
function unbookedOfOrder(order: Order | undefined): Charges {
  let sum = NO_CHARGES;
  for (const execution of order?.executions.values() ?? []) {
    if (execution.reportedCharges !== undefined) sum = plus(sum, unbookedOf(execution));
  }
  return sum;
}

/** What an account has unbooked after the executions of one of its orders changed. */
export function unbookedAfter(unbooked: Charges, before: Order | undefined, after: Order): Charges {
  return plus(unbooked, minus(unbookedOfOrder(after), unbookedOfOrder(before)));
}

/**
 * The cents that an execution books. With all that the account has booked before they are the exact sum of the reported
 * charges up to half a cent: first the commissions for themselves, then commissions and fees together.
 */
export function bookedCharges(unbooked: Charges, reported: Charges): Charges {
  const due = plus(unbooked, reported);
  const commission = due.commission.rounded(2, 'halfEven');
  const fee = due.commission.plus(due.fee).rounded(2, 'halfEven').minus(commission);
  return { commission, fee };
}

/** Whether two charges are the same amounts. */
export function sameCharges(a: Charges, b: Charges): boolean {
  return a.commission.equals(b.commission) && a.fee.equals(b.fee);
}

/** Charges for an event. */
export function chargesText({ commission, fee }: Charges): NonNullable<EventData<'OrderFilled'>['reportedCharges']> {
  return { commission: commission.shortText(), fee: fee.shortText() };
}
