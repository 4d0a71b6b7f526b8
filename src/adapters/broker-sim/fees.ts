import { Decimal } from '../../kernel/decimal.js';
import type { SimProfile } from './profile.js';

/** The charges of an order so far, with their basis. */
export interface Charges {
  readonly shares: Decimal;
  readonly dollars: Decimal;
  readonly commission: Decimal;
  readonly fee: Decimal;
}

export const NO_CHARGES: Charges = {
  shares: Decimal.ZERO,
  dollars: Decimal.ZERO,
  commission: Decimal.of(0, 2),
  fee: Decimal.of(0, 2),
};

/**
 * Charges run per order, not per execution: the totals are recomputed over the whole order, and an execution carries
 * the increment. So several pieces cost the same as one execution.
 */
export function charge(
  before: Charges,
  execution: { readonly side: 'buy' | 'sell'; readonly quantity: Decimal; readonly price: Decimal },
  profile: Pick<SimProfile, 'commission' | 'regulatoryFee'>,
): { readonly after: Charges; readonly commission: Decimal; readonly fee: Decimal } {
  const shares = before.shares.plus(execution.quantity);
  const dollars = before.dollars.plus(execution.quantity.times(execution.price));
  const commission = Decimal.max(profile.commission.minimum, shares.times(profile.commission.perShare)).rounded(
    2,
    'halfUp',
  );
  const fee =
    execution.side === 'buy'
      ? before.fee
      : dollars
          .times(profile.regulatoryFee.perDollar)
          .plus(shares.times(profile.regulatoryFee.perShare))
          .rounded(2, 'ceil');
  return {
    after: { shares, dollars, commission, fee },
    commission: commission.minus(before.commission),
    fee: fee.minus(before.fee),
  };
}
