import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { closedReason, FIRST_YEAR, LAST_YEAR } from '../../domain/calendar/nyse.js';
import { dataError, type TradeBotError } from '../../kernel/errors.js';
import { sha256Hex, type Sha256Hex } from '../../kernel/hash.js';
import type { DateText } from '../../kernel/time.js';

/** Larger than any day of minutes or history of days; a bigger file is the wrong file. */
const MOST_BYTES = 256 * 1024 * 1024;

/** A file that was read, with its name under the data folder: part of the feed's digest. */
export interface DataFile {
  readonly name: string;
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Reads a data file; undefined when it does not exist. The letters of its name may be capitals or not, as systems differ in
 * them; the file of exactly this name comes first. Any other fault is a DataError that names it.
 */
export function readDataFile(root: string, name: string): DataFile | undefined {
  const path = pathIn(root, name);
  try {
    const found = statSync(path);
    // a pipe or a device has no size and may have no end
    if (!found.isFile()) throw notAFile(path);
    if (found.size > MOST_BYTES) throw tooLarge(path, found.size);
    return { name, path, bytes: readFileSync(path) };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw unreadable(path, error);
  }
}

/** A file as text, undefined when it is larger than `most` bytes; empty when it is no file that can be read. */
export function smallText(path: string, most: number): string | undefined {
  try {
    const found = statSync(path);
    if (!found.isFile()) return '';
    return found.size <= most ? readFileSync(path, 'utf8') : undefined;
  } catch (error) {
    if (isSystemError(error)) return '';
    throw error;
  }
}

/** The path of `name` below `root`, or that of the only file or folder whose name differs in capitals alone. */
export function pathIn(root: string, name: string): string {
  if (existsSync(`${root}/${name}`)) return `${root}/${name}`;
  const cut = name.lastIndexOf('/');
  const folder = cut === -1 ? root : pathIn(root, name.slice(0, cut));
  const wanted = name.slice(cut + 1);
  const alike = namesIn(folder).filter((known) => known.toLowerCase() === wanted.toLowerCase());
  if (alike.length <= 1) return `${folder}/${alike[0] ?? wanted}`;
  throw dataError({
    code: 'DATA_FILE_AMBIGUOUS',
    message: `${folder} has ${alike.join(' and ')}, which differ in capital letters only`,
    remedy: `Keep one of them, with the name ${wanted}.`,
  });
}

/** Throws unless `path` is a folder; `remedy` describes the expected one. */
export function requireFolder(path: string, remedy: string): void {
  let isFolder: boolean;
  try {
    isFolder = statSync(path).isDirectory();
  } catch (error) {
    const why = isMissing(error) ? 'does not exist' : 'cannot be read';
    throw dataError({ code: 'DATA_FOLDER_MISSING', message: `the data folder ${path} ${why}`, remedy, cause: error });
  }
  if (!isFolder) {
    throw dataError({ code: 'DATA_NOT_A_FOLDER', message: `${path} is a file, not a data folder`, remedy });
  }
}

/** Names in a folder, sorted; none when it is missing or not a folder. */
export function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    if (isSystemError(error)) return [];
    throw error;
  }
}

/** `2013-10-04, 2013-10-07 ... 2013-10-09 (4)`: enough to choose from, never a screenful. */
export function brief(items: readonly string[], most = 12): string {
  if (items.length === 0) return 'none';
  if (items.length <= most) return items.join(', ');
  return `${items.slice(0, most - 1).join(', ')} ... ${items.at(-1) ?? ''} (${items.length} in all)`;
}

/** ` (a weekend)` when the exchange was closed on that day: the likely reason why there is no data. */
export function closedNote(date: DateText): string {
  const year = Number(date.slice(0, 4));
  if (year < FIRST_YEAR || year > LAST_YEAR) return '';
  const reason = closedReason(date);
  return reason === undefined ? '' : ` (the exchange was closed: ${reason})`;
}

/** Digest over names and contents, in the order given. */
export function digestOf(files: readonly DataFile[]): Sha256Hex {
  return sha256Hex(files.map(({ name, bytes }) => `${sha256Hex(bytes)}  ${name}\n`).join(''));
}

function notAFile(path: string): TradeBotError {
  return dataError({
    code: 'DATA_FILE_UNREADABLE',
    message: `${path} is not a plain file`,
    remedy: 'Put the data into a plain file of this name.',
  });
}

function unreadable(path: string, error: unknown): unknown {
  if (!isSystemError(error)) return error;
  return dataError({
    code: 'DATA_FILE_UNREADABLE',
    message: `${path} cannot be read: ${error.code}`,
    remedy: 'Check that it is a file and that you may read it.',
    cause: error,
  });
}

function tooLarge(path: string, size: number): TradeBotError {
  return dataError({
    code: 'DATA_FILE_TOO_LARGE',
    message: `${path} has ${size} bytes, more than ${MOST_BYTES}`,
    remedy: 'Check that it is the right file; market data of this kind is far smaller.',
  });
}

/** By its shape: the error may come from another realm, where `instanceof Error` fails. */
function isSystemError(error: unknown): error is { readonly code: string; readonly syscall: string } {
  return typeof error === 'object' && error !== null && 'code' in error && 'syscall' in error;
}

function isMissing(error: unknown): boolean {
  return isSystemError(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
