import type { Bar } from '../../domain/market/types.js';
import type { TickerSymbol } from '../../events/names.js';
import { epochMs, MINUTE_MS, SECOND_MS, type EpochMs } from '../../kernel/time.js';
import type { WireBar } from '../broker-ibkr/messages.js';
import { tickPrice, tickShares } from './ticks.js';

const PIECE_SECONDS = 5;
const PIECES = 12;

interface Running {
  readonly start: EpochMs;
  readonly seen: Set<number>;
  bar: Bar | undefined;
}

/** What became of a minute: a whole bar, or one that lacks pieces. */
export type EndedMinute =
  | { readonly kind: 'whole'; readonly bar: Bar }
  | { readonly kind: 'incomplete'; readonly symbol: TickerSymbol; readonly start: EpochMs };

/** Makes minutes of bars of five seconds; a repeated piece counts once, a minute without a trade has no bar. */
export class MinuteBars {
  readonly #running = new Map<TickerSymbol, Running>();

  /** Takes a piece that began at `seconds`; the minutes that are over with it. */
  take(symbol: TickerSymbol, seconds: number, piece: WireBar): readonly EndedMinute[] {
    const at = seconds * SECOND_MS;
    const start = epochMs(at - (at % MINUTE_MS));
    const index = Math.floor((at % MINUTE_MS) / SECOND_MS / PIECE_SECONDS);
    const before = this.#running.get(symbol);
    if (before !== undefined && start < before.start) return [];
    const ended: EndedMinute[] = [];
    let running = before;
    if (running?.start !== start) {
      if (running !== undefined) ended.push(...endOf(symbol, running));
      running = { start, seen: new Set(), bar: undefined };
      this.#running.set(symbol, running);
    }
    if (!running.seen.has(index)) {
      running.seen.add(index);
      running.bar = grown(symbol, running, piece);
    }
    if (index === PIECES - 1) {
      this.#running.delete(symbol);
      ended.push(...endOf(symbol, running));
    }
    return ended;
  }

  /** Nothing of the running minutes counts any more: pieces were missed. */
  forget(): void {
    this.#running.clear();
  }
}

function endOf(symbol: TickerSymbol, { start, seen, bar }: Running): readonly EndedMinute[] {
  if (seen.size < PIECES) return [{ kind: 'incomplete', symbol, start }];
  return bar === undefined ? [] : [{ kind: 'whole', bar }];
}

function grown(symbol: TickerSymbol, { start, bar }: Running, piece: WireBar): Bar | undefined {
  const [open, high, low, close] = [piece.open, piece.high, piece.low, piece.close].map(tickPrice);
  const volume = tickShares(piece.volume) ?? 0;
  if (open === undefined || high === undefined || low === undefined || close === undefined || volume === 0) return bar;
  if (bar === undefined) return { symbol, start, open, high, low, close, volume };
  return {
    ...bar,
    high: high > bar.high ? high : bar.high,
    low: low < bar.low ? low : bar.low,
    close,
    volume: bar.volume + volume,
  };
}
