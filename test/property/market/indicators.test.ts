import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Adx } from '../../../src/domain/market/indicators/adx.js';
import { Atr } from '../../../src/domain/market/indicators/atr.js';
import { Bollinger } from '../../../src/domain/market/indicators/bollinger.js';
import { Ema } from '../../../src/domain/market/indicators/ema.js';
import { OpeningRange } from '../../../src/domain/market/indicators/opening-range.js';
import { Rsi } from '../../../src/domain/market/indicators/rsi.js';
import { Sma } from '../../../src/domain/market/indicators/sma.js';
import { Vwap } from '../../../src/domain/market/indicators/vwap.js';
import { MarketView } from '../../../src/domain/market/view.js';
import { SeededRandom } from '../../../src/kernel/random.js';
import { bar, minute, OPEN, reference, slice, SPY } from '../../unit/market/support.js';

/** Each incremental indicator against the plain recomputation from its definition over all bars so far (TRD-3). */
interface Candle {
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

const candle: fc.Arbitrary<Candle> = fc
  .record({
    low: fc.integer({ min: 100, max: 5_000_000 }),
    range: fc.integer({ min: 0, max: 50_000 }),
    part: fc.integer({ min: 0, max: 1_000 }),
    volume: fc.integer({ min: 0, max: 5_000_000 }),
  })
  .map(({ low, range, part, volume }) => ({
    low,
    high: low + range,
    close: low + Math.floor((range * part) / 1_000),
    volume,
  }));
const candles = fc.array(candle, { minLength: 1, maxLength: 80 });
const period = fc.integer({ min: 1, max: 20 });

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const near = (got: number | undefined, wanted: number | undefined, scale = 1): void => {
  if (wanted === undefined) expect(got).toBeUndefined();
  else expect(Math.abs((got ?? Number.NaN) - wanted)).toBeLessThanOrEqual(1e-9 * Math.max(scale, Math.abs(wanted)));
};

function wilder(values: readonly number[], n: number): number | undefined {
  if (values.length < n) return undefined;
  return values.slice(n).reduce((last, value) => (last * (n - 1) + value) / n, mean(values.slice(0, n)));
}

function trueRanges(list: readonly Candle[]): number[] {
  return list.map(({ high, low }, index) => {
    const before = list[index - 1]?.close;
    if (before === undefined) return high - low;
    return Math.max(high - low, Math.abs(high - before), Math.abs(low - before));
  });
}

function naiveAdx(list: readonly Candle[], n: number): number | undefined {
  const steps = list.slice(1).map((now, index) => {
    const before = list[index]!;
    const [up, down] = [now.high - before.high, before.low - now.low];
    return { plus: up > down && up > 0 ? up : 0, minus: down > up && down > 0 ? down : 0 };
  });
  const smoothed = (values: readonly number[], upTo: number): number =>
    values.slice(n, upTo).reduce((last, value) => last - last / n + value, sum(values.slice(0, n)));
  const dx: number[] = [];
  for (let upTo = n; upTo <= steps.length; upTo += 1) {
    const plus = smoothed(
      steps.map((step) => step.plus),
      upTo,
    );
    const minus = smoothed(
      steps.map((step) => step.minus),
      upTo,
    );
    dx.push(plus + minus > 0 ? (100 * Math.abs(plus - minus)) / (plus + minus) : 0);
  }
  return wilder(dx, n);
}

const RUNS = { numRuns: 60 };

describe('incremental equals recomputed', () => {
  test('SMA and Bollinger', () => {
    fc.assert(
      fc.property(candles, period, (list, n) => {
        const [sma, bands] = [new Sma(n), new Bollinger(n, 2)];
        list.forEach(({ close }, index) => {
          sma.update(close);
          bands.update(close);
          const window = list.slice(Math.max(0, index + 1 - n), index + 1).map((one) => one.close);
          const middle = window.length < n ? undefined : mean(window);
          near(sma.value, middle);
          near(bands.value?.middle, middle);
          if (middle === undefined) return;
          near(bands.deviation, Math.sqrt(mean(window.map((close) => (close - middle) ** 2))), middle);
        });
      }),
      RUNS,
    );
  });

  test('EMA', () => {
    fc.assert(
      fc.property(candles, period, (list, n) => {
        const ema = new Ema(n);
        const closes = list.map(({ close }) => close);
        for (const close of closes) ema.update(close);
        const wanted =
          closes.length < n
            ? undefined
            : closes.slice(n).reduce((last, close) => (close * 2 + last * (n - 1)) / (n + 1), mean(closes.slice(0, n)));
        near(ema.value, wanted);
      }),
      RUNS,
    );
  });

  test('VWAP, ATR, RSI and ADX', () => {
    fc.assert(
      fc.property(candles, period, (list, n) => {
        const [vwap, atr, rsi, adx] = [new Vwap(), new Atr(n), new Rsi(n), new Adx(n)];
        for (const { high, low, close, volume } of list) {
          vwap.update(high, low, close, volume);
          atr.update(high, low, close);
          rsi.update(close);
          adx.update(high, low, close);
        }
        const traded = sum(list.map(({ volume }) => volume));
        const paid = sum(list.map(({ high, low, close, volume }) => ((high + low + close) / 3) * volume));
        near(vwap.value, traded > 0 ? paid / traded : undefined);
        near(atr.value, wilder(trueRanges(list), n));
        const changes = list.slice(1).map(({ close }, index) => close - (list[index]?.close ?? 0));
        const gain = wilder(
          changes.map((change) => Math.max(0, change)),
          n,
        );
        const loss = wilder(
          changes.map((change) => Math.max(0, -change)),
          n,
        );
        const moved = gain !== undefined && loss !== undefined && gain + loss > 0;
        near(rsi.value, gain === undefined ? undefined : moved ? (100 * gain) / (gain + loss) : 50, 100);
        near(adx.value, naiveAdx(list, n), 100);
      }),
      RUNS,
    );
  });

  test('opening range, and the view over the same bars', () => {
    fc.assert(
      fc.property(candles, fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 60 }), (list, from, length) => {
        const [start, end] = [minute(from), minute(from + length)];
        const opening = new OpeningRange(start, end);
        const view = new MarketView({ references: [reference()], opensAt: OPEN, closesAt: minute(390) });
        // without a share traded there is no price, and the view leaves the minute out
        const bars = list.map(({ high, low, close, volume }, index) =>
          bar(minute(index), [low, high, low, close], volume + 1),
        );
        for (const one of bars) {
          opening.update(one);
          view.apply(slice(one.start, { bars: [one] }));
        }
        const inside = bars.slice(from, from + length);
        const seen = view.of(SPY).range(start, end);
        if (inside.length === 0) {
          expect([opening.value, seen]).toEqual([undefined, undefined]);
          return;
        }
        const [high, low] = [Math.max(...inside.map((one) => one.high)), Math.min(...inside.map((one) => one.low))];
        expect(opening.value).toEqual({ high, low, bars: inside.length });
        expect(seen).toMatchObject({ high, low, bars: inside.length, volume: sum(inside.map((one) => one.volume)) });
      }),
      RUNS,
    );
  });
});

