import { zonedToUtc } from '../../domain/calendar/clock-time.js';
import { EXCHANGE_ZONE, isInCalendar, sessionOf, type ExchangeSession } from '../../domain/calendar/nyse.js';
import { cleanBars, explainFindings, Findings, type RawBar, type RawQuote } from '../../domain/market/quality.js';
import type { Bar, QuoteBar, SymbolReference } from '../../domain/market/types.js';
import type { TickerSymbol } from '../../events/names.js';
import { dataError, type TradeBotError } from '../../kernel/errors.js';
import { addDays, MINUTE_MS, type DateText, type EpochMs } from '../../kernel/time.js';
import { notMinutes, otherStep } from './minute-steps.js';

const HOUR_MS = 60 * MINUTE_MS;
const MOST_SHIFT_HOURS = 14;
/** Time zones differ by quarters of an hour. */
const ZONE_STEP_MS = 15 * MINUTE_MS;
/** The opening price of a day is below this many times the previous close, and above that part of it. */
const FAR_TIMES = 2;

/** The rows of one symbol and day as read, and what the quality rules made of them. */
export interface DayRows {
  readonly symbol: TickerSymbol;
  readonly date: DateText;
  readonly path: string;
  readonly rows: readonly RawBar[];
  readonly bars: readonly Bar[];
  /** Of these rows alone. */
  readonly findings: Findings;
  /** The line in the file of the row with this index. */
  readonly lineOf: (index: number) => number;
}

/**
 * Refuses a day whose rows as a whole are no minute bars of its session: none usable, most of them unusable, another step, or
 * shifted by hours. A single bad row is dropped and counted by the quality rules.
 */
export function checkDay(day: DayRows): void {
  const { path, date, rows, bars, findings } = day;
  if (bars.length === 0) throw unusable(day, 'DATA_EMPTY', `has no usable row on ${date}${firstUnusable(day)}`);
  const session = isInCalendar(date) ? sessionOf(date) : undefined;
  const step = otherStep([rows.map(({ start }) => start).filter((start) => within(start, session))]);
  if (step !== undefined) throw notMinutes(path, step);
  const unusableRows = rows.length - bars.length - findings.of('BAR_DUPLICATE');
  if (unusableRows * 2 > rows.length) {
    const says = `has ${unusableRows} unusable rows of ${rows.length} on ${date}${firstUnusable(day)}`;
    throw unusable(day, 'DATA_MOSTLY_UNUSABLE', says);
  }
  if (session === undefined) return;
  checkHours(day, session);
  findings.add('BAR_OUT_OF_HOURS', countOutOfHours(day));
}

/** Counts a day whose first regular price is far from its reference. */
export function countFarReference(
  bars: readonly Bar[],
  reference: SymbolReference,
  date: DateText,
  to: Findings,
): void {
  const session = isInCalendar(date) ? sessionOf(date) : undefined;
  const first = bars.find(({ start }) => within(start, session))?.open;
  const before = reference.previousClose;
  if (first === undefined || before === undefined) return;
  if (first > before * FAR_TIMES || first * FAR_TIMES < before) to.add('REFERENCE_FAR');
}

/** A quote so far from the trade of its minute is of another share. */
const FAR_QUOTE = 0.2;

/** The quotes of one symbol and day as read, and what the quality rules made of them. */
export interface QuoteRows {
  readonly path: string;
  readonly rows: readonly RawQuote[];
  readonly quotes: readonly QuoteBar[];
  /** Of these rows alone. */
  readonly findings: Findings;
}

/** Refuses quotes that are no quotes of minutes, most of them unusable, or far from the trades of their minute. */
export function checkQuotes({ path, rows, quotes, findings }: QuoteRows, bars: readonly Bar[]): void {
  const step = otherStep([rows.map(({ start }) => start)]);
  if (step !== undefined) throw notMinutes(path, step);
  const bad = rows.length - quotes.length - findings.of('QUOTE_DUPLICATE');
  if (bad * 2 > rows.length) {
    throw unusable({ path, findings }, 'DATA_MOSTLY_UNUSABLE', `has ${bad} unusable quotes of ${rows.length}`);
  }
  const closes = new Map(bars.map(({ start, close }) => [start, close]));
  let both = 0;
  let far = 0;
  for (const { start, bid, ask } of quotes) {
    const close = closes.get(start);
    if (close === undefined) continue;
    both += 1;
    if (bid.close > close * (1 + FAR_QUOTE) || ask.close < close * (1 - FAR_QUOTE)) far += 1;
  }
  if (far * 2 <= both) return;
  throw dataError({
    code: 'DATA_QUOTES_FAR',
    message: `${path} has ${far} of ${both} quotes more than 20 % away from the trades of their minute`,
    remedy: 'Put the quotes of this symbol and day there, or delete the file to have them derived from the trades.',
  });
}

