import { STRATEGY_NAMES, type ConfiguredStrategy } from '../domain/config/configured-strategies.js';
import type { Settings } from '../domain/config/settings.js';
import { closeStrategy } from './close/close.js';
import { midStrategy } from './mid/mid.js';
import { openStrategy } from './open/open.js';
import type { Strategy } from './strategy.js';

/** The rules of every configured strategy: one folder and one line (TRD-24). */
const RULES: Readonly<Record<ConfiguredStrategy, Strategy>> = {
  open: openStrategy,
  mid: midStrategy,
  close: closeStrategy,
};

/** All strategies, in running order. */
export const STRATEGIES: readonly Strategy[] = STRATEGY_NAMES.map((name) => RULES[name]);

/**
 * The strategies of a session in order (RUN-23): STRATEGY_OVERRIDE alone when it is set, else STRATEGY_SEQUENCE; one
 * that is not enabled does not run either way.
 */
export function strategiesToRun(settings: Settings): readonly Strategy[] {
  const names = settings.STRATEGY_OVERRIDE === '' ? settings.STRATEGY_SEQUENCE : [settings.STRATEGY_OVERRIDE];
  return names.map((name) => RULES[name]).filter((strategy) => strategy.enabled(settings));
}
