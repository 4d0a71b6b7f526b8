import { Decimal } from '../../kernel/decimal.js';
import type { SimProfile } from './profile.js';

/** The charges of an order so far, with their basis. */
export interface Charges {
  readonly shares: Decimal;
  readonly dollars: Decimal;
  readonly commission: Decimal;
  readonly fee: Decimal;
}

/** The charges of one execution. */
export interface Charged {
  readonly after: Charges;
  readonly commission: Decimal;
  readonly fee: Decimal;
  /** Dollars of commission that are less than half a cent for the order so far, as a change. */
  readonly uncharged: Decimal;
}

export const NO_CHARGES: Charges = {
  shares: Decimal.ZERO,
  dollars: Decimal.ZERO,
  commission: Decimal.of(0, 2),
  fee: Decimal.of(0, 2),
};

/** The total commission of an order of `shares`, before it is rounded to the cent. */
function exactCommission(shares: Decimal, { minimum, perShare }: SimProfile['commission']): Decimal {
  return shares.isZero() ? Decimal.ZERO : Decimal.max(minimum, shares.times(perShare));
}

/** The part of the commission of an order that rounding to the cent makes nothing of. */
function vanishing(charges: Charges, profile: Pick<SimProfile, 'commission'>): Decimal {
  return charges.commission.isZero() ? exactCommission(charges.shares, profile.commission) : Decimal.ZERO;
}

/**
 * Commissions of a day of less than half a cent each: their exact sum is charged with the execution that makes it a cent,
 * and what is left at the end of the day is charged then.
 */
export class SmallCommissions {
  private left = Decimal.ZERO;

  /** Adds what an execution leaves uncharged, below zero when a cent of its own has it now; the whole cents due now. */
  add(uncharged: Decimal): Decimal {
    this.left = this.left.plus(uncharged);
    const due = Decimal.max(Decimal.ZERO, this.left.rounded(2, 'floor'));
    this.left = this.left.minus(due);
    return due;
  }

  /** The charge at the end of the day, up to the cent; undefined when nothing is left. */
  settle(): { readonly amount: Decimal; readonly exact: Decimal } | undefined {
    const exact = this.left;
    this.left = Decimal.ZERO;
    return exact.sign() <= 0 ? undefined : { amount: exact.rounded(2, 'ceil'), exact };
  }
}

/**
 * Charges run per order, not per execution: the totals are recomputed over the whole order, and an execution carries
 * the increment. So several pieces cost the same as one execution.
 */
export function charge(
  before: Charges,
  execution: { readonly side: 'buy' | 'sell'; readonly quantity: Decimal; readonly price: Decimal },
  profile: Pick<SimProfile, 'commission' | 'regulatoryFee'>,
): Charged {
  const shares = before.shares.plus(execution.quantity);
  const dollars = before.dollars.plus(execution.quantity.times(execution.price));
  const commission = exactCommission(shares, profile.commission).rounded(2, 'halfUp');
  const fee =
    execution.side === 'buy'
      ? before.fee
      : dollars
          .times(profile.regulatoryFee.perDollar)
          .plus(shares.times(profile.regulatoryFee.perShare))
          .rounded(2, 'ceil');
  const after = { shares, dollars, commission, fee };
  return {
    after,
    uncharged: vanishing(after, profile).minus(vanishing(before, profile)),
    commission: commission.minus(before.commission),
    fee: fee.minus(before.fee),
  };
}
