import { existsSync, readdirSync, statSync } from 'node:fs';
import { CsvFeed } from '../adapters/feed-replay/csv-feed.js';
import { LeanFeed } from '../adapters/feed-replay/lean-feed.js';
import { SyntheticFeed } from '../adapters/feed-synthetic/synthetic-feed.js';
import { configError, dataError } from '../kernel/errors.js';
import { parseSymbol, type TickerSymbol } from '../events/names.js';
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
  const { dir, symbols } = source;
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
  const vix = source.vix === undefined ? {} : { vix: vixOption(source.vix) };
  return isCsvFolder(dir) ? new CsvFeed({ dir, symbols, ...vix }) : new LeanFeed({ root: dir, symbols, ...vix });
}

function isCsvFolder(dir: string): boolean {
  return !existsSync(`${dir}/equity`) && readdirSync(dir).some((name) => name.toLowerCase().endsWith('.csv'));
}

function vixOption(text: string): { readonly value: number } | { readonly file: string } {
  return /^\d+(\.\d+)?$/.test(text) ? { value: Number(text) } : { file: text };
}
