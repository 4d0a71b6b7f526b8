import { Decimal } from '../../kernel/decimal.js';
import { centsToDecimal, subtractCents } from '../../kernel/money.js';
import { costPrice } from './position-cost.js';
import type { CarriedPosition, PositionRun, SessionRun } from './session-run.js';

/** Shares of a position in the account: above zero is long, below is short. */
export function signedShares({ side, quantity }: PositionRun): Decimal {
  return side === 'long' ? quantity : quantity.negated();
}

/** A position as the day begins with it: at a price of the opening valuation, else at cost. */
export function carriedAt(position: PositionRun, price: Decimal | undefined): CarriedPosition {
  return { shares: signedShares(position), price: price ?? costPrice(position) };
}

/**
 * What the held shares cost the day: those that were carried at the price that the day began with, the others at the price
 * of their entries. Below zero for a short.
 */
export function dayCost(session: SessionRun, position: PositionRun): Decimal {
  const shares = signedShares(position);
  if (shares.isZero()) return Decimal.ZERO;
  const carried = session.carried.get(position.positionId);
  if (carried?.shares.sign() !== shares.sign()) return shares.times(costPrice(position));
  if (shares.abs().lte(carried.shares.abs())) return shares.times(carried.price);
  const more = shares.minus(carried.shares).times(costPrice(position));
  return carried.shares.times(carried.price).plus(more);
}

/**
 * Realized result of the day after charges, in dollars to the cent, against the value that the day began with. It follows
 * from the money of the executions, so that neither a loss of an earlier day nor a lot of others has a part in it.
 */
export function realizedOfDay(session: SessionRun, positions: Iterable<PositionRun>): Decimal {
  let result = centsToDecimal(subtractCents(session.cashFlow, session.fees));
  for (const { shares, price } of session.carried.values()) result = result.minus(shares.times(price));
  for (const position of positions) result = result.plus(dayCost(session, position));
  return result.rounded(2, 'halfEven');
}
