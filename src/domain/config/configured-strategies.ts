import type { SettingSpec } from './setting-kinds.js';

/** When a strategy runs until somebody sets another time: its start, and the minutes of its three parts. */
interface DefaultWindow {
  readonly start: string;
  readonly analysisMinutes: number;
  readonly breakoutMinutes: number;
  readonly monitoringMinutes: number;
}

/**
 * Every strategy, in the order in which they run: the one list of their names. Each has a group of settings, made from
 * its name; its rules are in the registry of src/strategies, which does not compile while one is missing there.
 */
export const CONFIGURED_STRATEGIES = {
  open: { start: '09:30@America/New_York', analysisMinutes: 20, breakoutMinutes: 10, monitoringMinutes: 30 },
  mid: { start: '12:00@America/New_York', analysisMinutes: 15, breakoutMinutes: 10, monitoringMinutes: 30 },
  close: { start: '15:30@America/New_York', analysisMinutes: 5, breakoutMinutes: 3, monitoringMinutes: 15 },
} as const satisfies Readonly<Record<string, DefaultWindow>>;

/** The name of a strategy that has a group of settings. */
export type ConfiguredStrategy = keyof typeof CONFIGURED_STRATEGIES;

/** The name as it stands in the keys of settings. */
export type StrategyKey = Uppercase<ConfiguredStrategy>;

/** The names of all strategies, in the order in which they run. */
export const STRATEGY_NAMES = Object.keys(CONFIGURED_STRATEGIES) as readonly ConfiguredStrategy[];

/** The name of a strategy as it stands in the keys of settings. */
export function strategyKey<N extends ConfiguredStrategy>(name: N): Uppercase<N> {
  return name.toUpperCase() as Uppercase<N>;
}

/** One setting for each strategy: its key is the prefix and the name. */
export function perStrategy<P extends string, T>(
  prefix: P,
  specOf: (name: ConfiguredStrategy) => SettingSpec<T>,
): Readonly<Record<`${P}${StrategyKey}`, SettingSpec<T>>> {
  const entries = STRATEGY_NAMES.map((name) => [`${prefix}${strategyKey(name)}`, specOf(name)] as const);
  return Object.fromEntries(entries) as Record<`${P}${StrategyKey}`, SettingSpec<T>>;
}
