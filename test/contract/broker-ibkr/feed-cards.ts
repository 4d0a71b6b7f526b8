import { expect } from '@jest/globals';
import { IbkrFeed } from '../../../src/adapters/feed-ibkr/ibkr-feed.js';
import type { AuctionImbalance, Bar, HaltChange, MarketSlice, QuoteBar } from '../../../src/domain/market/types.js';
import { sessionOf } from '../../../src/domain/calendar/nyse.js';
import { parseSymbol } from '../../../src/events/names.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { MINUTE_MS, parseDateText, parseUtcText, plusMs, type EpochMs } from '../../../src/kernel/time.js';
import type { FeedStatus, MarketDay } from '../../../src/ports/market-data.js';
import { EmulatedMarket } from '../../emulators/exchange/market.js';
import { eventually } from '../../support/eventually.js';
import { ibkrBench, type IbkrBench } from './bench.js';
import { verdictOf } from '../broker-kit/desk.js';
import type { Card } from '../broker-kit/kit.js';

const DATE = parseDateText('2026-01-05');

/** A bench with a market, and a feed that listens to it. */
export interface FeedBench extends IbkrBench {
  readonly feed: IbkrFeed;
  readonly day: MarketDay;
  readonly market: EmulatedMarket;
  readonly heard: {
    readonly bars: Bar[];
    readonly quotes: QuoteBar[];
    readonly halts: HaltChange[];
    readonly auctions: AuctionImbalance[];
    readonly vix: (number | undefined)[];
    readonly states: FeedStatus[];
  };
  /** Until that time of the world; what the gateway sent of it has arrived. */
  until(at: EpochMs): Promise<void>;
  slices(): readonly MarketSlice[];
}

/** The opening of the session of the bench. */
const OPENS = sessionOf(DATE)?.opensAt ?? parseUtcText('2026-01-05T14:30:00.000Z');

export async function feedBench(): Promise<FeedBench> {
  const clock = {
    at: OPENS,
    now(): EpochMs {
      return this.at;
    },
  };
  const symbols = ['SPY', 'AAPL'];
  const market = new EmulatedMarket({ seed: 5, symbols, clock });
  const bench = await ibkrBench(193, { market, clock }, clock);
  const { host, port } = bench.address;
  const feed = new IbkrFeed({
    address: { host, port, clientId: 8 },
    clock,
    raw: { keep: ({ text }) => sha256Hex(text) },
    symbols: symbols.map(parseSymbol),
    limits: { retryStepMs: 20, longestRetryMs: 60 },
  });
  const heard: FeedBench['heard'] = { bars: [], quotes: [], halts: [], auctions: [], vix: [], states: [] };
  feed.bars$.subscribe((bar) => heard.bars.push(bar));
  feed.quotes$.subscribe((quote) => heard.quotes.push(quote));
  feed.halts$.subscribe((change) => heard.halts.push(change));
  feed.imbalances$.subscribe((auction) => heard.auctions.push(auction));
  feed.vix$.subscribe(({ value }) => heard.vix.push(value));
  feed.status$.subscribe((status) => heard.states.push(status));
  await feed.prepare(DATE);
  const day = feed.open(DATE);
  const subscribed = (): number => bench.emulator.market.subscriptions.length;
  await eventually('the feed has its lines', () => subscribed() === 5, { everyMs: 5, seen: () => `${subscribed()}` });
  return {
    ...bench,
    ...{ feed, day, market, heard },
    slices: () => market.minutes(DATE),
    until: async (at) => {
      clock.at = at;
      market.advance(bench.exchange);
      if (feed.line.isUp)
        await feed.line.ask({
          what: 'a round trip',
          ask: (id) => (encoder) => encoder.reqExecutions(id, {}),
          take: (message, id) =>
            message.kind === 'executionsEnd' && message.reqId === id ? { answer: true } : undefined,
        });
    },
    finish: async () => {
      feed.close();
      await bench.finish();
    },
  };
}

const isHeard = (bench: FeedBench): readonly Bar[] => bench.slices().flatMap(({ bars }) => bars);
const byTime = (a: Bar, b: Bar): number => a.start - b.start || (a.symbol < b.symbol ? -1 : 1);

