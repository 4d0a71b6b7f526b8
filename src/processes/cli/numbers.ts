import { configError } from '../../kernel/errors.js';

/** A whole number of an option, within its bounds. */
export function wholeNumber(
  option: string,
  text: string,
  bounds: { readonly from: number; readonly to: number },
): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= bounds.from && value <= bounds.to) return value;
  throw configError({
    code: 'BAD_NUMBER',
    message: `${option} ${text.slice(0, 40)} is not a whole number from ${bounds.from} to ${bounds.to}`,
    remedy: 'Correct the option; nothing was changed.',
  });
}
