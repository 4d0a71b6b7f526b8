import { lineError } from './text-rows.js';

const COMMA = 0x2c;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const ZERO = 0x30;
const NINE = 0x39;
/** Fifteen digits stay below 2^53, so they are exact; longer figures take the slow path. */
const FAST_DIGITS = 15;

/**
 * Rows of numbers from CSV bytes in one array: the first `columns` of the `width` fields of each row. Spaces, CRLF and
 * blank lines are tolerated; an empty field is NaN. A field that is not a number, or a row with another number of
 * fields, is a DataError with its line.
 */
export function parseNumberRows(bytes: Uint8Array, columns: number, path: string, width = columns): Float64Array {
  let rows = new Float64Array(1024 * columns);
  let used = 0;
  let line = 0;
  for (let at = startOf(bytes); at < bytes.length;) {
    line += 1;
    const end = endOfLine(bytes, at);
    if (!isBlank(bytes, at, end)) {
      if (used + columns > rows.length) rows = grown(rows);
      const fields = fieldsIn(bytes, at, end);
      if (fields !== width) throw otherWidth(path, line, fields, width);
      if (!parseRow(bytes, at, end, rows.subarray(used, used + columns))) throw noNumber(path, line);
      used += columns;
    }
    at = end + 1;
  }
  return rows.subarray(0, used);
}

/** The number of fields in the first line that is not blank; zero when there is none. */
export function firstWidth(bytes: Uint8Array): number {
  for (let at = startOf(bytes); at < bytes.length; at = endOfLine(bytes, at) + 1) {
    const end = endOfLine(bytes, at);
    if (!isBlank(bytes, at, end)) return fieldsIn(bytes, at, end);
  }
  return 0;
}

/** The line, counted from 1, of the row with this index. */
export function lineOfRow(bytes: Uint8Array, row: number): number {
  let line = 0;
  let seen = -1;
  for (let at = startOf(bytes); at < bytes.length && seen < row; at = endOfLine(bytes, at) + 1) {
    line += 1;
    if (!isBlank(bytes, at, endOfLine(bytes, at))) seen += 1;
  }
  return line;
}

function fieldsIn(bytes: Uint8Array, from: number, to: number): number {
  let fields = 1;
  for (let at = from; at < to; at += 1) if (bytes[at] === COMMA) fields += 1;
  return fields;
}

/** Skips a UTF-8 byte order mark. */
function startOf(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

function endOfLine(bytes: Uint8Array, from: number): number {
  const found = bytes.indexOf(LINE_FEED, from);
  return found === -1 ? bytes.length : found;
}

function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (!isSpace(bytes[at])) return false;
  return true;
}

function isSpace(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB || byte === CARRIAGE_RETURN;
}

function parseRow(bytes: Uint8Array, from: number, to: number, row: Float64Array): boolean {
  let at = from;
  for (let column = 0; column < row.length; column += 1) {
    let value = 0;
    let digits = 0;
    let byte = bytes[at] ?? 0;
    while (at < to && byte >= ZERO && byte <= NINE) {
      value = value * 10 + (byte - ZERO);
      digits += 1;
      at += 1;
      byte = bytes[at] ?? 0;
    }
    if (digits === 0 || digits > FAST_DIGITS || (at < to && byte !== COMMA)) {
      const start = at - digits;
      at = endOfField(bytes, at, to);
      const slow = slowNumber(bytes, start, at);
      if (slow === undefined) return false;
      value = slow;
    }
    row[column] = value;
    at += 1;
  }
  return true;
}

function endOfField(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== COMMA) at += 1;
  return at;
}

/** Signs, decimals, exponents, padding; NaN for an empty field, undefined for invalid text. */
function slowNumber(bytes: Uint8Array, from: number, to: number): number | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from)
    .toString('latin1')
    .trim();
  if (text === '') return Number.NaN;
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

function grown(rows: Float64Array): Float64Array<ArrayBuffer> {
  const wider = new Float64Array(rows.length * 2);
  wider.set(rows);
  return wider;
}

function noNumber(path: string, line: number): Error {
  return lineError(path, line, 'holds something that is no number', 'Fetch the file again, or correct that line.');
}

function otherWidth(path: string, line: number, fields: number, width: number): Error {
  return lineError(
    path,
    line,
    `has ${fields} fields instead of ${width}`,
    'Fetch the file again: it may be cut off there, or hold data of another kind.',
  );
}
