import { Decimal } from '../../kernel/decimal.js';

/** A split: so many shares for so many before. */
export interface SplitRatio {
  readonly after: number;
  readonly before: number;
}

/** Splits that companies make; each is also made in reverse. */
const FORWARD: readonly SplitRatio[] = [
  ...[2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 75, 80, 100].map((after) => ({ after, before: 1 })),
  { after: 3, before: 2 },
  { after: 5, before: 2 },
];
const RATIOS: readonly SplitRatio[] = [
  ...FORWARD,
  ...FORWARD.map(({ after, before }) => ({ after: before, before: after })),
];

/** The split that makes the shares before exactly those after; undefined when none does. Both with their signs. */
export function splitOfShares(before: Decimal, after: Decimal): SplitRatio | undefined {
  if (before.sign() === 0 || before.sign() !== after.sign()) return undefined;
  return RATIOS.find((ratio) => after.times(Decimal.of(ratio.before)).equals(before.times(Decimal.of(ratio.after))));
}

/** The market moves overnight too, by this fraction at most where a split explains the rest. */
const OVERNIGHT_MOVE = 0.03;

/** The split that explains the step from a close to the next opening price, but for what a market moves overnight. */
export function splitOfPrices(close: number, open: number): SplitRatio | undefined {
  return RATIOS.find(({ after, before }) => Math.abs((open * after) / (close * before) - 1) <= OVERNIGHT_MOVE);
}

/** A ratio in the words of the trade: `2-for-1 split`, `1-for-10 reverse split`. */
export function splitWords({ after, before }: SplitRatio): string {
  return `${after}-for-${before} ${after < before ? 'reverse ' : ''}split`;
}
