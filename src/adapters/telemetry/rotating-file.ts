import {
  closeSync,
  createReadStream,
  createWriteStream,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { makeFolders } from '../files/make-folders.js';
import { syncFolder } from '../files/atomic-write.js';
import { SerialQueue } from '../../app/journal/serial-queue.js';

export interface RotationOptions {
  /** A file that would exceed it is rotated and packed. */
  readonly maxBytes: number;
  /** Number of packed files to keep; the oldest are deleted. */
  readonly keep: number;
}

const ROTATION: RotationOptions = { maxBytes: 10_000_000, keep: 10 };

const LINE_END = 10;

/**
 * A log file of one writer that is rotated by size to `<file>.<n>` and packed to `<file>.<n>.gz` (OUT-7). A line is
 * written completely by one call, before or after the rotation, so none is lost or cut; a file that a crash left
 * unpacked is packed at the next opening. A failing disk loses lines of telemetry but never stops the writer: they are
 * counted in `lost`.
 */
export class RotatingFile {
  /** Lines that the disk refused. */
  lost = 0;
  #handle: number | undefined;
  #size = 0;
  #next: number;
  /** The last line in the file is incomplete: the disk was full, or the process crashed. */
  #torn = false;
  readonly #packing = new SerialQueue();

  constructor(
    private readonly path: string,
    private readonly options: RotationOptions = ROTATION,
  ) {
    makeFolders(dirname(path), 0o755);
    this.#next = 1 + this.#asides().reduce((most, { n }) => Math.max(most, n), 0);
    this.#open();
    this.#pack();
  }

  /** For pino: one line with its newline. */
  write(line: string): void {
    try {
      const handle = this.#handle ?? this.#open();
      this.#put(
        this.#size > 0 && this.#size + line.length > this.options.maxBytes ? this.#rotate(handle) : handle,
        line,
      );
    } catch {
      this.lost += 1;
    }
  }

  #put(handle: number, line: string): void {
    const bytes = Buffer.from(this.#torn ? `\n${line}` : line, 'utf8');
    this.#torn = true;
    // One write may be short; each pass advances by the bytes written, so the loop is bounded.
    for (let at = 0; at < bytes.length;) {
      const taken = writeSync(handle, bytes, at);
      at += taken;
      this.#size += taken;
    }
    this.#torn = false;
  }

  /** Resolves when everything is on the disk and packed. */
  async close(): Promise<void> {
    await this.#packing.settled();
    if (this.#handle === undefined) return;
    const handle = this.#handle;
    this.#handle = undefined;
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  }

  #open(): number {
    const handle = openSync(this.path, 'a+', 0o640);
    this.#handle = handle;
    this.#size = fstatSync(handle).size;
    const last = Buffer.alloc(1);
    this.#torn = this.#size > 0 && readSync(handle, last, 0, 1, this.#size - 1) === 1 && last[0] !== LINE_END;
    return handle;
  }

  /** The name changes under the open file: lines written meanwhile are in one file or the other. */
  #rotate(before: number): number {
    renameSync(this.path, `${this.path}.${this.#next}`);
    this.#next += 1;
    const handle = this.#open();
    fsyncSync(before);
    closeSync(before);
    this.#pack();
    return handle;
  }

  #pack(): void {
    void this.#packing.run(() => this.#packAll()).catch(() => undefined);
  }

  async #packAll(): Promise<void> {
    for (const { name, packed } of this.#asides()) {
      if (!packed) await packFile(`${dirname(this.path)}/${name}`);
    }
    const old = [...this.#asides()].sort((a, b) => b.n - a.n);
    for (const { name } of old.slice(this.options.keep)) rmSync(`${dirname(this.path)}/${name}`, { force: true });
  }

  /** Rotated files of this log, packed or not. */
  #asides(): readonly { readonly name: string; readonly n: number; readonly packed: boolean }[] {
    const prefix = `${basename(this.path)}.`;
    return readdirSync(dirname(this.path)).flatMap((name) => {
      const match = name.startsWith(prefix) ? /^(\d{1,9})(\.gz)?$/.exec(name.slice(prefix.length)) : null;
      return match === null ? [] : [{ name, n: Number(match[1]), packed: match[2] !== undefined }];
    });
  }
}

/**
 * The packed file is complete and durable before the plain one is deleted; a crash in between leaves both, and it is
 * packed again.
 */
async function packFile(path: string): Promise<void> {
  const temporary = `${path}.gz.tmp`;
  await pipeline(createReadStream(path), createGzip(), createWriteStream(temporary, { mode: 0o640, flush: true }));
  renameSync(temporary, `${path}.gz`);
  syncFolder(dirname(path));
  rmSync(path);
}
