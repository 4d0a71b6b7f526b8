import { Decimal } from '../../kernel/decimal.js';

/** What the vendor sends for "no value": the largest double, the largest integers. */
const NO_VALUE = /^(1\.7976931348623157[Ee]\+?308|2147483647|9223372036854775807|Infinity|NaN)$/;
const PLAIN = /^-?\d{1,40}(?:\.\d{1,18})?$/;
const WITH_EXPONENT = /^(-?)(\d{1,20})(?:\.(\d{1,20}))?[Ee]([+-]?\d{1,2})$/;
const MOST_DECIMALS = 18;
/** A smaller number is nothing in any unit of an account. */
const MOST_SCALE = 36;

/** A number of the wire, exact: the digits are read as they came. Undefined for "no value" and for what is no number. */
export function wireDecimal(text: string | undefined): Decimal | undefined {
  if (text === undefined || text === '' || NO_VALUE.test(text)) return undefined;
  const plain = text.includes(',') ? text.replaceAll(',', '') : text;
  if (PLAIN.test(plain)) return Decimal.parse(plain);
  const match = WITH_EXPONENT.exec(plain);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = ''] = match;
  const scale = fraction.length - Number(exponent);
  if (scale > MOST_SCALE) return Decimal.ZERO;
  const digits = BigInt(`${whole}${fraction}`);
  const units = scale < 0 ? digits * 10n ** BigInt(-scale) : digits;
  const value = Decimal.of(sign === '-' ? -units : units, Math.max(scale, 0));
  return value.scale > MOST_DECIMALS ? value.rounded(MOST_DECIMALS, 'halfEven') : value;
}

/** A whole number of the wire; undefined for "no value" and for what is none. */
export function wireInteger(text: string | undefined): number | undefined {
  if (text === undefined || !/^-?\d{1,15}$/.test(text)) return undefined;
  return Number(text);
}
