import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { TradierFeed } from '../../../src/adapters/feed-tradier/tradier-feed.js';
import { sessionOf } from '../../../src/domain/calendar/nyse.js';
import { MinuteBuilder } from '../../../src/domain/market/minute-builder.js';
import { Findings } from '../../../src/domain/market/quality.js';
import {
  price,
  type Bar,
  type IndexValue,
  type MarketSlice,
  type QuoteBar,
  type Trade,
} from '../../../src/domain/market/types.js';
import { parseSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { secret } from '../../../src/kernel/secret.js';
import { MINUTE_MS, parseDateText, plusMs, SECOND_MS } from '../../../src/kernel/time.js';
import type { FeedStatus } from '../../../src/ports/market-data.js';
import { MarketFrames } from '../../emulators/tradier/market-frames.js';
import { TradierEmulator } from '../../emulators/tradier/tradier-emulator.js';
import { eventually } from '../../support/eventually.js';
import { MemoryRawFrames } from '../../support/memory-raw-frames.js';
import { verdictOf } from '../broker-kit/desk.js';

const DATE = parseDateText('2026-01-06');
const { opensAt, closesAt } = sessionOf(DATE) ?? { opensAt: 0, closesAt: 0 };
const SYMBOLS = [parseSymbol('SPY'), parseSymbol('AAPL')];

const until = (what: string, holds: () => boolean): Promise<void> =>
  eventually(what, holds, { everyMs: 5, patienceMs: 20_000 });

describe('market data of Tradier', () => {
  let clock: VirtualClock;
  let emulator: TradierEmulator;
  let feed: TradierFeed;
  let raw: MemoryRawFrames;
  let heard: { bars: Bar[]; quotes: QuoteBar[]; trades: Trade[]; vix: IndexValue[]; states: FeedStatus[] };

  beforeEach(async () => {
    clock = new VirtualClock(opensAt as ReturnType<VirtualClock['now']>);
    const symbols = [...SYMBOLS, 'VIX'].map((symbol) => ({ symbol, price: Decimal.parse('17.25') }));
    emulator = new TradierEmulator({ clock, symbols, market: true, seed: 3, heartbeatMs: 50 });
    await emulator.start();
    raw = new MemoryRawFrames();
    feed = make(emulator.url);
    heard = { bars: [], quotes: [], trades: [], vix: [], states: [] };
    feed.bars$.subscribe((one) => heard.bars.push(one));
    feed.quotes$.subscribe((one) => heard.quotes.push(one));
    feed.trades$.subscribe((one) => heard.trades.push(one));
    feed.vix$.subscribe((one) => heard.vix.push(one));
    feed.status$.subscribe((one) => heard.states.push(one));
  });
  afterEach(async () => {
    feed.close();
    await emulator.stop();
  });

  function make(url: string): TradierFeed {
    const none = secret('');
    const account = {
      url,
      host: '',
      apiKey: secret(emulator.token),
      secretKey: none,
      userName: none,
      password: none,
      accountNumber: null,
    };
    const pauses = { stepMs: 10, mostMs: 50, handshakeMs: 2_000, silentMs: 2_000 };
    return new TradierFeed({ account, clock, raw, symbols: SYMBOLS, pauses, timeoutMs: 1_000 });
  }

  async function open(): Promise<ReturnType<TradierFeed['open']>> {
    await feed.prepare(DATE);
    const day = feed.open(DATE);
    await until('the stream is open', () => emulator.streams.isOpen('markets'));
    return day;
  }

  const minutes = (): readonly MarketSlice[] => emulator.market?.minutes(DATE) ?? [];
  const pass = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) {
      clock.advanceTo(plusMs(clock.now(), MINUTE_MS));
      emulator.advance();
      const sent = ours()
        .flatMap(({ bars }) => bars)
        .reduce((sum, { volume }) => sum + volume, 0);
      await until('the trades have come', () => heard.trades.reduce((sum, { size }) => sum + size, 0) >= sent);
    }
  };

  /** The minutes that a session makes of what came. */
  function built(): readonly MarketSlice[] {
    const findings = new Findings();
    const times = { opensAt, closesAt, heardFrom: opensAt } as ConstructorParameters<typeof MinuteBuilder>[0];
    const builder = new MinuteBuilder({ ...times, symbols: SYMBOLS, findings });
    for (const one of heard.bars) builder.bar(one, clock.now());
    for (const one of heard.trades) builder.trade(one, clock.now());
    for (const one of heard.quotes) builder.quote(one, clock.now());
    return minutes().map(() => builder.close());
  }

  const ours = (): readonly MarketSlice[] =>
    minutes().map((slice) => ({ ...slice, bars: slice.bars.filter(({ symbol }) => SYMBOLS.includes(symbol)) }));

  test('references, bars made of trades, quotes of ended minutes, backfill and VIX are those of the market', async () => {
    const day = await open();
    const known = emulator.market?.references(DATE).filter(({ symbol }) => SYMBOLS.includes(symbol)) ?? [];
    expect(day.references.map(({ previousClose, previousVolume }) => [previousClose, previousVolume])).toEqual(
      known.map(({ previousClose, previousVolume }) => [previousClose, previousVolume]),
    );
    expect(day.description).toMatchObject({ kind: 'tradier', symbols: SYMBOLS });
    await pass(3);
    await until('the quotes have come', () => heard.quotes.length >= 6);
    expect(built().map(({ bars }) => bars)).toEqual(ours().map(({ bars }) => bars));
    expect(heard.quotes.every(({ bid, ask }) => bid.close <= ask.close)).toBe(true);
    const slices = await feed.backfill(opensAt as never, clock.now());
    expect(slices.map(({ bars }) => bars)).toEqual(ours().map(({ bars }) => bars));
    await until('the VIX has come', () => heard.vix.length > 0);
    expect(heard.vix[0]?.value).toBeGreaterThan(0);
    expect(JSON.stringify([...raw.frames.values()])).not.toMatch(/markets-session|emulated-token/);
  });

  test('an outage: whole minutes come before the feed is connected again, the broken one when it is over', async () => {
    await open();
    await pass(1);
    emulator.streams.cut('markets');
    await until('the loss is reported', () => heard.states.at(-1)?.state === 'lost');
    clock.advanceTo(plusMs(clock.now(), 2 * MINUTE_MS + 30 * SECOND_MS));
    emulator.advance();
    await until(
      'it is connected again',
      () => heard.states.at(-1)?.state === 'connected' && emulator.streams.isOpen('markets'),
    );
    clock.advanceTo(plusMs(clock.now(), 35 * SECOND_MS));
    emulator.advance();
    await until('all bars are there', () => heard.bars.length >= 6);
    expect(built().map(({ bars }) => bars)).toEqual(ours().map(({ bars }) => bars));
  });

  test('a session that expires is replaced; repeated and unreadable messages count by rule', async () => {
    const day = await open();
    emulator.streams.expire('markets');
    await until(
      'a new session is open',
      () => emulator.streams.connections === 2 && emulator.streams.isOpen('markets'),
    );
    emulator.faults.next('repeat', 'markets');
    new MarketFrames(emulator.streams).trade('SPY', price(5_000_000), 100, clock.now());
    await until('the trade came twice', () => heard.trades.length === 2);
    expect(new Set(heard.trades.map(({ id }) => id)).size).toBe(1);
    emulator.streams.send('markets', 'SPY', { type: 'trade', symbol: 'SPY', price: 'x', size: '1', date: '1' });
    emulator.streams.send('markets', 'SPY', { type: 'quote', symbol: 'SPY', bid: '1', ask: '2' });
    await until('both are counted', () => Object.keys(day.findings()).length === 2);
    expect(day.findings()).toEqual({ TRADE_BAD_FIGURE: 1, QUOTE_BAD_FIGURE: 1 });
  });

  test('the practice environment, no symbols and a day that was not prepared are refused by name', async () => {
    expect(await verdictOf(make('https://sandbox.tradier.com').prepare(DATE))).toBe('refuse SANDBOX_MARKET_DATA');
    expect(() => feed.open(DATE)).toThrow('have not been loaded');
  });
});
