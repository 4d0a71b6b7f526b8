import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CsvFeed } from '../../../src/adapters/feed-replay/csv-feed.js';
import { parseSymbol } from '../../../src/events/names.js';
import { parseDateText, type DateText } from '../../../src/kernel/time.js';

/** Monday, 09:30 to 16:00 in New York, 13:30 to 20:00 UTC; the open strategy enters from 13:50 to 14:00. */
export const MADE_DAY: DateText = parseDateText('2013-10-07');

/** Open, high, low, close and volume of a minute as they stand in a file. */
export type MadeMinute = readonly [open: string, high: string, low: string, close: string, volume: number];

/** From this minute of the day on, by `hh:mm` UTC, each minute is like this one until the next that is named. */
export type MadeMinutes = Readonly<Record<string, MadeMinute>>;

/** Quiet around 100 until 13:50. */
export const QUIET: MadeMinutes = { '13:30': ['100.05', '100.07', '99.93', '99.95', 50_000] };

/** Breaks out of its opening range upwards at 13:50. */
export const BREAKOUT: MadeMinutes = {
  ...QUIET,
  '13:50': ['100.00', '100.80', '100.00', '100.80', 50_000],
  '13:51': ['100.80', '100.85', '100.75', '100.80', 50_000],
};

const OPENS = Date.parse('2013-10-07T13:30:00Z');
const MINUTES = 390;

/** Plays with a feed of CSV files that have these minutes, on MADE_DAY. */
export async function withMadeFeed<T>(
  symbols: Readonly<Record<string, MadeMinutes>>,
  play: (feed: CsvFeed) => Promise<T>,
): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'made-minutes-'));
  try {
    for (const [symbol, minutes] of Object.entries(symbols)) writeFileSync(join(dir, `${symbol}.csv`), csvOf(minutes));
    return await play(new CsvFeed({ dir, symbols: Object.keys(symbols).map(parseSymbol) }));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function csvOf(minutes: MadeMinutes): string {
  const lines = ['timestamp,open,high,low,close,volume'];
  let current: MadeMinute = ['1', '1', '1', '1', 1];
  for (let minute = 0; minute < MINUTES; minute += 1) {
    const start = new Date(OPENS + minute * 60_000).toISOString();
    current = minutes[start.slice(11, 16)] ?? current;
    lines.push([start, ...current].join(','));
  }
  return `${lines.join('\n')}\n`;
}
