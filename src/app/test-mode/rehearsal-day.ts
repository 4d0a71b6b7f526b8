import { previousTradingDay, sessionOf, type ExchangeSession } from '../../domain/calendar/nyse.js';
import { addDays, dateOf, type EpochMs } from '../../kernel/time.js';

/**
 * The session that a run in test mode plays: the last one of full length up to the day of `now` (UTC). A half day is
 * skipped, because the close strategy keeps its distance from the close and the windows of a dry run would open before
 * the exchange does.
 */
export function rehearsalSession(now: EpochMs): ExchangeSession {
  let date = previousTradingDay(addDays(dateOf(now), 1));
  for (;;) {
    const session = sessionOf(date);
    if (session !== undefined && !session.halfDay) return session;
    date = previousTradingDay(date);
  }
}
