import type { RawBar } from '../../domain/market/quality.js';
import { isRealDate } from '../../events/acceptance.js';
import type { TickerSymbol } from '../../events/names.js';
import { dataError, type TradeBotError } from '../../kernel/errors.js';
import type { DataFile } from '../feed-kit/data-files.js';
import { lineError, textRows, type TextRow } from './text-rows.js';

const WANTED = ['timestamp', 'open', 'high', 'low', 'close', 'volume'] as const;
/** Columns that name the share of a row. */
const SYMBOL_NAMES = ['symbol', 'ticker'];
type Column = (typeof WANTED)[number];
type Columns = Readonly<Record<Column, number>>;

/** `2013-10-07T13:30:00Z`, seconds and milliseconds optional; an offset such as -04:00 in place of Z. */
const ISO_TIME = /^(\d{4}-\d{2}-\d{2})[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,3})?)?(Z|[+-](0\d|1[0-4]):[0-5]\d)$/i;
/** Milliseconds from 1973 to 2286: neither seconds nor microseconds have as many digits. */
const EPOCH_MS = /^\d{12,13}$/;
const DECIMAL = /^([+-]?)(\d{1,12})(?:\.(\d{1,18}))?$/;
const PRICE_DECIMALS = 4;

/** A bar with its line in the file, counted from 1. */
export interface FileBar extends RawBar {
  readonly line: number;
}

export interface FileBars {
  readonly rows: readonly FileBar[];
  /** The last line has no line end: its row may be incomplete. */
  readonly isCutOff: boolean;
}

/**
 * Reads minute bars from CSV. The header names the columns, in any order; others (vwap) are ignored. Times are ISO 8601
 * with Z or an offset, or milliseconds since 1970; prices decimal dollars, exact to 1/10,000: finer ones keep their
 * fraction, which the quality rules round and count. An empty field is NaN, which those rules handle; any other fault
 * is a DataError with its line.
 */
export function parseCsvBars(file: DataFile, symbol: TickerSymbol): FileBars {
  const { first, rows, isCutOff } = textRows(file);
  const header = first?.fields ?? [];
  const at = columnsOf(header, file.path);
  checkSymbols(rows, symbol, file.path);
  const bars = rows.slice(1).map((row) => barOf(row, at, { header, path: file.path }));
  return { rows: bars, isCutOff };
}

/** A file that names the share of each row names the one of the file, and no other. */
function checkSymbols(rows: readonly TextRow[], symbol: TickerSymbol, path: string): void {
  const [header, ...bars] = rows;
  const column = namesOf(header?.fields ?? []).findIndex((name) => SYMBOL_NAMES.includes(name));
  if (column === -1) return;
  const named = (row: TextRow | undefined): string => row?.fields[column] ?? '';
  const other = bars.find((row) => named(row) !== named(bars[0]) || !isNameOf(named(row), symbol));
  if (other === undefined) return;
  const says = `is of ${JSON.stringify(named(other).slice(0, 20))}, the file is of ${symbol}`;
  throw lineError(path, other.line, says, 'Give each symbol a file of its own, with its name.');
}

/** `BRK.B` is also written BRK-B, with an exchange before it (NYSE:BRK.B) or a country after it (IBM.US, IBM US Equity). */
function isNameOf(text: string, symbol: TickerSymbol): boolean {
  const plain = (name: string): string => name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
  return [text, ...text.split(':'), ...text.split(/[.\s]/)].some((name) => plain(name) === plain(symbol));
}

/** Whether the text begins with the header of minute bars; true for a file that was not looked at. */
export function hasBarHeader(text: string | undefined): boolean {
  if (text === undefined) return true;
  const names = namesOf((text.split('\n', 1)[0] ?? '').replace(/^\uFEFF/, '').split(','));
  return WANTED.every((name) => names.includes(name));
}

function namesOf(header: readonly string[]): readonly string[] {
  return header.map((name) => name.trim().replaceAll('"', '').toLowerCase());
}

function columnsOf(header: readonly string[], path: string): Columns {
  const names = namesOf(header);
  const twice = names.find((name, index) => name !== '' && names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw badHeader(path, `names the column ${twice} twice in its first line`, 'Keep one column of each name.');
  }
  const missing = WANTED.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    const separator = header.length === 1 ? [';', '\t', '|'].find((mark) => header[0]?.includes(mark)) : undefined;
    const remedy = separator === undefined ? '' : ' Separate the fields with commas.';
    const says = `has no column ${missing.join(', ')} in its first line`;
    throw badHeader(path, says, `Begin the file with: ${WANTED.join(',')}.${remedy}`);
  }
  const place = (name: Column): number => names.indexOf(name);
  return {
    timestamp: place('timestamp'),
    open: place('open'),
    high: place('high'),
    low: place('low'),
    close: place('close'),
    volume: place('volume'),
  };
}

interface FileShape {
  readonly header: readonly string[];
  readonly path: string;
}

function barOf({ line, fields }: TextRow, at: Columns, { header, path }: FileShape): FileBar {
  const field = (name: Column): string => fields[at[name]] ?? '';
  const start = timeOf(field('timestamp'));
  if (start === undefined) throw badTime(path, line, namesOf(fields).join() === namesOf(header).join());
  const number = (name: Column, scale: number): number => {
    const value = scaled(field(name), scale);
    if (value === undefined) throw badNumber(path, line, name);
    return value;
  };
  return {
    line,
    start,
    open: number('open', PRICE_DECIMALS),
    high: number('high', PRICE_DECIMALS),
    low: number('low', PRICE_DECIMALS),
    close: number('close', PRICE_DECIMALS),
    volume: number('volume', 0),
  };
}

function timeOf(text: string): number | undefined {
  if (EPOCH_MS.test(text)) return Number(text);
  const [, date] = ISO_TIME.exec(text) ?? [];
  if (date === undefined || !isRealDate(date)) return undefined;
  const ms = Date.parse(text.toUpperCase().replace(' ', 'T'));
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

function badHeader(path: string, says: string, remedy: string): TradeBotError {
  return dataError({ code: 'DATA_CSV_HEADER', message: `${path} ${says}`, remedy });
}

function badTime(path: string, line: number, isHeader: boolean): TradeBotError {
  if (isHeader) return lineError(path, line, 'repeats the header', 'Keep the header in the first line only.');
  const remedy = 'Write times as 2013-10-07T13:30:00Z or as milliseconds since 1970, on days that exist.';
  return lineError(path, line, 'has a timestamp that cannot be read', remedy);
}

function badNumber(path: string, line: number, column: Column): TradeBotError {
  return lineError(path, line, `has a ${column} that cannot be read`, 'Write plain decimal numbers.');
}
