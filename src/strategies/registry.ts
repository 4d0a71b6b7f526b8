import type { Settings } from '../domain/config/settings.js';
import { closeStrategy } from './close/close.js';
import { midStrategy } from './mid/mid.js';
import { openStrategy } from './open/open.js';
import type { Strategy } from './strategy.js';

/** Every strategy: one folder and one line (TRD-24). */
export const STRATEGIES: readonly Strategy[] = [openStrategy, midStrategy, closeStrategy];

/**
 * The strategies of a session in order (RUN-23): STRATEGY_OVERRIDE alone when it is set, else STRATEGY_SEQUENCE; one
 * that is not enabled does not run either way.
 */
export function strategiesToRun(settings: Settings): readonly Strategy[] {
  const names = settings.STRATEGY_OVERRIDE === '' ? settings.STRATEGY_SEQUENCE : [settings.STRATEGY_OVERRIDE];
  const found = names.flatMap((name) => STRATEGIES.filter((strategy) => strategy.name === name));
  return found.filter((strategy) => strategy.enabled(settings));
}
