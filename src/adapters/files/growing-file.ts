import { closeSync, fdatasyncSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolders } from './make-folders.js';
import { systemErrorCode } from './system-error.js';

/**
 * A file that grows by whole pieces: after a crash at most the last one is torn, and the caller cuts it off by giving the
 * length that is whole. A piece that the disk refused is written again over what is left of it.
 */
export class GrowingFile {
  #handle: number | undefined;

  /** `length` is the number of whole bytes; what follows them is cut at the first append. */
  constructor(
    private readonly path: string,
    private length: number,
  ) {}

  /** Appends durably, or throws node's file system error and has appended nothing. */
  append(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    try {
      const handle = (this.#handle ??= this.#open());
      // One write may be short; each pass advances by the bytes written, so the loop is bounded.
      for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at, bytes.length - at, this.length + at);
      fdatasyncSync(handle);
    } catch (error) {
      // opened again by the next append: a handle of a lost mount never recovers
      this.#close();
      throw error;
    }
    this.length += bytes.length;
  }

  /** Removes the file, or throws node's file system error. */
  remove(): void {
    this.#close();
    rmSync(this.path, { force: true });
  }

  #open(): number {
    makeFolders(dirname(this.path), 0o700);
    const handle = openForChange(this.path);
    ftruncateSync(handle, this.length);
    return handle;
  }

  #close(): void {
    const handle = this.#handle;
    this.#handle = undefined;
    if (handle !== undefined) closeSync(handle);
  }
}

/** The text of a file; undefined when there is none. Throws node's file system error when it cannot be read. */
export function textIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return undefined;
    throw error;
  }
}

function openForChange(path: string): number {
  try {
    return openSync(path, 'r+');
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
    return openSync(path, 'wx', 0o600);
  }
}
