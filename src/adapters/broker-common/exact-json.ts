import { Decimal } from '../../kernel/decimal.js';
import { dataError } from '../../kernel/errors.js';

/** A number of JSON with an exponent: figures far outside any price are refused rather than rounded. */
const WITH_EXPONENT = /^(-?\d+)(?:\.(\d+))?[eE]([+-]?\d{1,4})$/;
const MOST_SCALE = 36;
const MOST_DIGITS = 76;

/** What V8 hands to a reviver besides key and value: the text of a number as it was sent. */
interface SourceOfValue {
  readonly source?: string;
}

type ExactReviver = (this: unknown, key: string, value: unknown, context: SourceOfValue) => unknown;

/**
 * Parses JSON; every number becomes a `Decimal` of the digits that were sent, never a floating point number (P8).
 * @throws DataError NOT_JSON (refuse), NUMBER_OUT_OF_RANGE (refuse)
 */
export function parseExactJson(text: string): unknown {
  const exact: ExactReviver = (_key, value, { source }) =>
    typeof value === 'number' ? exactNumber(source ?? String(value)) : value;
  try {
    return JSON.parse(text, exact as (key: string, value: unknown) => unknown);
  } catch (error) {
    if (isOurs(error)) throw error;
    throw dataError({
      code: 'NOT_JSON',
      message: `an answer of ${text.length} characters that begins with ${JSON.stringify(text.slice(0, 40))} is not JSON`,
      remedy: 'Ask again later. If it repeats, read the status page of the broker.',
      cause: error,
    });
  }
}

/** The exact value of a number as JSON writes it: `-1.50`, `2e-7`. @throws DataError NUMBER_OUT_OF_RANGE (refuse) */
export function exactNumber(text: string): Decimal {
  const parts = WITH_EXPONENT.exec(text);
  if (parts !== null) {
    const [, whole = '0', fraction = '', exponent = '0'] = parts;
    return scaled(BigInt(whole + fraction), fraction.length - Number(exponent), text);
  }
  const point = text.indexOf('.');
  if (point >= 0 && text.length - point - 1 > 18) {
    return scaled(BigInt(text.replace('.', '')), text.length - point - 1, text);
  }
  if (text.length > MOST_DIGITS) throw outOfRange(text);
  return text.length > 40
    ? scaled(BigInt(text.replace('.', '')), point < 0 ? 0 : text.length - point - 1, text)
    : Decimal.parse(text);
}

function scaled(units: bigint, scale: number, text: string): Decimal {
  if (units === 0n) return Decimal.ZERO;
  if (scale > MOST_SCALE || scale < -MOST_SCALE || text.length > MOST_DIGITS) throw outOfRange(text);
  return scale >= 0 ? Decimal.of(units, scale) : Decimal.of(units * 10n ** BigInt(-scale), 0);
}

function outOfRange(text: string): Error {
  return dataError({
    code: 'NUMBER_OUT_OF_RANGE',
    message: `the number ${text.slice(0, 60)} of an answer is outside the range of prices and quantities`,
    remedy: 'Ask the broker what it means. Nothing was booked from this answer.',
  });
}

function isOurs(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'callerMust' in error;
}
