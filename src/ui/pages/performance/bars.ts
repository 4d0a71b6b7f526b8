/** Where a bar lies in its cell, in per cent of the width. */
export interface Bar {
  readonly left: number;
  readonly width: number;
}

/** Bars of amounts on one scale that has zero in it. Numbers for a drawing, not for money. */
export function barsOf(amounts: readonly string[]): { readonly zero: number; readonly bars: readonly Bar[] } {
  const values = amounts.map(Number);
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const range = high - low || 1;
  const at = (value: number): number => ((value - low) / range) * 100;
  return {
    zero: at(0),
    bars: values.map((value) => {
      const left = Math.min(at(value), at(0));
      return { left, width: Math.max(at(value), at(0)) - left };
    }),
  };
}
