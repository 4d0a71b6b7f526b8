import { wallClockOf } from '../calendar/clock-time.js';
import { weekdayOf } from '../calendar/nyse-rules.js';
import { EXCHANGE_ZONE, type ExchangeSession } from '../calendar/nyse.js';
import { DAY_MS, MINUTE_MS, toUtcText, type DateText, type EpochMs } from '../../kernel/time.js';

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;
const HOUR_MINUTES = 60;

/** A date in words: `Monday 1 December`; with its year when that is not the year of `near`. */
function dateWords(date: DateText, near?: DateText): string {
  const [year = '', month = '', day = ''] = date.split('-');
  const words = `${WEEKDAYS[weekdayOf(date)]} ${Number(day)} ${MONTHS[Number(month) - 1] ?? ''}`;
  return near?.startsWith(`${year}-`) === true ? words : `${words} ${year}`;
}

/** A time of day in New York and in UTC: `09:30 New York (14:30 UTC)`. */
export function timeWords(at: EpochMs): string {
  return `${newYorkTime(at)} New York (${toUtcText(at).slice(11, 16)} UTC)`;
}

/** A moment in words, with its date in New York: `Tuesday 6 January 2026, 10:30 New York (15:30 UTC)`. */
export function momentWords(at: EpochMs): string {
  return `${dateWords(newYorkDate(at))}, ${timeWords(at)}`;
}

/** How far `at` is ahead of `now`: `in 35 minutes`, `in 2 hours 5 minutes`, `in 2 days` by the dates in New York. */
function distanceWords(now: EpochMs, at: EpochMs): string {
  const left = at - now;
  if (left < MINUTE_MS) return 'in less than a minute';
  if (left >= DAY_MS) return `in ${counted(daysBetween(newYorkDate(now), newYorkDate(at)), 'day')}`;
  const minutes = Math.floor(left / MINUTE_MS);
  if (minutes < HOUR_MINUTES) return `in ${counted(minutes, 'minute')}`;
  const rest = minutes % HOUR_MINUTES;
  const hours = counted(Math.floor(minutes / HOUR_MINUTES), 'hour');
  return rest === 0 ? `in ${hours}` : `in ${hours} ${counted(rest, 'minute')}`;
}

/** A session ahead, or one that is open, in words of a trader. */
export function sessionWords({ date, opensAt, closesAt, halfDay }: ExchangeSession, now: EpochMs): string {
  const early = halfDay ? ', a half day' : '';
  if (now >= opensAt)
    return `open now${early} until ${timeWords(closesAt)}, ${distanceWords(now, closesAt).replace(/^in /, '')} left`;
  const until = halfDay ? `${early} until ${newYorkTime(closesAt)} New York` : '';
  return `${dateWords(date, newYorkDate(now))}, ${timeWords(opensAt)}${until}, ${distanceWords(now, opensAt)}`;
}

function newYorkDate(at: EpochMs): DateText {
  return wallClockOf(at, EXCHANGE_ZONE).date;
}

function newYorkTime(at: EpochMs): string {
  const { minutes } = wallClockOf(at, EXCHANGE_ZONE);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(Math.floor(minutes / HOUR_MINUTES))}:${two(minutes % HOUR_MINUTES)}`;
}

function daysBetween(from: DateText, to: DateText): number {
  return Math.round((Date.parse(`${to}T00:00:00.000Z`) - Date.parse(`${from}T00:00:00.000Z`)) / DAY_MS);
}

function counted(n: number, unit: string): string {
  return `${n} ${unit}${n === 1 ? '' : 's'}`;
}
