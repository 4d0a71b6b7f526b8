import type { MarketSlice, Ohlc, SymbolReference } from '../../domain/market/types.js';
import type { OptionChain } from '../../domain/options/option-chain.js';
import type { EpochMs } from '../../kernel/time.js';
import { parseVix } from '../../domain/market/vix.js';

/** What the lines so far amount to. */
export interface Tally {
  bars: number;
  quotes: number;
  vix: string;
}

/** The line of a symbol's references. */
export function referenceLine(reference: SymbolReference): string {
  const { symbol, previousClose, previousVolume, marketCap, fundamentals } = reference;
  const line = `reference,${symbol},${previousClose ?? ''},${previousVolume ?? ''},${marketCap ?? ''}`;
  if (fundamentals === undefined) return line;
  const { pe, eps, debtEquity, marketCap: exactCap } = fundamentals;
  return [line, ...[pe, eps, debtEquity, exactCap].map((figure) => figure?.text() ?? '')].join(',');
}

/** Adds the lines of a minute. */
export function addMinute(lines: string[], slice: MarketSlice, tally: Tally): void {
  const vix = vixText(slice.vix);
  if (vix !== tally.vix) lines.push(`vix,${slice.start},${vix}`);
  tally.vix = vix;
  for (const symbol of slice.halted) lines.push(`halt,${symbol},${slice.start}`);
  for (const bar of slice.bars) lines.push(`bar,${bar.symbol},${bar.start},${ohlc(bar)},${bar.volume}`);
  for (const { symbol, start, bid, ask, bidSize, askSize } of slice.quotes) {
    lines.push(`quote,${symbol},${start},${ohlc(bid)},${bidSize},${ohlc(ask)},${askSize}`);
  }
  for (const { symbol, at, volume, price, imbalance } of slice.imbalances ?? []) {
    lines.push(`imbalance,${symbol},${at},${volume ?? ''},${price ?? ''},${imbalance ?? ''}`);
  }
  for (const chain of slice.chains ?? []) addChain(lines, slice.start, chain);
  tally.bars += slice.bars.length;
  tally.quotes += slice.quotes.length;
}

/** A chain, and after it its quotes. */
function addChain(lines: string[], start: EpochMs, { symbol, right, at, quotes }: OptionChain): void {
  lines.push(`chain,${symbol},${right},${start},${at}`);
  for (const { expiry, strike, bid, ask, impliedVolatility, underlying } of quotes) {
    const figures = [bid, ask, impliedVolatility, underlying].map((figure) => figure?.shortText() ?? '');
    lines.push(`option,${expiry},${strike.shortText()},${figures.join(',')}`);
  }
}

/** Empty when unknown; a figure that no reader takes for the VIX is unknown too. */
function vixText(vix: MarketSlice['vix']): string {
  const text = String(vix);
  return parseVix(text) === undefined ? '' : text;
}

function ohlc({ open, high, low, close }: Ohlc): string {
  return `${open},${high},${low},${close}`;
}
