import { sessionOf, FIRST_YEAR, LAST_YEAR } from '../../domain/calendar/nyse.js';
import { cleanBars, Findings, type RawBar } from '../../domain/market/quality.js';
import { hasTrade, price, type Bar, type DailyBar } from '../../domain/market/types.js';
import type { TickerSymbol } from '../../events/names.js';
import { dateOf, epochMs, type DateText } from '../../kernel/time.js';

/** Rows by the UTC date of their start, each list in file order. */
export type RowsByUtcDate<T extends RawBar = RawBar> = ReadonlyMap<DateText, readonly T[]>;

export function byUtcDate<T extends RawBar>(rows: readonly T[]): RowsByUtcDate<T> {
  const byDate = new Map<DateText, T[]>();
  for (const row of rows) {
    const date = dateOf(epochMs(row.start));
    const list = byDate.get(date);
    if (list === undefined) byDate.set(date, [row]);
    else list.push(row);
  }
  return byDate;
}

/**
 * Days from minutes: regular sessions in which a share was traded, oldest first. A session lies within one UTC date (13:30 or 14:30 to 20:00
 * or 21:00), which selects its rows. Findings are counted where the day itself is opened.
 */
export function dailyFromMinutes(symbol: TickerSymbol, rows: RowsByUtcDate): DailyBar[] {
  return [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([date, list]) => dayOf(symbol, date, list))
    .filter((day) => day !== undefined);
}

function dayOf(symbol: TickerSymbol, date: DateText, rows: readonly RawBar[]): DailyBar | undefined {
  const year = Number(date.slice(0, 4));
  const session = year < FIRST_YEAR || year > LAST_YEAR ? undefined : sessionOf(date);
  if (session === undefined) return undefined;
  const context = { symbol, from: session.opensAt, to: session.closesAt, findings: new Findings() };
  const bars = cleanBars(rows, context).filter(hasTrade);
  const [first] = bars;
  return first === undefined ? undefined : summary(symbol, date, [first, ...bars.slice(1)]);
}

function summary(symbol: TickerSymbol, date: DateText, bars: readonly [Bar, ...Bar[]]): DailyBar {
  return {
    symbol,
    date,
    open: bars[0].open,
    high: price(bars.reduce((most, { high }) => Math.max(most, high), 0)),
    low: price(bars.reduce((least, { low }) => Math.min(least, low), Infinity)),
    close: bars.at(-1)?.close ?? bars[0].close,
    volume: bars.reduce((sum, { volume }) => sum + volume, 0),
  };
}
