import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import {
  cleanBars,
  cleanQuotes,
  deriveQuotes,
  Findings,
  QUALITY_RULES,
  roundHalfEven,
  type RawBar,
  type RawQuote,
} from '../../../src/domain/market/quality.js';
import { bar, CLOSE, minute, OPEN, SPY } from './support.js';

const row = (over: Partial<RawBar> = {}): RawBar => ({
  start: OPEN,
  open: 100_000,
  high: 101_000,
  low: 99_000,
  close: 100_500,
  volume: 10,
  ...over,
});
const side = (at: number, size = 100) => ({ open: at, high: at + 20, low: at - 20, close: at, size });
const pair = (over: Partial<RawQuote> = {}): RawQuote => ({
  start: OPEN,
  bid: side(100_000),
  ask: side(100_100),
  ...over,
});

function bars(...rows: readonly RawBar[]) {
  const findings = new Findings();
  return { bars: cleanBars(rows, { symbol: SPY, from: OPEN, to: CLOSE, findings }), found: findings.toRecord() };
}

function quotes(...rows: readonly RawQuote[]) {
  const findings = new Findings();
  return { quotes: cleanQuotes(rows, { symbol: SPY, from: OPEN, to: CLOSE, findings }), found: findings.toRecord() };
}

describe('bars (TRD-2)', () => {
  test('valid bars pass unchanged and nothing is counted', () => {
    expect(bars(row(), row({ start: minute(1) }))).toEqual({
      bars: [
        bar(OPEN, [100_000, 101_000, 99_000, 100_500], 10),
        bar(minute(1), [100_000, 101_000, 99_000, 100_500], 10),
      ],
      found: {},
    });
  });

  test.each<[string, Partial<RawBar>]>([
    ['BAR_OUTSIDE_DAY', { start: CLOSE }],
    ['BAR_OUTSIDE_DAY', { start: Number.NaN }],
    ['BAR_BAD_PRICE', { low: 0 }],
    ['BAR_BAD_PRICE', { close: -5 }],
    ['BAR_BAD_PRICE', { open: Number.NaN }],
    ['BAR_BAD_PRICE', { high: 1e300 }],
    ['BAR_BAD_VOLUME', { volume: -1 }],
    ['BAR_BAD_VOLUME', { volume: 1e15 }],
    ['BAR_BAD_VOLUME', { volume: Number.NaN }],
    ['BAR_OUTSIDE_RANGE', { close: 102_000 }],
    ['BAR_OUTSIDE_RANGE', { open: 98_000 }],
  ])('%s drops the bar', (rule, over) => {
    expect(bars(row(over))).toEqual({ bars: [], found: { [rule]: 1 } });
  });

  test('BAR_DUPLICATE keeps the first', () => {
    const { bars: kept, found } = bars(row(), row({ close: 100_900 }));
    expect(kept.map(({ close }) => close)).toEqual([100_500]);
    expect(found).toEqual({ BAR_DUPLICATE: 1 });
  });

  test('an invalid bar does not replace a valid one', () => {
    const { bars: kept, found } = bars(row({ low: 0 }), row());
    expect(kept).toHaveLength(1);
    expect(found).toEqual({ BAR_BAD_PRICE: 1 });
  });

  test('BAR_OUT_OF_ORDER is sorted', () => {
    const { bars: kept, found } = bars(row({ start: minute(2) }), row({ start: minute(1) }), row({ start: minute(3) }));
    expect(kept.map(({ start }) => start)).toEqual([minute(1), minute(2), minute(3)]);
    expect(found).toEqual({ BAR_OUT_OF_ORDER: 1 });
  });

  test('BAR_OFF_MINUTE moves to the start of its minute', () => {
    const { bars: kept, found } = bars(row({ start: OPEN + 30_000 }));
    expect(kept[0]?.start).toBe(OPEN);
    expect(found).toEqual({ BAR_OFF_MINUTE: 1 });
  });

  test('BAR_HIGH_BELOW_LOW swaps the two', () => {
    const { bars: kept, found } = bars(row({ high: 99_000, low: 101_000 }));
    expect(kept[0]).toMatchObject({ high: 101_000, low: 99_000 });
    expect(found).toEqual({ BAR_HIGH_BELOW_LOW: 1 });
  });

  test('fractions round half to even, and are counted', () => {
    const { bars: kept, found } = bars(row({ close: 100_500.5, open: 100_501.5, volume: 2.5 }));
    expect(kept[0]).toMatchObject({ close: 100_500, open: 100_502, volume: 2 });
    expect(found).toEqual({ PRICE_ROUNDED: 1, VOLUME_ROUNDED: 1 });
    expect([0.5, 1.5, 2.5, 2.51, 3].map(roundHalfEven)).toEqual([0, 2, 2, 3, 3]);
  });

  test('a spike and a bar without volume are kept and counted', () => {
    const spike = { open: 130_000, high: 130_000, low: 130_000, close: 130_000 };
    const { bars: kept, found } = bars(row({ volume: 0 }), row({ start: minute(1), ...spike }));
    expect(kept).toHaveLength(2);
    expect(found).toEqual({ BAR_SPIKE: 1, BAR_WITHOUT_VOLUME: 1 });
  });
});

