import { isFixedOffset, type ClockTime } from '../calendar/clock-time.js';
import { marketDataProblem } from './feed-account.js';
import { STRATEGY_NAMES, strategyKey } from './configured-strategies.js';
import { isEnabled, runningStrategies } from './running-strategies.js';
import { botHoursFaults, entryFaults } from './session-rules.js';
import type { SettingFault, Settings } from './settings.js';

const SHORT_TYPES_UNAVAILABLE: Readonly<Record<string, string>> = {
  InverseETF: 'needs a list of inverse ETFs, which this version does not have',
  LongPut: 'needs a broker with options, which this version does not have',
};

/** Why this version cannot trade bearish signals this way; undefined when it can. */
export function shortTypeProblem(shortType: string): string | undefined {
  return SHORT_TYPES_UNAVAILABLE[shortType];
}

function shortTypeFaults(settings: Settings): readonly SettingFault[] {
  return runningStrategies(settings).flatMap((name) => {
    const key = `SHORT_TYPE_${strategyKey(name)}` as const;
    const problem = shortTypeProblem(settings[key]);
    return problem === undefined
      ? []
      : [{ key, problem: `must be disabled or ShortSell: ${settings[key]} ${problem}` }];
  });
}

/** An override that does not run leaves the bot without a strategy, whatever the sequence is. */
function overrideFaults(settings: Settings): readonly SettingFault[] {
  const { STRATEGY_OVERRIDE: name } = settings;
  if (name === '' || isEnabled(settings, name)) return [];
  const problem = `must name an enabled strategy, or be empty: STRAT_${strategyKey(name)}_ENABLED is false, so that nothing would run`;
  return [{ key: 'STRATEGY_OVERRIDE', problem }];
}

const CLOCK_KEYS = [
  'MARKET_OPEN',
  'MARKET_CLOSE',
  ...STRATEGY_NAMES.map((name) => `START_TIME_${strategyKey(name)}` as const),
] as const;

/** Daylight saving never moves a session (RUN-27): EST is an hour off in summer. */
function zoneFaults(settings: Settings): readonly SettingFault[] {
  return CLOCK_KEYS.flatMap((key) => {
    const time: ClockTime | null = settings[key];
    if (time === null || !isFixedOffset(time.zone)) return [];
    const problem = `must name the zone of a city, such as America/New_York, or none for UTC: ${time.zone} is no city and does not follow daylight saving`;
    return [{ key, problem }];
  });
}

function marketDataFaults({ BROKER_NAME: broker, MARKET_DATA: marketData }: Settings): readonly SettingFault[] {
  const problem = marketDataProblem(broker, marketData);
  return problem === undefined ? [] : [{ key: 'MARKET_DATA', problem }];
}

/**
 * Faults of settings that a person saves (CFG-3): combinations that nobody means, with the remedy. Settings of an earlier
 * version may have them: they are read, and the strategies concerned are left out.
 */
export function saveFaults(settings: Settings): readonly SettingFault[] {
  const hours = botHoursFaults(settings);
  const times = hours.length > 0 ? hours : entryFaults(settings);
  return [
    ...times,
    ...overrideFaults(settings),
    ...shortTypeFaults(settings),
    ...zoneFaults(settings),
    ...marketDataFaults(settings),
  ];
}
