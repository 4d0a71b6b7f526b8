import { existsSync, readdirSync, statSync } from 'node:fs';
import { CsvFeed } from '../adapters/feed-replay/csv-feed.js';
import { LeanFeed } from '../adapters/feed-replay/lean-feed.js';
import { SyntheticFeed } from '../adapters/feed-synthetic/synthetic-feed.js';
import { configError, dataError } from '../kernel/errors.js';
import { parseSymbol, type TickerSymbol } from '../events/names.js';
import type { MarketDataFeed } from '../ports/market-data.js';

/** Where the day's market data comes from, as a person says it. */
export type MarketSource =
  | { readonly kind: 'synthetic'; readonly seed: number; readonly symbols: readonly TickerSymbol[] }
  | {
      readonly kind: 'folder';
      readonly dir: string;
      readonly symbols: readonly TickerSymbol[];
      /** A figure or a file of closes. */
      readonly vix: string | undefined;
    };

/** `SPY,AIG,BAC` as symbols; empty parts are left out. */
export function parseSymbols(text: string): readonly TickerSymbol[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseSymbol);
}

/** Opens nothing yet: the feed's own checks speak when a day is opened. */
export function openFeed(source: MarketSource): MarketDataFeed {
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
      message: `there is no folder ${dir}`,
      remedy: 'Give --data the folder of the market data, or trade a made-up day with --synthetic.',
    });
  }
  if (symbols.length === 0) {
    throw configError({
      code: 'SYMBOLS_MISSING',
      message: 'no symbols were given for the recorded data',
      remedy: 'Say which to trade, such as --symbols SPY,AIG,BAC,IBM.',
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
