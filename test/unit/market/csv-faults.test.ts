import { mkdirSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { CsvFeed } from '../../../src/adapters/feed-replay/csv-feed.js';
import { CLOSE, date, errorOf, inFolder, minute, OPEN, put, SPY, symbol } from './support.js';

const DAY = date('2013-10-07');
const HEADER = 'timestamp,open,high,low,close,volume\n';
const iso = (ms: number): string => new Date(ms).toISOString();

/** Rows of `count` bars, `step` milliseconds apart. */
const rowsFrom = (from: number, count: number, step = 60_000): string =>
  Array.from({ length: count }, (_, index) => `${iso(from + index * step)},100,101,99,100.5,500\n`).join('');

function open(csv: string | Uint8Array, day = DAY) {
  return inFolder((dir) => {
    put(dir, 'SPY.csv', csv);
    return new CsvFeed({ dir, symbols: [SPY] }).openSession(day);
  });
}

/** Bars with a column for the name of the share. */
const ofShares = (named: (index: number) => string): string =>
  `ticker,${HEADER}${rowsFrom(OPEN, 8)
    .trimEnd()
    .split('\n')
    .map((row, index) => `${named(index)},${row}\n`)
    .join('')}`;

const barsOf = (session: ReturnType<typeof open>): number =>
  [...session.slices(OPEN, CLOSE)].reduce((sum, { bars }) => sum + bars.length, 0);

const WEEK = HEADER + rowsFrom(OPEN - 3 * 86_400_000, 8) + rowsFrom(OPEN, 8);

test.each(['SPY', 'spy', 'NYSE:SPY', 'SPY.US', 'SPY US Equity'])('a file may name its share %s', (named) => {
  expect(barsOf(open(ofShares(() => named)))).toBe(8);
});

test('a share that is traded from the second minute to the last is no shifted file', () => {
  expect(barsOf(open(`${HEADER}${rowsFrom(OPEN + 60_000, 389)}`))).toBe(389);
  expect(barsOf(open(`${HEADER}${rowsFrom(OPEN + 60_000, 200)}${rowsFrom(OPEN + 350 * 60_000, 41)}`))).toBe(240);
});

describe('a file of bars is what its header says, or it is refused with its line', () => {
  test.each<[string, string, string, RegExp]>([
    [
      'thousands separators make a row longer than the header (case trading/01)',
      `${HEADER}2013-10-04T13:30:00Z,100.05,100.07,99.93,99.95,1,234,567\n`,
      'DATA_ROW_UNREADABLE',
      /line 2 of .*SPY\.csv has 8 fields, line 1 has 6/,
    ],
    [
      'decimal commas make a row longer than the header (case trading/01)',
      `${HEADER}${rowsFrom(OPEN, 1)}2013-10-07T13:31:00Z,100,05,100,07,99,93,99,95,5000\n`,
      'DATA_ROW_UNREADABLE',
      /line 3 of .* has 10 fields, line 1 has 6.*decimal point/,
    ],
    [
      'a row that is cut off has too few fields',
      `${HEADER}${rowsFrom(OPEN, 3)}2013-10-07T13:33:00Z,100.05,100.0`,
      'DATA_ROW_UNREADABLE',
      /line 5 of .* has 3 fields, line 1 has 6.*cut off/,
    ],
    [
      'a row of nothing but commas',
      `${HEADER}${rowsFrom(OPEN, 1)},,,,,\n`,
      'DATA_ROW_UNREADABLE',
      /line 3 of .*timestamp/,
    ],
    ['a column twice', `timestamp,open,high,low,close,Close,volume\n`, 'DATA_CSV_HEADER', /the column close twice/],
    [
      'the header twice',
      `${HEADER}${rowsFrom(OPEN, 2)}${HEADER}`,
      'DATA_ROW_UNREADABLE',
      /line 4 .* repeats the header/,
    ],
    [
      'semicolons',
      `timestamp;open;high;low;close;volume\n`,
      'DATA_CSV_HEADER',
      /no column .*Separate the fields with commas/,
    ],
    [
      'a day that does not exist',
      `${HEADER}2013-02-30T14:30:00Z,1,1,1,1,1\n`,
      'DATA_ROW_UNREADABLE',
      /line 2 .*timestamp/,
    ],
    ['hour 24', `${HEADER}2013-10-07T24:00:00Z,1,1,1,1,1\n`, 'DATA_ROW_UNREADABLE', /line 2 .*timestamp/],
    ['an offset that no place has', `${HEADER}2013-10-07T13:30:00-25:00,1,1,1,1,1\n`, 'DATA_ROW_UNREADABLE', /line 2/],
    ['seconds since 1970', `${HEADER}${OPEN / 1_000},1,1,1,1,1\n`, 'DATA_ROW_UNREADABLE', /line 2/],
    ['microseconds since 1970', `${HEADER}${OPEN}000,1,1,1,1,1\n`, 'DATA_ROW_UNREADABLE', /line 2/],
    [
      'a quotation mark that stays open',
      `${HEADER}"${iso(OPEN)},1,1,1,1,1\n`,
      'DATA_ROW_UNREADABLE',
      /line 2 .*quotation/,
    ],
    [
      'a number in quotes with separators',
      `${HEADER}${iso(OPEN)},1,1,1,1,"1,234"\n`,
      'DATA_ROW_UNREADABLE',
      /a volume/,
    ],
    ['hexadecimal figures', `${HEADER}${iso(OPEN)},0x11,1,1,1,1\n`, 'DATA_ROW_UNREADABLE', /an? open/],
    [
      'a trade on a Sunday: all days are shifted, or day and month swapped',
      `${HEADER}${rowsFrom(OPEN - 86_400_000, 3)}${rowsFrom(OPEN, 3)}`,
      'DATA_ROW_UNREADABLE',
      /line 2 .* has a trade on 2013-10-06, when the exchange was closed: a weekend/,
    ],
    [
      'bars of five minutes',
      `${HEADER}${rowsFrom(OPEN, 78, 300_000)}`,
      'DATA_NOT_MINUTES',
      /5 minutes apart, not minute bars/,
    ],
    ['bars of a day', `${HEADER}${rowsFrom(OPEN, 5, 86_400_000)}`, 'DATA_NOT_MINUTES', /rows that are a day apart/],
    ['bars of an hour', `${HEADER}${rowsFrom(OPEN, 7, 3_600_000)}`, 'DATA_NOT_MINUTES', /60 minutes apart/],
    [
      'bars of 20 seconds (case trading/16)',
      `${HEADER}${rowsFrom(OPEN, 195, 20_000)}`,
      'DATA_NOT_MINUTES',
      /20 seconds apart/,
    ],
    [
      'one day of five-minute bars among days of minutes',
      `${HEADER}${rowsFrom(OPEN - 3 * 86_400_000, 390)}${rowsFrom(OPEN, 78, 300_000)}`,
      'DATA_NOT_MINUTES',
      /5 minutes apart/,
    ],
    [
      'the local time of New York with a Z',
      `${HEADER}${rowsFrom(OPEN - 4 * 3_600_000, 390)}`,
      'DATA_TIMES_SHIFTED',
      /09:30Z to 16:00Z on 2013-10-07, the session is from 13:30Z to 20:00Z: its times are off by 4 hours/,
    ],
    ['winter time in summer', `${HEADER}${rowsFrom(OPEN + 3_600_000, 390)}`, 'DATA_TIMES_SHIFTED', /off by 1 hours/],
    [
      'the time of a zone with a half hour (India)',
      `${HEADER}${rowsFrom(OPEN + 5.5 * 3_600_000, 390)}`,
      'DATA_TIMES_SHIFTED',
      /off by 5.5 hours/,
    ],
    [
      'the end of each minute in place of its start',
      `${HEADER}${rowsFrom(OPEN + 60_000, 390)}`,
      'DATA_TIMES_SHIFTED',
      /off by a minute/,
    ],
    [
      'an earlier day that is shifted',
      `${HEADER}${rowsFrom(OPEN - 3 * 86_400_000 + 3_600_000, 390)}${rowsFrom(OPEN, 390)}`,
      'DATA_TIMES_SHIFTED',
      /on 2013-10-04, .* off by 1 hours/,
    ],
    [
      'the bars of another share',
      ofShares(() => 'AIG'),
      'DATA_ROW_UNREADABLE',
      /line 2 of .*SPY\.csv is of "AIG", the file is of SPY/,
    ],
    [
      'the bars of two shares',
      ofShares((index) => (index === 5 ? 'AIG' : 'SPY')),
      'DATA_ROW_UNREADABLE',
      /line 7 of .*SPY\.csv is of "AIG"/,
    ],
    [
      'bars before the open only',
      `${HEADER}${rowsFrom(OPEN - 3_600_000, 4)}`,
      'DATA_OUTSIDE_SESSION',
      /4 bars .*, none of them/,
    ],
    [
      'a day whose rows are all dropped names the rule (case trading/17)',
      WEEK.replaceAll(',100,101,', ',50,101,'),
      'DATA_EMPTY',
      /no usable row on 2013-10-07, first in line 10: BAR_OUTSIDE_RANGE 8 \(open or close is outside/,
    ],
    [
      'a day most of whose rows are dropped',
      HEADER + rowsFrom(OPEN, 2) + rowsFrom(minute(2), 3).replaceAll(',500\n', ',\n'),
      'DATA_MOSTLY_UNUSABLE',
      /3 unusable rows of 5 on 2013-10-07, first in line 4: BAR_BAD_VOLUME 3/,
    ],
    [
      'close and volume in each other\u2019s column',
      `timestamp,open,high,low,volume,close\n${rowsFrom(OPEN, 8)}`,
      'DATA_EMPTY',
      /BAR_OUTSIDE_RANGE 8 .*order of its columns/,
    ],
  ])('%s', (_, csv, code, line) => {
    const error = errorOf(() => open(csv));
    expect([error.code, error.kind]).toEqual([code, 'DataError']);
    expect(error.line).toMatch(line);
    expect(error.line).toContain('SPY.csv');
  });

  test.each<[string, Uint8Array]>([
    ['UTF-16', Buffer.from(`\uFEFF${WEEK}`, 'utf16le')],
    ['NUL bytes', Buffer.from(WEEK.replace('2013', '2013\0'))],
    ['Latin-1', Buffer.from(WEEK.replace('timestamp', 'timestamp\u00e9'), 'latin1')],
    ['lines that end with a carriage return alone', Buffer.from(WEEK.replaceAll('\n', '\r'))],
  ])('%s is no text that is read', (_, bytes) => {
    const error = errorOf(() => open(bytes));
    expect([error.code, error.remedy]).toEqual([
      'DATA_NOT_TEXT',
      'Save it as CSV in UTF-8, with the line ends of Linux or Windows.',
    ]);
  });

  test('another year is another day, and the days that are named can be opened', () => {
    const error = errorOf(() => open(WEEK, date('2012-10-08')));
    expect([error.code, error.remedy]).toEqual(['DATA_NO_SUCH_DAY', 'Available days of SPY: 2013-10-04, 2013-10-07.']);
    expect(open(WEEK, date('2013-10-04')).findings()).toEqual({ QUOTE_DERIVED: 8 });
  });

  test('a day is not offered when it has no usable row or none of its session', () => {
    const friday = rowsFrom(OPEN - 3 * 86_400_000, 8).replaceAll(',100,101,', ',50,101,');
    const evening = rowsFrom(OPEN + 10 * 3_600_000 + 1_800_000, 8);
    const error = errorOf(() => open(HEADER + friday + rowsFrom(OPEN, 8) + evening, date('2013-10-09')));
    expect(error.remedy).toBe('Available days of SPY: 2013-10-07.');
  });
});

describe('what is left is counted', () => {
  test('rows that shares hardly traded in are no other step', () => {
    const sparse = [0, 4, 22, 24, 100, 108, 250].map((at) => rowsFrom(minute(at), 1)).join('');
    expect(open(HEADER + sparse).findings()).toEqual({ QUOTE_DERIVED: 7 });
  });

  test('a holiday that is filled with the last price has no trade', () => {
    const labourDay = `2013-09-02T13:30:00Z,1,1,1,1,0\n`;
    expect(open(HEADER + labourDay + rowsFrom(OPEN, 2)).findings()).toMatchObject({ QUOTE_DERIVED: 2 });
  });

  test('a last line without a line end may be cut off within its last figure', () => {
    expect(open(WEEK.slice(0, -1)).findings()).toMatchObject({ ROW_CUT_OFF: 1 });
    expect(open(WEEK.slice(0, -1), date('2013-10-04')).findings()).toEqual({ QUOTE_DERIVED: 8 });
  });

  test('trades of the night, and a day far from the day before', () => {
    const night = rowsFrom(Date.parse('2013-10-07T04:10:00Z'), 2);
    const friday = rowsFrom(OPEN - 3 * 86_400_000, 8).replaceAll(',100,101,99,100.5,', ',10,10.1,9.9,10,');
    expect(open(HEADER + friday + night + rowsFrom(OPEN, 8)).findings()).toEqual({
      BAR_OUT_OF_HOURS: 2,
      QUOTE_DERIVED: 10,
      REFERENCE_FAR: 1,
    });
  });

  test('a day before without a usable row gives its place as reference to an earlier one', () => {
    const friday = rowsFrom(OPEN - 3 * 86_400_000, 8).replaceAll(',100,101,', ',50,101,');
    const session = open(HEADER + rowsFrom(OPEN - 4 * 86_400_000, 8) + friday + rowsFrom(OPEN, 8));
    expect(session.references[0]?.previousClose).toBe(1_005_000);
    expect(session.findings()).toMatchObject({ REFERENCE_DAY_UNUSABLE: 1 });
  });
});

describe('the names of the files', () => {
  test.each(['spy.csv', 'Spy.CSV', 'SPY.CSV'])('%s is the file of SPY (case trading/15)', (name) => {
    inFolder((dir) => {
      put(dir, name, WEEK);
      expect(new CsvFeed({ dir, symbols: [SPY] }).openSession(DAY).findings()).toEqual({ QUOTE_DERIVED: 8 });
    });
  });

  test('the proposed symbols can be asked for: in capitals, and of files of bars alone', () => {
    inFolder((dir) => {
      put(dir, 'spy.csv', WEEK);
      put(dir, 'vix.csv', 'date,close\n2013-10-04,16.74\n');
      put(dir, 'my notes.csv', WEEK);
      const feed = (name: string) => new CsvFeed({ dir, symbols: [symbol(name)] }).openSession(DAY);
      expect(errorOf(() => feed('IBM')).remedy).toBe('Choose among: SPY.');
      expect(feed('SPY').findings()).toEqual({ QUOTE_DERIVED: 8 });
    });
  });

  test('two files that differ in capitals alone are one too many; the exact name comes first', () => {
    inFolder((dir) => {
      put(dir, 'spy.csv', WEEK);
      put(dir, 'Spy.csv', WEEK);
      const error = errorOf(() => new CsvFeed({ dir, symbols: [SPY] }).openSession(DAY));
      expect([error.code, error.remedy]).toEqual(['DATA_FILE_AMBIGUOUS', 'Keep one of them, with the name SPY.csv.']);
      put(dir, 'SPY.csv', WEEK);
      expect(new CsvFeed({ dir, symbols: [SPY] }).openSession(DAY).findings()).toEqual({ QUOTE_DERIVED: 8 });
    });
  });

  test('a folder or a pipe with the name of a file is refused and never waited for', () => {
    inFolder((dir) => {
      mkdirSync(`${dir}/SPY.csv`);
      execFileSync('mkfifo', [`${dir}/IBM.csv`]);
      for (const name of ['SPY', 'IBM']) {
        const error = errorOf(() => new CsvFeed({ dir, symbols: [symbol(name)] }).openSession(DAY));
        expect([error.code, error.message]).toEqual(['DATA_FILE_UNREADABLE', `${dir}/${name}.csv is not a plain file`]);
      }
      expect(errorOf(() => new CsvFeed({ dir, symbols: [symbol('XYZ')] }).openSession(DAY)).remedy).toBe(
        'Choose among: none.',
      );
    });
  });
});
