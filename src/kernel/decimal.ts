import type { Brand } from './brand.js';
import { configError, invariant } from './errors.js';

/** Text of an exact decimal in events and files: `-12.3400`, never with an exponent. */
export type DecimalText = Brand<string, 'DecimalText'>;

/** Rounding mode, explicit at every rounding; the books use `halfEven`. */
export type Rounding = 'down' | 'up' | 'halfEven' | 'halfUp' | 'floor' | 'ceil';

const DECIMAL_SHAPE = /^(-?)(\d{1,40})(?:\.(\d{1,18}))?$/;
/** At most 15 digits: any such integer is exact as a number. */
const SHORT_TEXT = 15;
const [MINUS, POINT, DIGIT_0, DIGIT_9] = [45, 46, 48, 57] as const;
const POWERS: readonly bigint[] = Array.from({ length: 77 }, (_, n) => 10n ** BigInt(n));

function broken(code: string, message: string): never {
  invariant(false, code, message);
}

function power(n: number): bigint {
  const value = POWERS[n];
  // error texts are built only when needed, because these functions run for every fill
  if (value === undefined) broken('DECIMAL_SCALE', `10^${n} is outside the range of a Decimal (0 to 76)`);
  return value;
}

function divideRounded(numerator: bigint, denominator: bigint, round: Rounding): bigint {
  if (denominator === 0n) broken('DECIMAL_DIVISION_BY_ZERO', 'a decimal was divided by zero');
  const quotient = numerator / denominator;
  const remainder = numerator - quotient * denominator;
  if (remainder === 0n) return quotient;
  const away = numerator < 0n !== denominator < 0n ? -1n : 1n;
  const twice = (remainder < 0n ? -remainder : remainder) * 2n;
  const size = denominator < 0n ? -denominator : denominator;
  switch (round) {
    case 'down':
      return quotient;
    case 'up':
      return quotient + away;
    case 'floor':
      return away < 0n ? quotient - 1n : quotient;
    case 'ceil':
      return away > 0n ? quotient + 1n : quotient;
    case 'halfUp':
      return twice >= size ? quotient + away : quotient;
    case 'halfEven':
      return twice > size || (twice === size && quotient % 2n !== 0n) ? quotient + away : quotient;
  }
}

/**
 * An exact, immutable decimal, `units * 10^-scale`; the README explains why it is our own. Equality is by value: 1.50
 * equals 1.5.
 */
export class Decimal {
  static readonly ZERO = new Decimal(0n, 0);
  static readonly ONE = new Decimal(1n, 0);

  private constructor(
    readonly units: bigint,
    readonly scale: number,
  ) {}

  /** Parses `-12.34`; rejects an exponent, a plus sign, spaces or more than 18 decimals. */
  static parse(text: string): Decimal {
    return Decimal.parseShort(text) ?? Decimal.parseAny(text);
  }

  /** Fast path for short texts, whose digits fit a number: a third of the general cost. */
  private static parseShort(text: string): Decimal | undefined {
    const { length } = text;
    if (length > SHORT_TEXT) return undefined;
    const start = text.charCodeAt(0) === MINUS ? 1 : 0;
    let units = 0;
    let pointAt = -1;
    for (let at = start; at < length; at += 1) {
      const code = text.charCodeAt(at);
      if (code >= DIGIT_0 && code <= DIGIT_9) units = units * 10 + (code - DIGIT_0);
      else if (code === POINT && pointAt < 0 && at > start) pointAt = at;
      else return undefined;
    }
    if (length === start || pointAt === length - 1) return undefined;
    return new Decimal(BigInt(start === 1 ? -units : units), pointAt < 0 ? 0 : length - 1 - pointAt);
  }

  private static parseAny(text: string): Decimal {
    const match = DECIMAL_SHAPE.exec(text);
    if (match === null) {
      throw configError({
        code: 'NOT_A_DECIMAL',
        message: `"${text.slice(0, 60)}" is not a decimal number`,
        remedy: 'Write digits with an optional minus and a decimal point, such as -12.34.',
      });
    }
    const fraction = match[3] ?? '';
    const units = BigInt(`${match[1] ?? ''}${match[2] ?? ''}${fraction}`);
    return new Decimal(units, fraction.length);
  }

  /** `units` in steps of 10^-scale: `Decimal.of(1234n, 2)` is 12.34. */
  static of(units: bigint | number, scale = 0): Decimal {
    const holds = Number.isInteger(scale) && scale >= 0 && scale <= 36;
    if (!holds) broken('DECIMAL_SCALE', `scale ${scale} is not 0 to 36`);
    if (typeof units === 'bigint') return new Decimal(units, scale);
    if (!Number.isSafeInteger(units)) broken('DECIMAL_NOT_INTEGER', `${units} is not a safe integer`);
    return new Decimal(BigInt(units), scale);
  }

