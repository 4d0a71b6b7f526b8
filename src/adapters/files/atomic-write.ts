import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { makeFolders } from './make-folders.js';
import { systemErrorCode } from './system-error.js';

/**
 * Replaces `path` with `content` so that a reader, or a crash at any instant, sees the old bytes or the new ones and
 * never a part: a temporary file next to it, fsync, rename, fsync of the folder. Creates missing folders (0700). Returns
 * the file's time of modification in milliseconds: a reader may have removed it when the caller looks. Throws
 * node's file system error when the disk refuses; the old file is then unchanged.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array, mode = 0o600): number {
  const folder = dirname(resolve(path));
  makeFolders(folder, 0o700);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  let modifiedMs: number;
  try {
    writeWhole(temporary, content, mode);
    modifiedMs = statSync(temporary).mtimeMs;
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(folder);
  return modifiedMs;
}

/**
 * Writes a new file as `writeFileAtomic` does, and never replaces one: false, without a change, when something has the
 * name already.
 */
export function writeFileOnce(path: string, content: string | Uint8Array, mode = 0o600): boolean {
  const folder = dirname(resolve(path));
  makeFolders(folder, 0o700);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    writeWhole(temporary, content, mode);
    linkSync(temporary, path);
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  syncFolder(folder);
  return true;
}

/** Makes a rename or a new name in `folder` durable: the name is stored in the folder, not in the file. */
export function syncFolder(folder: string): void {
  syncFile(folder);
}

/** Makes the bytes of a closed file durable. */
export function syncFile(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function writeWhole(path: string, content: string | Uint8Array, mode: number): void {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  const handle = openSync(path, 'wx', mode);
  try {
    // One write may be short (a full pipe, a quota); each pass advances by the bytes written, so the loop is bounded.
    for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
