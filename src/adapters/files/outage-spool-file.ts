import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { journalError, TradeBotError } from '../../kernel/errors.js';
import { sha256Hex } from '../../kernel/hash.js';
import { parseUtcText, type UtcText } from '../../kernel/time.js';
import type { OutageSpool, SpooledBatch } from '../../ports/outage-spool.js';
import { causeText, systemErrorCode } from './system-error.js';

const { O_APPEND, O_CREAT, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants;
const SUM_LENGTH = 16;

/** A whole day of trading has a few MB of events. */
const MOST_SPOOL_BYTES = 64 * 1_024 * 1_024;

type Line = { readonly since: UtcText } | { readonly batch: SpooledBatch };

/**
 * The spool as a file of the home, mode 0600: one line for each batch, each with a sum over it and the line before, synced before
 * `add` returns. What a crash or a full disk left half written at the end is cut when it is opened. One process at a time.
 */
export class OutageSpoolFile implements OutageSpool {
  readonly #batches: SpooledBatch[] = [];
  #since: UtcText | undefined;
  #bytes = 0;
  #sum = '';
  #handle: number | undefined;
  #fault: string | undefined;

  /** Throws JournalError `JOURNAL_STALLED` (stop) when the file is there and cannot be read, or is not this user's own. */
  constructor(
    private readonly path: string,
    private readonly mostBytes = MOST_SPOOL_BYTES,
  ) {
    const text = this.#read();
    if (text !== undefined) this.#take(text);
  }

  get since(): UtcText | undefined {
    return this.#since;
  }

  get batches(): readonly SpooledBatch[] {
    return this.#batches;
  }

  begin(since: UtcText): void {
    if (this.#since !== undefined) return;
    this.#write({ since });
    this.#since = since;
  }

  add(batch: SpooledBatch): void {
    this.#write({ batch });
    this.#batches.push(batch);
  }

  clear(): void {
    if (this.#handle !== undefined) closeSync(this.#handle);
    rmSync(this.path, { force: true });
    this.#handle = undefined;
    this.#since = undefined;
    this.#fault = undefined;
    this.#batches.length = 0;
    this.#bytes = 0;
    this.#sum = '';
  }

  #write(line: Line): void {
    if (this.#fault !== undefined) throw refused(this.path, this.#fault);
    const { sum, text } = lineOf(line, this.#sum);
    const size = Buffer.byteLength(text);
    if (this.#bytes + size > this.mostBytes) throw refused(this.path, `it may hold ${this.mostBytes} bytes`);
    try {
      this.#handle ??= this.#open();
      const written = writeSync(this.#handle, text);
      if (written !== size) throw new Error(`only ${written} of ${size} bytes were written`);
      fsyncSync(this.#handle);
    } catch (error) {
      this.#takeBack();
      throw refused(this.path, causeText(error));
    }
    this.#bytes += size;
    this.#sum = sum;
  }

  /** A line that is half there would end the file for its reader. */
  #takeBack(): void {
    if (this.#handle === undefined) return;
    try {
      ftruncateSync(this.#handle, this.#bytes);
      fsyncSync(this.#handle);
    } catch (error) {
      this.#fault = causeText(error);
    }
  }

  #open(): number {
    const handle = openSync(this.path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
    refuseOthers(handle, this.path);
    const folder = openSync(dirname(this.path), O_RDONLY | O_DIRECTORY);
    fsyncSync(folder);
    closeSync(folder);
    return handle;
  }

  #read(): string | undefined {
    let handle: number | undefined;
    try {
      handle = openSync(this.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      refuseOthers(handle, this.path);
      return readFileSync(handle, 'utf8');
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return undefined;
      throw error instanceof TradeBotError ? error : refused(this.path, causeText(error));
    } finally {
      if (handle !== undefined) closeSync(handle);
    }
  }

  #take(text: string): void {
    const lines = text.split('\n');
    for (const [index, each] of lines.entries()) {
      const line = index < lines.length - 1 ? parsed(each, this.#sum) : undefined;
      if (line === undefined) {
        this.#cut(lines.length - 1 - index);
        return;
      }
      if ('since' in line) this.#since = line.since;
      else this.#batches.push(line.batch);
      this.#bytes += Buffer.byteLength(each) + 1;
      this.#sum = each.slice(0, SUM_LENGTH);
    }
  }

  /** What is no line ends the file; more than a torn end is kept aside, for it was there once. */
  #cut(whole: number): void {
    if (whole > 0) copyFileSync(this.path, `${this.path}.damaged`);
    this.#handle = this.#open();
    ftruncateSync(this.#handle, this.#bytes);
    fsyncSync(this.#handle);
  }
}

function lineOf(line: Line, before: string): { readonly sum: string; readonly text: string } {
  const json = JSON.stringify(line);
  const sum = sumOf(before, json);
  return { sum, text: `${sum} ${json}\n` };
}

function sumOf(before: string, json: string): string {
  return sha256Hex(`${before} ${json}`).slice(0, SUM_LENGTH);
}

/** Undefined for what is no line, or none that follows the one before. */
function parsed(text: string, before: string): Line | undefined {
  const json = text.slice(SUM_LENGTH + 1);
  if (text.slice(0, SUM_LENGTH) !== sumOf(before, json)) return undefined;
  const line = JSON.parse(json) as Line;
  if ('since' in line) parseUtcText(line.since);
  return line;
}

/** Orders are recorded from what is read here. */
function refuseOthers(handle: number, path: string): void {
  const stats = fstatSync(handle);
  if (stats.isFile() && stats.uid === process.getuid?.() && (stats.mode & 0o022) === 0) return;
  throw refused(path, 'it is not a file of this user alone');
}

function refused(path: string, why: string): TradeBotError {
  return journalError('stop', {
    code: 'JOURNAL_STALLED',
    message: `the journal is away, and ${path} cannot keep what happens meanwhile: ${why}`,
    remedy: 'Bring the journal back, free the disk of the home, and make the file one that only the owner may write.',
  });
}
