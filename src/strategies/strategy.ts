import type { EventData } from '../events/event.js';
import type { Figures, StrategyName, TickerSymbol } from '../events/names.js';
import type { Decimal, DecimalText } from '../kernel/decimal.js';
import type { Sha256Hex } from '../kernel/hash.js';
import type { DateText, EpochMs, UtcText } from '../kernel/time.js';
import type { Settings } from '../domain/config/settings.js';
import type { Price } from '../domain/market/types.js';
import type { MarketView } from '../domain/market/view.js';

/** Everything that a strategy may know apart from the market. */
export interface StrategyContext {
  readonly settings: Settings;
  readonly date: DateText;
  readonly opensAt: EpochMs;
  readonly closesAt: EpochMs;
  /** Kind of the feed that the session listens to; left out where no session is planned. */
  readonly feed?: string;
  /** Code of the jurisdiction of the bot; left out where none is known. */
  readonly jurisdiction?: string;
  /** Whether the broker of the session gives option chains; left out where none is known. */
  readonly optionChains?: boolean;
}

/** analysisFrom <= breakoutFrom <= monitoringFrom <= endsAt, all inside the session. */
export interface StrategyWindow {
  readonly analysisFrom: EpochMs;
  readonly breakoutFrom: EpochMs;
  readonly monitoringFrom: EpochMs;
  readonly endsAt: EpochMs;
}

export type ShortType = 'disabled' | 'ShortSell' | 'InverseETF' | 'LongPut';

export interface Candidate {
  readonly symbol: TickerSymbol;
  /** 1 is the best. */
  readonly rank: number;
  readonly fitness: Decimal;
  readonly figures: Figures;
}

/** A closed reason code with figures for an excluded symbol, a missing signal or a block. */
export interface Reason {
  readonly code: string;
  readonly figures: Figures;
}

export interface RankedPool {
  /** Best first, at most MAX_TRADES x CANDIDATE_MULTIPLIER. */
  readonly candidates: readonly Candidate[];
  readonly screenedOut: readonly (Reason & { readonly symbol: TickerSymbol })[];
}

export interface Signal {
  readonly symbol: TickerSymbol;
  readonly side: 'long' | 'short';
  readonly rule: string;
  readonly price: Price;
  readonly figures: Figures;
}

export type SignalResult =
  { readonly fired: true; readonly signal: Signal } | { readonly fired: false; readonly reason: Reason };

/** How near a symbol was to a signal at the end of one minute. */
export interface Approach {
  /** Name of the figure that the rule compares. */
  readonly figure: string;
  readonly value: DecimalText;
  /** Value at which the signal fires. */
  readonly threshold: DecimalText;
  /** Part of the way to the signal; 1 or more is a signal. */
  readonly share: number;
}

export interface OpenPositionView {
  readonly symbol: TickerSymbol;
  readonly side: 'long' | 'short';
  readonly entryPrice: Decimal;
  readonly entryAt: UtcText;
}

export interface CheckResult {
  readonly module: string;
  readonly ok: boolean;
  /** The problem with its key and value; empty when ok. */
  readonly cause: string;
  readonly remedy: string;
  /** What a module that works cannot do; left out when there is nothing to say. */
  readonly note?: string;
}

/** `undecided`: the filter lacks what it judges by, so that the rules without it decide. */
export type FilterVerdict =
  { readonly allow: true; readonly undecided?: Reason } | { readonly allow: false; readonly reason: Reason };

/** An enhancement (TRD-30..38): one file, one toggle; a block is an event, never a posting. */
export interface Filter {
  readonly name: string;
  enabled(settings: Settings): boolean;
  /** Why it can judge no signal of a session; absent for a filter that always can. */
  unavailable?(context: StrategyContext): Reason | undefined;
  selfCheck(context: StrategyContext): CheckResult;
  judge(signal: Signal, market: MarketView, context: StrategyContext): FilterVerdict;
}

/** Session phases in events; frozen with them. */
type SessionPhase = EventData<'PhaseStarted'>['phase'];

/** One folder and one line in the registry (TRD-24). Deterministic: same market, same settings, same answers (TRD-25). */
export interface Strategy {
  readonly name: StrategyName;
  /** Digest of its module, for a strategy that is not part of the program: which code traded is recorded with its start. */
  readonly codeSha256?: Sha256Hex;
  /** Session phase of the strategy; without one, its start and end are not recorded as a phase. */
  readonly phase?: SessionPhase;
  readonly filters: readonly Filter[];
  enabled(settings: Settings): boolean;
  shortType(settings: Settings): ShortType;
  /** Distance of the trailing stop as a fraction of the best price. */
  trailFraction(settings: Settings): Decimal;
  window(context: StrategyContext): StrategyWindow;
  selfCheck(context: StrategyContext): readonly CheckResult[];
  /** Called once when entries may begin: screens and ranks without the broker (TRD-12). */
  analyze(market: MarketView, context: StrategyContext): RankedPool;
  /** Called each minute of the entry window for each candidate of the pool. */
  signal(symbol: TickerSymbol, market: MarketView, context: StrategyContext): SignalResult;
  /**
   * How near the last minute came to a signal, by the figures of `signal`; undefined when they are not known. Called for the
   * decision record of candidates without a signal, for each minute of the entry window after it has ended.
   */
  approach(symbol: TickerSymbol, market: MarketView, context: StrategyContext): Approach | undefined;
  /** Called each minute for each open position; returns a reason to exit other than stop and time, such as a target. */
  manage(position: OpenPositionView, market: MarketView, context: StrategyContext): Reason | undefined;
}
