import { describe, expect, test } from '@jest/globals';
import { LeanFeed } from '../../../src/adapters/feed-replay/lean-feed.js';
import { vixOptionOf, type VixOption } from '../../../src/adapters/feed-replay/vix-source.js';
import { date, errorOf, inFolder, minute, OPEN, put, putLeanDay, SPY } from './support.js';

const DAY = date('2013-10-07');

function vixOn(csv: string | undefined, option?: VixOption) {
  return inFolder((root) => {
    putLeanDay(root, { symbol: 'SPY', day: DAY, trades: '34200000,10000,10000,10000,10000,1\n' });
    const vix = csv === undefined ? option : { file: put(root, 'vix.csv', csv) };
    const session = new LeanFeed({ root, symbols: [SPY], ...(vix === undefined ? {} : { vix }) }).openSession(DAY);
    const [first] = [...session.slices(OPEN, minute(1))];
    return { vix: first?.vix, found: session.findings(), description: session.description.description };
  });
}

describe('the VIX of a session', () => {
  test.each([
    ['date,close', 'date,close\n2013-10-03,17.67\n2013-10-04,16.74\n2013-10-07,19.41\n'],
    [
      'as CBOE publishes it',
      'DATE,OPEN,HIGH,LOW,CLOSE\n10/03/2013,1,2,1,17.67\n10/04/2013,1,2,1,16.74\n10/07/2013,1,2,1,19.41\n',
    ],
    ['CRLF, quotes, out of order', '"Date","VIX Close"\r\n"2013-10-07","19.41"\r\n"2013-10-04","16.74"\r\n'],
    ['two columns without a header', '20131004,16.74\n20131007,19.41\n'],
    ['a time of day, the same day twice', 'date,close\n2013-10-04 16:00,16.74\n2013-10-04T16:00:00-04:00,16.740\n'],
    ['month first, shown by a weekend', 'date,close\n10/04/2013,16.74\n10/02/2013,16\n10/03/2013,17\n'],
    ['month first, shown by the day above 12', 'date,close\n9/27/2013,15\n10/4/2013,16.74\n'],
    [
      'month first, shown by days that follow each other',
      'date,close\n10/02/2013,16\n10/03/2013,17\n10/04/2013,16.74\n',
    ],
  ])('it is the last close before the day: %s', (_, csv) => {
    expect(vixOn(csv).vix).toBe(16.74);
    expect(vixOn(csv).description).toContain('VIX of 2013-10-04');
  });

  test('it is a constant, unknown, or too old to be known', () => {
    expect(vixOn(undefined, { value: 21.5 }).vix).toBe(21.5);
    expect(vixOn(undefined).vix).toBeUndefined();
    expect(vixOn('date,close\n2013-10-07,19.41\n').vix).toBeUndefined();
    expect(vixOn('date,close\n2013-09-01,19.41\n')).toMatchObject({ vix: undefined, found: { VIX_STALE: 1 } });
  });

  test.each([
    ['', 'DATA_VIX_UNREADABLE'],
    ['date,close\n', 'DATA_VIX_UNREADABLE'],
    ['date,close\n2013-10-04,\n', 'DATA_VIX_UNREADABLE'],
    ['date,close\n2013-10-04,-3\n', 'DATA_VIX_UNREADABLE'],
    ['day,figure\nx,y\n', 'DATA_VIX_UNREADABLE'],
    ['date,open,high,low\n2013-10-04,1,1,1\n', 'DATA_VIX_UNREADABLE'],
    ['2013-10-04,15,17,14,16.74\n', 'DATA_VIX_UNREADABLE'],
    ['date,close,value\n2013-10-04,15,17\n', 'DATA_VIX_UNREADABLE'],
    ['date,date,close\n2013-10-04,2013-10-03,17\n', 'DATA_VIX_UNREADABLE'],
    ['date,close\n2013-10-04,16.74\n2013-10-04,16.75\n', 'DATA_VIX_UNREADABLE'],
    ['date,close\n2013-10-04x,16.74\n', 'DATA_VIX_UNREADABLE'],
    ['date,close\n2013-02-30,16.74\n', 'DATA_VIX_UNREADABLE'],
    ['date,close\n2013-10-04,16.74\n20131003,16.75\n', 'DATA_VIX_UNREADABLE'],
    ['date,close\n2013-10-04,16.74\n2013-31-10,16.75\n', 'DATA_VIX_UNREADABLE'],
    ['date,close\n2013-10-04,16,74\n', 'DATA_ROW_UNREADABLE'],
    ['date,close\n2013-10-04,16.74\ndate,close\n', 'DATA_VIX_UNREADABLE'],
  ])('it refuses %j', (csv, code) => {
    expect(errorOf(() => vixOn(csv)).code).toBe(code);
  });

  const everyDay = (write: (day: Date) => string): string =>
    Array.from({ length: 280 }, (_, index) => new Date(Date.UTC(2013, 0, 1 + index)))
      .filter((day) => day.getUTCDay() % 6 !== 0)
      .map((day) => `${write(day)},${10 + day.getUTCDate() / 100}\n`)
      .join('');
  const two = (figure: number): string => String(figure).padStart(2, '0');

  test('a file with the day first is refused whole (case trading/02)', () => {
    const dayFirst = everyDay((day) => `${two(day.getUTCDate())}/${two(day.getUTCMonth() + 1)}/2013`);
    const error = errorOf(() => vixOn(`date,close\n${dayFirst}`));
    expect(error.line).toMatch(/line \d+ has the date .*: the dates are not month\/day\/year .*such as 2013-10-04/);
    const monthFirst = everyDay((day) => `${two(day.getUTCMonth() + 1)}/${two(day.getUTCDate())}/2013`);
    expect(vixOn(`date,close\n${monthFirst}`)).toMatchObject({ vix: 10.04 });
  });

  test('dates that both orders would fit are refused (F32)', () => {
    expect(errorOf(() => vixOn('date,close\n10/04/2013,16.74\n')).message).toContain(
      'line 2 does not say whether 10/04/2013 is month/day or day/month',
    );
  });

  test.each(['Infinity', '0x11', '1674', '1e300', '1e2', '0', '-3', '1000', '16,74', '.', 'NaN', '+17'])(
    'a file is held to the bounds of the option: %s (case trading/14)',
    (figure) => {
      const error = errorOf(() => vixOn(`date,close\n2013-10-04,"${figure}"\n`));
      expect(error.line).toMatch(
        /line 2 has the close .*above 0 and below 1000.*vix\.csv|vix\.csv.*line 2 has the close/,
      );
    },
  );

  test('a last line without a line end is counted when its figure is used', () => {
    expect(vixOn('date,close\n2013-10-03,17.67\n2013-10-04,16.7').found).toEqual({ QUOTE_DERIVED: 1, ROW_CUT_OFF: 1 });
    expect(vixOn('date,close\n2013-10-04,16.74\n2013-10-03,17.6').found).toEqual({ QUOTE_DERIVED: 1 });
  });

  test.each([
    ...['0x11', 'Infinity', '-Infinity', 'inf', 'NaN', '-3', '+17', '0', '0.0', '1000', '1e2', '17,5', '17.', '.5'],
    ...['17%', '$17', '17 ', '\u0661\u0667', '1_7', '-'],
  ])('--vix %s is a figure that is refused, and no name of a file', (text) => {
    const { code, message, remedy } = errorOf(() => vixOptionOf(text));
    expect([code, message]).toEqual(['BAD_VIX', `--vix ${text} is not a VIX figure`]);
    expect(remedy).toBe(
      'Give an index figure above 0 and below 1000, such as 17.5, or the path of a CSV of date and close.',
    );
  });

  test('--vix is a figure, a file, or empty and refused', () => {
    expect(errorOf(() => vixOptionOf('')).message).toBe('--vix is empty');
    expect(['17', '17.5', '0.01', '999.99'].map(vixOptionOf)).toEqual(
      [17, 17.5, 0.01, 999.99].map((value) => ({ value })),
    );
    const files = ['vix.csv', './17', '/data/2013', 'VIX', '20131004.csv', '\u00e9t\u00e9'];
    expect(files.map(vixOptionOf)).toEqual(files.map((file) => ({ file })));
  });

  test('it refuses a missing file and an invalid constant', () => {
    expect(errorOf(() => vixOn(undefined, { file: '/nowhere/vix.csv' })).code).toBe('DATA_VIX_MISSING');
    expect(errorOf(() => vixOn(undefined, { value: 0 })).code).toBe('BAD_VIX');
  });
});
