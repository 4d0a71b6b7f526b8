import { parseClockTime, type ClockTime } from '../calendar/clock-time.js';
import {
  CONFIGURED_STRATEGIES,
  STRATEGY_NAMES,
  strategyKey,
  type ConfiguredStrategy,
  type StrategyKey,
} from './configured-strategies.js';
import { kindsOf, type SettingSpec } from './setting-kinds.js';
import { SHORT_TYPES } from './short-types.js';

type WindowPart = 'ANALYSIS' | 'BREAKOUT' | 'MONITORING';

/** Settings common to all strategies. */
type CommonKeys = Record<`STRAT_${StrategyKey}_ENABLED`, SettingSpec<boolean>> &
  Record<`START_TIME_${StrategyKey}`, SettingSpec<ClockTime>> &
  Record<`${StrategyKey}_${WindowPart}_TIME`, SettingSpec<number>> &
  Record<`SHORT_TYPE_${StrategyKey}`, SettingSpec<(typeof SHORT_TYPES)[number]>>;

/** Settings of a single strategy, by its name. */
const OWN_KEYS = {
  open: {
    STRAT_OPEN_BUFFER: kindsOf('open').decimal('0.002', '0', '0.2', {
      label: 'Breakout buffer',
      help: 'Minimum distance of the price beyond the opening range.',
      unit: 'fraction',
      change: 'hot',
    }),
  },
  mid: {
    STRAT_MID_VWAP_THRESHOLD: kindsOf('mid').decimal('0.005', '0.0001', '0.2', {
      label: 'VWAP distance',
      help: 'Minimum distance of the price from the session VWAP, as a fraction of the VWAP.',
      unit: 'fraction',
      change: 'hot',
    }),
  },
  close: {
    STRAT_CLOSE_VIX_THRESHOLD: kindsOf('close').number(15, 0, 200, {
      label: 'Minimum VIX',
      help: 'The close strategy makes no entries while the VIX is below this value.',
      unit: 'index points',
      change: 'hot',
    }),
  },
} as const satisfies Partial<Readonly<Record<ConfiguredStrategy, object>>>;

/** A filter of a strategy whose limit can be set so that nothing in a market passes. */
export interface FilterLimit {
  readonly key: 'ADX_MAX' | 'STRAT_CLOSE_VIX_THRESHOLD';
  /** The setting that enables the filter. */
  readonly gate: 'ADX_FILTER_ENABLED' | 'VIX_GATE_ENABLED';
  readonly stopsAll: (limit: number) => boolean;
  readonly because: string;
}

/** Index points: the ADX of a market that moves is above this. */
const LOWEST_ADX = 5;
/** Index points: the highest VIX on record is 89.53, of 2008-10-24. */
const HIGHEST_VIX = 90;

/** The filters of each strategy that can stop all of its entries. */
export const FILTER_LIMITS: Partial<Readonly<Record<ConfiguredStrategy, readonly FilterLimit[]>>> = {
  mid: [
    {
      ...{ key: 'ADX_MAX', gate: 'ADX_FILTER_ENABLED', because: 'the ADX is hardly ever below' },
      stopsAll: (limit) => limit < LOWEST_ADX,
    },
  ],
  close: [
    {
      ...{ key: 'STRAT_CLOSE_VIX_THRESHOLD', gate: 'VIX_GATE_ENABLED', because: 'the VIX was never that high' },
      stopsAll: (limit) => limit >= HIGHEST_VIX,
    },
  ],
};

type AllOf<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer A) => void ? A : never;
type OwnKeys = AllOf<(typeof OWN_KEYS)[keyof typeof OWN_KEYS]>;

/** The settings of every strategy, common ones first. */
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
      label: 'Start time',
      help: 'Start of the analysis. A time with a zone keeps its local hour through daylight-saving changes.',
    }),
    [`${key}_ANALYSIS_TIME`]: minutes(
      window.analysisMinutes,
      'Analysis time',
      'Minutes of observation without entries.',
    ),
    [`${key}_BREAKOUT_TIME`]: minutes(
      window.breakoutMinutes,
      'Entry time',
      'Minutes after the analysis in which entries are allowed.',
    ),
    [`${key}_MONITORING_TIME`]: minutes(
      window.monitoringMinutes,
      'Monitoring time',
      'Minutes after the entries in which open positions are managed. Positions still open at the end are closed.',
    ),
    ...own,
    [`SHORT_TYPE_${key}`]: kinds.choice(SHORT_TYPES, {
      label: 'Bearish trades',
      help: 'Instrument for bearish signals. disabled: bearish signals are not traded.',
    }),
  };
}
