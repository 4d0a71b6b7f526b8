import { describe, expect, test } from '@jest/globals';
import { MarketView } from '../../../src/domain/market/view.js';
import { bar, CLOSE, errorOf, minute, OPEN, quote, reference, slice, SPY, symbol } from './support.js';

const AIG = symbol('AIG');
const fresh = (): MarketView =>
  new MarketView({ references: [reference(SPY), reference(AIG)], opensAt: OPEN, closesAt: CLOSE });

describe('MarketView', () => {
  test('it knows nothing before the first minute', () => {
    const view = fresh();
    expect(view.now).toBe(OPEN);
    expect(view.symbols).toEqual([SPY, AIG]);
    const spy = view.of(SPY);
    expect([spy.lastPrice, spy.bid, spy.vwap, spy.adx, spy.bollinger, spy.sma(1), spy.sessionHigh]).toEqual(
      Array.from({ length: 7 }, () => undefined),
    );
    expect(spy.range(OPEN, CLOSE)).toBeUndefined();
    expect([spy.barCount, spy.volume, spy.halted]).toEqual([0, 0, false]);
  });

  test('it shows ended minutes and keeps symbols apart', () => {
    const view = fresh();
    view.apply(
      slice(OPEN, {
        bars: [bar(OPEN, [100, 120, 90, 110], 300)],
        quotes: [quote(OPEN, 109, 111), quote(OPEN, 49, 51, AIG)],
        vix: 17.5,
      }),
    );
    view.apply(slice(minute(1), { bars: [bar(minute(1), [111, 130, 105, 125], 200)] }));
    const spy = view.of(SPY);
    expect(view.now).toBe(minute(2));
    expect(view.vix).toBe(17.5);
    expect([spy.lastPrice, spy.bid, spy.ask, spy.lastBarEnd]).toEqual([125, 109, 111, minute(2)]);
    expect([spy.sessionOpen, spy.sessionHigh, spy.sessionLow, spy.volume, spy.barCount]).toEqual([
      100, 130, 90, 500, 2,
    ]);
    expect(spy.vwap).toBeCloseTo((320 * 300 + 360 * 200) / 3 / 500, 12);
    expect(spy.closes(5)).toEqual([110, 125]);
    expect(spy.sma(2)).toBe(117.5);
    expect(view.of(AIG).lastPrice).toBeUndefined();
    expect(view.of(AIG).ask).toBe(51);
  });

  test('range covers bars that start in [from, to), also across missing minutes', () => {
    const view = fresh();
    for (const index of [0, 1, 3, 4]) {
      const start = minute(index);
      view.apply(slice(start, { bars: [bar(start, [100 + index, 110 + index, 90 - index, 105 + index], 10)] }));
    }
    const spy = view.of(SPY);
    expect(spy.range(minute(1), minute(4))).toEqual({ open: 101, high: 113, low: 87, close: 108, volume: 20, bars: 2 });
    expect(spy.range(minute(2), minute(3))).toBeUndefined();
    expect(spy.range(OPEN, CLOSE)?.bars).toBe(4);
  });

  test('a minute in which nobody traded changes no figure; only that the feed reported it', () => {
    const traded = (view: MarketView, index: number): void =>
      view.apply(slice(minute(index), { bars: [bar(minute(index), [100, 110, 90, 105 + index], 10)] }));
    const [silent, gaps] = [fresh(), fresh()];
    for (let index = 0; index < 40; index += 1) {
      if (index % 3 === 0) {
        const nobody = bar(minute(index), [500, 900, 1, 500], 0);
        silent.apply(slice(minute(index), { bars: [nobody] }));
        gaps.apply(slice(minute(index)));
      } else [silent, gaps].forEach((view) => traded(view, index));
    }
    const figures = (view: MarketView): unknown => {
      const { lastReportEnd: _, ...all } = view.of(SPY);
      const { vwap, adx, atr, rsi, bollinger, lastPrice } = view.of(SPY);
      const range = view.of(SPY).range(OPEN, CLOSE);
      return { ...all, vwap, adx, atr, rsi, bollinger, lastPrice, range, closes: view.of(SPY).closes(99) };
    };
    expect(figures(silent)).toEqual(figures(gaps));
    expect([silent.of(SPY).lastBarEnd, silent.of(SPY).lastReportEnd]).toEqual([minute(39), minute(40)]);
    expect(gaps.of(SPY).lastReportEnd).toBe(minute(39));
  });

  test('a halt applies to its minutes only', () => {
    const view = fresh();
    view.apply(slice(OPEN, { halted: [AIG] }));
    expect([view.of(SPY).halted, view.of(AIG).halted]).toEqual([false, true]);
    view.apply(slice(minute(1)));
    expect(view.of(AIG).halted).toBe(false);
  });

  test('a VIX remains known when a minute has none', () => {
    const view = fresh();
    view.apply(slice(OPEN, { vix: 20 }));
    view.apply(slice(minute(1)));
    expect(view.vix).toBe(20);
  });

  test('it holds more than a day of bars', () => {
    const view = fresh();
    for (let index = 0; index < 2_000; index += 1) {
      const start = minute(index);
      view.apply(slice(start, { bars: [bar(start, [100, 100, 100, 100 + (index % 7)], 1)] }));
    }
    const spy = view.of(SPY);
    expect(spy.barCount).toBe(2_000);
    expect(spy.range(minute(1_990), minute(2_000))?.bars).toBe(10);
    expect(spy.closes(3)).toEqual([100 + (1_997 % 7), 100 + (1_998 % 7), 100 + (1_999 % 7)]);
  });

  test.each([
    ['a minute twice', (view: MarketView) => view.apply(slice(OPEN)), 'SLICE_OUT_OF_ORDER'],
    ['a symbol that is not of the session', (view: MarketView) => view.of(symbol('IBM')), 'UNKNOWN_SYMBOL'],
    ['an average over no bars', (view: MarketView) => view.of(SPY).sma(0), 'BAD_PERIOD'],
  ])('it refuses %s', (_, misuse, code) => {
    const view = fresh();
    view.apply(slice(OPEN));
    expect(errorOf(() => misuse(view)).code).toBe(code);
  });
});