function within(start: number, session: ExchangeSession | undefined): boolean {
  return session === undefined || (start >= session.opensAt && start < session.closesAt);
}

function checkHours({ path, date, bars }: DayRows, session: ExchangeSession): void {
  const starts = bars.map(({ start }) => start);
  const shift = shiftOf(starts, session);
  if (shift !== undefined) throw timesShifted(path, date, starts, session, shift);
  if (bars.some(({ start }) => within(start, session))) return;
  throw dataError({
    code: 'DATA_OUTSIDE_SESSION',
    message:
      `${path} has ${bars.length} bars on ${date}, none of them in the session from ${clock(session.opensAt)} ` +
      `to ${clock(session.closesAt)}`,
    remedy: 'Check that its times are in UTC, or omit this day or symbol.',
  });
}

/**
 * By how much the minutes of a day are shifted, in milliseconds: they begin and end as long after (or before) the session as a
 * time zone is wide, and are most of a session; or they are each minute of one, one minute late, as in files that give the end
 * of a minute. Undefined when neither is so. `starts` are in order, without repetitions.
 */
export function shiftOf(starts: readonly EpochMs[], session: ExchangeSession): number | undefined {
  const [first] = starts;
  const last = starts.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const shift = first - session.opensAt;
  if (shift === 0 || last + MINUTE_MS - session.closesAt !== shift) return undefined;
  const traded = starts.length * MINUTE_MS;
  const whole = session.closesAt - session.opensAt;
  if (shift === MINUTE_MS) return traded === whole ? shift : undefined;
  const isZone = Number.isInteger(shift / ZONE_STEP_MS) && Math.abs(shift) <= MOST_SHIFT_HOURS * HOUR_MS;
  return isZone && traded * 2 >= whole ? shift : undefined;
}

/** The refusal of a file whose times are shifted. */
export function timesShifted(
  path: string,
  date: DateText,
  starts: readonly EpochMs[],
  session: ExchangeSession,
  shift: number,
): TradeBotError {
  const first = starts[0] ?? session.opensAt;
  const end = (starts.at(-1) ?? first) + MINUTE_MS;
  const by = shift === MINUTE_MS ? 'a minute' : `${Math.abs(shift) / HOUR_MS} hours`;
  return dataError({
    code: 'DATA_TIMES_SHIFTED',
    message:
      `${path} has bars from ${clock(first)} to ${clock(end)} on ${date}, the session is from ` +
      `${clock(session.opensAt)} to ${clock(session.closesAt)}: its times are off by ${by}`,
    remedy:
      shift === MINUTE_MS
        ? 'Write the start of each minute, not its end.'
        : 'Write times in UTC with Z, or with the offset of New York on that day, such as -04:00.',
  });
}

/** The exchanges trade from 4:00 to 20:00 in New York. */
function countOutOfHours({ date, bars }: DayRows): number {
  const opens = zonedToUtc(date, '04:00', EXCHANGE_ZONE);
  const closes = zonedToUtc(date, '20:00', EXCHANGE_ZONE);
  return bars.filter(({ start, volume }) => volume > 0 && (start < opens || start >= closes)).length;
}

const clock = (at: number): string => `${new Date(at).toISOString().slice(11, 16)}Z`;

function unusable(
  { path, findings }: { readonly path: string; readonly findings: Findings },
  code: string,
  says: string,
): TradeBotError {
  const why = explainFindings(findings.toRecord())
    .filter(({ treatment, rule }) => treatment === 'drop' && !rule.endsWith('_DUPLICATE'))
    .map(({ rule, count, means }) => `${rule} ${count} (${means})`)
    .join(', ');
  return dataError({
    code,
    message: `${path} ${says}${why === '' ? '' : `: ${why}`}`,
    remedy: 'Fetch the file again and check the order of its columns, or omit its day or symbol.',
  });
}

function firstUnusable(day: DayRows): string {
  const index = day.rows.findIndex((row) => isUnusable(row, day));
  return index === -1 ? '' : `, first in line ${day.lineOf(index)}`;
}

function isUnusable(row: RawBar, { symbol, date }: DayRows): boolean {
  const from = zonedToUtc(date, '00:00', EXCHANGE_ZONE);
  const to = zonedToUtc(addDays(date, 1), '00:00', EXCHANGE_ZONE);
  return cleanBars([row], { symbol, from, to, findings: new Findings() }).length === 0;
}
