import { isSymbol, type TickerSymbol } from '../../events/names.js';
import { DAY_MS, parseUtcText } from '../../kernel/time.js';
import type { PublishedUniverse } from './universe-file.js';

/** How the published universe stands for a session. */
export type UniverseAge =
  { readonly state: 'missing'; readonly days: null } | { readonly state: 'fresh' | 'stale'; readonly days: number };

/** Days from the date of a universe to a session, and whether they are more than SCREENER_UNIVERSE_MAX_AGE_DAYS. */
export function universeAge(universeDate: string | undefined, session: string, maxAgeDays: number): UniverseAge {
  if (universeDate === undefined) return { state: 'missing', days: null };
  const days = Math.round((midnight(session) - midnight(universeDate)) / DAY_MS);
  return { state: days > maxAgeDays ? 'stale' : 'fresh', days };
}

const midnight = (date: string): number => parseUtcText(`${date}T00:00:00.000Z`);

/** The symbols of a session, with where they come from, for events and pages. */
export interface SessionSymbols {
  readonly symbols: readonly TickerSymbol[];
  readonly source: 'universe' | 'set-up';
  /** In words, with the date of the universe and what was cut off. */
  readonly description: string;
  readonly age: UniverseAge;
}

/** What a session chooses its symbols from. */
export interface SymbolChoice {
  /** Undefined when there is none that can be read. */
  readonly universe: PublishedUniverse | undefined;
  readonly session: string;
  readonly maxAgeDays: number;
  /** How many symbols the feed can carry. */
  readonly carries: number;
  /** The symbols of the set-up. */
  readonly setUp: readonly TickerSymbol[];
}

/** The published universe, the best ranked symbols that the feed can carry (TRD-11); without one those of the set-up. */
export function chooseSessionSymbols(choice: SymbolChoice): SessionSymbols {
  const { universe, session, maxAgeDays, carries, setUp } = choice;
  const age = universeAge(universe?.header.date, session, maxAgeDays);
  const known = (universe?.symbols ?? []).flatMap(({ symbol }) => (isSymbol(symbol) ? [symbol] : []));
  if (universe === undefined || known.length === 0) {
    const why = universe === undefined ? 'no universe is published' : 'the published universe is empty';
    const symbols = setUp.slice(0, carries);
    return { symbols, source: 'set-up', age, description: `${why}: the ${symbols.length} symbols of the set-up` };
  }
  const symbols = known.slice(0, carries);
  const cut = symbols.length < known.length ? `the first ${symbols.length} of ${known.length}` : String(known.length);
  const stale = age.state === 'stale' ? `, older than ${maxAgeDays} days` : '';
  return {
    ...{ symbols, source: 'universe', age },
    description: `universe of ${universe.header.date}${stale}: ${cut} symbols by rank`,
  };
}
