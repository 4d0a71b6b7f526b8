import { closedReason, isInCalendar } from '../../domain/calendar/nyse.js';
import { roundHalfEven } from '../../domain/market/quality.js';
import { price, type DailyBar } from '../../domain/market/types.js';
import { isRealDate } from '../../events/acceptance.js';
import type { TickerSymbol } from '../../events/names.js';
import { parseDateText, type DateText } from '../../kernel/time.js';
import type { DataFile } from '../feed-kit/data-files.js';
import { contentCheck } from './lean-names.js';
import { firstWidth, lineOfRow, parseNumberRows } from './number-rows.js';
import { lineError } from './text-rows.js';
import { unzipSingle } from './zip.js';

const DAILY_COLUMNS = 6;
const FACTOR_COLUMNS = 3;
/** Older factor files have no reference price. */
const FACTOR_WIDTHS = [3, 4];

export interface DailyFile {
  /** Oldest first. */
  readonly bars: readonly DailyBar[];
  /** Days whose row has no possible prices or no share traded: they count as unknown. */
  readonly unusable: readonly DateText[];
}

/** Reads `daily/<symbol>.zip`: rows of `yyyymmdd hh:mm`, open, high, low, close (x 10,000), volume, each of a trading day. */
export function parseDailyBars(file: DataFile, symbol: TickerSymbol): DailyFile {
  const check = contentCheck({ symbol, resolution: 'daily' });
  const text = Buffer.from(unzipSingle(file.bytes, file.path, check)).toString('latin1');
  // The time of day is always midnight: without it every column is a number.
  const bytes = Buffer.from(text.replace(/^(\d{8}) \d\d:\d\d(:\d\d)?/gm, '$1'), 'latin1');
  const rows = parseNumberRows(bytes, DAILY_COLUMNS, file.path);
  const bars: DailyBar[] = [];
  const unusable: DateText[] = [];
  const seen = new Set<string>();
  for (let at = 0; at < rows.length; at += DAILY_COLUMNS) {
    const line = (): number => lineOfRow(bytes, at / DAILY_COLUMNS);
    const date = dayOf(rows[at], file.path, line);
    if (seen.has(date))
      throw lineError(file.path, line(), `has ${date} twice`, 'Give daily bars, one row for each day.');
    seen.add(date);
    const bar = dailyBarAt(rows, at, { symbol, date });
    if (bar === undefined) unusable.push(date);
    else bars.push(bar);
  }
  return { bars: bars.sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0)), unusable };
}

/** Undefined for a row without possible prices, and for one without a share traded. */
function dailyBarAt(rows: Float64Array, at: number, of: Pick<DailyBar, 'symbol' | 'date'>): DailyBar | undefined {
  const cell = (column: number): number => roundHalfEven(rows[at + column] ?? 0);
  const [open, high, low, close, volume] = [cell(1), cell(2), cell(3), cell(4), cell(5)];
  const isPossible = low > 0 && open >= low && close >= low && open <= high && close <= high && volume > 0;
  if (!isPossible) return undefined;
  return { ...of, open: price(open), high: price(high), low: price(low), close: price(close), volume };
}

/** Split factors of `factor_files/<symbol>.csv`: each is valid up to and including its date. Oldest first. */
export interface SplitFactors {
  readonly dates: readonly string[];
  readonly factors: readonly number[];
}

/** Throws a DataError for a date that does not exist or comes twice, and for a factor that is not above zero. */
export function parseSplitFactors(file: DataFile): SplitFactors {
  const width = firstWidth(file.bytes);
  const expected = FACTOR_WIDTHS.includes(width) ? width : FACTOR_COLUMNS;
  const rows = parseNumberRows(file.bytes, FACTOR_COLUMNS, file.path, expected);
  const factors = new Map<string, number>();
  for (let at = 0; at < rows.length; at += FACTOR_COLUMNS) {
    const line = (): number => lineOfRow(file.bytes, at / FACTOR_COLUMNS);
    const date = realDay(rows[at], file.path, line);
    const factor = rows[at + 2] ?? Number.NaN;
    if (!(factor > 0) || factors.has(date)) {
      const says = factors.has(date) ? `has ${date} twice` : 'has a split factor that is not above zero';
      throw lineError(file.path, line(), says, 'Fetch the file again.');
    }
    factors.set(date, factor);
  }
  const sorted = [...factors].sort(([a], [b]) => (a < b ? -1 : 1));
  return { dates: sorted.map(([date]) => date), factors: sorted.map(([, factor]) => factor) };
}

/** A share of `earlier` became `shares / per` shares by `later`: 7 / 1 over the AAPL split of 2014-06-09. */
export interface SplitRatio {
  readonly shares: number;
  readonly per: number;
}

const MOST_SHARES = 100;
const FACTOR_PRECISION = 1e-5;

/** Factor files round to eight decimals; the whole-number ratio behind the quotient is the actual split. */
export function splitRatio(factors: SplitFactors, earlier: string, later: string): SplitRatio {
  const quotient = factorOn(factors, later) / factorOn(factors, earlier);
  for (let per = 1; per <= MOST_SHARES; per += 1) {
    const shares = Math.round(quotient * per);
    if (shares > 0 && Math.abs(shares / per - quotient) < FACTOR_PRECISION * quotient) return { shares, per };
  }
  return { shares: quotient, per: 1 };
}

function factorOn({ dates, factors }: SplitFactors, date: string): number {
  const index = dates.findIndex((until) => until >= date);
  return (index === -1 ? factors.at(-1) : factors[index]) ?? 1;
}

function realDay(yyyymmdd: number | undefined, path: string, line: () => number): DateText {
  const digits = String(yyyymmdd ?? '').padStart(8, '0');
  const date = `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
  if (isRealDate(date)) return parseDateText(date);
  throw lineError(
    path,
    line(),
    `has the date ${digits.slice(0, 20)}, which does not exist`,
    'Write dates as 20131004.',
  );
}

/** A day on which the exchange was open. */
function dayOf(yyyymmdd: number | undefined, path: string, line: () => number): DateText {
  const date = realDay(yyyymmdd, path, line);
  const why = isInCalendar(date) ? closedReason(date) : undefined;
  if (why === undefined) return date;
  throw lineError(
    path,
    line(),
    `has a bar of ${date}, when the exchange was closed: ${why}`,
    'Check the dates of the whole file: day and month may be swapped, or all days shifted.',
  );
}
