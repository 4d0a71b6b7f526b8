import { describe, expect, test } from '@jest/globals';
import { zipSync } from 'fflate';
import { LeanFeed } from '../../../src/adapters/feed-replay/lean-feed.js';
import { date, errorOf, inFolder, put, SPY, symbol } from './support.js';

const DAY = date('2013-10-07');
const HALF_PAST_NINE = 34_200_000;
const MINUTE = 60_000;

type Row = (at: number, index: number) => string;
const trade: Row = (at) => `${at},1000000,1010000,990000,1005000,500\n`;
const quote: Row = (at) => `${at},999000,1009000,989000,1004000,300,1001000,1011000,991000,1006000,400\n`;
const rows = (row: Row, count = 8, step = MINUTE, from = HALF_PAST_NINE): string =>
  Array.from({ length: count }, (_, index) => row(from + index * step, index)).join('');

interface Files {
  readonly trades?: string;
  readonly quotes?: string;
  readonly tradeName?: string;
  readonly quoteName?: string;
  readonly daily?: string;
  readonly dailyName?: string;
  readonly factors?: string;
  readonly folder?: string;
}

function write(root: string, files: Files): void {
  const folder = `equity/usa/minute/${files.folder ?? 'spy'}`;
  const zip = (path: string, name: string, text: string): string =>
    put(root, path, zipSync({ [name]: Buffer.from(text) }));
  zip(`${folder}/20131007_trade.zip`, files.tradeName ?? '20131007_spy_minute_trade.csv', files.trades ?? rows(trade));
  const { quotes, daily, factors } = files;
  if (quotes !== undefined) {
    zip(`${folder}/20131007_quote.zip`, files.quoteName ?? '20131007_spy_minute_quote.csv', quotes);
  }
  if (daily !== undefined) zip('equity/usa/daily/spy.zip', files.dailyName ?? 'spy.csv', daily);
  if (factors !== undefined) put(root, 'equity/usa/factor_files/spy.csv', factors);
}

const opened = (files: Files, of = SPY) =>
  inFolder((root) => {
    write(root, files);
    return new LeanFeed({ root, symbols: [of] }).openSession(DAY);
  });

