import { priceAfter, ratioOf, sharesAfter, type Conversion, type Ratio } from '../accounting/convert-shares.js';
import { Decimal } from '../../kernel/decimal.js';
import type { RecordedEvent } from '../../events/event.js';
import { toTick } from '../market/tick.js';
import type { EngineState } from './engine-state.js';
import type { PositionFill, PositionRun } from './session-run.js';

/** Applies a split or a change of symbol to the positions of the bot, and to the prices that they are valued at. */
export function registerConversion(state: EngineState, { data, id }: RecordedEvent<'SharesConverted'>): void {
  const ratio = ratioOf(data);
  for (const { positionId, sharesAfter: after, stopAfter } of data.positions) {
    const position = state.positions.get(positionId);
    if (position === undefined) continue;
    state.positions.set(positionId, {
      ...position,
      symbol: data.newSymbol,
      fills: convertedFills(position.fills, ratio),
      reported: convertedFills(position.reported, ratio),
      quantity: Decimal.parse(after),
      stop: stopAfter === null ? undefined : Decimal.parse(stopAfter),
      best: position.best === undefined ? undefined : priceAfter(position.best, ratio),
      lastEventId: id,
    });
    const carried = state.session?.carried.get(positionId);
    if (carried === undefined) continue;
    const { shares, price } = carried;
    state.session?.carried.set(positionId, {
      shares: sharesAfter(shares, ratio),
      price: priceAfter(price, ratio),
    });
  }
  const mark = state.marks.get(data.symbol);
  if (mark === undefined) return;
  state.marks.delete(data.symbol);
  state.marks.set(data.newSymbol, priceAfter(mark, ratio));
}

/** The stop of a position after a conversion: at the same share of its price, on the tick that is hit first. */
export function stopAfter(
  { stop, side }: PositionRun,
  data: Pick<Conversion, 'sharesBefore' | 'sharesAfter'>,
): Decimal | undefined {
  return stop === undefined ? undefined : toTick(priceAfter(stop, ratioOf(data)), side === 'long' ? 'ceil' : 'floor');
}

function convertedFills(fills: PositionRun['fills'], ratio: Ratio): PositionRun['fills'] {
  const converted = (fill: PositionFill): PositionFill => ({
    ...fill,
    quantity: sharesAfter(fill.quantity, ratio),
    price: priceAfter(fill.price, ratio),
    referencePrice: priceAfter(fill.referencePrice, ratio),
  });
  return new Map([...fills].map(([key, fill]) => [key, converted(fill)]));
}
