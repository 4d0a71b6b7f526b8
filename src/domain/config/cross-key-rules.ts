import { Decimal } from '../../kernel/decimal.js';
import { MINUTE_MS, parseDateText, type DateText } from '../../kernel/time.js';
import { clockTimeToUtc, zonedToUtc, type ClockTime } from '../calendar/clock-time.js';
import { STRATEGY_NAMES, strategyKey, type ConfiguredStrategy } from './configured-strategies.js';
import type { SettingFault, SettingKey, Settings } from './settings.js';

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
function isEnabled(settings: Settings, strategy: ConfiguredStrategy): boolean {
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

const NEW_YORK = 'America/New_York';
/** One regular day of standard time and one of daylight saving time: a start in UTC may fit only one of them. */
const REGULAR_DAYS = ['2026-01-07', '2026-07-08'].map(parseDateText);
const OPEN_TEXT = '09:30';
const CLOSE_TEXT = '16:00';

type Span = { readonly strategy: ConfiguredStrategy; readonly from: number; readonly to: number };

const startKey = (strategy: ConfiguredStrategy): string => `START_TIME_${strategyKey(strategy)}`;

function spanOn(settings: Settings, strategy: ConfiguredStrategy, day: DateText): Span {
  const window = windowSettings(settings, strategy);
  const from = clockTimeToUtc(day, window.start);
  const minutes = window.analysisMinutes + window.breakoutMinutes + window.monitoringMinutes;
  return { strategy, from, to: from + minutes * MINUTE_MS };
}

function hourOf(ms: number): string {
  return new Date(ms).toISOString().slice(11, 16);
}

function windowFaultsOn(settings: Settings, day: DateText): readonly SettingFault[] {
  const opensAt = zonedToUtc(day, OPEN_TEXT, NEW_YORK);
  const closesAt = zonedToUtc(day, CLOSE_TEXT, NEW_YORK);
  const spans = runningStrategies(settings)
    .map((name) => spanOn(settings, name, day))
    .sort((a, b) => a.from - b.from);
  const faults: SettingFault[] = [];
  spans.forEach((span, index) => {
    const window = `the window is ${hourOf(span.from)} to ${hourOf(span.to)} UTC`;
    if (span.from < opensAt || span.to > closesAt) {
      const session = `${hourOf(opensAt)} to ${hourOf(closesAt)} UTC (09:30 to 16:00 New York)`;
      const problem = `must keep the ${span.strategy} window inside the session, ${session}; ${window}`;
      faults.push({ key: startKey(span.strategy), problem });
    }
    const before = spans[index - 1];
    if (before !== undefined && span.from < before.to) {
      const other = `the ${before.strategy} window, which ends at ${hourOf(before.to)} UTC`;
      const problem = `must not overlap ${other}; ${window}`;
      faults.push({ key: startKey(span.strategy), problem });
    }
  });
  return faults;
}

/**
 * CFG-3 for the windows of the strategies that run, on a regular day. A start in UTC shifts by an hour against New York, so
 * fitting in one season is enough; on a day without a fit, the strategy fails its self-check and is skipped.
 */
function windowFaults(settings: Settings): readonly SettingFault[] {
  const perSeason = REGULAR_DAYS.map((day) => windowFaultsOn(settings, day));
  return perSeason.reduce((fewest, faults) => (faults.length < fewest.length ? faults : fewest));
}

function weightFaults(settings: Settings): readonly SettingFault[] {
  const { WEIGHTS: weights, MAX_TRADES: maxTrades } = settings;
  const faults: SettingFault[] = [];
  if (weights.length !== maxTrades) {
    const problem = `must be a list of ${maxTrades} fractions because MAX_TRADES is ${maxTrades}; it has ${weights.length}`;
    faults.push({ key: 'WEIGHTS', problem });
  }
  const sum = Decimal.sum(weights);
  if (sum.gt(Decimal.ONE)) {
    faults.push({ key: 'WEIGHTS', problem: `must have a sum of at most 1; the sum is ${sum.shortText()}` });
  }
  return faults;
}

interface CrossKeyRule {
  readonly keys: readonly SettingKey[];
  readonly check: (settings: Settings) => readonly SettingFault[];
}

type NumberKey = { [K in SettingKey]: Settings[K] extends Decimal | number ? K : never }[SettingKey];

function asDecimal(value: Decimal | number): Decimal {
  return typeof value === 'number' ? Decimal.of(value) : value;
}

/** The first key may not be above the second. */
function atMost(lower: NumberKey, upper: NumberKey): CrossKeyRule {
  const check = (settings: Settings): readonly SettingFault[] => {
    const [low, high] = [asDecimal(settings[lower]), asDecimal(settings[upper])];
    if (low.lte(high)) return [];
    const problem = `must be at most ${upper}, which is ${high.shortText()}; it is ${low.shortText()}`;
    return [{ key: lower, problem }];
  };
  return { keys: [lower, upper], check };
}

const STRATEGY_KEYS = STRATEGY_NAMES.map((name) => strategyKey(name));
const WINDOW_KEYS = STRATEGY_KEYS.flatMap(
  (name) =>
    [`START_TIME_${name}`, `${name}_ANALYSIS_TIME`, `${name}_BREAKOUT_TIME`, `${name}_MONITORING_TIME`] as const,
);

/** The rules of CFG-3. Defense mode never allows more: its trade limit is capped by its range, its allocation by rule. */
const RULES: readonly CrossKeyRule[] = [
  { keys: ['WEIGHTS', 'MAX_TRADES'], check: weightFaults },
  { keys: [...WINDOW_KEYS, 'STRATEGY_SEQUENCE', 'STRATEGY_OVERRIDE'], check: windowFaults },
  atMost('DEFENSE_MODE_TOTAL_ALLOCATION', 'TOTAL_ALLOCATION'),
  atMost('MIN_PRICE', 'MAX_PRICE'),
  ...STRATEGY_KEYS.map((name) => atMost(`MIN_MARKET_CAP_${name}`, `MAX_MARKET_CAP_${name}`)),
  atMost('SCREENER_UNIVERSE_MIN_PRICE', 'SCREENER_UNIVERSE_MAX_PRICE'),
  atMost('SCREENER_UNIVERSE_MIN_MARKET_CAP', 'SCREENER_UNIVERSE_MAX_MARKET_CAP'),
];

/** Faults of the rules over several keys; skips a rule with a key in `faulty`, which has its default for now. */
export function crossKeyFaults(settings: Settings, faulty: ReadonlySet<string>): readonly SettingFault[] {
  return RULES.filter((rule) => !rule.keys.some((key) => faulty.has(key))).flatMap((rule) => rule.check(settings));
}
