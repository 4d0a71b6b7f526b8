import { describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { LeanFeed } from '../../../src/adapters/feed-replay/lean-feed.js';
import type { MarketSlice } from '../../../src/domain/market/types.js';
import type { DateText } from '../../../src/kernel/time.js';
import { at, CLOSE, date, errorOf, inFolder, minute, OPEN, put, putLeanDay, SPY, symbol, zip } from './support.js';
import { describeNeeding } from '../../support/needs.js';
import { marketData } from '../../support/shared-data.js';

const DAY = date('2013-10-07');
const TRADES = '34200000,1000000,1010000,990000,1005000,500\n34320000,1005000,1006000,1004000,1004500,100\n';
const QUOTES = '34200000,999000,1009000,989000,1004000,300,1001000,1011000,991000,1006000,400\n';

function putSpy(root: string, over: { trades?: string; quotes?: string; day?: DateText } = {}): void {
  putLeanDay(root, {
    symbol: 'SPY',
    day: over.day ?? DAY,
    trades: over.trades ?? TRADES,
    quotes: over.quotes ?? QUOTES,
  });
}

function openSpy(root: string, day = DAY) {
  return new LeanFeed({ root, symbols: [SPY] }).openSession(day);
}

const minutesOf = (root: string, day = DAY): MarketSlice[] => [...openSpy(root, day).slices(OPEN, minute(3))];

describe('a day in the QuantConnect layout', () => {
  test('milliseconds after midnight in New York, unadjusted prices, empty minutes', () => {
    inFolder((root) => {
      putSpy(root);
      const [first, second, third] = minutesOf(root);
      expect(first).toMatchObject({
        start: OPEN,
        end: minute(1),
        bars: [
          { symbol: 'SPY', start: OPEN, open: 1_000_000, high: 1_010_000, low: 990_000, close: 1_005_000, volume: 500 },
        ],
        quotes: [{ bid: { close: 1_004_000 }, ask: { open: 1_001_000 }, bidSize: 300, askSize: 400 }],
      });
      expect([second?.bars, second?.quotes, third?.bars.length]).toEqual([[], [], 1]);
    });
  });

  test('the same in winter time: 9:30 is 14:30 UTC', () => {
    inFolder((root) => {
      const winter = date('2013-12-02');
      putSpy(root, { day: winter });
      const [first] = [...openSpy(root, winter).slices(at('2013-12-02T14:30:00Z'), at('2013-12-02T14:31:00Z'))];
      expect(first?.bars).toHaveLength(1);
    });
  });

  test('without a quote file, quotes are derived from bars and counted', () => {
    inFolder((root) => {
      putLeanDay(root, { symbol: 'SPY', day: DAY, trades: TRADES });
      const session = openSpy(root);
      const [first] = [...session.slices(OPEN, minute(1))];
      expect(first?.quotes[0]).toMatchObject({ bid: { close: 1_004_899 }, ask: { close: 1_005_101 } });
      expect(session.findings()).toEqual({ QUOTE_DERIVED: 2 });
    });
  });

  test('it is repeatable and reports its findings', () => {
    inFolder((root) => {
      putSpy(root, { trades: `${TRADES}34200000,1,1,1,1,1\r\n` });
      const session = openSpy(root);
      expect([...session.slices(OPEN, CLOSE)]).toEqual([...session.slices(OPEN, CLOSE)]);
      expect([...session.slices(OPEN, CLOSE)]).toHaveLength(390);
      expect(session.findings()).toEqual({ BAR_DUPLICATE: 1 });
      expect(errorOf(() => [...session.slices(at('2013-10-07T13:30:30Z'), CLOSE)]).code).toBe('BAD_SLICE_RANGE');
    });
  });

  test('its digest changes with the data and contains no path', () => {
    inFolder((root) => {
      putSpy(root);
      const first = openSpy(root).description;
      expect(openSpy(`${root}/`).description).toEqual(first);
      expect(JSON.stringify(first)).not.toContain(root);
      putSpy(root, { trades: TRADES.replace('500', '501') });
      expect(openSpy(root).description.sha256).not.toBe(first.sha256);
    });
  });

  test('play emits the data of a minute', () => {
    inFolder((root) => {
      putSpy(root);
      const feed = new LeanFeed({ root, symbols: [SPY] });
      const session = feed.openSession(DAY);
      const seen: string[] = [];
      feed.status$.subscribe(({ state }) => seen.push(state));
      feed.bars$.subscribe(({ close }) => seen.push(`bar ${close}`));
      feed.quotes$.subscribe(({ bid }) => seen.push(`quote ${bid.close}`));
      feed.begin(session, OPEN);
      const [first, second] = [...session.slices(OPEN, minute(2))] as [MarketSlice, MarketSlice];
      feed.play(first);
      feed.play(second);
      expect(seen).toEqual(['connected', 'quote 1004000', 'bar 1005000']);
    });
  });
});

describe('references', () => {
  const daily = zip(
    'spy.csv',
    '20131003 00:00,900000,910000,890000,900000,1000\n20131004 00:00,990000,1000000,980000,1000000,7000\n' +
      '20131007 00:00,1,2,1,2,3\n',
  );

  test('they are those of the previous day, never of the day itself', () => {
    inFolder((root) => {
      putSpy(root);
      put(root, 'equity/usa/daily/spy.zip', daily);
      const feed = new LeanFeed({ root, symbols: [SPY] });
      expect(feed.openSession(DAY).references).toEqual([
        { symbol: 'SPY', previousClose: 1_000_000, previousVolume: 7_000, marketCap: undefined },
      ]);
      expect(feed.history(SPY, DAY, 5).map((day) => day.date)).toEqual(['2013-10-03', '2013-10-04']);
      expect(feed.history(SPY, DAY, 1)).toHaveLength(1);
    });
  });

  test('a day in which nobody traded is no reference', () => {
    inFolder((root) => {
      putSpy(root);
      const silent = zip('spy.csv', '20131003 00:00,900000,910000,890000,900000,1000\n20131004 00:00,1,1,1,1,0\n');
      put(root, 'equity/usa/daily/spy.zip', silent);
      expect(openSpy(root).references[0]).toMatchObject({ previousClose: 900_000, previousVolume: 1_000 });
    });
  });

  test('F19 a split effective on the day makes no false gap', () => {
    inFolder((root) => {
      putSpy(root);
      put(root, 'equity/usa/daily/spy.zip', daily);
      put(
        root,
        'equity/usa/factor_files/spy.csv',
        '19980102,0.9,0.0714286,1\n20131004,0.9,0.1428571,100\n20501231,1,1,0\n',
      );
      expect(openSpy(root).references[0]).toMatchObject({ previousClose: 142_857, previousVolume: 49_000 });
    });
  });

  test('F19 it is adjusted once: nothing changes between two days after the split', () => {
    inFolder((root) => {
      putSpy(root);
      put(root, 'equity/usa/daily/spy.zip', daily);
      put(root, 'equity/usa/factor_files/spy.csv', '20131003,0.9,0.1428571,100\n20501231,1,1,0\n');
      expect(openSpy(root).references[0]).toMatchObject({ previousClose: 1_000_000, previousVolume: 7_000 });
    });
  });

  test('they are unknown without a daily file, and when the last day is too old', () => {
    inFolder((root) => {
      putSpy(root);
      expect(openSpy(root).references[0]).toEqual({ symbol: 'SPY' });
      put(root, 'equity/usa/daily/spy.zip', zip('spy.csv', '20120104 00:00,990000,1000000,980000,1000000,7000\n'));
      const session = openSpy(root);
      expect(session.references[0]).toEqual({ symbol: 'SPY' });
      expect(session.findings()).toEqual({ REFERENCE_STALE: 1 });
    });
  });
});

describe('one clear error each, and no file is opened', () => {
  test.each<[string, (root: string) => unknown, string, RegExp]>([
    ['a missing folder', (root) => openSpy(`${root}/nowhere`), 'DATA_FOLDER_MISSING', /nowhere does not exist/],
    ['a file as folder', (root) => openSpy(put(root, 'x', 'x')), 'DATA_NOT_A_FOLDER', /is a file/],
    ['another layout', (root) => openSpy(root), 'DATA_LAYOUT', /has no minute data/],
    [
      'an unknown symbol',
      (root) => {
        putSpy(root);
        return new LeanFeed({ root, symbols: [SPY, symbol('XYZ')] }).openSession(DAY);
      },
      'DATA_UNKNOWN_SYMBOL',
      /XYZ .*Choose among: SPY\./,
    ],
    [
      'a day without data',
      (root) => {
        putSpy(root);
        return openSpy(root, date('2013-10-08'));
      },
      'DATA_NO_SUCH_DAY',
      /for SPY on 2013-10-08 .*Available days of SPY: 2013-10-07\./,
    ],
    [
      'a weekend',
      (root) => {
        putSpy(root);
        return openSpy(root, date('2013-10-06'));
      },
      'DATA_NO_SUCH_DAY',
      /2013-10-06 \(the exchange was closed: a weekend\)/,
    ],
    [
      'an empty trade file',
      (root) => {
        putSpy(root, { trades: '\n' });
        return openSpy(root);
      },
      'DATA_EMPTY',
      /20131007_trade\.zip has no usable row/,
    ],
    [
      'a day of nothing but bad rows',
      (root) => {
        putSpy(root, { trades: '34200000,0,0,0,0,0\n' });
        return openSpy(root);
      },
      'DATA_EMPTY',
      /20131007_trade\.zip/,
    ],
    [
      'an unreadable row',
      (root) => {
        putSpy(root, { quotes: '34200000,a,b\n' });
        return openSpy(root);
      },
      'DATA_ROW_UNREADABLE',
      /line 1 of .*20131007_quote\.zip/,
    ],
    [
      'a truncated zip',
      (root) => {
        putSpy(root);
        const path = `${root}/equity/usa/minute/spy/20131007_trade.zip`;
        writeFileSync(path, zip('trade.csv', TRADES).subarray(0, 60));
        return openSpy(root);
      },
      'DATA_ZIP_CORRUPT',
      /20131007_trade\.zip is not a usable zip/,
    ],
    ['no symbol', (root) => new LeanFeed({ root, symbols: [] }), 'BAD_SYMBOL_COUNT', /0 symbols/],
    ['a symbol twice', (root) => new LeanFeed({ root, symbols: [SPY, SPY] }), 'SYMBOL_TWICE', /SPY/],
  ])('%s', (_, open, code, line) => {
    inFolder((root) => {
      const error = errorOf(() => open(root));
      expect([error.code, error.callerMust]).toEqual([code, 'refuse']);
      expect(error.line).toMatch(line);
      expect(error.line).not.toContain('\n');
    });
  });
});

describeNeeding(marketData)('real days', () => {
  const root = marketData.path;

  test('the first regular minute of SPY on 2013-10-07', () => {
    const [first] = minutesOf(root);
    expect(first?.bars).toEqual([
      {
        symbol: 'SPY',
        start: OPEN,
        open: 1_674_300,
        high: 1_675_200,
        low: 1_674_100,
        close: 1_674_400,
        volume: 816_453,
      },
    ]);
    expect(first?.quotes[0]).toMatchObject({
      bid: { open: 1_674_100, high: 1_675_200, low: 1_674_100, close: 1_674_400 },
      ask: { open: 1_674_100, high: 1_675_300, low: 1_674_100, close: 1_674_500 },
      bidSize: 4_400,
      askSize: 1_400,
    });
  });

  test('four symbols: every minute, the previous day, and the irregularities', () => {
    const symbols = ['SPY', 'AIG', 'BAC', 'IBM'].map(symbol);
    const session = new LeanFeed({ root, symbols }).openSession(DAY);
    const slices = [...session.slices(OPEN, CLOSE)];
    expect(slices).toHaveLength(390);
    expect(slices.reduce((sum, { bars }) => sum + bars.length, 0)).toBe(1_559);
    expect(slices.reduce((sum, { quotes }) => sum + quotes.length, 0)).toBe(1_560);
    expect(session.references.map(({ previousClose }) => previousClose)).toEqual([
      1_688_900, 495_300, 140_500, 1_841_000,
    ]);
    expect(session.findings()).toEqual({ QUOTE_CROSSED: 8 });
  });

  test('F19 the AAPL split of 2014-06-09: 645.57 becomes 92.2243, the volume seven times as large', () => {
    const aapl = new LeanFeed({ root, symbols: [symbol('AAPL')] });
    expect(aapl.openSession(date('2014-06-09')).references[0]).toMatchObject({
      previousClose: 922_243,
      previousVolume: 7 * 12_116_671,
    });
    expect(aapl.openSession(date('2014-06-06')).references[0]).toMatchObject({
      previousClose: 6_473_500,
      previousVolume: 10_445_282,
    });
  });
});
