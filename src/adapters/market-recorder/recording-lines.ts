import type { MarketSlice, Ohlc, SymbolReference } from '../../domain/market/types.js';

/** What the lines so far amount to. */
export interface Tally {
  bars: number;
  quotes: number;
  vix: string;
}

/** The line of a symbol's references. */
export function referenceLine({ symbol, previousClose, previousVolume, marketCap }: SymbolReference): string {
  return `reference,${symbol},${previousClose ?? ''},${previousVolume ?? ''},${marketCap ?? ''}`;
}

/** Adds the lines of a minute. */
export function addMinute(lines: string[], slice: MarketSlice, tally: Tally): void {
  const vix = slice.vix === undefined ? '' : String(slice.vix);
  if (vix !== tally.vix) lines.push(`vix,${slice.start},${vix}`);
  tally.vix = vix;
  for (const symbol of slice.halted) lines.push(`halt,${symbol},${slice.start}`);
  for (const bar of slice.bars) lines.push(`bar,${bar.symbol},${bar.start},${ohlc(bar)},${bar.volume}`);
  for (const { symbol, start, bid, ask, bidSize, askSize } of slice.quotes) {
    lines.push(`quote,${symbol},${start},${ohlc(bid)},${bidSize},${ohlc(ask)},${askSize}`);
  }
  tally.bars += slice.bars.length;
  tally.quotes += slice.quotes.length;
}

function ohlc({ open, high, low, close }: Ohlc): string {
  return `${open},${high},${low},${close}`;
}
