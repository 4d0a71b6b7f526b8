import { describe, expect, test } from '@jest/globals';
import { CsvFeed } from '../../../src/adapters/feed-replay/csv-feed.js';
import { LeanFeed } from '../../../src/adapters/feed-replay/lean-feed.js';
import { closedReason } from '../../../src/domain/calendar/nyse.js';
import { TradeBotError } from '../../../src/kernel/errors.js';
import { SeededRandom } from '../../../src/kernel/random.js';
import { addDays, type DateText } from '../../../src/kernel/time.js';
import { date, inFolder, minute, put, putLeanDay, SPY, zip } from '../../unit/market/support.js';

const DAY = date('2013-10-07');
const LAST = date('2013-10-04');
const SEEDS = Array.from({ length: 12 }, (_, seed) => seed);
const compact = (day: DateText): string => day.replaceAll('-', '');
const inYear = (day: DateText, year: number): DateText => date(`${year}${day.slice(4)}`);

/** The trading days from the end of August to the last one before the session. */
const DATES: readonly DateText[] = Array.from({ length: 40 }, (_, index) => addDays(date('2013-08-26'), index)).filter(
  (day) => closedReason(day) === undefined,
);

/** The feed's answer, or `refused` when it names the file and a remedy. */
function outcome<T>(read: () => T, file: RegExp): T | 'refused' {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TradeBotError)) throw error;
    expect([error.kind, error.remedy === '']).toEqual(['DataError', false]);
    expect(error.message).toMatch(file);
    return 'refused';
  }
}

type Damage = readonly [name: string, change: (rows: readonly string[], random: SeededRandom) => readonly string[]];
const oneRow =
  (change: (row: string) => string) =>
  (rows: readonly string[], random: SeededRandom): readonly string[] => {
    const place = random.integer(0, rows.length);
    return rows.map((row, index) => (index === place ? change(row) : row));
  };

const DAMAGES: readonly Damage[] = [
  ['a field too many', oneRow((row) => `${row},1`)],
  ['a field too few', oneRow((row) => row.slice(0, row.lastIndexOf(',')))],
  ['a letter in a figure', oneRow((row) => row.replace(',', ',x'))],
  ['a figure in another notation', oneRow((row) => row.replace(/,\d+/, ',0x11'))],
  ['a month that does not exist', oneRow((row) => row.replace(/^(\d{4}-?)\d\d/, '$113'))],
  ['other separators', (rows) => rows.map((row) => row.replaceAll(',', ';'))],
  ['a NUL byte', oneRow((row) => `${row.slice(0, 4)}\0${row.slice(4)}`)],
  ['a day without a figure', oneRow((row) => row.slice(0, row.indexOf(',') + 1))],
];

/** The VIX and the reference of the session, and what was counted. */
function lean(files: Readonly<Record<string, string | Uint8Array>>, tradesName = 'trade.csv') {
  return inFolder((root) => {
    putLeanDay(root, { symbol: 'SPY', day: DAY, trades: '' });
    const trades = zip(tradesName, '34200000,1000000,1000000,1000000,1000000,100\n');
    put(root, 'equity/usa/minute/spy/20131007_trade.zip', trades);
    for (const [name, content] of Object.entries(files)) put(root, name, content);
    const vix = files['vix.csv'] === undefined ? {} : { vix: { file: `${root}/vix.csv` } };
    const session = new LeanFeed({ root, symbols: [SPY], ...vix }).openSession(DAY);
    const [slice] = [...session.slices(minute(0), minute(1))];
    return { close: session.references[0]?.previousClose, vix: slice?.vix, found: session.findings() };
  });
}

const dailyFile = (rows: readonly string[], name = 'spy.csv'): Readonly<Record<string, Uint8Array>> => ({
  'equity/usa/daily/spy.zip': zip(name, `${rows.join('\n')}\n`),
});
const dailyRow = (day: DateText, index: number): string =>
  `${compact(day)} 00:00,${900_000 + index},${990_000 + index},${890_000 + index},${950_000 + index},${7_000 + index}`;
