import { Decimal } from '../../kernel/decimal.js';
import type { UtcText } from '../../kernel/time.js';
import type { PositionFill, PositionRun } from './session-run.js';

/** Average price weighted by quantity, six decimals, half to even; for display, the books use the fills. */
export function averagePrice(fills: readonly Pick<PositionFill, 'quantity' | 'price'>[]): Decimal {
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

/** Fills that brought the held shares: the entries, or the exits when more was closed than held. */
function holdingFills(position: PositionRun): readonly PositionFill[] {
  if (position.quantity.sign() >= 0) return entryFills(position);
  return [...position.fills.values(), ...position.reported.values()].filter((fill) => !fill.opens);
}

/** Average price of the held shares: of the entries, or of the exits when more was closed than held. */
export function costPrice(position: PositionRun): Decimal {
  return averagePrice(holdingFills(position));
}

/** Time of the first entry fill, whatever the order of the reports; undefined before it. */
export function firstFillAt(position: PositionRun): UtcText | undefined {
  const times = entryFills(position).map(fillTime);
  return times.reduce<UtcText | undefined>((first, at) => (first === undefined || at < first ? at : first), undefined);
}

/** The last fill, by time, that brought held shares: its price and time. Undefined before it. */
export function lastHoldingFill(position: PositionRun): { readonly price: Decimal; readonly at: UtcText } | undefined {
  let last: { readonly price: Decimal; readonly at: UtcText } | undefined;
  for (const fill of holdingFills(position)) {
    const at = fillTime(fill);
    if (last === undefined || at >= last.at) last = { price: fill.price, at };
  }
  return last;
}

/** A fill is never later than its record: a broker whose clock is ahead would hide the prices of the time between. */
function fillTime({ filledAt, recordedAt }: PositionFill): UtcText {
  return filledAt < recordedAt ? filledAt : recordedAt;
}
