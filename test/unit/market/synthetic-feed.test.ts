import { describe, expect, test } from '@jest/globals';
import type { SyntheticDay } from '../../../src/adapters/feed-synthetic/synthetic-day.js';
import { SyntheticFeed } from '../../../src/adapters/feed-synthetic/synthetic-feed.js';
import { sessionOf } from '../../../src/domain/calendar/nyse.js';
import { tradingDays } from '../../support/trading-days.js';
import type { Bar, MarketSlice } from '../../../src/domain/market/types.js';
import { epochMs, MINUTE_MS, plusMs, type DateText } from '../../../src/kernel/time.js';
import { at, date, errorOf, symbol } from './support.js';

const DAY = date('2026-11-20');
const DAYS = tradingDays(date('2026-11-02'), date('2026-11-20'));

function session(seed: number, day: DateText, feed = new SyntheticFeed({ seed })) {
  const hours = sessionOf(day);
  if (hours === undefined) throw new Error(`${day} is no trading day`);
  const opened = feed.openSession(day);
  return { opened, slices: [...opened.slices(hours.opensAt, hours.closesAt)] };
}

function barsOf(slices: readonly MarketSlice[], name: string): Bar[] {
  return slices.flatMap(({ bars }) => bars.filter((bar) => bar.symbol === name));
}

function firstVix(feed: SyntheticFeed, day: DateText): number {
  const opensAt = sessionOf(day)?.opensAt ?? epochMs(0);
  const [first] = [...feed.openSession(day).slices(opensAt, plusMs(opensAt, MINUTE_MS))];
  return first?.vix ?? Number.NaN;
}

const mean = (figures: readonly number[]): number => figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
const range = ({ high, low, close }: Bar): number => (high - low) / close;

