import { clockTimeText, clockTimeToUtc, wallClockOf, zonedToUtc, type ClockTime } from '../calendar/clock-time.js';
import { MINUTE_MS, epochMs, parseDateText, plusMs, type DateText, type EpochMs } from '../../kernel/time.js';
import { strategyKey, type ConfiguredStrategy } from './configured-strategies.js';
import { CLOSE_OUT_MINUTES, runningStrategies, windowSettings } from './running-strategies.js';
import type { SettingFault, Settings } from './settings.js';

const NEW_YORK = 'America/New_York';
/** One regular day of standard time and one of daylight saving time: a start in UTC may fit only one of them. */
const REGULAR_DAYS = ['2026-01-07', '2026-07-08'].map(parseDateText);
const OPEN_TEXT = '09:30';
const CLOSE_TEXT = '16:00';

interface Hours {
  readonly opensAt: EpochMs;
  readonly closesAt: EpochMs;
}

interface Span {
  readonly strategy: ConfiguredStrategy;
  readonly from: EpochMs;
  /** The part in which entries are allowed. */
  readonly entriesFrom: EpochMs;
  readonly entriesTo: EpochMs;
  readonly to: EpochMs;
}

const startKey = (strategy: ConfiguredStrategy): string => `START_TIME_${strategyKey(strategy)}`;

function exchangeHours(day: DateText): Hours {
  return { opensAt: zonedToUtc(day, OPEN_TEXT, NEW_YORK), closesAt: zonedToUtc(day, CLOSE_TEXT, NEW_YORK) };
}

/** The hours of the bot on a regular day, in whole minutes, as the schedule has them. */
function botHours({ MARKET_OPEN: opens, MARKET_CLOSE: closes }: Settings, day: DateText): Hours {
  const { opensAt, closesAt } = exchangeHours(day);
  const from = opens === null ? opensAt : Math.ceil(clockTimeToUtc(day, opens) / MINUTE_MS) * MINUTE_MS;
  const to = closes === null ? closesAt : Math.floor(clockTimeToUtc(day, closes) / MINUTE_MS) * MINUTE_MS;
  return { opensAt: epochMs(Math.max(opensAt, from)), closesAt: epochMs(Math.min(closesAt, to)) };
}

function spanOn(settings: Settings, strategy: ConfiguredStrategy, day: DateText): Span {
  const window = windowSettings(settings, strategy);
  const from = clockTimeToUtc(day, window.start);
  const entriesFrom = plusMs(from, window.analysisMinutes * MINUTE_MS);
  const entriesTo = plusMs(entriesFrom, window.breakoutMinutes * MINUTE_MS);
  return { strategy, from, entriesFrom, entriesTo, to: plusMs(entriesTo, window.monitoringMinutes * MINUTE_MS) };
}

function hourOf(ms: number): string {
  return new Date(ms).toISOString().slice(11, 16);
}

function newYorkHour(at: EpochMs): string {
  const { minutes } = wallClockOf(at, NEW_YORK);
  return hourOf(minutes * MINUTE_MS);
}

/** A span in both clocks, because a person who leaves out the zone means New York. */
function both(from: EpochMs, to: EpochMs): string {
  return `${hourOf(from)} to ${hourOf(to)} UTC (${newYorkHour(from)} to ${newYorkHour(to)} New York)`;
}

/** How a time was read; a hint where no zone was given. */
function readAs(key: string, time: ClockTime | null, day: DateText): string {
  if (time === null) return '';
  const text = clockTimeText(time);
  const there = newYorkHour(clockTimeToUtc(day, time));
  if (time.zone !== 'UTC') return `${key}=${text} is ${there} New York`;
  return `${key}=${text} has no zone and is UTC, ${there} New York; write ${text}@${NEW_YORK} for New York time`;
}

function firstOf(perDay: (day: DateText) => readonly SettingFault[]): readonly SettingFault[] {
  return REGULAR_DAYS.map(perDay).reduce((fewest, faults) => (faults.length < fewest.length ? faults : fewest));
}

/** The hours of the bot leave a minute of the exchange hours on a regular day. */
export function botHoursFaults(settings: Settings): readonly SettingFault[] {
  const { MARKET_OPEN: opens, MARKET_CLOSE: closes } = settings;
  return firstOf((day) => {
    const { opensAt, closesAt } = botHours(settings, day);
    if (opensAt < closesAt) return [];
    const read = [readAs('MARKET_OPEN', opens, day), readAs('MARKET_CLOSE', closes, day)].filter(Boolean).join('. ');
    const problem = closes === null ? 'must be before the exchange close' : 'must be after the start of the session';
    const exchange = exchangeHours(day);
    const why = `no minute of the exchange hours, ${both(exchange.opensAt, exchange.closesAt)}, would be left. ${read}`;
    return [{ key: closes === null ? 'MARKET_OPEN' : 'MARKET_CLOSE', problem: `${problem}: ${why}` }];
  });
}

