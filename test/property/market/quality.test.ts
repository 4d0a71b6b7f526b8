import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cleanBars, cleanQuotes, Findings, QUALITY_RULES } from '../../../src/domain/market/quality.js';
import { CLOSE, OPEN, SPY } from '../../unit/market/support.js';

const wild = fc.oneof(
  fc.integer({ min: -10, max: 200_000 }),
  fc.constantFrom(0, Number.NaN, 1e300, 0.25, 99_999.5, Number.MAX_SAFE_INTEGER),
);
const start = fc.oneof(
  fc.integer({ min: 0, max: 20 }).map((index) => OPEN + index * 60_000),
  fc.constantFrom(OPEN - 1, OPEN + 30_000, CLOSE, Number.NaN, 0),
);
const rawBar = fc.record({ start, open: wild, high: wild, low: wild, close: wild, volume: wild });
const side = fc.record({ open: wild, high: wild, low: wild, close: wild, size: wild });

const ordered = (rows: readonly { readonly start: number }[]): boolean =>
  rows.every((row, index) => row.start % 60_000 === 0 && (index === 0 || row.start > (rows[index - 1]?.start ?? 0)));

/** Rows that a rule dropped, or kept: every row that went in is accounted for. */
function dropped(found: Readonly<Record<string, number>>): number {
  return Object.entries(found).reduce(
    (sum, [rule, count]) => sum + (QUALITY_RULES[rule as keyof typeof QUALITY_RULES].treatment === 'drop' ? count : 0),
    0,
  );
}

test('any bars: valid ones pass in order, one a minute, and every dropped one is counted', () => {
  fc.assert(
    fc.property(fc.array(rawBar, { maxLength: 40 }), (rows) => {
      const findings = new Findings();
      const bars = cleanBars(rows, { symbol: SPY, from: OPEN, to: CLOSE, findings });
      expect(ordered(bars)).toBe(true);
      for (const { open, high, low, close, volume } of bars) {
        expect([open, high, low, close, volume].every(Number.isSafeInteger)).toBe(true);
        expect(low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close) && volume >= 0).toBe(true);
      }
      expect(bars.length + dropped(findings.toRecord())).toBe(rows.length);
    }),
  );
});

test('any quotes: none passes crossed or one-sided, and every dropped one is counted', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ start, bid: side, ask: side }), { maxLength: 40 }), (rows) => {
      const findings = new Findings();
      const quotes = cleanQuotes(rows, { symbol: SPY, from: OPEN, to: CLOSE, findings });
      expect(ordered(quotes)).toBe(true);
      for (const { bid, ask, bidSize, askSize } of quotes) {
        expect(bid.open <= ask.open && bid.high <= ask.high && bid.low <= ask.low && bid.close <= ask.close).toBe(true);
        expect(bid.low > 0 && bid.low <= bid.close && bid.close <= bid.high && bidSize >= 0 && askSize >= 0).toBe(true);
      }
      expect(quotes.length + dropped(findings.toRecord())).toBe(rows.length);
    }),
  );
});
