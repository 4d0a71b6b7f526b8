import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { symbolsAmong } from '../adapters/feed-kit/symbols.js';
import { CsvFeed } from '../adapters/feed-replay/csv-feed.js';
import { LeanFeed } from '../adapters/feed-replay/lean-feed.js';
import { vixOptionOf } from '../adapters/feed-replay/vix-source.js';
import { SyntheticFeed } from '../adapters/feed-synthetic/synthetic-feed.js';
import { configError, dataError, type TradeBotError } from '../kernel/errors.js';
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

const GIVE_FOLDER = 'Give --data the folder of the market data, or trade synthetic data with --synthetic.';

interface RecordedFiles {
  readonly dir: string;
  readonly symbols: readonly TickerSymbol[];
  readonly vix: string | undefined;
}

function requireRecorded(dir: string, symbols: readonly TickerSymbol[]): void {
  requireDataFolder(dir);
  if (symbols.length === 0) {
    throw configError({
      code: 'SYMBOLS_MISSING',
      message: 'no symbols were given for the recorded data',
      remedy: 'Name the symbols to trade, such as --symbols SPY,AIG,BAC,IBM.',
    });
  }
}

function requireDataFolder(dir: string): void {
  if (dir === '') throw noFolder('--data is empty');
  const kind = kindOf(dir);
  if (kind === 'file') throw noFolder(`${dir} is a file, not a folder`, folderOf(dir));
  if (kind !== 'folder') throw noFolder(`${dir} ${kind === 'missing' ? 'does not exist' : 'cannot be read'}`);
}

function kindOf(path: string): 'folder' | 'file' | 'missing' | 'unreadable' {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return 'missing';
    return found.isDirectory() ? 'folder' : 'file';
  } catch {
    return 'unreadable';
  }
}

/** Names the folder that was meant by a file of the data. */
function folderOf(path: string): string {
  const layout = path.indexOf('/equity/usa/');
  if (layout !== -1) return `Give --data ${path.slice(0, layout) || '/'}, the folder that contains equity/usa.`;
  if (!/\.csv$/i.test(path)) return GIVE_FOLDER;
  const [symbol] = symbolsAmong([basename(path).slice(0, -'.csv'.length)]);
  const name = symbol === undefined ? '' : `, and name its symbol: --symbols ${symbol}`;
  return `Give --data ${dirname(path)}, the folder of that file${name}.`;
}

function noFolder(message: string, remedy = GIVE_FOLDER): TradeBotError {
  return dataError({ code: 'DATA_FOLDER_MISSING', message, remedy });
}

function csvFeed({ dir, symbols, vix }: RecordedFiles): CsvFeed {
  return new CsvFeed({ dir, symbols, ...(vix === undefined ? {} : { vix: vixOptionOf(vix) }) });
}

function leanFeed({ dir, symbols, vix }: RecordedFiles): LeanFeed {
  return new LeanFeed({ root: dir, symbols, ...(vix === undefined ? {} : { vix: vixOptionOf(vix) }) });
}

function isCsvFolder(dir: string): boolean {
  return !existsSync(`${dir}/equity`) && readdirSync(dir).some((name) => name.toLowerCase().endsWith('.csv'));
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
