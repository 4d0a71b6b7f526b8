import { Decimal } from '../../kernel/decimal.js';
import type { PositionFill, PositionRun } from './session-run.js';

/** Average price weighted by quantity, six decimals, half to even; for display, the books use the fills. */
export function averagePrice(fills: readonly PositionFill[]): Decimal {
  const quantity = Decimal.sum(fills.map((fill) => fill.quantity));
  if (quantity.isZero()) return Decimal.ZERO;
  const amount = Decimal.sum(fills.map((fill) => fill.quantity.times(fill.price)));
  return amount.divide(quantity, { scale: 6, round: 'halfEven' });
}

/** Entry fills of this round trip; of the previous one when a busted exit restored its shares. */
export function entryFills(position: PositionRun): readonly PositionFill[] {
  const own = [...position.fills.values()].filter((fill) => fill.opens);
  return own.length > 0 ? own : [...position.reported.values()].filter((fill) => fill.opens);
}

/** Average price of the held shares: of the entries, or of the exits when more was closed than held. */
export function costPrice(position: PositionRun): Decimal {
  if (position.quantity.sign() >= 0) return averagePrice(entryFills(position));
  const fills = [...position.fills.values(), ...position.reported.values()];
  return averagePrice(fills.filter((fill) => !fill.opens));
}
