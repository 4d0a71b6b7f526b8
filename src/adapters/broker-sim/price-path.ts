import { priceToDecimal, price as toPrice, type Bar, type Ohlc, type QuoteBar } from '../../domain/market/types.js';
import type { Decimal } from '../../kernel/decimal.js';
import type { EpochMs } from '../../kernel/time.js';
import type { OrderSide } from '../../ports/order-entry.js';
import type { SimProfile } from './profile.js';

type Corners = readonly [number, number, number, number];

/** The price path of a minute: three straight legs over four corners; floats of 1/10000 dollar. */
export interface MinutePath {
  readonly start: EpochMs;
  readonly end: EpochMs;
  readonly mid: Corners;
  readonly half: Corners;
}

const CENT = 100;
const DOLLAR = 10_000;

/** Open, low, high, close when the minute rose or stayed flat; open, high, low, close when it fell. */
function order(bar: Ohlc): readonly ('open' | 'high' | 'low' | 'close')[] {
  return bar.close >= bar.open ? ['open', 'low', 'high', 'close'] : ['open', 'high', 'low', 'close'];
}

function corners(values: readonly number[]): Corners {
  return [values[0] ?? 0, values[1] ?? 0, values[2] ?? 0, values[3] ?? 0];
}

/** From the trades of the minute, with the spread of its quotes. */
export function minutePath(
  minute: { readonly start: EpochMs; readonly end: EpochMs },
  bar: Bar,
  quote: QuoteBar | undefined,
  profile: Pick<SimProfile, 'defaultSpreadPct' | 'maxSpreadPct'>,
): MinutePath {
  const points = order(bar);
  const mid = points.map((point) => bar[point]);
  const half = points.map((point) => {
    const middle = bar[point];
    const quoted = quote === undefined ? undefined : (quote.ask[point] - quote.bid[point]) / 2;
    const widest = (middle * profile.maxSpreadPct) / 200;
    return Math.max(0, Math.min(quoted ?? (middle * profile.defaultSpreadPct) / 200, widest));
  });
  return { start: minute.start, end: minute.end, mid: corners(mid), half: corners(half) };
}

/** The view of a path at an instant: the middle, or the side that one of our orders meets. */
export type Face = 'mid' | 'ask' | 'bid';

export function faceAt(path: MinutePath, at: number, face: Face): number {
  const third = (path.end - path.start) / 3;
  const inside = Math.min(Math.max(at - path.start, 0), path.end - path.start);
  const leg = Math.min(2, Math.floor(inside / third));
  const along = (inside - leg * third) / third;
  const mid = between(path.mid, leg, along);
  if (face === 'mid') return mid;
  const half = between(path.half, leg, along);
  return face === 'ask' ? mid + half : mid - half;
}

function between(values: Corners, leg: number, along: number): number {
  const from = values[leg] ?? 0;
  const to = values[leg + 1] ?? from;
  return from + (to - from) * along;
}

/** First millisecond in [from, end) at which the face is at or beyond `level`; each leg is straight, so it is bisected. */
export function firstCross(
  path: MinutePath,
  from: EpochMs,
  face: Face,
  test: { readonly level: number; readonly when: 'atOrBelow' | 'atOrAbove' },
): EpochMs | undefined {
  const hit = (at: number): boolean =>
    test.when === 'atOrBelow' ? faceAt(path, at, face) <= test.level : faceAt(path, at, face) >= test.level;
  const third = (path.end - path.start) / 3;
  let low = Math.max(from, path.start);
  if (low >= path.end) return undefined;
  if (hit(low)) return low as EpochMs;
  for (let leg = 0; leg < 3; leg += 1) {
    const legEnd = Math.min(path.end - 1, Math.floor(path.start + third * (leg + 1)));
    if (legEnd <= low) continue;
    if (hit(legEnd)) return bisect(low, legEnd, hit) as EpochMs;
    low = legEnd;
  }
  return undefined;
}

function bisect(miss: number, hitAt: number, hit: (at: number) => boolean): number {
  let low = miss;
  let high = hitAt;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (hit(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** A float of 1/10000 dollar to a price that trades: whole cents from $1 on, against the side that asks for it. */
export function againstUs(raw: number, side: OrderSide): Decimal {
  const round = side === 'buy' ? Math.ceil : Math.floor;
  // A float marginally beyond a tick must not cost a whole tick: round to a millionth of a tick first.
  const ticks = Math.round(raw * 1_000_000) / 1_000_000;
  const units = ticks >= DOLLAR ? round(ticks / CENT) * CENT : round(ticks);
  return priceToDecimal(toPrice(Math.max(1, units)));
}
