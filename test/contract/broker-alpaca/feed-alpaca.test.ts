import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AlpacaFeed } from '../../../src/adapters/feed-alpaca/alpaca-feed.js';
import type { BrokerAccountAddress } from '../../../src/adapters/broker-common/account-address.js';
import { Findings } from '../../../src/domain/market/quality.js';
import { MinuteBuilder } from '../../../src/domain/market/minute-builder.js';
import type { Bar, HaltChange, QuoteBar, Trade } from '../../../src/domain/market/types.js';
import { sessionOf } from '../../../src/domain/calendar/nyse.js';
import { parseSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { secret } from '../../../src/kernel/secret.js';
import { epochMs, MINUTE_MS, parseDateText } from '../../../src/kernel/time.js';
import type { FeedStatus } from '../../../src/ports/market-data.js';
import { AlpacaEmulator } from '../../emulators/alpaca/emulator.js';
import { EmulatedMarket } from '../../emulators/exchange/market.js';
import { eventually } from '../../support/eventually.js';
import { verdictOf } from '../broker-kit/desk.js';
import { AllFrames, FAST } from './bench.js';

const DATE = parseDateText('2026-01-05');
const SESSION = sessionOf(DATE)!;
const [SPY, BRKB] = [parseSymbol('SPY'), parseSymbol('BRK.B')];
const SYMBOLS = [SPY, BRKB];

describe('market data of Alpaca', () => {
  let now: number;
  let emulator: AlpacaEmulator;
  let market: EmulatedMarket;
  let feed: AlpacaFeed;
  let bars: Bar[];
  let quotes: QuoteBar[];
  let trades: Trade[];
  let halts: HaltChange[];
  let states: FeedStatus[];

  beforeEach(async () => {
    now = SESSION.opensAt;
    const clock = { now: () => epochMs(now) };
    market = new EmulatedMarket({ seed: 5, symbols: SYMBOLS, clock });
    emulator = new AlpacaEmulator({
      clock,
      symbols: SYMBOLS.map((symbol) => ({ symbol, price: Decimal.ONE })),
      market,
    });
    await emulator.start();
    feed = feedOf();
    [bars, quotes, trades, halts, states] = [[], [], [], [], []];
    feed.bars$.subscribe((bar) => bars.push(bar));
    feed.quotes$.subscribe((quote) => quotes.push(quote));
    feed.trades$.subscribe((trade) => trades.push(trade));
    feed.halts$.subscribe((change) => halts.push(change));
    feed.status$.subscribe((state) => states.push(state));
  });
  afterEach(async () => {
    feed.close();
    await emulator.stop();
  });

  function feedOf(address: Partial<BrokerAccountAddress> = {}, symbols = SYMBOLS): AlpacaFeed {
    const account = {
      ...{ url: emulator.url, host: '', apiKey: secret(emulator.key), secretKey: secret(emulator.secretKey) },
      ...{ userName: secret(''), password: secret(''), accountNumber: null, ...address },
    };
    return new AlpacaFeed({
      account,
      clock: { now: () => epochMs(now) },
      raw: new AllFrames(),
      symbols,
      pauses: FAST,
      timeoutMs: 500,
    });
  }

  const open = async (): Promise<void> => {
    await feed.prepare(DATE);
    feed.open(DATE);
    await until('connected', () => states.at(-1)?.state === 'connected');
  };
  const until = (what: string, holds: () => boolean): Promise<void> =>
    eventually(what, holds, { everyMs: 2, patienceMs: 20_000, seen: () => JSON.stringify(states) });
  const minutes = (count: number): void => {
    now += count * MINUTE_MS;
    market.advance(emulator.exchange);
  };

  test('the previous closes are there before a day opens, and a day that was not prepared does not open', async () => {
    expect(() => feed.open(DATE)).toThrow(/have not been loaded/);
    await open();
    const day = feed.open(DATE);
    const known = market.references(DATE);
    for (const { symbol, previousClose } of day.references) {
      expect(previousClose).toBe(known.find((one) => one.symbol === symbol)?.previousClose);
    }
    expect([day.references.length, day.description.kind]).toEqual([2, 'alpaca']);
  });

  test('bars and quotes of a minute come as the market made them, several messages in a frame', async () => {
    await open();
    minutes(3);
    const expected = market.minutes(DATE, epochMs(now)).flatMap((slice) => slice.bars);
    await until('all bars', () => bars.length === expected.length);
    expect(bars).toEqual(expected);
    await until('quotes', () => quotes.length > 0);
    expect(quotes.every(({ bid, ask }) => bid.close <= ask.close)).toBe(true);
    // the quotes of a minute come with its bars, before the session closes it
    expect(Math.max(...quotes.map(({ start }) => start))).toBe(Math.max(...bars.map(({ start }) => start)));
  });

  test('minutes of an outage are read by REST before the feed is connected again', async () => {
    await open();
    minutes(2);
    await until('two minutes', () => new Set(bars.map(({ start }) => start)).size === 2);
    const heard = bars.length;
    emulator.dataStream.disconnect();
    minutes(5);
    await until('the end is noticed', () => states.some(({ state }) => state === 'lost'));
    await until('connected again', () => states.at(-1)?.state === 'connected');
    const missed = market
      .minutes(DATE, epochMs(now))
      .flatMap((slice) => slice.bars)
      .slice(heard);
    const key = (bar: Bar): string => `${bar.symbol} ${bar.start}`;
    expect(new Set(bars.map(key)).size).toBe(heard + missed.length);
    const byKey = new Map(bars.map((bar) => [key(bar), bar]));
    for (const bar of missed) expect(byKey.get(key(bar))).toEqual(bar);
  });

  test('a backfill gives each minute once, also those without a trade, over pages', async () => {
    await open();
    now += 30 * MINUTE_MS;
    const slices = await feed.backfill(SESSION.opensAt, epochMs(now));
    expect(slices.map(({ start }) => start)).toEqual(market.minutes(DATE, epochMs(now)).map(({ start }) => start));
    const bySymbol = (all: readonly Bar[]): readonly Bar[] => [...all].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
    expect(slices.map((slice) => bySymbol(slice.bars))).toEqual(
      market.minutes(DATE, epochMs(now)).map((slice) => bySymbol(slice.bars)),
    );
  });

  test('bars of extended hours, late, repeated and corrected ones are decided and counted by the rules of the minute', async () => {
    await open();
    const findings = new Findings();
    const { opensAt, closesAt } = SESSION;
    const builder = new MinuteBuilder({ symbols: SYMBOLS, opensAt, closesAt, heardFrom: opensAt, findings });
    feed.bars$.subscribe((bar) => builder.bar(bar, epochMs(now)));
    const message = { T: 'b', S: 'SPY', o: 100.1, h: 100.25, l: 100, c: 100.2, v: 1000 };
    emulator.dataStream.send([{ ...message, t: '2026-01-05T12:00:00Z' }]);
    emulator.dataStream.send([
      { ...message, t: '2026-01-05T14:30:00Z' },
      { ...message, t: '2026-01-05T14:30:00Z' },
    ]);
    emulator.dataStream.send([{ ...message, T: 'u', v: 1100, t: '2026-01-05T14:30:00Z' }]);
    await until('four bars', () => bars.length === 4);
    expect(builder.close().bars).toEqual([{ ...bars[3] }]);
    emulator.dataStream.send([{ ...message, t: '2026-01-05T14:30:00Z' }]);
    await until('the late one', () => bars.length === 5);
    expect(findings.toRecord()).toEqual({ BAR_OUTSIDE_SESSION: 1, BAR_REPEATED: 1, BAR_CORRECTED: 1, BAR_LATE: 1 });
  });

  test('trades and halts come through; a message that cannot be read is counted, and those behind it are read', async () => {
    await open();
    const at = '2026-01-05T09:31:02.123456789-05:00';
    emulator.dataStream.send([
      { T: 'b', S: 'SPY', o: 'none' },
      { T: 't', S: 'BRK.B', i: 52983525029461, x: 'V', p: 400.1234, s: 7, t: at, c: ['@'], z: 'A' },
      { T: 's', S: 'SPY', sc: 'H', sm: 'Trading Halt', rc: 'T1', rm: 'News Pending', t: at, z: 'C' },
      { T: 's', S: 'SPY', sc: 'T', sm: 'Trading Resumption', rc: '', rm: '', t: at, z: 'C' },
    ]);
    await until('both changes', () => halts.length === 2);
    expect(trades).toEqual([
      { id: '52983525029461', symbol: BRKB, at: Date.parse('2026-01-05T14:31:02.123Z'), price: 4_001_234, size: 7 },
    ]);
    expect(halts.map(({ state }) => state)).toEqual(['halted', 'resumed']);
  });

  test.each([
    [402, /the key was refused/],
    [404, /too late/],
    [406, /another program is connected/],
    [409, /does not include this data/],
    [499, /error 499/],
  ])('error %i of the stream is said in plain words, and the feed tries again', async (code, words) => {
    emulator.dataStream.loginFault = code;
    await open();
    expect(states[0]).toMatchObject({ state: 'lost', reason: expect.stringMatching(words) });
    expect(states.at(-1)?.state).toBe('connected');
  });

  test('more symbols than the plan allows are named as the cause', async () => {
    emulator.dataStream.mostSymbols = 1;
    await feed.prepare(DATE);
    feed.open(DATE);
    await until('the reason', () => states.some(({ reason }) => reason.includes('too many symbols for the plan')));
  });

  test('a wrong key and a day of a plan without the data are refused by name', async () => {
    expect(await verdictOf(feedOf({ apiKey: secret('WRONG') }).prepare(DATE))).toBe('refuse KEY_REFUSED');
    emulator.data.refused = true;
    expect(await verdictOf(feed.prepare(DATE))).toBe('refuse PLAN_REFUSED');
    expect(await verdictOf(feedOf({}, []).prepare(DATE))).toBe('refuse FEED_WITHOUT_SYMBOLS');
  });
});
