import { Decimal } from '../../kernel/decimal.js';

/**
 * A market order may cost more than its price now: brokers hold more than that until it is filled (the simulator 1 % of its
 * ask, others up to a few percent), and the price moves until it arrives.
 */
const HOLD = Decimal.parse('1.02');
/** Regulation T: 150 % of the value of a short stays in the account; its proceeds are in the cash already. */
const SHORT_COVER = Decimal.parse('1.5');
const SHORT_OWN_MEANS = SHORT_COVER.minus(Decimal.ONE);
/** Dollars kept for commission and fee of the order. */
const CHARGES = Decimal.parse('1.00');

/** What the account has and what is in its way, in dollars. */
export interface EntryFunds {
  readonly cash: Decimal;
  /** Working entries at their reference prices. */
  readonly working: { readonly long: Decimal; readonly short: Decimal };
  /** Market value of the shares that are sold short. */
  readonly shorts: Decimal;
}

/**
 * Most that an entry may cost at its reference price, in dollars: what the account has in cash, and not more than a broker
 * accepts, who holds HOLD for each entry and SHORT_COVER for each short. A larger entry would be refused as a whole.
 */
export function fundsForEntry(side: 'long' | 'short', { cash, working, shorts }: EntryFunds): Decimal {
  const ours = cash.minus(working.long).minus(working.short);
  const held = working.long.plus(working.short.times(SHORT_OWN_MEANS)).times(HOLD);
  const free = cash.minus(held).minus(shorts.times(SHORT_COVER)).minus(CHARGES);
  const perDollar = side === 'long' ? HOLD : HOLD.times(SHORT_OWN_MEANS);
  const theirs = free.divide(perDollar, { scale: 2, round: 'down' });
  return Decimal.max(Decimal.ZERO, Decimal.min(ours, theirs));
}
