import { zonedToUtc } from '../../domain/calendar/clock-time.js';
import { closedReason, EXCHANGE_ZONE, isInCalendar, sessionOf } from '../../domain/calendar/nyse.js';
import type { TradeBotError } from '../../kernel/errors.js';
import { DAY_MS, epochMs, MINUTE_MS, type DateText } from '../../kernel/time.js';
import type { FileBar } from './csv-bars.js';
import type { RowsByUtcDate } from './daily-from-minutes.js';
import { shiftOf, timesShifted } from './day-checks.js';
import { isDaily, notMinutes, otherStep } from './minute-steps.js';
import { lineError } from './text-rows.js';

/**
 * What no single row shows: a step other than a minute over all days, and trades at a time when the exchange was closed, as
 * in a file whose days are shifted or whose day and month are swapped. Throws a DataError for the whole file.
 */
export function checkFile(path: string, rows: RowsByUtcDate<FileBar>): void {
  for (const [date, list] of rows) {
    const wrong = tradeOnClosedDay(date, list);
    if (wrong !== undefined) throw closedDay(path, wrong, date);
  }
  const days = [...rows.values()].map((list) => list.map(({ start }) => start));
  if (isDaily(days)) throw notMinutes(path, DAY_MS);
  const step = otherStep(days);
  if (step !== undefined) throw notMinutes(path, step);
  for (const [date, list] of rows) checkTimes(path, date, list);
}

/** The day that is opened is not the only one that counts: the days before it are its references. */
function checkTimes(path: string, date: DateText, rows: readonly FileBar[]): void {
  const session = isInCalendar(date) ? sessionOf(date) : undefined;
  if (session === undefined) return;
  const starts = [...new Set(rows.filter(({ volume }) => volume > 0).map(({ start }) => start))].sort((a, b) => a - b);
  const minutes = starts.map((start) => epochMs(start));
  const shift = shiftOf(minutes, session);
  if (shift !== undefined) throw timesShifted(path, date, minutes, session, shift);
}

/** Rows without volume are no trades: some files fill holidays with the last price. */
function tradeOnClosedDay(date: DateText, rows: readonly FileBar[]): FileBar | undefined {
  if (!isInCalendar(date) || closedReason(date) === undefined) return undefined;
  const from = zonedToUtc(date, '09:30', EXCHANGE_ZONE);
  const to = zonedToUtc(date, '16:00', EXCHANGE_ZONE) - MINUTE_MS;
  return rows.find(({ start, volume }) => start >= from && start <= to && volume > 0);
}

function closedDay(path: string, { line }: FileBar, date: DateText): TradeBotError {
  return lineError(
    path,
    line,
    `has a trade on ${date}, when the exchange was closed: ${closedReason(date) ?? ''}`,
    'Check the dates of the whole file: day and month may be swapped, or all days shifted.',
  );
}
