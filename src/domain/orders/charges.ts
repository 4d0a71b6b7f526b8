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

/** What an account has not booked yet. */
export interface Unbooked extends Charges {
  /** Parts of a cent that executed amounts took from the cash beyond what is booked; absent for a broker whose cash has none. */
  readonly amounts?: Decimal;
}

/** What an account has not booked yet of parts of a cent; those of amounts only where the cash of the broker keeps them. */
export function unbookedAt(
  { cashHasParts = false }: { readonly cashHasParts?: boolean },
  { unbookedCharges, unbookedAmounts }: { readonly unbookedCharges: Charges; readonly unbookedAmounts: Decimal },
): Unbooked {
  return cashHasParts ? { ...unbookedCharges, amounts: unbookedAmounts } : unbookedCharges;
}

/** Shares at a price, bought or sold. */
export interface Trade {
  readonly side: EventData<'OrderIntended'>['side'];
  readonly quantity: Decimal;
  readonly price: Decimal;
}

/** What the amount of an execution took from the cash beyond the cents that the books round it to; below zero when they took more. */
export function partsOfAmount({ side, quantity, price }: Trade): Decimal {
  const amount = quantity.times(price);
  const parts = amount.minus(amount.rounded(2, 'halfEven'));
  return side === 'buy' ? parts : parts.negated();
}

/** What an account has unbooked of the amounts of executions after those of one of its orders changed. */
export function amountsAfter(amounts: Decimal, before: Order | undefined, after: Order): Decimal {
  return amounts.plus(partsOfOrder(after)).minus(partsOfOrder(before));
}

function partsOfOrder(order: Order | undefined): Decimal {
  if (order === undefined) return Decimal.ZERO;
  const { side } = order.intent;
  return Decimal.sum([...order.executions.values()].map((each) => partsOfAmount({ side, ...each })));
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
 * charges up to half a cent: first the commissions for themselves, then commissions and fees together. Where the cash of the broker
 * has the parts of a cent of amounts, the fee takes them too: cash stays the sum of what was paid, up to half a cent.
 */
export function bookedCharges(unbooked: Unbooked, reported: Charges & Trade): Charges {
  const due = plus(unbooked, reported);
  const commission = due.commission.rounded(2, 'halfEven');
  const amounts = unbooked.amounts?.plus(partsOfAmount(reported)) ?? Decimal.ZERO;
  const fee = due.commission.plus(due.fee).plus(amounts).rounded(2, 'halfEven').minus(commission);
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
