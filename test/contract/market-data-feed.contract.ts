import { describe, expect, test } from '@jest/globals';
import type { Bar, HaltChange, IndexValue, MarketSlice, QuoteBar } from '../../src/domain/market/types.js';
import { Findings } from '../../src/domain/market/quality.js';
import { MinuteBuilder } from '../../src/domain/market/minute-builder.js';
import { MINUTE_MS, plusMs, type DateText, type EpochMs } from '../../src/kernel/time.js';
import type { FeedStatus, MarketDataFeed, RecordedSession } from '../../src/ports/market-data.js';

/** A feed with one day of data, and the way to have it send that day. */
export interface FeedUnderTest {
  readonly feed: MarketDataFeed;
  readonly date: DateText;
  readonly opensAt: EpochMs;
  readonly closesAt: EpochMs;
  /** What the feed has of the day. */
  readonly session: RecordedSession;
  /** Lets the world pass the end of the minute. */
  readonly pass: (slice: MarketSlice) => void;
  /** The day begins. */
  readonly begin: () => void;
}

/** What every market data feed promises to a session (TRD-1); `inFeed` runs a check with a new feed. */
export function feedContract(name: string, inFeed: (check: (under: FeedUnderTest) => void) => void): void {
  describe(`${name}: the contract of MarketDataFeed`, () => {
    test('a day has references, a description without paths, and findings', () => {
      inFeed(({ feed, date }) => {
        const day = feed.open(date);
        expect(day.date).toBe(date);
        expect(day.references.map(({ symbol }) => symbol)).toEqual([...day.description.symbols]);
        expect(day.references.length).toBeGreaterThan(0);
        expect(JSON.stringify(day.description)).not.toMatch(/"[^"]*\/(tmp|home|root)\//);
        expect(Object.values(day.findings()).every((count) => Number.isInteger(count) && count > 0)).toBe(true);
      });
    });

    test('it sends nothing by itself, and nothing of a minute before its end', () => {
      inFeed((under) => {
        const sent: (Bar | QuoteBar)[] = [];
        under.feed.bars$.subscribe((bar) => sent.push(bar));
        under.feed.quotes$.subscribe((quote) => sent.push(quote));
        under.feed.open(under.date);
        under.begin();
        expect(sent).toEqual([]);
        for (const slice of under.session.slices(under.opensAt, under.closesAt)) {
          under.pass(slice);
          expect(sent.every(({ start }) => plusMs(start, MINUTE_MS) <= slice.end)).toBe(true);
          sent.length = 0;
        }
      });
    });

    test('its minutes, made from the stream, are those of the day, and nothing is wrong with how they came', () => {
      inFeed((under) => {
        const { feed, session, opensAt, closesAt } = under;
        const findings = new Findings();
        const symbols = feed.open(under.date).references.map(({ symbol }) => symbol);
        const builder = new MinuteBuilder({ symbols, opensAt, closesAt, heardFrom: opensAt, findings });
        let now = opensAt;
        feed.bars$.subscribe((bar) => builder.bar(bar, now));
        feed.quotes$.subscribe((quote) => builder.quote(quote, now));
        feed.trades$.subscribe((trade) => builder.trade(trade, now));
        feed.halts$.subscribe((change: HaltChange) => builder.halt(change, now));
        feed.vix$.subscribe((figure: IndexValue) => builder.vix(figure, now));
        under.begin();
        for (const slice of session.slices(opensAt, closesAt)) {
          now = slice.end;
          under.pass(slice);
          expect(builder.close()).toEqual(slice);
        }
        expect(findings.toRecord()).toEqual({});
      });
    });

    test('it reports that it is connected, and how long its data may take', () => {
      inFeed((under) => {
        const states: FeedStatus['state'][] = [];
        under.feed.status$.subscribe(({ state, reason }) => {
          expect(reason).not.toBe('');
          states.push(state);
        });
        under.feed.open(under.date);
        under.begin();
        expect(states).toEqual(['connected']);
        expect(under.feed.settlesAfterMs).toBeGreaterThanOrEqual(0);
        expect(under.feed.settlesAfterMs).toBeLessThan(MINUTE_MS);
      });
    });
  });
}