export const FEED_CARDS: readonly Card<FeedBench>[] = [
  {
    ...{ id: 'IF1', given: 'a feed that listens from the open', when: 'minutes pass' },
    ...{
      then: 'its bars are those of the market, with quotes, VIX and the closes of the day before',
      source: 'TRD-1; ibkr.md',
    },
    run: async (bench) => {
      const { heard, day, market } = bench;
      expect(day.references.map(({ symbol, previousClose }) => [symbol, previousClose])).toEqual(
        market.references(DATE).map(({ symbol, previousClose }) => [symbol, previousClose]),
      );
      for (let minute = 1; minute <= 4; minute += 1) await bench.until(plusMs(OPENS, minute * MINUTE_MS));
      expect([...heard.bars].sort(byTime)).toEqual([...isHeard(bench)].sort(byTime));
      expect(heard.quotes.length).toBeGreaterThan(0);
      expect(heard.quotes.every(({ bid, ask }) => bid.close <= ask.close)).toBe(true);
      expect(heard.vix).toEqual([17.25]);
      expect(heard.states.map(({ state }) => state)).toEqual(['connected']);
    },
  },
  {
    ...{ id: 'IF10', given: 'a feed in mid-session', when: 'an option is followed, and the line is made again' },
    ...{
      then: 'minutes of its bids and quotes in units come from then on, and nothing comes twice',
      source: 'TRD-23; ibkr.md market data',
    },
    run: async (bench) => {
      const { emulator, feed, heard } = bench;
      let bid = '3.10';
      emulator.market.options.set('SPY', {
        expiries: ['20260116'],
        strikes: ['500'],
        quote: () => ({ bid, ask: '3.20', impliedVolatility: '0.2' }),
      });
      const option = parseSymbol('SPY260116P500');
      const lines = (): number => emulator.market.subscriptions.filter(({ symbol }) => symbol === option).length;
      await bench.until(plusMs(OPENS, MINUTE_MS));
      feed.follow(option);
      feed.follow(option);
      await eventually('the option has its lines', () => lines() === 2, { everyMs: 2 });
      await bench.until(plusMs(OPENS, 2 * MINUTE_MS));
      emulator.cut();
      await eventually('the data is lost', () => heard.states.at(-1)?.state === 'lost', { everyMs: 2 });
      await eventually('it has its lines again', () => lines() === 2 && feed.line.isUp, { everyMs: 2 });
      bid = '3.05';
      await bench.until(plusMs(OPENS, 3 * MINUTE_MS));
      await bench.until(plusMs(OPENS, 4 * MINUTE_MS));
      const bars = heard.bars.filter(({ symbol }) => symbol === option);
      expect(bars.map(({ start, close, volume }) => [(start - OPENS) / MINUTE_MS, close, volume])).toEqual([
        [1, 31_000, 1_200],
        [2, 30_500, 1_200],
        [3, 30_500, 1_200],
      ]);
      const quotes = heard.quotes.filter(({ symbol }) => symbol === option);
      expect(quotes.map(({ ask, askSize }) => `${ask.close} x ${askSize}`)).toContain('32000 x 1000');
      expect(emulator.seen.filter(({ fields }) => fields.includes('BID'))).toHaveLength(2);
    },
  },
  {
    ...{ id: 'IF2', given: 'a minute of which pieces are lost', when: 'it ends' },
    ...{ then: 'no bar of fewer shares leaves, and the minute comes from history', source: 'own' },
    run: async (bench) => {
      const { heard, emulator } = bench;
      bench.clock.at = plusMs(OPENS, MINUTE_MS);
      const bar = isHeard(bench).find(({ symbol }) => symbol === 'SPY');
      if (bar === undefined) throw new Error('the market has no bar of SPY');
      emulator.market.bars(bar, [0, 5]);
      await eventually('the minute is whole', () => heard.bars.length > 0, { everyMs: 5 });
      expect(heard.bars).toEqual([bar]);
    },
  },
  {
    ...{ id: 'IF3', given: 'an outage of the line, then 1101, then 1102', when: 'data is back' },
    ...{
      then: 'every line is asked for again and counts once, the data was lost with a cause',
      source: 'ibkr.md codes',
    },
    run: async (bench) => {
      const { emulator, heard } = bench;
      const lines = (): number => emulator.market.subscriptions.length;
      emulator.cut();
      await eventually('the data is lost', () => heard.states.at(-1)?.state === 'lost', { everyMs: 2 });
      await eventually('it is back', () => heard.states.at(-1)?.state === 'connected' && lines() === 5, { everyMs: 5 });
      for (const code of [1_101, 1_102]) {
        emulator.notice(1_100, 'lost');
        await eventually('the data is lost', () => heard.states.at(-1)?.state === 'lost', { everyMs: 2 });
        if (code === 1_101) emulator.market.forget();
        emulator.notice(code, 'restored');
        await eventually('it is back', () => heard.states.at(-1)?.state === 'connected', { everyMs: 5 });
        await bench.until(bench.clock.now());
        expect(lines()).toBe(5);
      }
      expect(heard.states.every(({ reason }) => reason !== '')).toBe(true);
    },
  },
  {
    ...{
      id: 'I16',
      given: 'a line that is not known any more (300), and a competing session (10197)',
      when: 'they arrive',
    },
    ...{
      then: 'nothing breaks, and the data is marked as lost with the cause until it comes again',
      source: 'Lean...InteractiveBrokers#237, #212',
    },
    run: async (bench) => {
      const { emulator, heard } = bench;
      emulator.error(1_500_000_001, 300, "Can't find EId with tickerId:1500000001");
      emulator.error(-1, 10_197, 'No market data during competing live session');
      await eventually('the data is lost', () => heard.states.at(-1)?.state === 'lost', { everyMs: 2 });
      expect(heard.states.at(-1)?.reason).toMatch(/another session/);
      await bench.until(plusMs(OPENS, MINUTE_MS));
      expect(heard.states.at(-1)?.state).toBe('connected');
      expect(heard.bars.length).toBeGreaterThan(0);
    },
  },
  {
    ...{ id: 'IF4', given: 'halts and auctions', when: 'their ticks come' },
    ...{
      then: 'a halt begins and ends once, and an auction has volume, price and imbalance',
      source: 'ibkr.md: auction imbalance',
    },
    run: async (bench) => {
      const { emulator, heard } = bench;
      for (const state of [1, 2, 0] as const) emulator.market.halt('SPY', state);
      emulator.market.auction('SPY', { volume: 1_200, price: '500.25', imbalance: -300 });
      await bench.until(bench.clock.now());
      expect(heard.halts.map(({ state }) => state)).toEqual(['halted', 'resumed']);
      expect(heard.auctions.at(-1)).toMatchObject({ symbol: 'SPY', volume: 1_200, price: 5_002_500, imbalance: -300 });
    },
  },
  {
    ...{ id: 'IF5', given: 'minutes that nobody heard', when: 'they are asked for again, and too often' },
    ...{ then: 'they are those of the market, and the pace of the gateway is kept', source: 'ibkr.md pacing' },
    run: async (bench) => {
      const { feed, clock, emulator } = bench;
      clock.at = plusMs(OPENS, 5 * MINUTE_MS);
      const from = plusMs(OPENS, MINUTE_MS);
      const again = await feed.backfill(from, clock.at);
      const wanted = bench.slices().filter(({ end }) => end > from);
      expect(again.map(({ start }) => start)).toEqual(wanted.map(({ start }) => start));
      expect(again.flatMap(({ bars }) => bars)).toEqual(
        wanted.flatMap(({ bars }) => [...bars].sort((a, b) => (a.symbol > b.symbol ? -1 : 1))),
      );
      expect(await verdictOf(feed.backfill(from, clock.at))).toBe('retry HISTORY_PACE');
      expect(emulator.seen.filter(({ name }) => name === 'historicalData')).toHaveLength(4);
    },
  },
  {
    ...{ id: 'IF6', given: 'a symbol without a subscription to its data (354)', when: 'the day is opened' },
    ...{ then: 'it is counted, and the others are heard', source: 'ibkr.md codes' },
    run: async (bench) => {
      const { emulator, feed, heard } = bench;
      emulator.market.notSubscribed.add('AAPL');
      emulator.cut();
      await eventually('it is back', () => heard.states.filter(({ state }) => state === 'connected').length === 2, {
        everyMs: 5,
      });
      // its requests go before this question
      await bench.until(bench.clock.now());
      await bench.until(plusMs(OPENS, MINUTE_MS));
      expect(bench.day.findings()).toMatchObject({ LINE_REFUSED: 1 });
      expect(heard.bars.map(({ symbol }) => symbol)).toContain('SPY');
      expect(feed.line.isUp).toBe(true);
    },
  },
];
