import { closeSync, fsyncSync, ftruncateSync, fstatSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { LogFile } from '../../../projections/kit/projection.js';
import { dataError } from '../../kernel/errors.js';

const JSON_OPEN = '[';
const JSON_CLOSE = '\n]\n';

/**
 * A file that only grows. Its length counts the settled part: header and rows, without the closing bracket of a JSON
 * array. A batch is one write at that length; it overwrites the old bracket, so a reader always sees a complete array.
 */
export class AppendLog {
  readonly #handle: number;
  #length: number;
  #settled: number;

  private constructor(
    readonly file: LogFile,
    handle: number,
    length: number,
  ) {
    this.#handle = handle;
    this.#length = length;
    this.#settled = length;
  }

  /** A new file with its header, at `path`; an existing one is emptied. */
  static create(path: string, file: LogFile): AppendLog {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const handle = openSync(path, 'w', 0o600);
    const log = new AppendLog(file, handle, 0);
    const head = file.framing === 'json-array' ? JSON_OPEN : file.header === null ? '' : `${file.header}\n`;
    log.#length = Buffer.byteLength(head);
    log.#writeAt(0, head + log.#footer());
    log.settle();
    return log;
  }

  /** The file as of its checkpoint: bytes that a crash left after it are cut off. */
  static reopen(path: string, file: LogFile, length: number): AppendLog {
    const handle = openSync(path, 'r+');
    const log = new AppendLog(file, handle, length);
    const size = fstatSync(handle).size;
    if (size < length) {
      closeSync(handle);
      throw dataError({
        code: 'LOG_TOO_SHORT',
        message: `a log has ${size} bytes, its checkpoint says ${length}`,
        remedy: 'Nothing: it is rebuilt from the journal.',
      });
    }
    if (size !== length + log.#footer().length) log.rollback();
    return log;
  }

  /** Bytes up to the last settled row: the length in the checkpoint. */
  get length(): number {
    return this.#length;
  }

  /** Not durable before `settle`. */
  append(rows: readonly string[]): void {
    if (rows.length === 0) return;
    const text = this.#framed(rows);
    this.#writeAt(this.#length, text + this.#footer());
    this.#length += Buffer.byteLength(text);
  }

  sync(): void {
    fsyncSync(this.#handle);
  }

  /** The checkpoint has the length: the appended rows stay. */
  settle(): void {
    this.#settled = this.#length;
  }

  /** Back to the last settled length. */
  rollback(): void {
    ftruncateSync(this.#handle, this.#settled);
    this.#length = this.#settled;
    this.#writeAt(this.#length, this.#footer());
  }

  get pending(): boolean {
    return this.#length !== this.#settled;
  }

  close(): void {
    closeSync(this.#handle);
  }

  #framed(rows: readonly string[]): string {
    if (this.file.framing === 'lines') return `${rows.join('\n')}\n`;
    const first = this.#length === JSON_OPEN.length ? '\n' : ',\n';
    return first + rows.join(',\n');
  }

  #footer(): string {
    return this.file.framing === 'json-array' ? JSON_CLOSE : '';
  }

  #writeAt(position: number, text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    // One write may be short; each pass advances by the bytes written, so the loop is bounded.
    for (let at = 0; at < bytes.length;) at += writeSync(this.#handle, bytes, at, bytes.length - at, position + at);
  }
}
