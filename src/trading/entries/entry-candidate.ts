import type { TickerSymbol } from '../../events/names.js';
import type { Price } from '../../domain/market/types.js';
import type { SignalRun } from '../../domain/session/session-run.js';
import type { Signal } from '../../strategies/strategy.js';
import type { StrategyStep } from '../lifecycle/strategy-step.js';

/** One symbol of the pool, as the ranking recorded it. */
export type PoolCandidate = NonNullable<StrategyStep['run']['pool']>['candidates'][number];

/** What is traded on a signal: the candidate itself, or the inverse ETF or the put that is bought in its place. */
export interface Traded {
  readonly symbol: TickerSymbol;
  readonly side: 'long' | 'short';
  readonly price: Price;
}

/** A candidate of the pool whose signal fires now and was reported. */
export interface EntryCandidate {
  readonly step: StrategyStep;
  readonly candidate: PoolCandidate;
  readonly signal: Signal;
  readonly reported: SignalRun;
  /** Number of better ranked candidates with a signal that were rejected (TRD-13). */
  readonly fallbackLevel: number;
}

/** A candidate with what is traded on its signal. */
export type TradedCandidate = EntryCandidate & { readonly traded: Traded };
