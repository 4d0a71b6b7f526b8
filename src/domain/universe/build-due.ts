import { isInCalendar, openSessionAt, previousTradingDay, sessionOf } from '../calendar/nyse.js';
import { dateOf, MINUTE_MS, plusMs, type DateText, type EpochMs } from '../../kernel/time.js';

/** The last session that has closed; undefined when the calendar does not have the time. */
export function lastClosedSession(now: EpochMs): DateText | undefined {
  const today = dateOf(now);
  if (!isInCalendar(today)) return undefined;
  const session = sessionOf(today);
  return session !== undefined && now >= session.closesAt ? today : previousTradingDay(today);
}

/**
 * The session of which a universe is due: the last one, SUP_UNIVERSE_AFTER_CLOSE_MIN after its close, and never while the
 * exchange is open. A night in which nothing ran is made up for until the next open.
 */
export function universeDue(now: EpochMs, afterCloseMin: number): DateText | undefined {
  const date = lastClosedSession(now);
  const session = date === undefined ? undefined : sessionOf(date);
  if (date === undefined || session === undefined || openSessionAt(now) !== undefined) return undefined;
  return now >= plusMs(session.closesAt, afterCloseMin * MINUTE_MS) ? date : undefined;
}
