const HIGHEST = 1_000;
const DECIMAL = /^\d{1,12}(\.\d{1,18})?$/;

/** Whether a figure can be one of the VIX, an index above 0 and below 1000: the same bounds wherever one is read or written. */
export function isVix(value: number): boolean {
  return value > 0 && value < HIGHEST;
}

/** The VIX that a plain decimal text names; undefined for any other text. */
export function parseVix(text: string): number | undefined {
  const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
  return isVix(value) ? value : undefined;
}
