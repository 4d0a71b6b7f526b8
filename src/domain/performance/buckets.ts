import { moneyText, type Cents } from '../../kernel/money.js';
import type { DecimalText } from '../../kernel/decimal.js';

/** A range of results and how many trades ended in it: from `from` up to, but not, `to`. */
export interface Bucket {
  readonly from: DecimalText;
  readonly to: DecimalText;
  readonly trades: number;
}

const MOST_BUCKETS = 20n;

/** Trades by their net result, in equal steps of 1, 2 or 5 in a decimal place; zero is always a boundary. */
export function bucketsOf(nets: readonly Cents[]): readonly Bucket[] {
  const [first] = nets;
  if (first === undefined) return [];
  let [low, high]: readonly [bigint, bigint] = [first, first];
  for (const net of nets) {
    if (net < low) low = net;
    if (net > high) high = net;
  }
  const step = stepFor(high - low);
  const start = floorTo(low, step);
  const counts = Array.from({ length: Number((floorTo(high, step) - start) / step) + 1 }, () => 0);
  for (const net of nets) {
    const at = Number((floorTo(net, step) - start) / step);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts.map((trades, at) => {
    const from = start + BigInt(at) * step;
    return { from: moneyText(from as Cents), to: moneyText((from + step) as Cents), trades };
  });
}

function stepFor(range: bigint): bigint {
  for (let unit = 1n; ; unit *= 10n) {
    for (const part of [1n, 2n, 5n]) if (range / (unit * part) < MOST_BUCKETS) return unit * part;
  }
}

function floorTo(amount: bigint, step: bigint): bigint {
  const rest = amount % step;
  return amount - (rest < 0n ? rest + step : rest);
}
