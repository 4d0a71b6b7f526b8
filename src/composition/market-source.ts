import { existsSync, readdirSync, statSync } from 'node:fs';
import { CsvFeed } from '../adapters/feed-replay/csv-feed.js';
import { LeanFeed } from '../adapters/feed-replay/lean-feed.js';
import { SyntheticFeed } from '../adapters/feed-synthetic/synthetic-feed.js';
import { configError, dataError } from '../kernel/errors.js';
import { parseSymbol, type TickerSymbol } from '../events/names.js';
import type { DateText } from '../kernel/time.js';
import type { ReplayedFeed } from '../ports/market-data.js';

/** Source of the day's market data, as chosen on the command line. */
export type MarketSource =
  | { readonly kind: 'synthetic'; readonly seed: number; readonly symbols: readonly TickerSymbol[] }
  | {
      readonly kind: 'folder';
      readonly dir: string;
      readonly symbols: readonly TickerSymbol[];
      /** A figure, or a file of daily closes. */
      readonly vix: string | undefined;
    };

/** Parses `SPY,AIG,BAC` into symbols; empty parts are skipped. */
export function parseSymbols(text: string): readonly TickerSymbol[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseSymbol);
}

/** Opens no file yet: the feed checks its files when a day is opened. */
export function openFeed(source: MarketSource): ReplayedFeed {
  if (source.kind === 'synthetic') {
    return new SyntheticFeed({
      seed: source.seed,
      ...(source.symbols.length === 0 ? {} : { symbols: source.symbols }),
    });
  }
  const { dir, symbols, vix } = source;
  requireRecorded(dir, symbols);
  return isCsvFolder(dir) ? csvFeed({ dir, symbols, vix }) : leanFeed({ dir, symbols, vix });
}

interface RecordedFiles {
  readonly dir: string;
  readonly symbols: readonly TickerSymbol[];
  readonly vix: string | undefined;
}

function requireRecorded(dir: string, symbols: readonly TickerSymbol[]): void {
  if (!existsSync(dir) || !statSync(dir).isDirectory()) {
    throw dataError({
      code: 'DATA_FOLDER_MISSING',
      message: `${dir} does not exist`,
      remedy: 'Give --data the folder of the market data, or trade synthetic data with --synthetic.',
    });
  }
  if (symbols.length === 0) {
    throw configError({
      code: 'SYMBOLS_MISSING',
      message: 'no symbols were given for the recorded data',
      remedy: 'Name the symbols to trade, such as --symbols SPY,AIG,BAC,IBM.',
    });
  }
}

function csvFeed({ dir, symbols, vix }: RecordedFiles): CsvFeed {
  return new CsvFeed({ dir, symbols, ...(vix === undefined ? {} : { vix: vixOption(vix) }) });
}

function leanFeed({ dir, symbols, vix }: RecordedFiles): LeanFeed {
  return new LeanFeed({ root: dir, symbols, ...(vix === undefined ? {} : { vix: vixOption(vix) }) });
}

function isCsvFolder(dir: string): boolean {
  return !existsSync(`${dir}/equity`) && readdirSync(dir).some((name) => name.toLowerCase().endsWith('.csv'));
}

function vixOption(text: string): { readonly value: number } | { readonly file: string } {
  return /^\d+(\.\d+)?$/.test(text) ? { value: Number(text) } : { file: text };
}

/** The market data of a running bot with the simulated broker, as main hands it to every engine: plain data. */
export interface FeedChoice {
  readonly feed: 'synthetic' | 'lean' | 'csv';
  /** Absolute; null for a synthetic market. */
  readonly dir: string | null;
  /** Empty: those of the set-up. */
  readonly symbols: readonly string[];
  /** A figure, or the absolute path of a file; null: unknown. */
  readonly vix: string | null;
  /** Of the simulated broker and of a synthetic market; null: derived from the bot's identity. */
  readonly seed: number | null;
}

/** Recorded days that a bot can trade, in order. */
export interface RecordedDays {
  readonly feed: ReplayedFeed;
  readonly days: readonly DateText[];
}

/** Opens the recorded days of a choice; throws when there is no folder, no such symbol, or no day that all symbols have. */
export function openRecordedDays(choice: FeedChoice): RecordedDays {
  const dir = choice.dir ?? '';
  const symbols = choice.symbols.map(parseSymbol);
  requireRecorded(dir, symbols);
  const files = { dir, symbols, vix: choice.vix ?? undefined };
  const feed = choice.feed === 'csv' ? csvFeed(files) : leanFeed(files);
  const days = feed.days();
  if (days.length > 0) return { feed, days };
  throw dataError({
    code: 'DATA_NO_COMMON_DAY',
    message: `there is no day on which ${dir} has data of all of ${symbols.join(', ')}`,
    remedy: 'Leave out the symbol without data, or give another --data.',
  });
}