  plus(other: Decimal): Decimal {
    if (this.scale === other.scale) return new Decimal(this.units + other.units, this.scale);
    const scale = Math.max(this.scale, other.scale);
    return new Decimal(this.unitsAt(scale) + other.unitsAt(scale), scale);
  }

  minus(other: Decimal): Decimal {
    return this.plus(other.negated());
  }

  times(other: Decimal): Decimal {
    return new Decimal(this.units * other.units, this.scale + other.scale);
  }

  divide(other: Decimal, to: { readonly scale: number; readonly round: Rounding }): Decimal {
    const shift = to.scale + other.scale - this.scale;
    const numerator = shift >= 0 ? this.units * power(shift) : this.units;
    const denominator = shift >= 0 ? other.units : other.units * power(-shift);
    return new Decimal(divideRounded(numerator, denominator, to.round), to.scale);
  }

  /** Rounds to exactly `scale` decimals; widening is exact. */
  rounded(scale: number, round: Rounding): Decimal {
    if (scale >= this.scale) return new Decimal(this.unitsAt(scale), scale);
    return new Decimal(divideRounded(this.units, power(this.scale - scale), round), scale);
  }

  negated(): Decimal {
    return new Decimal(-this.units, this.scale);
  }

  abs(): Decimal {
    return this.units < 0n ? this.negated() : this;
  }

  /** -1, 0 or 1. */
  sign(): -1 | 0 | 1 {
    return this.units === 0n ? 0 : this.units < 0n ? -1 : 1;
  }

  isZero(): boolean {
    return this.units === 0n;
  }

  compare(other: Decimal): -1 | 0 | 1 {
    const scale = Math.max(this.scale, other.scale);
    const a = this.unitsAt(scale);
    const b = other.unitsAt(scale);
    return a < b ? -1 : a > b ? 1 : 0;
  }

  equals(other: Decimal): boolean {
    return this.compare(other) === 0;
  }

  lt(other: Decimal): boolean {
    return this.compare(other) < 0;
  }

  lte(other: Decimal): boolean {
    return this.compare(other) <= 0;
  }

  gt(other: Decimal): boolean {
    return this.compare(other) > 0;
  }

  gte(other: Decimal): boolean {
    return this.compare(other) >= 0;
  }

  static min(a: Decimal, b: Decimal): Decimal {
    return a.compare(b) <= 0 ? a : b;
  }

  static max(a: Decimal, b: Decimal): Decimal {
    return a.compare(b) >= 0 ? a : b;
  }

  static sum(items: Iterable<Decimal>): Decimal {
    let total = Decimal.ZERO;
    for (const item of items) total = total.plus(item);
    return total;
  }

  /** Exact integer units at `scale`; throws rather than lose a digit. */
  toUnits(scale: number): bigint {
    if (scale >= this.scale) return this.unitsAt(scale);
    const divisor = power(this.scale - scale);
    const quotient = this.units / divisor;
    if (quotient * divisor !== this.units) broken('DECIMAL_INEXACT', `${this.text()} has more than ${scale} decimals`);
    return quotient;
  }

  /** Approximate value for indicators, charts and ratios; never for booked money. */
  toApproximateNumber(): number {
    return Number(this.text());
  }

  /** Text with all decimals of its scale: 1.50 stays `1.50`. */
  text(): DecimalText {
    const digits = (this.units < 0n ? -this.units : this.units).toString().padStart(this.scale + 1, '0');
    const sign = this.units < 0n ? '-' : '';
    if (this.scale === 0) return `${sign}${digits}` as DecimalText;
    const cut = digits.length - this.scale;
    return `${sign}${digits.slice(0, cut)}.${digits.slice(cut)}` as DecimalText;
  }

  /** Text without trailing zeros, but with at least `minScale` decimals: `167.44`, `13.8725`, `4.5`. */
  shortText(minScale = 0): DecimalText {
    let { units, scale } = this;
    while (scale > minScale && units % 10n === 0n) {
      units /= 10n;
      scale -= 1;
    }
    return scale < minScale ? this.rounded(minScale, 'down').text() : new Decimal(units, scale).text();
  }

  toString(): string {
    return this.text();
  }

  /** Decimals are strings in JSON (JRN-13). */
  toJSON(): DecimalText {
    return this.text();
  }

  private unitsAt(scale: number): bigint {
    return scale === this.scale ? this.units : this.units * power(scale - this.scale);
  }
}
