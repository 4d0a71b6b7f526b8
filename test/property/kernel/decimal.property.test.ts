import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from '../../../src/kernel/canonical-json.js';
import { Decimal, type Rounding } from '../../../src/kernel/decimal.js';

/** The oracle: a fraction of two BigInts, compared by cross multiplication. */
interface Ratio {
  readonly n: bigint;
  /** Above zero. */
  readonly d: bigint;
}

const ratio = (value: Decimal): Ratio => ({ n: value.units, d: 10n ** BigInt(value.scale) });
const same = (a: Ratio, b: Ratio): boolean => a.n * b.d === b.n * a.d;
const less = (a: Ratio, b: Ratio): boolean => a.n * b.d < b.n * a.d;
const minus = (a: Ratio, b: Ratio): Ratio => ({ n: a.n * b.d - b.n * a.d, d: a.d * b.d });
const size = (a: Ratio): Ratio => ({ n: a.n < 0n ? -a.n : a.n, d: a.d });

const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.integer({ min: 0, max: 18 }))
  .map(([units, scale]) => Decimal.of(units, scale));
const rounding = fc.constantFrom<Rounding>('down', 'up', 'halfEven', 'halfUp', 'floor', 'ceil');
const scale = fc.integer({ min: 0, max: 18 });

/** The rule of each rounding for the exact value `x` and the result `r`, with a step of `1/d`. */
function keepsItsPromise(round: Rounding, x: Ratio, r: Ratio, step: Ratio): boolean {
  const error = size(minus(x, r));
  if (!less(error, step)) return false;
  const nearer = !less({ n: step.n, d: step.d * 2n }, error);
  const tie = same({ n: step.n, d: step.d * 2n }, error);
  switch (round) {
    case 'down':
      return !less(size(x), size(r));
    case 'up':
      return !less(size(r), size(x));
    case 'floor':
      return !less(x, r);
    case 'ceil':
      return !less(r, x);
    case 'halfUp':
      return nearer && (!tie || !less(size(r), size(x)));
    case 'halfEven':
      return nearer && (!tie || ((r.n * step.d) / r.d) % 2n === 0n);
  }
}

describe('Decimal against exact fractions', () => {
  test('sums, differences and products', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const [x, y] = [ratio(a), ratio(b)];
        expect(same(ratio(a.plus(b)), { n: x.n * y.d + y.n * x.d, d: x.d * y.d })).toBe(true);
        expect(same(ratio(a.minus(b)), minus(x, y))).toBe(true);
        expect(same(ratio(a.times(b)), { n: x.n * y.n, d: x.d * y.d })).toBe(true);
      }),
    );
  });

  test('order and equality', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const [x, y] = [ratio(a), ratio(b)];
        expect([a.lt(b), a.equals(b), a.gt(b)]).toEqual([less(x, y), same(x, y), less(y, x)]);
        expect(a.compare(b) + b.compare(a)).toBe(0);
        expect(Decimal.max(a, b).gte(Decimal.min(a, b))).toBe(true);
      }),
    );
  });

  test('every rounding mode is correct when narrowing and when dividing', () => {
    fc.assert(
      fc.property(decimal, decimal, scale, rounding, (a, b, to, round) => {
        const step = { n: 1n, d: 10n ** BigInt(to) };
        expect(keepsItsPromise(round, ratio(a), ratio(a.rounded(to, round)), step)).toBe(true);
        fc.pre(!b.isZero());
        const [x, y] = [ratio(a), ratio(b)];
        const exact = y.n < 0n ? { n: -x.n * y.d, d: x.d * -y.n } : { n: x.n * y.d, d: x.d * y.n };
        const quotient = a.divide(b, { scale: to, round });
        expect(quotient.scale).toBe(to);
        expect(keepsItsPromise(round, exact, ratio(quotient), step)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('ties, which random values rarely produce', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), rounding, (half, round) => {
        const a = Decimal.of(half * 10n + 5n, 3);
        expect(keepsItsPromise(round, ratio(a), ratio(a.rounded(2, round)), { n: 1n, d: 100n })).toBe(true);
      }),
    );
  });

  test('text is parsed to the same value and printed as the same text', () => {
    fc.assert(
      fc.property(decimal, (a) => {
        expect(Decimal.parse(a.text()).text()).toBe(a.text());
        expect(Decimal.parse(a.shortText()).equals(a)).toBe(true);
        expect(a.shortText()).not.toMatch(/\.\d*0$|\.$/);
        expect(a.toUnits(18)).toBe(a.units * 10n ** BigInt(18 - a.scale));
      }),
    );
  });
});

describe('canonical JSON', () => {
  test('it does not depend on the order of keys and keeps the value', () => {
    const shuffled = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffled);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, member]) => [key, shuffled(member)]),
      );
    };
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(shuffled(value))).toBe(text);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
