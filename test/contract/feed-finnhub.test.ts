import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { FinnhubFeed } from '../../src/adapters/feed-finnhub/finnhub-feed.js';
import { price, type Trade } from '../../src/domain/market/types.js';
import { parseSymbol, type TickerSymbol } from '../../src/events/names.js';
import { secret } from '../../src/kernel/secret.js';
import { parseDateText, parseUtcText, plusMs } from '../../src/kernel/time.js';
import type { FeedStatus } from '../../src/ports/market-data.js';
import { FinnhubEmulator } from '../emulators/finnhub/finnhub-emulator.js';
import type { Company } from '../emulators/provider-server/provider-server.js';
import { eventually } from '../support/eventually.js';
import { MemoryRawFrames } from '../support/memory-raw-frames.js';

const DATE = parseDateText('2026-01-06');
const OPEN = parseUtcText('2026-01-06T14:30:00.000Z');
const KEY = 'canary-finnhub-key';
const AAA = parseSymbol('AAA');
const UNKNOWN = parseSymbol('UNKNOWN');

const companies: Company[] = [{ symbol: 'AAA', mic: 'XNYS', price: '50.25' }];
let elapsed = 0;
const emulator = new FinnhubEmulator(companies, KEY, () => elapsed);
let url = '';

/** Time passes only by the waits of the feed, a call after the other. */
const time = {
  elapsedMs: () => elapsed,
  wait: (ms: number): Promise<void> => {
    elapsed += ms;
    return new Promise((resolve) => void setImmediate(resolve));
  },
};
const clock = { now: () => plusMs(OPEN, elapsed) };

beforeAll(async () => {
  ({ url } = await emulator.start());
});
afterAll(() => emulator.stop());
beforeEach(() => {
  elapsed = 0;
  emulator.reset();
  emulator.quotedAt = OPEN / 1_000;
  companies[0] = { symbol: 'AAA', mic: 'XNYS', price: '50.25' };
});

function feedOf(symbols: readonly TickerSymbol[] = [AAA, UNKNOWN], key = KEY): FinnhubFeed {
  const raw = new MemoryRawFrames();
  return new FinnhubFeed({ account: { url, apiKey: secret(key) }, clock, raw, symbols, time });
}

async function heard(
  feed: FinnhubFeed,
  work: (got: { trades: Trade[]; states: FeedStatus[] }) => Promise<void>,
): Promise<void> {
  const got = { trades: [] as Trade[], states: [] as FeedStatus[] };
  feed.trades$.subscribe((trade) => got.trades.push(trade));
  feed.status$.subscribe((state) => got.states.push(state));
  try {
    await work(got);
  } finally {
    feed.close();
  }
}

const rounds = (calls: number): Promise<void> => {
  const from = emulator.calls.length;
  return eventually('more calls', () => emulator.calls.length >= from + calls);
};

describe('last prices of Finnhub (TRD-1)', () => {
  test('a price that changed is one trade at the time of the question, an unknown symbol is none', async () => {
    const feed = feedOf();
    await feed.prepare(DATE);
    await heard(feed, async ({ trades, states }) => {
      const day = feed.open(DATE);
      expect(day.description).toMatchObject({ kind: 'finnhub', symbols: [AAA, UNKNOWN] });
      expect(day.description.description).toContain('polled');
      await rounds(8);
      expect(trades.map(({ symbol, price: paid, size }) => [symbol, paid, size])).toEqual([[AAA, price(502_500), 1]]);
      companies[0] = { symbol: 'AAA', mic: 'XNYS', price: '0.12345' };
      emulator.quotedAt += 20;
      await eventually('the new price', () => trades.length === 2);
      expect(trades[1]?.price).toBe(price(1_234));
      expect(states.map(({ state }) => state)).toEqual(['connected']);
    });
    expect(emulator.refused).toBe(0);
  });

  test('a price of long ago is counted, and nothing is traded on it', async () => {
    emulator.quotedAt = OPEN / 1_000 - 3_600;
    const feed = feedOf([AAA]);
    await feed.prepare(DATE);
    await heard(feed, async ({ trades }) => {
      const day = feed.open(DATE);
      await rounds(4);
      expect(trades).toEqual([]);
      expect(day.findings()).toEqual({ TRADE_LATE: 1 });
    });
  });

  test('the previous close is the last price before the open, and the named one after it', async () => {
    companies[0] = { symbol: 'AAA', mic: 'XNYS', price: '50' };
    const before = feedOf();
    emulator.quotedAt = OPEN / 1_000 - 60_000;
    await before.prepare(DATE);
    const closes = (feed: FinnhubFeed) => {
      const { references } = feed.open(DATE);
      feed.close();
      return references.map(({ previousClose }) => previousClose);
    };
    expect(closes(before)).toEqual([price(500_000), undefined]);
    emulator.previousClose = '49.5';
    emulator.quotedAt = OPEN / 1_000 + 60;
    const after = feedOf();
    await after.prepare(DATE);
    expect(closes(after)).toEqual([price(495_000), undefined]);
    emulator.previousClose = undefined;
  });

  test('a feed without answers is lost with its cause, and comes back by itself', async () => {
    const feed = feedOf([AAA]);
    await feed.prepare(DATE);
    emulator.faults.next('rate_limit', '/quote', 2);
    emulator.faults.next('html', '/quote', 2);
    await heard(feed, async ({ states }) => {
      feed.open(DATE);
      await eventually('it is back', () => states.at(-1)?.state === 'connected');
      expect(states.map(({ state }) => state)).toEqual(['lost', 'connected']);
      expect(states[0]?.reason).not.toContain(KEY);
    });
  });

  test('too many symbols, a wrong key and a day that was not prepared are refused by name', async () => {
    const many = Array.from({ length: 31 }, (_, at) => parseSymbol(`A${at}`));
    await expect(feedOf(many).prepare(DATE)).rejects.toMatchObject({ code: 'FEED_SYMBOLS' });
    await expect(feedOf([AAA], 'canary-wrong').prepare(DATE)).rejects.toMatchObject({ code: 'PROVIDER_KEY_REFUSED' });
    await expect(feedOf([AAA], '').prepare(DATE)).rejects.toMatchObject({ code: 'PROVIDER_KEY_MISSING' });
    expect(() => feedOf().open(DATE)).toThrow('have not been loaded');
  });
});
