/**
 * What a strategy of one's own sees of TradeBot: `import type { Strategy } from 'tradebot/strategy'`. Prices are dollars as
 * plain numbers, for comparisons only: TradeBot makes orders from its own exact prices. Nothing here imports anything.
 */

/** A figure that explains an answer: a number, or a word. */
export type Figure = number | string;

/** Why nothing is done: a code in capitals, and the figures behind it. */
export interface Reason {
  /** Such as INSIDE_RANGE: capitals, digits and `_`. */
  readonly code: string;
  readonly figures?: Readonly<Record<string, Figure>>;
}

/** A symbol is ranked by its fitness, 0 to 1; the best enter the pool. */
export interface Ranked {
  readonly fitness: number;
  readonly figures?: Readonly<Record<string, Figure>>;
}

/** A trade is wanted now. */
export interface Signal {
  readonly side: 'long' | 'short';
  /** The rule that fired, such as RANGE_BREAKOUT: capitals, digits and `_`. */
  readonly rule: string;
  readonly figures?: Readonly<Record<string, Figure>>;
}

/** One minute with trades. */
export interface Bar {
  /** Minutes since the session opened at which the bar began. */
  readonly minute: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Shares. */
  readonly volume: number;
}

/** Trades over some minutes. */
export interface Range {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Shares. */
  readonly volume: number;
  /** Minutes with a trade. */
  readonly bars: number;
}

/** One symbol as of the minute that just ended. A figure that is not known yet is null. */
export interface SymbolView {
  readonly symbol: string;
  /** Last price. */
  readonly price: number | null;
  readonly bid: number | null;
  readonly ask: number | null;
  readonly halted: boolean;
  /** Shares since the session opened. */
  readonly volume: number;
  /** Minutes of this session with a trade. */
  readonly barCount: number;
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly vwap: number | null;
  /** Average directional index of 14 bars, 0 to 100. */
  readonly adx: number | null;
  /** Average true range of 14 bars. */
  readonly atr: number | null;
  /** Relative strength index of 14 bars, 0 to 100. */
  readonly rsi: number | null;
  /** Bollinger bands of 20 bars and two standard deviations. */
  readonly bollinger: { readonly upper: number; readonly middle: number; readonly lower: number } | null;
  readonly previousClose: number | null;
  /** Shares of the previous session. */
  readonly previousVolume: number | null;
  /** Dollars. */
  readonly marketCap: number | null;
  /** The minutes of the strategy's analysis; null without a trade in them. */
  readonly analysis: Range | null;
  /** Mean of the last closes; null with fewer bars. */
  sma(bars: number): number | null;
  /** The last closes, oldest first. */
  closes(count: number): readonly number[];
  /** The last bars, oldest first. */
  bars(count: number): readonly Bar[];
  /** The trades from one minute of the session up to another; null without one. */
  range(fromMinute: number, toMinute: number): Range | null;
}

/** Everything else that a strategy may know. The same market and settings give the same context. */
export interface Context {
  /** The trading day, such as 2026-01-05. */
  readonly date: string;
  /** End of the minute that just ended, in UTC. */
  readonly time: string;
  /** Minutes since the session opened. */
  readonly minute: number;
  /** Minutes until the session closes. */
  readonly minutesLeft: number;
  /** The VIX; null when the market data has none. */
  readonly vix: number | null;
  /** A setting of this strategy that is a number; throws when there is none of this name. */
  number(name: string): number;
  /** A setting of this strategy that is true or false. */
  flag(name: string): boolean;
  /** A setting of this strategy that is one of several words. */
  word(name: string): string;
}

/** An open position of this strategy. */
export interface Position {
  readonly symbol: string;
  readonly side: 'long' | 'short';
  readonly entryPrice: number;
  /** In UTC. */
  readonly entryTime: string;
}

/** A setting with its default; it appears on the settings page as OWN_<STRATEGY>_<NAME>. */
export type Setting =
  | {
      readonly kind: 'number';
      readonly default: number;
      readonly min: number;
      readonly max: number;
      readonly unit?: string;
      readonly label: string;
      readonly help: string;
    }
  | { readonly kind: 'flag'; readonly default: boolean; readonly label: string; readonly help: string }
  | {
      readonly kind: 'word';
      readonly default: string;
      readonly choices: readonly string[];
      readonly label: string;
      readonly help: string;
    };

/** When the strategy works; each figure is the default of a setting. */
export interface Window {
  /** Start of the analysis with its zone, such as 10:00@America/New_York. */
  readonly start: string;
  /** Minutes of observation without entries. */
  readonly analysisMinutes: number;
  /** Minutes after the analysis in which entries are allowed. */
  readonly entryMinutes: number;
  /** Minutes after the entries in which positions are managed; those still open at the end are closed. */
  readonly monitoringMinutes: number;
  /** On a half day: `fixed` keeps the time of day, `with-the-close` the distance from the close. Default `fixed`. */
  readonly onHalfDays?: 'fixed' | 'with-the-close';
}

/**
 * A strategy: the default export of its module. It has no clock, chance, files or network, and nothing that it keeps outlives
 * a call: the module is run again for each one.
 */
export interface Strategy {
  /** One sentence for the pages. */
  readonly description: string;
  readonly window: Window;
  readonly settings?: Readonly<Record<string, Setting>>;
  /** Why the strategy cannot work today; undefined when it can. Asked before the session and at its start. */
  selfCheck?(context: Context): string | undefined;
  /** Ranks a symbol or leaves it out. Called for each symbol that passes the common screens when entries may begin. */
  analyze(symbol: SymbolView, context: Context): Ranked | Reason;
  /** Called each minute of the entry window for each symbol of the pool that was traded in it. */
  signal(symbol: SymbolView, context: Context): Signal | Reason;
  /** Called each minute for each open position: a reason to close it now, other than stop and time. */
  manage?(position: Position, symbol: SymbolView, context: Context): Reason | undefined;
}
