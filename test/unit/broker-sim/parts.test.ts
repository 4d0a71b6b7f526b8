import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { charge, NO_CHARGES, SmallCommissions } from '../../../src/adapters/broker-sim/fees.js';
import { isOnTick } from '../../../src/domain/market/tick.js';
import { againstUs, faceAt, firstCross, minutePath } from '../../../src/adapters/broker-sim/price-path.js';
import { DEFAULT_SIM_PROFILE } from '../../../src/adapters/broker-sim/profile.js';
import { KeyedRandom } from '../../../src/adapters/broker-sim/random.js';
import { SqliteSimStore } from '../../../src/adapters/broker-sim/sqlite-store.js';
import { parseClientOrderId } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { TradeBotError } from '../../../src/kernel/errors.js';
import { dec, minute, minuteStart, order, Rig } from './harness.js';

const runs = { seed: 20_261_120, numRuns: 200 };

function pathOf(ohlc: readonly [number, number, number, number], spread?: number): ReturnType<typeof minutePath> {
  const slice = minute(0, {
    SPY: { ohlc, ...(spread === undefined ? {} : { spread }) },
  });
  const [bar] = slice.bars;
  if (bar === undefined) throw new Error('no bar');
  return minutePath(slice, bar, slice.quotes[0], DEFAULT_SIM_PROFILE);
}

describe('charges', () => {
  test('the minimum, the rate, and rounding half up to the cent', () => {
    const of = (quantity: string): string =>
      charge(
        NO_CHARGES,
        { side: 'buy', quantity: dec(quantity), price: dec('10') },
        DEFAULT_SIM_PROFILE,
      ).commission.text();
    expect([of('1'), of('100'), of('101'), of('130'), of('1000')]).toEqual(['0.35', '0.35', '0.35', '0.46', '3.50']);
  });

  test('commissions under half a cent are charged when they make a cent, and the rest at the end of the day', () => {
    const small = new SmallCommissions();
    const profile = { ...DEFAULT_SIM_PROFILE, commission: { perShare: dec('0.0035'), minimum: Decimal.ZERO } };
    const one = { side: 'buy', quantity: dec('1'), price: dec('10') } as const;
    const due = Array.from({ length: 7 }, () => {
      const { commission, uncharged } = charge(NO_CHARGES, one, profile);
      return commission.plus(small.add(uncharged)).text();
    });
    // 0.0035, 0.0070, 0.0105, 0.0140, 0.0175, 0.0210, 0.0245
    expect(due).toEqual(['0.00', '0.00', '0.01', '0.00', '0.00', '0.01', '0.00']);
    expect(small.settle()).toMatchObject({ amount: dec('0.01'), exact: dec('0.0045') });
    expect(small.settle()).toBeUndefined();
  });

  test('whatever the sizes, a day charges the sum of its orders: half a cent an order, and a cent at the end, at most off', () => {
    const profile = { ...DEFAULT_SIM_PROFILE, commission: { perShare: dec('0.0035'), minimum: Decimal.ZERO } };
    const orders = fc.array(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(orders, (sizes) => {
        const small = new SmallCommissions();
        let charged = Decimal.ZERO;
        let exact = Decimal.ZERO;
        let rounding = Decimal.ZERO;
        for (const pieces of sizes) {
          let before = NO_CHARGES;
          for (const shares of pieces) {
            const piece = charge(before, { side: 'buy', quantity: Decimal.of(shares), price: dec('10') }, profile);
            charged = charged.plus(piece.commission).plus(small.add(piece.uncharged));
            before = piece.after;
          }
          const total = before.shares.times(dec('0.0035'));
          exact = exact.plus(total);
          if (!before.commission.isZero()) rounding = rounding.plus(before.commission).minus(total);
        }
        const left = charged
          .plus(small.settle()?.amount ?? Decimal.ZERO)
          .minus(exact)
          .minus(rounding);
        expect(left.sign() >= 0 && left.lt(dec('0.01'))).toBe(true);
      }),
      runs,
    );
  });

  test('a price of an execution is a valid one', () => {
    const raw = fc.oneof(
      fc.double({ min: 9_990, max: 10_010, noNaN: true }),
      fc.double({ min: 1, max: 3e6, noNaN: true }),
    );
    fc.assert(
      fc.property(raw, fc.constantFrom('buy' as const, 'sell' as const), (value, side) => {
        expect(isOnTick(againstUs(value, side))).toBe(true);
      }),
      runs,
    );
  });

  test('an order with partial fills costs the same as one fill', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5_000_000 }), {
          minLength: 1,
          maxLength: 12,
        }),
        (millionths) => {
          const price = dec('37.2115');
          let charges = NO_CHARGES;
          let commission = Decimal.ZERO;
          let fee = Decimal.ZERO;
          for (const each of millionths) {
            const piece = charge(charges, { side: 'sell', quantity: Decimal.of(each, 6), price }, DEFAULT_SIM_PROFILE);
            charges = piece.after;
            commission = commission.plus(piece.commission);
            fee = fee.plus(piece.fee);
          }
          const total = Decimal.of(
            millionths.reduce((sum, each) => sum + each, 0),
            6,
          );
          const whole = charge(NO_CHARGES, { side: 'sell', quantity: total, price }, DEFAULT_SIM_PROFILE);
          expect(commission.equals(whole.commission)).toBe(true);
          expect(fee.equals(whole.fee)).toBe(true);
        },
      ),
      runs,
    );
  });
});

