import { textIfThere } from '../adapters/files/growing-file.js';
import type { Settings } from '../domain/config/settings.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import { chooseSessionSymbols, type SessionSymbols } from '../domain/universe/session-symbols.js';
import { parsePublished, type PublishedUniverse } from '../domain/universe/universe-file.js';
import type { TickerSymbol } from '../events/names.js';
import { TradeBotError } from '../kernel/errors.js';
import type { DateText } from '../kernel/time.js';

export interface SessionSymbolsOptions {
  readonly paths: Pick<HomePaths, 'universe'>;
  readonly settings: Settings;
  readonly session: DateText;
  /** How many symbols the feed can carry. */
  readonly carries: number;
  /** The symbols of the set-up, for a home without a universe. */
  readonly setUp: readonly TickerSymbol[];
}

/** The symbols of a session: the published universe as far as the feed can carry it, else those of the set-up (TRD-11). */
export function sessionSymbols({ paths, settings, ...choice }: SessionSymbolsOptions): SessionSymbols {
  const { universe, fault } = publishedUniverse(paths);
  const chosen = chooseSessionSymbols({ ...choice, universe, maxAgeDays: settings.SCREENER_UNIVERSE_MAX_AGE_DAYS });
  return fault === undefined ? chosen : { ...chosen, description: `${chosen.description}; ${fault}` };
}

/** The published universe; a file that cannot be used counts as none, with its fault. */
export function publishedUniverse({ universe }: Pick<HomePaths, 'universe'>): {
  readonly universe: PublishedUniverse | undefined;
  readonly fault: string | undefined;
} {
  try {
    const text = textIfThere(universe.published);
    return { universe: text === undefined ? undefined : parsePublished(text), fault: undefined };
  } catch (error) {
    return { universe: undefined, fault: error instanceof TradeBotError ? error.message : String(error) };
  }
}
