import { dataError, type TradeBotError } from '../../kernel/errors.js';
import type { DataFile } from '../feed-kit/data-files.js';

/** One line of a file that is no blank line. */
export interface TextRow {
  /** Counted from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

export interface TextRows {
  /** The first line with a field; undefined for an empty file. */
  readonly first: TextRow | undefined;
  readonly rows: readonly TextRow[];
  /** The last line has no line end: the file may have been cut off within it. */
  readonly isCutOff: boolean;
}

/**
 * The rows of a CSV file (RFC 4180, without line ends inside quotes): UTF-8 text, and each row has as many fields as the
 * first one. Any other file is a DataError with its line, so that no value is read from a column that it is not in.
 */
export function textRows(file: DataFile): TextRows {
  const text = decoded(file);
  const lines = text.split('\n');
  const rows: TextRow[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const fields = fieldsOf(line, file.path, index + 1);
    const [first] = rows;
    if (first !== undefined && fields.length !== first.fields.length) {
      throw otherLength(file.path, { line: index + 1, fields }, first);
    }
    rows.push({ line: index + 1, fields });
  }
  return { first: rows[0], rows, isCutOff: text !== '' && !text.endsWith('\n') };
}

/** A DataError about one line of a file. */
export function lineError(path: string, line: number, says: string, remedy: string): TradeBotError {
  return dataError({ code: 'DATA_ROW_UNREADABLE', message: `line ${line} of ${path} ${says}`, remedy });
}

function decoded({ bytes, path }: DataFile): string {
  if (bytes.includes(0)) throw notText(path, 'it contains NUL bytes, as UTF-16 and binary files do');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw notText(path, 'its bytes are not UTF-8', error);
  }
  if (/\r(?!\n|$)/.test(text)) throw notText(path, 'it has a carriage return that is no part of a line end');
  return text;
}

function fieldsOf(line: string, path: string, number: number): readonly string[] {
  if (!line.includes('"')) return line.split(',').map((field) => field.trim());
  const fields: string[] = [];
  let rest = line.trimEnd();
  for (;;) {
    const match = /^\s*(?:"((?:[^"]|"")*)"|([^",]*))\s*(,|$)/.exec(rest);
    if (match === null) {
      throw lineError(path, number, 'has a quotation mark that is not closed', 'Close it, or delete it.');
    }
    const [whole, quoted, plain = '', end] = match;
    fields.push((quoted?.replaceAll('""', '"') ?? plain).trim());
    if (end === '') return fields;
    rest = rest.slice(whole.length);
  }
}

function otherLength(path: string, row: TextRow, first: TextRow): TradeBotError {
  const surplus = row.fields.length > first.fields.length;
  return lineError(
    path,
    row.line,
    `has ${row.fields.length} fields, line ${first.line} has ${first.fields.length}`,
    surplus
      ? 'Write numbers without thousands separators and with a decimal point, fields separated by commas, or put them into quotes.'
      : 'Complete the line, or fetch the file again: it may be cut off there.',
  );
}

function notText(path: string, why: string, cause?: unknown): TradeBotError {
  return dataError({
    code: 'DATA_NOT_TEXT',
    message: `${path} is not a text file that can be read: ${why}`,
    remedy: 'Save it as CSV in UTF-8, with the line ends of Linux or Windows.',
    ...(cause === undefined ? {} : { cause }),
  });
}
