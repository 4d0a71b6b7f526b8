import type { Pacer } from '../../ports/pacer.js';
import type { TimeBudget } from '../../strategies/time-budget.js';
import type { CheckResult } from '../../strategies/strategy.js';
import type { DrivenClock, SessionDeps } from '../day/session-deps.js';
import type { SessionInputs } from './session-runner.js';

/** What a session asks of whoever runs it. One that throws ends the session as any other defect does. */
export interface LiveHooks {
  /** Self-checks before a start by hand. */
  readonly checks?: () => readonly CheckResult[] | Promise<readonly CheckResult[]>;
}

/**
 * What a live session is made of: a trading day's parts, and the time of the world. `clock` is the engine's, its
 * appender's and its journal's; it follows the pacer and is never ahead of it. `venueClock` is the simulated broker's
 * alone, not past the open of the day when the session begins: there the minutes before now are played again.
 */
export interface LiveSessionDeps extends Omit<SessionDeps, 'settings' | 'onProgress'>, SessionInputs {
  readonly venueClock: DrivenClock;
  readonly pacer: Pacer;
  readonly budget: TimeBudget;
  readonly hooks: LiveHooks;
}
