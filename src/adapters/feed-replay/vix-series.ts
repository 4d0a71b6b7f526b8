import { configError, dataError, type TradeBotError } from '../../kernel/errors.js';
import type { DateText } from '../../kernel/time.js';
import type { DataFile } from '../feed-kit/data-files.js';

/** One close per day, oldest first: index figures, not money. */
export type VixSeries = readonly { readonly date: string; readonly close: number }[];

const ISO = /^(\d{4})-(\d{2})-(\d{2})/;
const AMERICAN = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;
const COMPACT = /^(\d{4})(\d{2})(\d{2})$/;

/**
 * Reads a VIX history as CSV: `date,close`, or DATE,OPEN,HIGH,LOW,CLOSE as CBOE publishes it; dates as 2013-10-04,
 * 10/04/2013 or 20131004; with a header or, with two columns, without. Any other row is a DataError.
 */
export function parseVixSeries(file: DataFile): VixSeries {
  const lines = Buffer.from(file.bytes)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/);
  const series: { date: string; close: number }[] = [];
  let columns = { date: 0, close: 1 };
  for (const [index, line] of lines.entries()) {
    const fields = line.split(',').map((field) => field.trim().replace(/^"|"$/g, ''));
    if (fields.every((field) => field === '')) continue;
    const header = headerOf(fields);
    if (header !== undefined && series.length === 0) {
      columns = header;
      continue;
    }
    const date = isoDate(fields[columns.date] ?? '');
    const close = Number(fields[columns.close] ?? Number.NaN);
    if (date === undefined || !(close > 0)) throw badVix(file.path, `line ${index + 1} is not a date with a close`);
    series.push({ date, close });
  }
  if (series.length === 0) throw badVix(file.path, 'it has no day');
  return series.sort((a, b) => (a.date < b.date ? -1 : 1));
}

/** The last close strictly before `date`: the known value when its session opened. */
export function vixBefore(series: VixSeries, date: DateText): VixSeries[number] | undefined {
  let low = 0;
  let high = series.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((series[middle]?.date ?? '') < date) low = middle + 1;
    else high = middle;
  }
  return series[low - 1];
}

export function checkedVix(value: number): number {
  if (Number.isFinite(value) && value > 0 && value < 1_000) return value;
  throw configError({
    code: 'BAD_VIX',
    message: `${value} is not a VIX figure`,
    remedy: 'Give an index figure above 0, such as 17.5, or a CSV of date and close.',
  });
}

function headerOf(fields: readonly string[]): { date: number; close: number } | undefined {
  const names = fields.map((field) => field.toLowerCase());
  const date = names.indexOf('date');
  const close = names.findIndex(
    (name) => name === 'close' || name === 'vix close' || name === 'vix' || name === 'value',
  );
  return date === -1 || close === -1 ? undefined : { date, close };
}

function isoDate(text: string): string | undefined {
  const american = AMERICAN.exec(text);
  if (american !== null) {
    const [, month = '', day = '', year = ''] = american;
    return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  }
  const [, year, month, day] = ISO.exec(text) ?? COMPACT.exec(text) ?? [];
  return year === undefined || month === undefined || day === undefined ? undefined : `${year}-${month}-${day}`;
}

function badVix(path: string, why: string): TradeBotError {
  return dataError({
    code: 'DATA_VIX_UNREADABLE',
    message: `${path} is not a VIX history: ${why}`,
    remedy: 'Give a CSV with the columns date and close, one day per line.',
  });
}
