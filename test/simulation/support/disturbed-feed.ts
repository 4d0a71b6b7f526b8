import type { MarketSlice } from '../../../src/domain/market/types.js';
import type { TickerSymbol } from '../../../src/events/names.js';
import type { DateText } from '../../../src/kernel/time.js';
import type { RecordedSession, ReplayedFeed } from '../../../src/ports/market-data.js';

type Change = (slice: MarketSlice, clock: string) => MarketSlice;

/** A feed with each minute of one day passed through `change`. */
export function disturbedFeed(feed: ReplayedFeed, day: DateText, change: Change): ReplayedFeed {
  return new Proxy(feed, {
    get(target, key): unknown {
      if (key === 'openSession') {
        return (date: DateText): RecordedSession => {
          const session = target.openSession(date);
          if (date !== day) return session;
          return new Proxy(session, {
            get(inner, name): unknown {
              if (name === 'slices')
                return (...span: Parameters<RecordedSession['slices']>) => changed(inner, span, change);
              const value: unknown = Reflect.get(inner, name);
              return typeof value === 'function' ? (value.bind(inner) as unknown) : value;
            },
          });
        };
      }
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function* changed(
  session: RecordedSession,
  span: Parameters<RecordedSession['slices']>,
  change: Change,
): Iterable<MarketSlice> {
  for (const slice of session.slices(...span)) yield change(slice, new Date(slice.start).toISOString().slice(11, 16));
}

/** Nothing comes through from `from` until before `to` (UTC, `hh:mm`). */
export function silent(from: string, to: string): Change {
  return (slice, clock) => (clock >= from && clock < to ? { ...slice, bars: [], quotes: [] } : slice);
}

/** The auction of a symbol has shares left over from `from` (UTC, `hh:mm`), next to 100,000 that have a counterparty. */
export function unmatched(symbol: TickerSymbol, imbalance: number, from: string): Change {
  return (slice, clock) =>
    clock < from
      ? slice
      : { ...slice, imbalances: [{ symbol, at: slice.start, volume: 100_000, price: undefined, imbalance }] };
}

/** Trading in one symbol is halted from `from` until before `to` (UTC, `hh:mm`). */
export function halted(symbol: TickerSymbol, from: string, to: string): Change {
  return (slice, clock) =>
    clock >= from && clock < to
      ? {
          ...slice,
          bars: slice.bars.filter((bar) => bar.symbol !== symbol),
          quotes: slice.quotes.filter((quote) => quote.symbol !== symbol),
          halted: [...slice.halted, symbol],
        }
      : slice;
}