describe('a file of the QuantConnect layout is what its place says, or it is refused', () => {
  test.each<[string, Files, string, RegExp]>([
    [
      'another symbol in the zip',
      { tradeName: '20131007_aig_minute_trade.csv' },
      'DATA_ZIP_OTHER_CONTENT',
      /"aig" is not of the minute trades of SPY on 2013-10-07/,
    ],
    ['another day in the zip', { tradeName: '20131008_spy_minute_trade.csv' }, 'DATA_ZIP_OTHER_CONTENT', /"20131008"/],
    [
      'another resolution in the zip',
      { tradeName: '20131007_spy_second_trade.csv' },
      'DATA_ZIP_OTHER_CONTENT',
      /"second"/,
    ],
    [
      'quotes in the zip of trades',
      { tradeName: '20131007_spy_minute_quote.csv' },
      'DATA_ZIP_OTHER_CONTENT',
      /"quote"/,
    ],
    ['another symbol without a day', { tradeName: 'aig.csv' }, 'DATA_ZIP_OTHER_CONTENT', /"aig"/],
    [
      'quotes of another symbol',
      { quotes: rows(quote), quoteName: '20131007_aig_minute_quote.csv' },
      'DATA_ZIP_OTHER_CONTENT',
      /quote\.zip/,
    ],
    [
      'daily bars of another symbol',
      { daily: '20131004 00:00,1,2,1,2,3\n', dailyName: 'aig.csv' },
      'DATA_ZIP_OTHER_CONTENT',
      /daily bars of SPY/,
    ],
    [
      'quote rows in the file of trades',
      { trades: rows(quote) },
      'DATA_ROW_UNREADABLE',
      /line 1 of .* has 11 fields instead of 6/,
    ],
    [
      'a row with a field too many',
      { trades: `${rows(trade, 2)}34320000,1,2,1,2,3,4\n` },
      'DATA_ROW_UNREADABLE',
      /line 3 .* 7 fields/,
    ],
    [
      'quotes that are cut off',
      { quotes: `${rows(quote, 2)}34320000,999000,1009` },
      'DATA_ROW_UNREADABLE',
      /line 3 of .*quote\.zip has 3 fields/,
    ],
    ['bars of five minutes', { trades: rows(trade, 78, 5 * MINUTE) }, 'DATA_NOT_MINUTES', /5 minutes apart/],
    ['bars of a second', { trades: rows(trade, 60, 1_000) }, 'DATA_NOT_MINUTES', /1 seconds apart/],
    ['quotes of five minutes', { quotes: rows(quote, 78, 5 * MINUTE) }, 'DATA_NOT_MINUTES', /quote\.zip/],
    [
      'times in seconds',
      { trades: rows((at) => trade(at / 1_000, 0), 390) },
      'DATA_OUTSIDE_SESSION',
      /none of them in the session/,
    ],
    [
      'times in UTC',
      { trades: rows(trade, 390, MINUTE, HALF_PAST_NINE + 4 * 3_600_000) },
      'DATA_TIMES_SHIFTED',
      /off by 4 hours/,
    ],
    [
      'prices in dollars',
      { trades: rows((at) => `${at},100.5,101.5,99.5,100.25,500\n`) },
      'DATA_NOT_SCALED',
      /fraction/,
    ],
    [
      'most rows unusable',
      { trades: rows(trade, 2) + rows((at) => `${at + 5 * MINUTE},1,1,1,1,-1\n`, 3) },
      'DATA_MOSTLY_UNUSABLE',
      /first in line 3: BAR_BAD_VOLUME 3/,
    ],
    [
      'no usable row',
      { trades: `\n${rows((at) => `${at},50,101,99,100,1\n`, 3)}` },
      'DATA_EMPTY',
      /first in line 2: BAR_OUTSIDE_RANGE 3/,
    ],
    [
      'quotes far from the trades',
      {
        quotes: rows((at) => `${at},2999000,3009000,2989000,3004000,300,3001000,3011000,2991000,3006000,400\n`),
      },
      'DATA_QUOTES_FAR',
      /8 of 8 quotes/,
    ],
    [
      'quotes of one side',
      { quotes: rows(quote, 3) + rows((at) => `${at + 5 * MINUTE},999000,1009000,989000,1004000,300,,,,,\n`, 4) },
      'DATA_MOSTLY_UNUSABLE',
      /4 unusable quotes of 7: QUOTE_/,
    ],
    [
      'a daily bar of a Sunday',
      { daily: '20131006 00:00,1,2,1,2,3\n' },
      'DATA_ROW_UNREADABLE',
      /line 1 of .*daily\/spy\.zip has a bar of 2013-10-06, when the exchange was closed: a weekend/,
    ],
    [
      'a daily bar of the 30th of February',
      { daily: '20130230 00:00,1,2,1,2,3\n' },
      'DATA_ROW_UNREADABLE',
      /20130230, which does not exist/,
    ],
    [
      'daily bars with the month last',
      { daily: '20130410 00:00,1,2,1,2,3\n20133110 00:00,1,2,1,2,3\n' },
      'DATA_ROW_UNREADABLE',
      /line 2/,
    ],
    [
      'a day twice among daily bars',
      { daily: '20131003 00:00,1,2,1,2,3\n20131003 00:00,1,2,1,2,3\n' },
      'DATA_ROW_UNREADABLE',
      /line 2 of .* has 2013-10-03 twice/,
    ],
    [
      'hourly bars as daily ones',
      { daily: '20131003 09:00,1,2,1,2,3\n20131003 10:00,1,2,1,2,3\n' },
      'DATA_ROW_UNREADABLE',
      /twice/,
    ],
    [
      'a split factor of zero',
      { daily: '20131004 00:00,1,2,1,2,3\n', factors: '19980102,1,1,1\n20501231,1,0,0\n' },
      'DATA_ROW_UNREADABLE',
      /line 2 of .*factor_files\/spy\.csv/,
    ],
    [
      'factor rows of several lengths',
      { daily: '20131004 00:00,1,2,1,2,3\n', factors: '19980102,1,1,1\n20501231,1,1\n' },
      'DATA_ROW_UNREADABLE',
      /3 fields instead of 4/,
    ],
    [
      'a factor on a day that does not exist',
      { daily: '20131004 00:00,1,2,1,2,3\n', factors: '19981302,1,1,1\n' },
      'DATA_ROW_UNREADABLE',
      /19981302/,
    ],
    ['UTF-16', { trades: Buffer.from(rows(trade), 'utf16le').toString('latin1') }, 'DATA_ROW_UNREADABLE', /line 1/],
    ['NUL bytes', { trades: `${rows(trade, 2)}34320000,1\0,2,1,2,3\n` }, 'DATA_ROW_UNREADABLE', /line 3/],
  ])('%s', (_, files, code, line) => {
    const error = errorOf(() => opened(files));
    expect([error.code, error.kind]).toEqual([code, 'DataError']);
    expect(error.line).toMatch(line);
  });

  test.each(['trade.csv', 'SPY.csv', '20131007_SPY_Trade_Minute.csv', 'usa/20131007_spy_minute_trade.csv'])(
    'a name that says nothing else is taken: %s',
    (tradeName) => {
      expect(opened({ tradeName, quotes: rows(quote) }).findings()).toEqual({});
    },
  );

  test('a folder in capitals is found', () => {
    expect(opened({ folder: 'SPY', quotes: rows(quote) }).findings()).toEqual({});
  });

  test('only symbols with days are proposed', () => {
    inFolder((root) => {
      write(root, {});
      put(root, 'equity/usa/minute/ibm/notes.txt', '');
      put(root, 'equity/usa/minute/aig/20131006_trade.zip', '');
      const error = errorOf(() => new LeanFeed({ root, symbols: [symbol('XYZ')] }).openSession(DAY));
      expect(error.remedy).toBe('Choose among: SPY.');
    });
  });

  test('a day before without possible prices is counted, and an earlier one is the reference', () => {
    const session = opened({
      quotes: rows(quote),
      daily: '20131003 00:00,1000000,1000000,1000000,1000000,3\n20131004 00:00,1,1,2,1,3\n20131008 00:00,0,0,0,0,0\n',
    });
    expect(session.references[0]?.previousClose).toBe(1_000_000);
    expect(session.findings()).toEqual({ REFERENCE_DAY_UNUSABLE: 1 });
  });
});
