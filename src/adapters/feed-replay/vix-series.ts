import { parseVix } from '../../domain/market/vix.js';
import { dataError, type TradeBotError } from '../../kernel/errors.js';
import type { DateText } from '../../kernel/time.js';
import type { DataFile } from '../feed-kit/data-files.js';
import { textRows, type TextRow } from './text-rows.js';
import { datedRows } from './vix-dates.js';

/** The close of one day: an index figure, not money. */
export interface VixClose {
  readonly date: DateText;
  readonly close: number;
  /** The line without a line end: its figure may be incomplete. */
  readonly isCutOff: boolean;
}

/** One close per day, oldest first. */
export type VixSeries = readonly VixClose[];

const CLOSE_NAMES = ['close', 'vix close', 'vix', 'value'];

/**
 * Reads a VIX history as CSV: `date,close`, or DATE,OPEN,HIGH,LOW,CLOSE as CBOE publishes it; dates as 2013-10-04,
 * 10/04/2013 (month first) or 20131004; with a header or, with two columns, without. Anything else is a DataError with its
 * line: what is read wrong here would be a figure of another day.
 */
export function parseVixSeries(file: DataFile): VixSeries {
  const { rows: all, isCutOff } = textRows(file);
  const header = headerOf(all[0]?.fields ?? [], file.path);
  const rows = header === undefined ? all : all.slice(1);
  const columns = header ?? { date: 0, close: 1 };
  if (header === undefined && (all[0]?.fields.length ?? 2) !== 2) {
    throw badVix(file.path, 'it has no header and not two columns');
  }
  if (rows.length === 0) throw badVix(file.path, 'it has no day');
  const found = datedRows(rows, columns.date);
  if (found.kind === 'fault') throw badVix(file.path, `line ${found.line} ${found.says}`);
  const series = found.rows
    .map(({ date, row }, index) => {
      const isLast = index === rows.length - 1;
      return { date, close: closeOf(row, columns.close, file.path), isCutOff: isCutOff && isLast, line: row.line };
    })
    .sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0));
  const twice = series.find(({ date, close }, index) => {
    const before = series[index - 1];
    return before?.date === date && before.close !== close;
  });
  if (twice !== undefined) throw badVix(file.path, `line ${twice.line} gives ${twice.date} another close`);
  return series;
}

/** The last close strictly before `date`: the known value when its session opened. */
export function vixBefore(series: VixSeries, date: DateText): VixClose | undefined {
  let low = 0;
  let high = series.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((series[middle]?.date ?? '') < date) low = middle + 1;
    else high = middle;
  }
  return series[low - 1];
}

function headerOf(fields: readonly string[], path: string): { date: number; close: number } | undefined {
  const names = fields.map((field) => field.toLowerCase());
  const date = names.indexOf('date');
  if (date === -1) return undefined;
  const closes = names.filter((name) => CLOSE_NAMES.includes(name));
  const close = names.findIndex((name) => CLOSE_NAMES.includes(name));
  if (close === -1) throw badVix(path, 'its header has no column close');
  if (closes.length > 1) throw badVix(path, `its header has the columns ${closes.join(' and ')}`);
  if (names.lastIndexOf('date') !== date) throw badVix(path, 'its header names date twice');
  return { date, close };
}

function closeOf({ line, fields }: TextRow, column: number, path: string): number {
  const text = fields[column] ?? '';
  const close = parseVix(text);
  if (close !== undefined) return close;
  throw badVix(path, `line ${line} has the close "${text.slice(0, 20)}", not an index figure above 0 and below 1000`);
}

function badVix(path: string, why: string): TradeBotError {
  return dataError({
    code: 'DATA_VIX_UNREADABLE',
    message: `${path} is not a VIX history: ${why}`,
    remedy: 'Give a CSV with the columns date and close, one day per line, and dates such as 2013-10-04.',
  });
}
