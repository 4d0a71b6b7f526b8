import { Decimal } from '../../kernel/decimal.js';
import { STRATEGY_NAMES, strategyKey } from './configured-strategies.js';
import { windowFaults } from './session-rules.js';
import type { SettingFault, SettingKey, Settings } from './settings.js';

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
