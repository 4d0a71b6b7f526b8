import { isFixedOffset, type ClockTime } from '../calendar/clock-time.js';
import { BROKER_LABELS, hasOptionQuotes, hasOptions } from './broker-names.js';
import { feedNameOf, marketDataProblem } from './feed-account.js';
import { isConfigured, STRATEGY_NAMES, strategyKey } from './configured-strategies.js';
import { isEnabled, ownNamesAsked, runningStrategies } from './running-strategies.js';
import { botHoursFaults, entryFaults } from './session-rules.js';
import { ownFaults, ownText, type OwnStrategyInfo } from './own-settings.js';
import type { SettingFault, Settings } from './settings.js';

/** What a home has that settings may name. */
export interface HomeFacts {
  /** The own strategies that were found, with their settings. */
  readonly own: readonly OwnStrategyInfo[];
  /** Whether its list of inverse ETFs has an entry. */
  readonly inverseEtfs: boolean;
}

/** A home before its set-up. */
const NEW_HOME: HomeFacts = { own: [], inverseEtfs: false };

const NO_LIST =
  'needs a list of inverse ETFs: make it with tradebot inverse-etfs set SYMBOL=ETF, or on the Strategies page';

/** Why bearish signals cannot be traded this way with a broker and its market data, with the remedy; undefined when they can. */
export function shortTypeProblem(
  shortType: string,
  { BROKER_NAME: broker, MARKET_DATA: marketData }: Pick<Settings, 'BROKER_NAME' | 'MARKET_DATA'>,
): string | undefined {
  if (shortType !== 'LongPut') return undefined;
  if (!hasOptions(broker))
    return `buys options, which are traded at Interactive Brokers only (BROKER_NAME=IBKR), not with ${BROKER_LABELS[broker]}`;
  return hasOptionQuotes(feedNameOf(broker, marketData))
    ? undefined
    : `needs the quotes of what it buys, which MARKET_DATA=${marketData} does not send: set MARKET_DATA to broker`;
}

function shortTypeFaults(settings: Settings, { inverseEtfs, own }: HomeFacts): readonly SettingFault[] {
  const builtIn = runningStrategies(settings).flatMap((name) => {
    const key = `SHORT_TYPE_${strategyKey(name)}` as const;
    const noList = settings[key] === 'InverseETF' && !inverseEtfs;
    return shortTypeFault(key, settings[key], noList ? NO_LIST : shortTypeProblem(settings[key], settings));
  });
  const others = own.flatMap(({ settings: all }) =>
    all
      .filter(({ choices }) => choices.includes('LongPut'))
      .flatMap((one) => {
        const shortType = ownText(settings, one);
        return shortTypeFault(one.key, shortType, shortTypeProblem(shortType, settings));
      }),
  );
  return [...builtIn, ...others];
}

function shortTypeFault(
  key: SettingFault['key'],
  shortType: string,
  problem: string | undefined,
): readonly SettingFault[] {
  return problem === undefined ? [] : [{ key, problem: `must be disabled or ShortSell: ${shortType} ${problem}` }];
}

/** An override that does not run leaves the bot without a strategy, whatever the sequence is. */
function overrideFaults(settings: Settings): readonly SettingFault[] {
  const { STRATEGY_OVERRIDE: name } = settings;
  if (!isConfigured(name) || isEnabled(settings, name)) return [];
  const problem = `must name an enabled strategy, or be empty: STRAT_${strategyKey(name)}_ENABLED is false, so that nothing would run`;
  return [{ key: 'STRATEGY_OVERRIDE', problem }];
}

/** A name that is neither a strategy of the program nor one that was found in the home is a slip. */
function nameFaults(settings: Settings, own: readonly OwnStrategyInfo[]): readonly SettingFault[] {
  const known = [...STRATEGY_NAMES, ...own.map(({ name }) => name)];
  const unknown = ownNamesAsked(settings).filter((name) => !known.includes(name));
  if (unknown.length === 0) return [];
  const key = settings.STRATEGY_OVERRIDE === '' ? 'STRATEGY_SEQUENCE' : 'STRATEGY_OVERRIDE';
  const problem = `names ${unknown.join(', ')}, which is no strategy of this bot; it has ${known.join(', ')}. An own one is found when the bot starts, or by tradebot strategies`;
  return [{ key, problem }];
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
export function saveFaults(settings: Settings, facts: HomeFacts = NEW_HOME): readonly SettingFault[] {
  const { own } = facts;
  const hours = botHoursFaults(settings);
  const times = hours.length > 0 ? hours : entryFaults(settings);
  return [
    ...times,
    ...nameFaults(settings, own),
    ...overrideFaults(settings),
    ...shortTypeFaults(settings, facts),
    ...zoneFaults(settings),
    ...marketDataFaults(settings),
    ...own.flatMap((strategy) => ownFaults(settings, strategy)),
  ];
}
