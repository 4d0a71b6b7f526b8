/** One line of a bench: rates a second, the ratio ours / yardstick, and the goal as a person reads it. */
export interface BenchRow {
  readonly what: string;
  readonly ours: number;
  readonly yardstick: number;
  readonly ratio: number;
  readonly goal: string;
}

/** One round of one side; the rate a second of what it did. */
export type Side = () => number | Promise<number>;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Both sides in turn, after one round to warm up that does not count; the ratio is the median of the rounds' ratios. */
export async function compare(
  what: string,
  goal: string,
  sides: { readonly ours: Side; readonly yardstick: Side },
  rounds = 5,
): Promise<BenchRow> {
  const ours: number[] = [];
  const yardstick: number[] = [];
  const ratios: number[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const theirs = await sides.yardstick();
    const mine = await sides.ours();
    if (round < 0) continue;
    yardstick.push(theirs);
    ours.push(mine);
    ratios.push(mine / theirs);
  }
  return { what, ours: median(ours), yardstick: median(yardstick), ratio: median(ratios), goal };
}

/** Rate a second of `count` things that `work` does. */
export async function rate(count: number, work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (count / (performance.now() - start)) * 1_000;
}