describe('the synthetic market', () => {
  test('it is the same for the same seed, whatever was read before, and differs for another', () => {
    const used = new SyntheticFeed({ seed: 7 });
    for (const day of DAYS.slice(0, 3)) used.openSession(day);
    expect(session(7, DAY, used).slices).toEqual(session(7, DAY).slices);
    expect(session(7, DAY).opened.description).toEqual(session(7, DAY, used).opened.description);
    expect(session(8, DAY).slices).not.toEqual(session(7, DAY).slices);
    expect(session(8, DAY).opened.description.sha256).not.toBe(session(7, DAY).opened.description.sha256);
  });

  test('feeds that share their days trade as each does alone', () => {
    const days = new Map<string, SyntheticDay>();
    const shared = (seed: number) => session(seed, DAY, new SyntheticFeed({ seed, days })).slices;
    const alone = (seed: number) => session(seed, DAY).slices;
    // texts: jest would take minutes to show how two whole days differ
    const same = [7, 8, 7].map((seed) => JSON.stringify(shared(seed)) === JSON.stringify(alone(seed)));
    expect(same).toEqual([true, true, true]);
  });

  test('a symbol trades the same alone and among others', () => {
    const alone = session(7, DAY, new SyntheticFeed({ seed: 7, symbols: [symbol('TLRX')] }));
    expect(barsOf(alone.slices, 'TLRX')).toEqual(barsOf(session(7, DAY).slices, 'TLRX'));
  });

  test('it follows from the previous day: its references are what that day traded', () => {
    const feed = new SyntheticFeed({ seed: 7 });
    for (const [index, day] of DAYS.entries()) {
      const before = DAYS[index - 1];
      if (before === undefined) continue;
      const traded = session(7, before, feed).slices;
      for (const { symbol: name, previousClose, previousVolume } of feed.openSession(day).references) {
        const bars = barsOf(traded, name);
        expect(bars.at(-1)?.close).toBe(previousClose);
        expect(bars.reduce((sum, { volume }) => sum + volume, 0)).toBe(previousVolume);
      }
    }
  });

  test('it makes valid bars and quotes in whole cents, never crossed', () => {
    for (const day of DAYS.slice(0, 5)) {
      const { slices } = session(3, day);
      expect(slices).toHaveLength(390);
      for (const { start, bars, quotes } of slices) {
        const sound = bars.every(
          ({ open, high, low, close, volume, start: at }) =>
            at === start && low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close) && volume > 0,
        );
        const whole = bars.every(({ open, high, low, close }) =>
          [open, high, low, close].every((at) => at % 100 === 0),
        );
        const open = quotes.every(
          ({ bid, ask }) => bid.open < ask.open && bid.close < ask.close && bid.high < ask.high,
        );
        expect([sound, whole, open]).toEqual([true, true, true]);
      }
    }
  });

  test('volume and volatility peak at both ends of the day, and spreads are wide at the open', () => {
    const days = DAYS.map((day) => session(7, day).slices);
    const part = (from: number, to: number) => days.flatMap((slices) => barsOf(slices.slice(from, to), 'HMGR'));
    const [early, noon, late] = [part(1, 31), part(180, 240), part(359, 389)];
    const volume = (bars: readonly Bar[]) => mean(bars.map((bar) => bar.volume));
    const movement = (bars: readonly Bar[]) => mean(bars.map(range));
    expect(volume(early)).toBeGreaterThan(2 * volume(noon));
    expect(volume(late)).toBeGreaterThan(2 * volume(noon));
    expect(movement(early)).toBeGreaterThan(1.5 * movement(noon));
    expect(movement(late)).toBeGreaterThan(1.1 * movement(noon));
    const spread = (at: number) =>
      mean(
        days
          .map((slices) => slices[at]?.quotes.find((quote) => quote.symbol === 'HMGR'))
          .map((quote) => (quote?.ask.close ?? 0) - (quote?.bid.close ?? 0)),
      );
    expect(spread(0)).toBeGreaterThan(2 * spread(200));
  });

  test('it gaps overnight, misses minutes in the thin share, and halts one share for some minutes on some days', () => {
    const days = DAYS.map((day) => session(7, day));
    const gaps = days.map(({ opened, slices }) => {
      const close = opened.references.find((known) => known.symbol === 'ZYNK')?.previousClose ?? 0;
      return Math.abs((barsOf(slices, 'ZYNK')[0]?.open ?? 0) / close - 1);
    });
    expect(Math.max(...gaps)).toBeGreaterThan(0.01);
    expect(days.every(({ slices }) => barsOf(slices, 'PDLX').length < 380)).toBe(true);
    expect(days.every(({ slices }) => barsOf(slices, 'HMGR').length === 390)).toBe(true);
    const halts = days.map(({ slices }) => slices.filter(({ halted }) => halted.length > 0));
    const lengths = halts.map((minutes) => minutes.length).filter((length) => length > 0);
    expect(lengths.length).toBeGreaterThan(0);
    expect(lengths.length).toBeLessThan(DAYS.length);
    expect(lengths.every((length) => length >= 5 && length <= 10)).toBe(true);
    const inHalt = halts
      .flat()
      .every(({ halted, bars, quotes }) => [...bars, ...quotes].every((row) => !halted.includes(row.symbol)));
    expect(inHalt).toBe(true);
  });

  test('its VIX moves between 12 and 28 with persistence', () => {
    const feed = new SyntheticFeed({ seed: 7, symbols: [symbol('SIMX')] });
    const year = tradingDays(date('2025-01-02'), date('2025-12-31')).filter((_, index) => index % 5 === 0);
    const known = year.map((day) => firstVix(feed, day));
    expect(Math.min(...known)).toBeGreaterThanOrEqual(12);
    expect(Math.max(...known)).toBeLessThanOrEqual(28);
    expect(Math.max(...known) - Math.min(...known)).toBeGreaterThan(5);
    const steps = known.slice(1).map((figure, index) => Math.abs(figure - (known[index] ?? 0)));
    expect(mean(steps)).toBeLessThan(4);
  });

  test('its market caps are mostly between 0.3 and 10 billion dollars', () => {
    const caps = session(7, DAY).opened.references.map(({ marketCap }) => marketCap ?? 0);
    expect(caps.filter((cap) => cap >= 3e8 && cap <= 1e10).length).toBeGreaterThanOrEqual(caps.length - 1);
  });

  test('it keeps the hours of a half day, and treats a day on which the exchange is closed as an ordinary one', () => {
    const half = date('2026-11-27');
    expect(session(7, half).slices).toHaveLength(210);
    expect(barsOf(session(7, half).slices, 'SIMX')).toHaveLength(210);
    const sunday = new SyntheticFeed({ seed: 7 }).openSession(date('2026-11-22'));
    const slices = [...sunday.slices(at('2026-11-22T14:30:00Z'), at('2026-11-22T21:00:00Z'))];
    expect(barsOf(slices, 'SIMX')).toHaveLength(390);
  });

  test.each([
    ['a seed that is no whole number', () => new SyntheticFeed({ seed: 1.5 }), 'BAD_SEED'],
    ['an unknown symbol', () => new SyntheticFeed({ seed: 1, symbols: [symbol('SPY')] }), 'UNKNOWN_SYNTHETIC_SYMBOL'],
  ])('it refuses %s', (_, make, code) => {
    expect(errorOf(make).code).toBe(code);
  });
});
