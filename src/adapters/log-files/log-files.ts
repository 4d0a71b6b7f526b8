import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { dataError, type TradeBotError } from '../../kernel/errors.js';
import { epochMs, toUtcText, type UtcText } from '../../kernel/time.js';
import { causeText, systemErrorCode } from '../files/system-error.js';

export interface LogFileFacts {
  /** 0 for a file that does not exist yet. */
  readonly bytes: number;
  readonly changedAt: UtcText | null;
}

export interface LogQuery {
  /** Maximum number of lines, 1 to 1,000. */
  readonly lines: number;
  /** Only lines that contain this text, ignoring case. */
  readonly search?: string | undefined;
  /** `older` of the previous page: the lines before it; undefined reads the end of the file. */
  readonly before?: number | undefined;
}

export interface LogLines {
  /** Unchanged lines, oldest first; very long ones cut. */
  readonly lines: readonly string[];
  /** The value of `before` for older lines; null at the start of the file. */
  readonly older: number | null;
  readonly bytes: number;
}

export interface LogDownload {
  readonly bytes: number;
  /** Exactly this many bytes, also while the log grows. */
  readonly content: Readable;
}

const CHUNK_BYTES = 64 * 1024;
/** One read scans no more than this; a search continues with `older`. */
const MOST_SCANNED_BYTES = 4 * 1024 * 1024;
const MOST_LINE_CHARACTERS = 8_000;
const LINE_END = 10;

interface Line {
  readonly text: string;
  /** Offset of the start in the file, bytes. */
  readonly from: number;
}

/** Size and time of a log. Throws LOG_UNREADABLE. */
export async function logFacts(path: string): Promise<LogFileFacts> {
  try {
    const found = await stat(path);
    if (found.isFile()) return { bytes: found.size, changedAt: toUtcText(epochMs(Math.floor(found.mtimeMs))) };
  } catch (cause) {
    if (systemErrorCode(cause) === 'ENOENT') return { bytes: 0, changedAt: null };
    throw unreadable(path, causeText(cause), cause);
  }
  throw unreadable(path, 'it is not a file', undefined);
}

/** Lines at the end of a log, or before an offset in it. Throws LOG_UNREADABLE. */
export async function readLog(path: string, query: LogQuery): Promise<LogLines> {
  const { bytes } = await logFacts(path);
  const end = Math.min(query.before ?? bytes, bytes);
  const needle = query.search?.toLowerCase() ?? '';
  const found: Line[] = [];
  let at = end;
  // The bytes between `at` and the first line end after it: a line whose start was not read yet.
  let open = Buffer.alloc(0);
  while (at > 0 && found.length < query.lines && end - at < MOST_SCANNED_BYTES) {
    const from = Math.max(0, at - CHUNK_BYTES);
    const block = Buffer.concat([await readRange(path, from, at), open]);
    const begin = from === 0 ? 0 : block.indexOf(LINE_END) + 1;
    at = from;
    open = begin === 0 && from > 0 ? block : block.subarray(0, begin);
    if (open.length < block.length) {
      found.unshift(...linesOf(block.subarray(begin), from + begin).filter(({ text }) => holds(text, needle)));
    }
  }
  const shown = found.slice(-query.lines);
  return { lines: shown.map(({ text }) => text.slice(0, MOST_LINE_CHARACTERS)), older: olderThan(), bytes };

  function olderThan(): number | null {
    const first = found.length >= query.lines ? shown[0]?.from : undefined;
    // A line longer than one read is skipped.
    const place = first ?? (at + open.length < end ? at + open.length : at);
    return place > 0 && place < end ? place : null;
  }
}

/** The whole log at this moment. Throws LOG_UNREADABLE. */
export async function openLog(path: string): Promise<LogDownload> {
  const { bytes } = await logFacts(path);
  return { bytes, content: bytes === 0 ? Readable.from([]) : createReadStream(path, { start: 0, end: bytes - 1 }) };
}

function holds(text: string, needle: string): boolean {
  return needle === '' || text.toLowerCase().includes(needle);
}

function linesOf(block: Buffer, offset: number): readonly Line[] {
  const lines: Line[] = [];
  for (let from = 0; from < block.length;) {
    const next = block.indexOf(LINE_END, from);
    const to = next < 0 ? block.length : next;
    lines.push({ text: block.toString('utf8', from, to), from: offset + from });
    from = to + 1;
  }
  return lines;
}

async function readRange(path: string, from: number, to: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  try {
    for await (const part of createReadStream(path, { start: from, end: to - 1 })) parts.push(part as Buffer);
  } catch (cause) {
    throw unreadable(path, causeText(cause), cause);
  }
  return Buffer.concat(parts);
}

function unreadable(path: string, why: string, cause: unknown): TradeBotError {
  return dataError({
    code: 'LOG_UNREADABLE',
    message: `${path} cannot be read: ${why}`,
    remedy: 'Fix the file, or move it away; a new one is then started.',
    cause,
  });
}
