import type { RawBar } from '../../domain/market/quality.js';
import { dataError, type TradeBotError } from '../../kernel/errors.js';
import type { DataFile } from '../feed-kit/data-files.js';

const WANTED = ['timestamp', 'open', 'high', 'low', 'close', 'volume'] as const;
type Column = (typeof WANTED)[number];

/** `2013-10-07T13:30:00Z`, seconds and milliseconds optional; an offset such as -04:00 in place of Z. */
const ISO_TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/i;
const EPOCH_MS = /^\d{11,14}$/;
const DECIMAL = /^([+-]?)(\d{1,12})(?:\.(\d{1,18}))?$/;
const PRICE_DECIMALS = 4;

/**
 * Reads minute bars from CSV. The header names the columns, in any order; others (vwap) are ignored. Times are ISO 8601
 * with Z or an offset, or milliseconds since 1970; prices decimal dollars, exact to 1/10,000: finer ones keep their
 * fraction, which the quality rules round and count. An empty field is NaN, which those rules handle; any other fault
 * is a DataError with its line.
 */
export function parseCsvBars(file: DataFile): RawBar[] {
  const lines = Buffer.from(file.bytes)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split('\n');
  const header = fieldsOf(lines[0] ?? '').map((name) => name.toLowerCase());
  const at = Object.fromEntries(WANTED.map((name) => [name, header.indexOf(name)])) as Readonly<Record<Column, number>>;
  const missing = WANTED.filter((name) => at[name] === -1);
  if (missing.length > 0) throw badHeader(file.path, missing);
  const rows: RawBar[] = [];
  for (let index = 1; index < lines.length; index += 1) {
    const fields = fieldsOf(lines[index] ?? '');
    if (fields.every((field) => field === '')) continue;
    const field = (name: Column): string => fields[at[name]] ?? '';
    const number = (name: Column, scale: number): number => scaled(field(name), scale) ?? fail(file.path, index, name);
    rows.push({
      start: timeOf(field('timestamp')) ?? fail(file.path, index, 'timestamp'),
      open: number('open', PRICE_DECIMALS),
      high: number('high', PRICE_DECIMALS),
      low: number('low', PRICE_DECIMALS),
      close: number('close', PRICE_DECIMALS),
      volume: number('volume', 0),
    });
  }
  return rows;
}

function fieldsOf(line: string): string[] {
  return line.split(',').map((field) => field.trim().replace(/^"(.*)"$/, '$1'));
}

function timeOf(text: string): number | undefined {
  if (EPOCH_MS.test(text)) return Number(text);
  if (!ISO_TIME.test(text)) return undefined;
  const ms = Date.parse(text.replace(' ', 'T'));
  return Number.isNaN(ms) ? undefined : ms;
}

/**
 * Decimal text as a number of 10^-scale: shifting the point in the text keeps exact values exact. NaN for an empty
 * field, undefined for invalid text.
 */
function scaled(text: string, scale: number): number | undefined {
  if (text === '') return Number.NaN;
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = ''] = match;
  const shifted = fraction.padEnd(scale, '0');
  return Number(`${sign}${whole}${shifted.slice(0, scale)}.${shifted.slice(scale)}`);
}

function badHeader(path: string, missing: readonly string[]): TradeBotError {
  return dataError({
    code: 'DATA_CSV_HEADER',
    message: `${path} has no column ${missing.join(', ')} in its first line`,
    remedy: `Begin the file with: ${WANTED.join(',')}.`,
  });
}

function fail(path: string, index: number, column: Column): never {
  throw dataError({
    code: 'DATA_ROW_UNREADABLE',
    message: `line ${index + 1} of ${path} has a ${column} that cannot be read`,
    remedy:
      column === 'timestamp'
        ? 'Write times as 2013-10-07T13:30:00Z or as milliseconds since 1970.'
        : 'Write plain decimal numbers.',
  });
}
