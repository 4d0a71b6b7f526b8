import type { ClockTime } from '../calendar/clock-time.js';
import { isConfigured, strategyKey, type ConfiguredStrategy } from './configured-strategies.js';
import { isOwnName } from './own-names.js';
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

/** Names that STRATEGY_OVERRIDE, else STRATEGY_SEQUENCE, asks for, in order. */
function namesAsked({ STRATEGY_OVERRIDE: alone, STRATEGY_SEQUENCE: all }: Settings): readonly string[] {
  return alone === '' ? all : [alone];
}

/** Names of the own strategies that a session is to run, whether or not they are in the home. */
export function ownNamesAsked(settings: Settings): readonly string[] {
  return namesAsked(settings).filter(isOwnName);
}

/** Names of all strategies of a session in order, own ones too; one of the program that is not enabled does not run. */
export function namesToRun(settings: Settings): readonly string[] {
  return namesAsked(settings).filter((name) => !isConfigured(name) || isEnabled(settings, name));
}

/**
 * Names of the strategies of the program of a session in order (RUN-23): STRATEGY_OVERRIDE alone when it is set, else STRATEGY_SEQUENCE;
 * one that is not enabled does not run either way.
 */
export function runningStrategies(settings: Settings): readonly ConfiguredStrategy[] {
  return namesAsked(settings)
    .filter(isConfigured)
    .filter((name) => isEnabled(settings, name));
}