describe('named random draws', () => {
  test('the same name draws the same and other names differ; uniforms and normals have their mean and spread', () => {
    const random = new KeyedRandom(7);
    expect(random.uniform('a', 'x', 3)).toBe(new KeyedRandom(7).uniform('a', 'x', 3));
    expect(random.uniform('a', 'x', 3)).not.toBe(new KeyedRandom(8).uniform('a', 'x', 3));
    expect(random.uniform('a', 'x')).not.toBe(random.uniform('b', 'x'));
    const draws = Array.from({ length: 4_000 }, (_, n) => random.normal('a', 'y', n));
    const mean = draws.reduce((sum, z) => sum + z, 0) / draws.length;
    const variance = draws.reduce((sum, z) => sum + (z - mean) ** 2, 0) / draws.length;
    expect(Math.abs(mean)).toBeLessThan(0.05);
    expect(Math.abs(variance - 1)).toBeLessThan(0.07);
    const whole = Array.from({ length: 300 }, (_, n) => random.between(2, 3, 'a', 'z', n));
    expect(new Set(whole)).toEqual(new Set([2, 3]));
  });

  test('frozen: a change of these draws changes every simulated day', () => {
    const random = new KeyedRandom(42);
    expect(random.uniform('DEMO_US_SIM_B01-20131007-1', 'partial')).toMatchInlineSnapshot(`0.30050037428736687`);
    expect(random.normal('DEMO_US_SIM_B01-20131007-1', 'slippage')).toMatchInlineSnapshot(`-0.8026268002577126`);
  });
});

describe('the path of a minute', () => {
  test('it visits its four corners in thirds', () => {
    const path = pathOf([10, 12, 9, 11]);
    const at = (seconds: number): number => Math.round(faceAt(path, minuteStart(0) + seconds * 1_000, 'mid'));
    expect([at(0), at(10), at(20), at(30), at(40), at(60)]).toEqual([
      100_000, 95_000, 90_000, 105_000, 120_000, 110_000,
    ]);
  });

  test('a stub quote does not make a price', () => {
    const path = pathOf([10, 10, 10, 10], 19);
    expect(faceAt(path, minuteStart(0), 'ask')).toBe(101_000);
  });

  test('the first crossing crosses, and nothing before it does', () => {
    const dollars = fc.integer({ min: 900, max: 1_100 }).map((cents) => cents / 100);
    fc.assert(
      fc.property(
        fc.tuple(dollars, dollars, dollars, dollars),
        dollars,
        fc.nat(59_999),
        fc.boolean(),
        (four, level, from, below) => {
          const [open, , , close] = four;
          const path = pathOf([open, Math.max(...four), Math.min(...four), close], 0.02);
          const when = below ? ('atOrBelow' as const) : ('atOrAbove' as const);
          const hit = (ms: number): boolean => {
            const shown = faceAt(path, minuteStart(0) + ms, 'ask');
            return below ? shown <= level * 10_000 : shown >= level * 10_000;
          };
          const found = firstCross(path, (minuteStart(0) + from) as typeof path.start, 'ask', {
            level: level * 10_000,
            when,
          });
          let expected: number | undefined;
          for (let ms = from; ms < 60_000 && expected === undefined; ms += 1) if (hit(ms)) expected = ms;
          expect(found === undefined ? undefined : found - minuteStart(0)).toBe(expected);
        },
      ),
      { ...runs, numRuns: 60 },
    );
  });

  test('prices round adversely: to cents from a dollar on, to 1/10000 below', () => {
    expect(againstUs(1_000_101, 'buy').text()).toBe('100.0200');
    expect(againstUs(1_000_199, 'sell').text()).toBe('100.0100');
    expect(againstUs(1_000_100.000_000_01, 'buy').text()).toBe('100.0100');
    expect(againstUs(5_000.2, 'buy').text()).toBe('0.5001');
    expect(againstUs(5_000.8, 'sell').text()).toBe('0.5000');
    expect(againstUs(0.2, 'sell').text()).toBe('0.0001');
  });
});

describe("the broker's file", () => {
  test('a request that cannot be written is an error, and the order does not exist', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sim-store-'));
    const path = join(folder, 'broker.db');
    const rig = await new Rig({ store: new SqliteSimStore(path) }).open();
    const other = new Database(path).exec('DROP TABLE requests');
    rig.clock.moveTo(rig.session.opensAt);
    await expect(rig.broker.submit(order('a-1', '1'))).rejects.toMatchObject({ code: 'SIM_STORE_FAILED' });
    expect(await rig.broker.orderByClientId(parseClientOrderId('a-1'))).toBeUndefined();
    other.close();
    rmSync(folder, { recursive: true });
  });

  test('a file of another program and a file that is not a database are refused', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sim-store-'));
    const code = (path: string): string => {
      try {
        new SqliteSimStore(path).close();
        return 'opened';
      } catch (error) {
        return error instanceof TradeBotError ? error.code : 'other';
      }
    };
    const other = join(folder, 'other.db');
    new Database(other).exec('CREATE TABLE t (x)').close();
    writeFileSync(
      join(folder, 'text.db'),
      'this is not a database, and it is long enough to look like one '.repeat(20),
    );
    expect(code(other)).toBe('SIM_STORE_FOREIGN');
    expect(code(join(folder, 'text.db'))).toBe('SIM_STORE_UNREADABLE');
    expect(code(join(folder, 'new', 'broker.db'))).toBe('opened');
    expect(code(join(folder, 'new', 'broker.db'))).toBe('opened');
    rmSync(folder, { recursive: true });
  });
});
