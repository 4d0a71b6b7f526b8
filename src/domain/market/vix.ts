const HIGHEST = 1_000;

/** Whether a figure can be one of the VIX, an index above 0 and below 1000: the same bounds wherever one is read. */
export function isVix(value: number): boolean {
  return value > 0 && value < HIGHEST;
}
