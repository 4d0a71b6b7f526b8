import { describe, expect, test } from '@jest/globals';
import { CsvFeed } from '../../../src/adapters/feed-replay/csv-feed.js';
import { date, errorOf, inFolder, minute, OPEN, put, SPY, symbol } from './support.js';

const DAY = date('2013-10-07');
const HEADER = 'timestamp,open,high,low,close,volume\n';
const FRIDAY =
  '2013-10-04T13:29:00Z,1,1,1,1,99\n2013-10-04T13:30:00Z,10,11,9,10.5,100\n2013-10-04T19:59:00Z,10.5,12,10,11.25,50\n' +
  '2013-10-04T20:00:00Z,1,1,1,1,99\n';

function open(csv: string, day = DAY) {
  return inFolder((dir) => {
    put(dir, 'SPY.csv', csv);
    return new CsvFeed({ dir, symbols: [SPY] }).openSession(day);
  });
}

const firstBar = (csv: string) => [...open(csv).slices(OPEN, minute(1))][0]?.bars[0];

describe('plain CSV bars', () => {
  test.each([
    ['ISO UTC', `${HEADER}2013-10-07T13:30:00Z,167.43,167.52,167.41,167.4401,816453\n`],
    ['no seconds, milliseconds', `${HEADER}2013-10-07T13:30Z,167.43,167.52,167.41,167.4401,816453\n`],
    ['an offset', `${HEADER}2013-10-07T09:30:00.000-04:00,167.43,167.52,167.41,167.4401,816453\n`],
    ['epoch milliseconds', `${HEADER}${OPEN},167.43,167.52,167.41,167.4401,816453\n`],
    [
      'other order, vwap, CRLF',
      `Volume,VWAP,Close,Low,High,Open,Timestamp\r\n816453,1,167.4401,167.41,167.52,167.43,${OPEN}\r\n`,
    ],
  ])('%s', (_, csv) => {
    expect(firstBar(csv)).toEqual({
      symbol: 'SPY',
      start: OPEN,
      open: 1_674_300,
      high: 1_675_200,
      low: 1_674_100,
      close: 1_674_401,
      volume: 816_453,
    });
  });

  test('finer prices round half-even and are counted; quotes are derived', () => {
    const session = open(`${HEADER}${OPEN},1,2,1,1.00005,10.5\n${minute(1)},1,2,1,1.00015,10\n`);
    const closes = [...session.slices(OPEN, minute(2))].map(({ bars }) => bars[0]?.close);
    expect(closes).toEqual([10_000, 10_002]);
    expect(session.findings()).toEqual({ PRICE_ROUNDED: 2, QUOTE_DERIVED: 2, VOLUME_ROUNDED: 1 });
  });

  test('references come from the previous regular session in the same file', () => {
    const session = open(`${HEADER}${FRIDAY}${OPEN},1,1,1,1,1\n`);
    expect(session.references).toEqual([
      { symbol: 'SPY', previousClose: 112_500, previousVolume: 150, marketCap: undefined },
    ]);
    expect(open(`${HEADER}${FRIDAY}`, date('2013-10-04')).references[0]).toEqual({ symbol: 'SPY' });
  });

  test('a minute or day in which nobody traded is no reference', () => {
    const silentMinute = '2013-10-04T19:59:30Z,99,99,99,99,0\n';
    const silentDay = '2013-10-03T13:30:00Z,77,77,77,77,0\n';
    const csv = `${HEADER}${FRIDAY.replace('2013-10-04T19:59:00Z', '2013-10-04T19:58:00Z')}${silentMinute}${OPEN},1,1,1,1,1\n`;
    expect(open(csv).references[0]).toMatchObject({ previousClose: 112_500, previousVolume: 150 });
    inFolder((dir) => {
      put(dir, 'SPY.csv', `${HEADER}${silentDay}${FRIDAY}`);
      expect(new CsvFeed({ dir, symbols: [SPY] }).history(SPY, DAY, 10).map((day) => day.date)).toEqual(['2013-10-04']);
    });
  });

  test('history consists of regular sessions', () => {
    inFolder((dir) => {
      put(dir, 'SPY.csv', `${HEADER}${FRIDAY}`);
      expect(new CsvFeed({ dir, symbols: [SPY] }).history(SPY, DAY, 10)).toEqual([
        { symbol: 'SPY', date: '2013-10-04', open: 100_000, high: 120_000, low: 90_000, close: 112_500, volume: 150 },
      ]);
    });
  });

  test.each([
    ['an empty file', '', 'DATA_CSV_HEADER'],
    ['a missing column', 'timestamp,open,high,low,close\n', 'DATA_CSV_HEADER'],
    ['a header only', HEADER, 'DATA_NO_SUCH_DAY'],
    ['another day', `${HEADER}${FRIDAY}`, 'DATA_NO_SUCH_DAY'],
    ['a time without a zone', `${HEADER}2013-10-07T13:30:00,1,1,1,1,1\n`, 'DATA_ROW_UNREADABLE'],
    ['a price that is no number', `${HEADER}${OPEN},1,1,1,one,1\n`, 'DATA_ROW_UNREADABLE'],
  ])('%s gives one clear error', (_, csv, code) => {
    const error = errorOf(() => open(csv));
    expect([error.code, error.kind]).toEqual([code, 'DataError']);
  });

  test('a missing folder and a missing symbol give a clear error', () => {
    inFolder((dir) => {
      put(dir, 'SPY.csv', HEADER);
      const missing = errorOf(() => new CsvFeed({ dir, symbols: [symbol('IBM')] }).openSession(DAY));
      expect([missing.code, missing.remedy]).toEqual(['DATA_UNKNOWN_SYMBOL', 'Choose among: SPY.']);
      const nowhere = errorOf(() => new CsvFeed({ dir: `${dir}/no`, symbols: [SPY] }).openSession(DAY));
      expect(nowhere.code).toBe('DATA_FOLDER_MISSING');
    });
  });
});
