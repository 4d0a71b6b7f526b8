import type { ClockTime } from '../calendar/clock-time.js';
import { strategyKey, type ConfiguredStrategy } from './configured-strategies.js';
import type { Settings } from './settings.js';

/** Minutes before the close at which every window ends, so positions can be closed with market orders. */
export const CLOSE_OUT_MINUTES = 2;

/** Start and lengths of a strategy's window. */
export interface WindowSettings {
  readonly start: ClockTime;
  readonly analysisMinutes: number;
  readonly breakoutMinutes: number;
  readonly monitoringMinutes: number;
}

/** Reads the window of a strategy from its settings. */
export function windowSettings(settings: Settings, strategy: ConfiguredStrategy): WindowSettings {
  const key = strategyKey(strategy);
  return {
    start: settings[`START_TIME_${key}`],
    analysisMinutes: settings[`${key}_ANALYSIS_TIME`],
    breakoutMinutes: settings[`${key}_BREAKOUT_TIME`],
    monitoringMinutes: settings[`${key}_MONITORING_TIME`],
  };
}

/** Whether STRAT_<NAME>_ENABLED is set. */
export function isEnabled(settings: Settings, strategy: ConfiguredStrategy): boolean {
  return settings[`STRAT_${strategyKey(strategy)}_ENABLED`];
}

/**
 * Names of the strategies of a session in order (RUN-23): STRATEGY_OVERRIDE alone when it is set, else STRATEGY_SEQUENCE;
 * one that is not enabled does not run either way.
 */
export function runningStrategies(settings: Settings): readonly ConfiguredStrategy[] {
  const names = settings.STRATEGY_OVERRIDE === '' ? settings.STRATEGY_SEQUENCE : [settings.STRATEGY_OVERRIDE];
  return names.filter((name) => isEnabled(settings, name));
}