describe('quotes (TRD-2)', () => {
  test.each<[string, Partial<RawQuote>]>([
    ['QUOTE_OUTSIDE_DAY', { start: OPEN - 1 }],
    ['QUOTE_ONE_SIDED', { bid: { ...side(100_000), open: 0 } }],
    ['QUOTE_ONE_SIDED', { ask: { ...side(100_100), close: Number.NaN } }],
    ['QUOTE_BAD_FIGURE', { ask: { ...side(100_100), close: -1 } }],
    ['QUOTE_BAD_FIGURE', { bid: side(100_000, -3) }],
    ['QUOTE_OUTSIDE_RANGE', { bid: { ...side(100_000), close: 100_050 } }],
  ])('%s drops the quote', (rule, over) => {
    expect(quotes(pair(over))).toEqual({ quotes: [], found: { [rule]: 1 } });
  });

  test('QUOTE_CROSSED: where the bid is above the ask, the two are swapped', () => {
    const { quotes: kept, found } = quotes(pair({ bid: side(100_110) }));
    expect(kept[0]?.bid).toEqual({ open: 100_100, high: 100_120, low: 100_080, close: 100_100 });
    expect(kept[0]?.ask).toEqual({ open: 100_110, high: 100_130, low: 100_090, close: 100_110 });
    expect(found).toEqual({ QUOTE_CROSSED: 1 });
  });

  test('a locked market is no fault; a wide one is kept and counted', () => {
    expect(quotes(pair({ bid: side(100_100) })).found).toEqual({});
    expect(quotes(pair({ bid: side(50_000) })).found).toEqual({ QUOTE_WIDE: 1 });
  });

  test('a derived quote is half a cent or one basis point off to each side', () => {
    const spread = (at: number) => {
      const [quote] = deriveQuotes([bar(OPEN, [at, at, at, at])], new Findings());
      return [at - (quote?.bid.close ?? 0), (quote?.ask.close ?? 0) - at];
    };
    expect(spread(1_674_400)).toEqual([167, 167]);
    expect(spread(100_000)).toEqual([50, 50]);
    expect(spread(5_000)).toEqual([25, 25]);
    expect(spread(1)).toEqual([0, 1]);
  });

  test('no quote is derived from a minute in which nobody traded', () => {
    const findings = new Findings();
    const traded = bar(OPEN, [10, 10, 10, 10]);
    const silent = { ...bar(minute(1), [10, 10, 10, 10]), volume: 0 };
    expect(deriveQuotes([traded, silent], findings).map(({ start }) => start)).toEqual([OPEN]);
    expect(findings.toRecord()).toEqual({ QUOTE_DERIVED: 1 });
  });
});

test('the README documents every rule with its treatment', () => {
  const readme = readFileSync(new URL('../../../src/domain/market/README.md', import.meta.url), 'utf8');
  for (const [rule, { treatment }] of Object.entries(QUALITY_RULES)) {
    expect(readme).toMatch(new RegExp(`\\| ${rule} +\\| ${treatment} +\\|`));
  }
});
