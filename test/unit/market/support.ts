import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { zipSync } from 'fflate';
import {
  price,
  type Bar,
  type MarketSlice,
  type QuoteBar,
  type SymbolReference,
} from '../../../src/domain/market/types.js';
import { parseSymbol } from '../../../src/events/names.js';
import { TradeBotError } from '../../../src/kernel/errors.js';
import { MINUTE_MS, epochMs, parseDateText, plusMs, type DateText, type EpochMs } from '../../../src/kernel/time.js';

export const symbol = parseSymbol;
export const date = parseDateText;
export const at = (iso: string): EpochMs => epochMs(Date.parse(iso));

export const SPY = symbol('SPY');
export const OPEN = at('2013-10-07T13:30:00Z');
export const CLOSE = at('2013-10-07T20:00:00Z');

export function bar(start: EpochMs, prices: readonly [number, number, number, number], volume = 100, of = SPY): Bar {
  const [open, high, low, close] = prices;
  return { symbol: of, start, open: price(open), high: price(high), low: price(low), close: price(close), volume };
}

export function quote(start: EpochMs, bid: number, ask: number, of = SPY): QuoteBar {
  const side = (at: number) => ({ open: price(at), high: price(at), low: price(at), close: price(at) });
  return { symbol: of, start, bid: side(bid), ask: side(ask), bidSize: 100, askSize: 200 };
}

export function slice(start: EpochMs, parts: Partial<Omit<MarketSlice, 'start' | 'end'>> = {}): MarketSlice {
  return { start, end: plusMs(start, MINUTE_MS), bars: [], quotes: [], halted: [], vix: undefined, ...parts };
}

export function reference(of = SPY): SymbolReference {
  return { symbol: of, previousClose: undefined, previousVolume: undefined, marketCap: undefined };
}

export const minute = (index: number, from: EpochMs = OPEN): EpochMs => plusMs(from, index * MINUTE_MS);

/** Runs `task` with a fresh folder that is removed afterwards. */
export function inFolder<T>(task: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'tradebot-market-'));
  try {
    return task(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function put(folder: string, name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

export function zip(name: string, text: string): Uint8Array {
  return zipSync({ [name]: Buffer.from(text) });
}

export interface LeanDay {
  readonly symbol: string;
  readonly day: DateText;
  readonly trades: string;
  readonly quotes?: string;
}

/** Writes one symbol's day in the QuantConnect layout. */
export function putLeanDay(root: string, { symbol: of, day, trades, quotes }: LeanDay): void {
  const compact = day.replaceAll('-', '');
  const folder = `equity/usa/minute/${of.toLowerCase()}`;
  put(root, `${folder}/${compact}_trade.zip`, zip('trade.csv', trades));
  if (quotes !== undefined) put(root, `${folder}/${compact}_quote.zip`, zip('quote.csv', quotes));
}

/** The error that `task` throws; fails when it throws none, or another kind. */
export function errorOf(task: () => unknown): TradeBotError {
  try {
    task();
  } catch (error) {
    if (error instanceof TradeBotError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