/**
 * CFG-3 for the windows of the strategies that run, on a regular day. A start in UTC shifts by an hour against New York, so
 * fitting in one season is enough; on a day without a fit, the strategy fails its self-check and is skipped.
 */
export function windowFaults(settings: Settings): readonly SettingFault[] {
  return firstOf((day) => windowFaultsOn(settings, day));
}

function windowFaultsOn(settings: Settings, day: DateText): readonly SettingFault[] {
  const spans = runningStrategies(settings)
    .map((name) => spanOn(settings, name, day))
    .sort((a, b) => a.from - b.from);
  return spans.flatMap((span, index) => {
    const faults = [...outsideFaults(settings, span, day)];
    const before = spans[index - 1];
    if (before !== undefined && span.from < before.to) {
      const other = `the ${before.strategy} window, which ends at ${hourOf(before.to)} UTC`;
      const problem = `must not overlap ${other}; the window is ${hourOf(span.from)} to ${hourOf(span.to)} UTC`;
      faults.push({ key: startKey(span.strategy), problem });
    }
    return faults;
  });
}

function outsideFaults(settings: Settings, span: Span, day: DateText): readonly SettingFault[] {
  const { opensAt, closesAt } = exchangeHours(day);
  if (span.from >= opensAt && span.to <= closesAt) return [];
  return [outsideFault(settings, span, { session: both(opensAt, closesAt), to: span.to, day })];
}

interface Outside {
  readonly session: string;
  readonly to: EpochMs;
  readonly day: DateText;
}

function outsideFault(settings: Settings, span: Span, { session, to, day }: Outside): SettingFault {
  const { start } = windowSettings(settings, span.strategy);
  const key = startKey(span.strategy);
  const read = start.zone === 'UTC' ? `. ${readAs(key, start, day)}` : '';
  const problem = `must keep the ${span.strategy} window inside the session, ${session}; the window is ${both(span.from, to)}${read}`;
  return { key, problem };
}

/** Faults of windows without entries: too late in the session for each day, or all of them outside the hours of the bot. */
export function entryFaults(settings: Settings): readonly SettingFault[] {
  return firstOf((day) => {
    const spans = runningStrategies(settings).map((name) => spanOn(settings, name, day));
    const { closesAt } = exchangeHours(day);
    const late = spans.filter((span) => span.entriesFrom >= plusMs(closesAt, -CLOSE_OUT_MINUTES * MINUTE_MS));
    if (late.length > 0) return late.map(lateFault);
    const hours = botHours(settings, day);
    const last = plusMs(hours.closesAt, -CLOSE_OUT_MINUTES * MINUTE_MS);
    const outside = spans.filter((span) => span.entriesTo <= hours.opensAt || span.entriesFrom >= last);
    return outside.length < spans.length ? [] : outside.map((span) => outOfHours(settings, span, day));
  });
}

/**
 * The season in which no strategy that runs can make an entry, while one can in the other: hours in UTC shift by an hour
 * against New York. Undefined when both have entries, or neither has.
 */
export function seasonWithoutEntries(settings: Settings): 'standard' | 'daylight saving' | undefined {
  const [standard = false, daylight = false] = REGULAR_DAYS.map((day) => hasEntries(settings, day));
  if (standard === daylight) return undefined;
  return standard ? 'daylight saving' : 'standard';
}

/** As the schedule has it: a strategy whose window does not fit the exchange hours is skipped. */
function hasEntries(settings: Settings, day: DateText): boolean {
  const exchange = exchangeHours(day);
  const hours = botHours(settings, day);
  const last = plusMs(hours.closesAt, -CLOSE_OUT_MINUTES * MINUTE_MS);
  return runningStrategies(settings)
    .map((name) => spanOn(settings, name, day))
    .some(
      ({ from, entriesFrom, entriesTo, to }) =>
        from >= exchange.opensAt && to <= exchange.closesAt && entriesTo > hours.opensAt && entriesFrom < last,
    );
}

function lateFault({ strategy, entriesFrom }: Span): SettingFault {
  const problem = `must be earlier: no entry is made in the last ${CLOSE_OUT_MINUTES} minutes of the session, and those of the ${strategy} strategy would begin at ${hourOf(entriesFrom)} UTC (${newYorkHour(entriesFrom)} New York)`;
  return { key: startKey(strategy), problem };
}

function outOfHours(settings: Settings, span: Span, day: DateText): SettingFault {
  const { MARKET_OPEN: opens, MARKET_CLOSE: closes } = settings;
  const { opensAt, closesAt } = botHours(settings, day);
  const fault = outsideFault(settings, span, { session: both(opensAt, closesAt), to: span.entriesTo, day });
  const read = [readAs('MARKET_OPEN', opens, day), readAs('MARKET_CLOSE', closes, day)].filter(Boolean).join('. ');
  return { ...fault, problem: `${fault.problem}. ${read}. No strategy could trade in these hours` };
}
