import { describe, expect, test } from '@jest/globals';
import { LeanFeed } from '../../../src/adapters/feed-replay/lean-feed.js';
import type { VixOption } from '../../../src/adapters/feed-replay/vix-source.js';
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
  ])('it refuses %j', (csv, code) => {
    expect(errorOf(() => vixOn(csv)).code).toBe(code);
  });

  test('it refuses a missing file and an invalid constant', () => {
    expect(errorOf(() => vixOn(undefined, { file: '/nowhere/vix.csv' })).code).toBe('DATA_VIX_MISSING');
    expect(errorOf(() => vixOn(undefined, { value: 0 })).code).toBe('BAD_VIX');
  });
});
