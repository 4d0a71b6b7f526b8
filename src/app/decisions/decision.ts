import type { EventData, Position } from '../../events/event.js';
import type { Figures, StrategyName, TickerSymbol } from '../../events/names.js';
import type { Uuid } from '../../kernel/hash.js';
import type { DateText, UtcText } from '../../kernel/time.js';

/** The kinds of rules, in the order in which a symbol passes them. */
export type DecisionStage =
  'strategy' | 'screen' | 'rank' | 'signal' | 'filter' | 'entry' | 'gate' | 'order' | 'position';

/** One thing that was looked at: the rule, its values, and the event that has them. */
export interface DecisionStep {
  readonly stage: DecisionStage;
  readonly code: string;
  readonly figures: Figures;
  readonly at: UtcText | null;
  /** Null for what follows from the session without an event of its own. */
  readonly eventId: Uuid | null;
  readonly position: Position | null;
}

/** What a strategy saw of a candidate without a signal. */
export type Observed = EventData<'CandidateRejected'>['observed'];

/** One symbol in one strategy and session. */
export interface Decision {
  readonly strategy: StrategyName;
  readonly symbol: TickerSymbol;
  /** Rank in the pool; null for a symbol that was not ranked. */
  readonly rank: number | null;
  readonly traded: boolean;
  /** The rule that ended it: the last step. */
  readonly ended: DecisionStep;
  /** Closest approach of a candidate without a signal; null when the journal has none. */
  readonly observed: NonNullable<Observed> | null;
  /** Everything that was looked at, in order. */
  readonly steps: readonly DecisionStep[];
}

/** How a strategy fared in the session. */
export interface StrategyDecision {
  readonly strategy: StrategyName;
  readonly outcome: 'ended' | 'running' | 'failed' | 'skipped' | 'never started';
  readonly ended: DecisionStep;
  /** When entries were possible; null for a strategy that did not start. */
  readonly entries: { readonly from: UtcText; readonly to: UtcText } | null;
}

/** The decision record of one session. */
export interface SessionDecisions {
  readonly date: DateText;
  readonly strategies: readonly StrategyDecision[];
  /** By strategy in the order of the session, then by rank, then by symbol. */
  readonly symbols: readonly Decision[];
}
