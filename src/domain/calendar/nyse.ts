import { configError } from '../../kernel/errors.js';
import { addDays, dateOf, MINUTE_MS, type DateText, type EpochMs } from '../../kernel/time.js';
import { wallClockOf, zonedToUtc } from './clock-time.js';
import { earlyCloseOf, holidayOf } from './nyse-rules.js';

export const EXCHANGE_ZONE = 'America/New_York';
export const FIRST_YEAR = 1990;
export const LAST_YEAR = 2035;

/** A trading day of the New York Stock Exchange: [opensAt, closesAt) in UTC. */
export interface ExchangeSession {
  readonly date: DateText;
  readonly opensAt: EpochMs;
  readonly closesAt: EpochMs;
  readonly halfDay: boolean;
}

/** Twice the longest run of days without trading in the range; bounds the search for the next trading day. */
const LONGEST_GAP_DAYS = 14;
const REGULAR_MINUTES = 390;

/** From this hour of UTC on the date in New York is that of UTC, in summer and in winter time. */
const SAME_DATE_FROM_HOUR = 5;

/** The date at the exchange at `at`. */
export function exchangeDateOf(at: EpochMs): DateText {
  // most calls are for a time of a session, where the zone need not be asked
  if (new Date(at).getUTCHours() >= SAME_DATE_FROM_HOUR) return dateOf(at);
  return wallClockOf(at, EXCHANGE_ZONE).date;
}

/** Whether the calendar has the year of `date`. */
export function isInCalendar(date: DateText): boolean {
  const year = Number(date.slice(0, 4));
  return year >= FIRST_YEAR && year <= LAST_YEAR;
}

function refuseOutside(date: DateText): void {
  if (isInCalendar(date)) return;
  throw configError({
    code: 'CALENDAR_RANGE',
    message: `${date} is outside the exchange calendar, ${FIRST_YEAR} to ${LAST_YEAR}`,
    remedy: `Choose a date from ${FIRST_YEAR}-01-01 to ${LAST_YEAR}-12-31.`,
  });
}

/** Reason for no trading on `date`; undefined on a trading day. Throws for years outside 1990 to 2035. */
export function closedReason(date: DateText): string | undefined {
  refuseOutside(date);
  return holidayOf(date);
}

/** The session of `date` (RUN-27); undefined on a weekend, a holiday or a special closure. */
export function sessionOf(date: DateText): ExchangeSession | undefined {
  if (closedReason(date) !== undefined) return undefined;
  const early = earlyCloseOf(date);
  return {
    date,
    opensAt: zonedToUtc(date, '09:30', EXCHANGE_ZONE),
    closesAt: zonedToUtc(date, early ?? '16:00', EXCHANGE_ZONE),
    halfDay: early !== undefined,
  };
}

/** The session in which the exchange is open at `now`; undefined while it is closed, and outside the calendar. */
export function openSessionAt(now: EpochMs): ExchangeSession | undefined {
  const { date } = wallClockOf(now, EXCHANGE_ZONE);
  const session = isInCalendar(date) ? sessionOf(date) : undefined;
  return session !== undefined && now >= session.opensAt && now < session.closesAt ? session : undefined;
}

function neighbour(date: DateText, step: 1 | -1): DateText {
  for (let days = 1; days <= LONGEST_GAP_DAYS; days += 1) {
    const day = addDays(date, step * days);
    if (closedReason(day) === undefined) return day;
  }
  throw configError({
    code: 'NO_TRADING_DAY',
    message: `there is no trading day within ${LONGEST_GAP_DAYS} days of ${date}`,
    remedy: 'Report this date as a defect of the exchange calendar.',
  });
}

/** Minutes of the session on the trading day before `date`; of a regular one where the calendar does not have it. */
export function previousSessionMinutes(date: DateText): number {
  for (let days = 1; days <= LONGEST_GAP_DAYS; days += 1) {
    const day = addDays(date, -days);
    const session = isInCalendar(day) ? sessionOf(day) : undefined;
    if (session !== undefined) return (session.closesAt - session.opensAt) / MINUTE_MS;
  }
  return REGULAR_MINUTES;
}

/** The first trading day after `date`. */
export function nextTradingDay(date: DateText): DateText {
  return neighbour(date, 1);
}

/** The last trading day before `date`. */
export function previousTradingDay(date: DateText): DateText {
  return neighbour(date, -1);
}
