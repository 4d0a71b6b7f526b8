import { clockTimeToUtc, wallClockOf, type ClockTime } from '../calendar/clock-time.js';
import { closedReason, EXCHANGE_ZONE, isInCalendar, sessionOf, type ExchangeSession } from '../calendar/nyse.js';
import { weekdayOf } from '../calendar/nyse-rules.js';
import { DEFAULT_SETTINGS, parseSettings, type Settings } from '../config/settings.js';
import { addDays, epochMs, MINUTE_MS, type DateText, type EpochMs } from '../../kernel/time.js';

/** Settings that define when the bot trades. */
export interface TradingHours {
  readonly days: Settings['TRADING_DAYS'];
  /** Start after the exchange open; null means the exchange open. */
  readonly opens: ClockTime | null;
  /** End before the exchange close; null means the exchange close. */
  readonly closes: ClockTime | null;
}

export function tradingHoursOf(settings: Settings): TradingHours {
  return { days: settings.TRADING_DAYS, opens: settings.MARKET_OPEN, closes: settings.MARKET_CLOSE };
}

/** The settings of the trading hours as texts; null or absent for the default. */
export type TradingHoursTexts = Readonly<Record<'TRADING_DAYS' | 'MARKET_OPEN' | 'MARKET_CLOSE', string | null>>;

/** The hours by these texts; those of the exchange when a text is of another version. */
export function tradingHoursFrom(texts: TradingHoursTexts): TradingHours {
  const given = Object.entries(texts).flatMap(([key, text]) =>
    text === null || text === '' ? [] : [[key, text] as const],
  );
  try {
    return tradingHoursOf(parseSettings(Object.fromEntries(given)));
  } catch {
    return tradingHoursOf(DEFAULT_SETTINGS);
  }
}

/** Whether a session of the bot is open; false in a year that the calendar does not have. */
export function isSessionOpenAt(at: EpochMs, hours: TradingHours): boolean {
  const { date } = wallClockOf(at, EXCHANGE_ZONE);
  const session = botSession(date, hours);
  return session !== undefined && at >= session.opensAt && at < session.closesAt;
}

const WEEKDAY_NAMES = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/**
 * The bot's session on `date`, within exchange hours and in whole minutes, as market data comes; undefined on a day without
 * one, and outside the calendar.
 */
export function botSession(date: DateText, hours: TradingHours): ExchangeSession | undefined {
  const session = isInCalendar(date) ? sessionOf(date) : undefined;
  if (session === undefined || !isTradingDay(date, hours)) return undefined;
  const opensAt = hours.opens === null ? session.opensAt : later(session.opensAt, minuteFrom(date, hours.opens));
  const closesAt = hours.closes === null ? session.closesAt : earlier(session.closesAt, minuteTo(date, hours.closes));
  return opensAt < closesAt ? { ...session, opensAt, closesAt } : undefined;
}

/** Why the bot has no session on `date`; undefined when it has one. Throws outside the calendar. */
export function noSessionReason(date: DateText, hours: TradingHours): string | undefined {
  const closed = closedReason(date);
  if (closed !== undefined) return closed;
  if (!isTradingDay(date, hours)) return 'its weekday is not in TRADING_DAYS';
  if (botSession(date, hours) !== undefined) return undefined;
  return 'MARKET_OPEN and MARKET_CLOSE leave no minute of the exchange hours';
}

function isTradingDay(date: DateText, { days }: TradingHours): boolean {
  const weekday = WEEKDAY_NAMES[weekdayOf(date)];
  return days.some((day) => day === weekday);
}

/** The first whole minute at or after the time of day. */
function minuteFrom(date: DateText, time: ClockTime): EpochMs {
  return epochMs(Math.ceil(clockTimeToUtc(date, time) / MINUTE_MS) * MINUTE_MS);
}

/** The last whole minute at or before the time of day. */
function minuteTo(date: DateText, time: ClockTime): EpochMs {
  return epochMs(Math.floor(clockTimeToUtc(date, time) / MINUTE_MS) * MINUTE_MS);
}

/** Search limit in days: covers one trading day a week with holidays on it for several weeks in a row. */
const MAX_DAYS_AHEAD = 40;

/** The first session after the day `after` that ends later than `now`; undefined when none does in forty days. */
export function nextSession(
  now: EpochMs,
  hours: TradingHours,
  after: DateText | undefined,
): ExchangeSession | undefined {
  const { date: today } = wallClockOf(now, EXCHANGE_ZONE);
  const first = after !== undefined && after >= today ? addDays(after, 1) : today;
  return firstSession(first, hours, (session) => session.closesAt > now);
}

/** The first session of the bot after the day `date`, by every rule of the hours; undefined when there is none in forty days. */
export function firstSessionAfter(date: DateText, hours: TradingHours): ExchangeSession | undefined {
  return firstSession(addDays(date, 1), hours, () => true);
}

function firstSession(
  from: DateText,
  hours: TradingHours,
  fits: (session: ExchangeSession) => boolean,
): ExchangeSession | undefined {
  for (let days = 0; days < MAX_DAYS_AHEAD; days += 1) {
    const session = botSession(addDays(from, days), hours);
    if (session !== undefined && fits(session)) return session;
  }
  return undefined;
}

const later = (a: EpochMs, b: EpochMs): EpochMs => (a > b ? a : b);
const earlier = (a: EpochMs, b: EpochMs): EpochMs => (a < b ? a : b);
