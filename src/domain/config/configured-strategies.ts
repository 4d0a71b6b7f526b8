import type { SettingSpec } from './setting-kinds.js';

/**
 * Start of a window on a half day: `with-the-close` keeps its distance from the close (15:30 means 30 minutes before it),
 * `fixed` keeps the time of day.
 */
export type HalfDayRule = 'fixed' | 'with-the-close';

/** Default window of a strategy: its start, and the minutes of its three parts; and what a half day does to it. */
interface DefaultWindow {
  readonly start: string;
  readonly onHalfDays: HalfDayRule;
  readonly analysisMinutes: number;
  readonly breakoutMinutes: number;
  readonly monitoringMinutes: number;
}

/**
 * All strategies in running order; the only list of their names. Each has a group of settings derived from its name.
 * Its rules are in the registry of src/strategies, which does not compile while one is missing.
 */
export const CONFIGURED_STRATEGIES = {
  open: {
    start: '09:30@America/New_York',
    onHalfDays: 'fixed',
    analysisMinutes: 20,
    breakoutMinutes: 10,
    monitoringMinutes: 30,
  },
  mid: {
    start: '12:00@America/New_York',
    onHalfDays: 'fixed',
    analysisMinutes: 15,
    breakoutMinutes: 10,
    monitoringMinutes: 30,
  },
  close: {
    start: '15:30@America/New_York',
    onHalfDays: 'with-the-close',
    analysisMinutes: 5,
    breakoutMinutes: 3,
    monitoringMinutes: 15,
  },
} as const satisfies Readonly<Record<string, DefaultWindow>>;

/** Name of a strategy that has a group of settings. */
export type ConfiguredStrategy = keyof typeof CONFIGURED_STRATEGIES;

/** Name of a strategy as used in setting keys. */
export type StrategyKey = Uppercase<ConfiguredStrategy>;

/** Names of all strategies, in running order. */
export const STRATEGY_NAMES = Object.keys(CONFIGURED_STRATEGIES) as readonly ConfiguredStrategy[];

/** Whether a name is that of a strategy of the program, and not of an own one. */
export function isConfigured(name: string): name is ConfiguredStrategy {
  return Object.hasOwn(CONFIGURED_STRATEGIES, name);
}

/** Returns the name of a strategy as used in setting keys. */
export function strategyKey<N extends ConfiguredStrategy>(name: N): Uppercase<N> {
  return name.toUpperCase() as Uppercase<N>;
}

/** Builds one setting per strategy; its key is the prefix followed by the strategy's name. */
export function perStrategy<P extends string, T>(
  prefix: P,
  specOf: (name: ConfiguredStrategy) => SettingSpec<T>,
): Readonly<Record<`${P}${StrategyKey}`, SettingSpec<T>>> {
  const entries = STRATEGY_NAMES.map((name) => [`${prefix}${strategyKey(name)}`, specOf(name)] as const);
  return Object.fromEntries(entries) as Record<`${P}${StrategyKey}`, SettingSpec<T>>;
}
