import { parseClockTime, type ClockTime } from '../calendar/clock-time.js';
import {
  CONFIGURED_STRATEGIES,
  STRATEGY_NAMES,
  strategyKey,
  type ConfiguredStrategy,
  type StrategyKey,
} from './configured-strategies.js';
import { kindsOf, type SettingSpec } from './setting-kinds.js';

/** How a bearish signal can be traded. */
const SHORT_TYPES = ['disabled', 'ShortSell', 'InverseETF', 'LongPut'] as const;

type WindowPart = 'ANALYSIS' | 'BREAKOUT' | 'MONITORING';

/** The keys that every strategy has. */
type CommonKeys = Record<`STRAT_${StrategyKey}_ENABLED`, SettingSpec<boolean>> &
  Record<`START_TIME_${StrategyKey}`, SettingSpec<ClockTime>> &
  Record<`${StrategyKey}_${WindowPart}_TIME`, SettingSpec<number>> &
  Record<`SHORT_TYPE_${StrategyKey}`, SettingSpec<(typeof SHORT_TYPES)[number]>>;

/** The keys that only one strategy has, by its name. */
const OWN_KEYS = {
  open: {
    STRAT_OPEN_BUFFER: kindsOf('open').decimal('0.002', '0', '0.2', {
      label: 'Breakout buffer',
      help: 'How far beyond the opening range a price must be.',
      unit: 'fraction',
      change: 'hot',
    }),
  },
  mid: {
    STRAT_MID_VWAP_THRESHOLD: kindsOf('mid').decimal('0.005', '0.0001', '0.2', {
      label: 'VWAP distance',
      help: 'How far from the session VWAP a price must be, as a share of the VWAP.',
      unit: 'fraction',
      change: 'hot',
    }),
  },
  close: {
    STRAT_CLOSE_VIX_THRESHOLD: kindsOf('close').number(15, 0, 200, {
      label: 'Least VIX',
      help: 'Below this VIX the close strategy enters nothing.',
      unit: 'index points',
      change: 'hot',
    }),
  },
} as const satisfies Partial<Readonly<Record<ConfiguredStrategy, object>>>;

type AllOf<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer A) => void ? A : never;
type OwnKeys = AllOf<(typeof OWN_KEYS)[keyof typeof OWN_KEYS]>;

/** The group of each strategy: what all have, and what it has alone. */
export function strategyKeys(): CommonKeys & OwnKeys {
  const own: Partial<Record<ConfiguredStrategy, object>> = OWN_KEYS;
  return Object.assign({}, ...STRATEGY_NAMES.map((name) => groupOf(name, own[name] ?? {}))) as CommonKeys & OwnKeys;
}

function groupOf(name: ConfiguredStrategy, own: object): object {
  const kinds = kindsOf(name);
  const key = strategyKey(name);
  const window = CONFIGURED_STRATEGIES[name];
  const minutes = (value: number, label: string, help: string) =>
    kinds.count(value, 1, 390, { label, help, unit: 'min' });
  return {
    [`STRAT_${key}_ENABLED`]: kinds.flag(true, { label: 'Enabled', help: `Run the ${name} strategy.` }),
    [`START_TIME_${key}`]: kinds.clockTime(parseClockTime(window.start), {
      label: 'Start',
      help: 'When its analysis begins; resolved for each day, so daylight saving never moves it.',
    }),
    [`${key}_ANALYSIS_TIME`]: minutes(window.analysisMinutes, 'Analysis', 'Minutes in which it only watches.'),
    [`${key}_BREAKOUT_TIME`]: minutes(
      window.breakoutMinutes,
      'Entries',
      'Minutes after the analysis in which it may enter.',
    ),
    [`${key}_MONITORING_TIME`]: minutes(
      window.monitoringMinutes,
      'Monitoring',
      'Minutes after that in which positions are managed; then they are closed.',
    ),
    ...own,
    [`SHORT_TYPE_${key}`]: kinds.choice(SHORT_TYPES, {
      label: 'Bearish signals',
      help: 'How a bearish signal is traded.',
    }),
  };
}
