import { roundHalfEven } from '../../domain/market/quality.js';
import { price, type DailyBar } from '../../domain/market/types.js';
import type { TickerSymbol } from '../../events/names.js';
import { parseNumberRows } from './number-rows.js';
import { unzipSingle } from './zip.js';
import type { DataFile } from '../feed-kit/data-files.js';

const DAILY_COLUMNS = 6;
const FACTOR_COLUMNS = 3;

/** Reads `daily/<symbol>.zip`: rows of `yyyymmdd hh:mm`, open, high, low, close (x 10,000), volume; oldest first. */
export function parseDailyBars(file: DataFile, symbol: TickerSymbol): DailyBar[] {
  const text = Buffer.from(unzipSingle(file.bytes, file.path)).toString('latin1');
  // The time of day is always midnight: without it every column is a number.
  const rows = parseNumberRows(
    Buffer.from(text.replace(/ \d\d:\d\d(:\d\d)?/g, ''), 'latin1'),
    DAILY_COLUMNS,
    file.path,
  );
  const bars: DailyBar[] = [];
  for (let at = 0; at < rows.length; at += DAILY_COLUMNS) {
    const bar = dailyBarAt(rows, at, symbol);
    if (bar !== undefined) bars.push(bar);
  }
  return bars.sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0));
}

/** Undefined for a row without positive prices: such a day counts as unknown. */
function dailyBarAt(rows: Float64Array, at: number, symbol: TickerSymbol): DailyBar | undefined {
  const cell = (column: number): number => roundHalfEven(rows[at + column] ?? 0);
  const [open, high, low, close, volume] = [cell(1), cell(2), cell(3), cell(4), cell(5)];
  if (!(open > 0 && high > 0 && low > 0 && close > 0 && volume > 0)) return undefined;
  return {
    symbol,
    date: dateText(rows[at] ?? 0),
    open: price(open),
    high: price(high),
    low: price(low),
    close: price(close),
    volume,
  };
}

/** Split factors of `factor_files/<symbol>.csv`: each is valid up to and including its date. Oldest first. */
export interface SplitFactors {
  readonly dates: readonly string[];
  readonly factors: readonly number[];
}

export function parseSplitFactors(file: DataFile): SplitFactors {
  const rows = parseNumberRows(file.bytes, FACTOR_COLUMNS, file.path);
  const pairs: (readonly [string, number])[] = [];
  for (let at = 0; at < rows.length; at += FACTOR_COLUMNS) {
    const factor = rows[at + 2] ?? 0;
    if (factor > 0) pairs.push([dateText(rows[at] ?? 0), factor]);
  }
  pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  return { dates: pairs.map(([date]) => date), factors: pairs.map(([, factor]) => factor) };
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

function dateText(yyyymmdd: number): string {
  const digits = String(yyyymmdd).padStart(8, '0');
  return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6, 8)}`;
}
