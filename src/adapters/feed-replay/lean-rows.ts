import type { RawBar, RawQuote, RawSide } from '../../domain/market/quality.js';
import { dataError, type TradeBotError } from '../../kernel/errors.js';
import type { EpochMs } from '../../kernel/time.js';
import type { DataFile } from '../feed-kit/data-files.js';
import { contentCheck, type ZipContent } from './lean-names.js';
import { lineOfRow, parseNumberRows } from './number-rows.js';
import { unzipSingle } from './zip.js';

const TRADE_COLUMNS = 6;
const QUOTE_COLUMNS = 11;

/** Rows of a minute file, and the line in it of the row with an index. */
export interface MinuteRows<T> {
  readonly rows: readonly T[];
  readonly lineOf: (index: number) => number;
}

interface Numbers {
  readonly values: Float64Array;
  readonly lineOf: (index: number) => number;
}

/** The trades of a minute zip; `midnight` is that of the day in New York. Throws a DataError for any other content. */
export function tradeRows(file: DataFile, content: ZipContent, midnight: EpochMs): MinuteRows<RawBar> {
  const { values: rows, lineOf } = numbersOf(file, TRADE_COLUMNS, content);
  const bars: RawBar[] = [];
  for (let at = 0; at < rows.length; at += TRADE_COLUMNS) {
    const { open, high, low, close, size } = sideAt(rows, at + 1);
    bars.push({ start: midnight + (rows[at] ?? Number.NaN), open, high, low, close, volume: size });
  }
  return { rows: bars, lineOf };
}

/** The quotes of a minute zip, as `tradeRows`. */
export function quoteRows(file: DataFile, content: ZipContent, midnight: EpochMs): MinuteRows<RawQuote> {
  const { values: rows, lineOf } = numbersOf(file, QUOTE_COLUMNS, content);
  const quotes: RawQuote[] = [];
  for (let at = 0; at < rows.length; at += QUOTE_COLUMNS) {
    quotes.push({ start: midnight + (rows[at] ?? Number.NaN), bid: sideAt(rows, at + 1), ask: sideAt(rows, at + 6) });
  }
  return { rows: quotes, lineOf };
}

/** Five columns from `at`: open, high, low, close, and shares. */
function sideAt(rows: Float64Array, at: number): RawSide {
  return {
    open: rows[at] ?? Number.NaN,
    high: rows[at + 1] ?? Number.NaN,
    low: rows[at + 2] ?? Number.NaN,
    close: rows[at + 3] ?? Number.NaN,
    size: rows[at + 4] ?? Number.NaN,
  };
}

function numbersOf(file: DataFile, columns: number, content: ZipContent): Numbers {
  const bytes = unzipSingle(file.bytes, file.path, contentCheck(content));
  const values = parseNumberRows(bytes, columns, file.path);
  if (values.length === 0) throw emptyDay(file.path);
  return { values, lineOf: (index) => lineOfRow(bytes, index) };
}

function emptyDay(path: string): TradeBotError {
  return dataError({
    code: 'DATA_EMPTY',
    message: `${path} has no usable row`,
    remedy: 'Fetch the file again, or omit its day or symbol.',
  });
}