describe('no drift', () => {
  test('over 300,000 bars SMA and Bollinger equal a fresh sum over the last window to the last bit', () => {
    const random = SeededRandom.of('drift');
    const [sma, bands] = [new Sma(20), new Bollinger(20, 2)];
    const window: number[] = [];
    let price = 500_000;
    for (let index = 0; index < 300_000; index += 1) {
      price = Math.max(10_000, price + random.integer(-400, 401));
      sma.update(price);
      bands.update(price);
      window.push(price);
      if (window.length > 20) window.shift();
    }
    const fresh = new Bollinger(20, 2);
    for (const value of window) fresh.update(value);
    expect(sma.value).toBe(sum(window) / 20);
    expect(bands.deviation).toBe(fresh.deviation);
    expect(bands.value?.middle).toBeCloseTo(mean(window), 9);
  });

  test('a window wider than the exact range is still correct and becomes exact again', () => {
    const bands = new Bollinger(4, 2);
    const huge = [8_000_000_000, 100_000_000, 8_000_000_000, 100_000_000, 7_000_000_000];
    for (const value of huge) bands.update(value);
    const window = huge.slice(1);
    near(bands.deviation, Math.sqrt(mean(window.map((value) => (value - mean(window)) ** 2))));
    for (const value of [500, 501, 502, 503]) bands.update(value);
    expect(bands.value?.middle).toBe(501.5);
    expect(bands.deviation).toBe(Math.sqrt(1.25));
  });
});
