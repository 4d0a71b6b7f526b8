import type { EpochMs } from '../../kernel/time.js';
import type { StrategyRun } from '../../domain/session/session-run.js';
import type { Strategy, StrategyWindow } from '../../strategies/strategy.js';

/** A strategy that has begun, its window and what it recorded so far, at one instant. */
export interface StrategyStep {
  readonly strategy: Strategy;
  readonly window: StrategyWindow;
  readonly run: StrategyRun;
  readonly now: EpochMs;
}
