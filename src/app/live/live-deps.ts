import type { Pacer } from '../../ports/pacer.js';
import type { TimeBudget } from '../../strategies/time-budget.js';
import type { CheckResult } from '../../strategies/strategy.js';
import type { SessionDeps } from '../day/session-deps.js';
import type { SessionInputs } from './session-runner.js';

/** Callbacks of a session to its caller. A callback that throws ends the session like any other defect. */
export interface LiveHooks {
  /** Self-checks before a manual start. */
  readonly checks?: () => readonly CheckResult[] | Promise<readonly CheckResult[]>;
}

/**
 * The dependencies of a live session: those of a trading day, and the time of the world. `clock` is the engine's, its
 * appender's and its journal's; it follows the pacer and is never ahead of it.
 */
export interface LiveSessionDeps extends Omit<SessionDeps, 'settings' | 'onProgress'>, SessionInputs {
  readonly pacer: Pacer;
  readonly budget: TimeBudget;
  readonly hooks: LiveHooks;
}
