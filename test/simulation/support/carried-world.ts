import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CsvFeed } from '../../../src/adapters/feed-replay/csv-feed.js';
import { parseStrategyName, parseSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { MINUTE_MS, parseDateText, plusMs, type DateText } from '../../../src/kernel/time.js';
import type { Strategy } from '../../../src/strategies/strategy.js';
import type { PlainBar } from '../../support/plain-days.js';

/** A minute of trades, in minutes after 13:30 UTC and cents. */
export interface MinuteBar {
  readonly date: string;
  readonly minute: number;
  readonly open: number;
  readonly close: number;
  readonly volume: number;
}

const dollars = (cents: number): string => (cents / 100).toFixed(2);
const instant = (date: string, minute: number): string =>
  new Date(Date.parse(`${date}T13:30:00Z`) + minute * 60_000).toISOString();

const folders: string[] = [];

/** A replay feed over these bars. */
export function feedOf(bars: Readonly<Record<string, readonly MinuteBar[]>>): CsvFeed {
  const dir = mkdtempSync(join(tmpdir(), 'carried-'));
  folders.push(dir);
  for (const [symbol, rows] of Object.entries(bars)) {
    const lines = rows.map(({ date, minute, open, close, volume }) =>
      [
        instant(date, minute),
        ...[open, Math.max(open, close) + 2, Math.min(open, close) - 2, close].map(dollars),
        volume,
      ].join(','),
    );
    writeFileSync(join(dir, `${symbol}.csv`), `timestamp,open,high,low,close,volume\n${lines.join('\n')}\n`);
  }
  return new CsvFeed({ dir, symbols: Object.keys(bars).map(parseSymbol) });
}

/** Deletes the folders of all feeds. */
export function removeFeeds(): void {
  for (const dir of folders.splice(0)) rmSync(dir, { recursive: true });
}

/** The same bars for the independent program. */
export function plainBars(bars: Readonly<Record<string, readonly MinuteBar[]>>): readonly PlainBar[] {
  return Object.entries(bars).flatMap(([symbol, rows]) =>
    rows.map(({ date, minute, close }) => ({
      symbol,
      end: instant(date, minute + 1),
      close: BigInt(close) * 100n,
    })),
  );
}

/** Enters every symbol in its first minutes, long or short by the parity of the price, and holds it until minute 40. */
export const EVERY_SYMBOL: Strategy = {
  name: parseStrategyName('every-symbol'),
  filters: [],
  enabled: () => true,
  shortType: () => 'ShortSell',
  trailFraction: () => Decimal.parse('0.03'),
  window: ({ opensAt }) => {
    const at = (minutes: number) => plusMs(opensAt, minutes * MINUTE_MS);
    return { analysisFrom: at(1), breakoutFrom: at(3), monitoringFrom: at(20), endsAt: at(40) };
  },
  selfCheck: () => [],
  analyze: (market) => ({
    candidates: market.symbols.map((symbol, index) => ({ symbol, rank: index + 1, fitness: Decimal.ONE, figures: {} })),
    screenedOut: [],
  }),
  signal: (symbol, market) => {
    const { lastPrice, lastBarEnd } = market.of(symbol);
    if (lastPrice === undefined || lastBarEnd !== market.now) {
      return { fired: false, reason: { code: 'NO_DATA', figures: {} } };
    }
    const side = (lastPrice / 100) % 2 === 0 ? 'long' : 'short';
    return { fired: true, signal: { symbol, side, rule: 'EVERY_SYMBOL', price: lastPrice, figures: {} } };
  },
  approach: () => undefined,
  manage: () => undefined,
};

/** Five sessions with a weekend between the fourth and the fifth; the first is for the bars before. */
export const DATES: readonly DateText[] = ['2013-10-07', '2013-10-08', '2013-10-09', '2013-10-11', '2013-10-14'].map(
  parseDateText,
);