const DAILY = DATES.map(dailyRow);
const LAST_CLOSE = 950_000 + DATES.indexOf(LAST);

const vixFile = (rows: readonly string[]): Readonly<Record<string, string>> => ({
  'vix.csv': `date,close\n${rows.join('\n')}\n`,
});
const VIX = DATES.map((day, index) => `${day},${(10 + index / 100).toFixed(2)}`);
const LAST_VIX = 10 + DATES.indexOf(LAST) / 100;

const factorFile = (rows: readonly string[]): Readonly<Record<string, string | Uint8Array>> => ({
  ...dailyFile(DAILY),
  'equity/usa/factor_files/spy.csv': `${rows.join('\n')}\n`,
});
const FACTORS = ['20130920,0.9,0.5,100', '20130927,0.95,0.5,101', '20501231,1,0.5,0'];

describe('damaged references and days are refused by name (F31, F32)', () => {
  test('files without damage are read', () => {
    expect(lean({ ...factorFile(FACTORS), ...vixFile(VIX) })).toMatchObject({ close: LAST_CLOSE, vix: LAST_VIX });
    expect(minuteBars((start) => start)).toEqual({ QUOTE_DERIVED: 10 });
  });

  test.each(DAMAGES)('daily bars, split factors and VIX: %s', (name, change) => {
    for (const seed of SEEDS) {
      const random = SeededRandom.of(seed, name);
      const daily = outcome(() => lean(dailyFile(change(DAILY, random))), /spy\.zip/);
      const factors = outcome(() => lean(factorFile(change(FACTORS, random))), /spy\.csv/);
      const vix = outcome(() => lean(vixFile(change(VIX, random))), /vix\.csv/);
      expect([name, seed, daily, factors, vix]).toEqual([name, seed, 'refused', 'refused', 'refused']);
    }
  });

  test.each([-3, -2, -1, 1, 2, 3, 4, 5, 6, 7])('daily bars and minute bars shifted by %d days', (days) => {
    const daily = DATES.map((day, index) => dailyRow(addDays(day, days), index));
    expect(outcome(() => lean(dailyFile(daily)), /spy\.zip/)).toBe('refused');
    expect(minuteBars((start) => start + days * 86_400_000)).toBe('refused');
  });

  test.each([2011, 2012, 2014, 2031])('daily bars and minute bars of the year %d', (year) => {
    const daily = DATES.map((day, index) => dailyRow(inYear(day, year), index));
    expect(outcome(() => lean(dailyFile(daily)), /spy\.zip/)).toBe('refused');
    expect(minuteBars((start) => new Date(start).setUTCFullYear(year))).toBe('refused');
  });

  test.each(['20121007_spy_minute_trade.csv', '20131008_spy_minute_trade.csv', '20131007_aig_minute_trade.csv'])(
    'a zip of minutes with %s inside',
    (name) => {
      expect(outcome(() => lean({}, name), /20131007_trade\.zip/)).toBe('refused');
    },
  );

  test('a zip of daily bars of another symbol', () => {
    expect(outcome(() => lean(dailyFile(DAILY, 'aig.csv')), /spy\.zip/)).toBe('refused');
  });
});

/** The first minutes of six weeks of sessions, with other times. */
function minuteBars(time: (start: number) => number): unknown {
  const rows = [...DATES, DAY].flatMap((day) =>
    Array.from({ length: 10 }, (_, index) => {
      const start = minute(index) + Date.parse(day) - Date.parse(DAY);
      return `${new Date(time(start)).toISOString()},100,101,99,100,5000`;
    }),
  );
  return inFolder((dir) => {
    put(dir, 'SPY.csv', `timestamp,open,high,low,close,volume\n${rows.join('\n')}\n`);
    return outcome(() => new CsvFeed({ dir, symbols: [SPY] }).openSession(DAY).findings(), /SPY/);
  });
}
