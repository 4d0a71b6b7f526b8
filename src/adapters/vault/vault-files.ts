import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { syncFolder } from '../files/atomic-write.js';
import { makeFolders } from '../files/make-folders.js';
import { isMissing, readFault, unreadable } from './vault-errors.js';

/** Far larger than any key, secret or configuration. */
const MOST_BYTES = 4_000_000;
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** A text file without white space at its end. Throws VAULT_UNREADABLE, naming the file. */
export function readVaultFile(path: string): string {
  let handle: number;
  try {
    // A pipe in its place must not hang the process.
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw unreadable(path, readFault(cause));
  }
  try {
    const found = fstatSync(handle);
    if (!found.isFile()) throw unreadable(path, found.isDirectory() ? 'it is a folder' : 'it is not a regular file');
    if (found.size > MOST_BYTES) throw unreadable(path, 'it is far too large');
    const text = readFileSync(handle, 'utf8').trimEnd();
    if (text === '') throw unreadable(path, 'it is empty');
    return text;
  } finally {
    closeSync(handle);
  }
}

/** A new file, durable once its folder is synced. */
export function writeVaultFile(path: string, text: string): void {
  const handle = openSync(path, 'wx', PRIVATE_FILE);
  try {
    writeFileSync(handle, `${text}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

export function makeVaultFolder(path: string): void {
  mkdirSync(path, { mode: PRIVATE_FOLDER });
}

export function ensureVaultFolder(path: string): void {
  makeFolders(path, PRIVATE_FOLDER);
}

export function removeTree(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

export function renameDurably(from: string, to: string): void {
  renameSync(from, to);
  syncFolder(dirname(to));
}

/** Names in a folder; none when it does not exist. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Target of a link: null when it does not exist, undefined when it is not a link. */
export function linkTarget(path: string): string | null | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Points `path` to `target` by one rename: a reader sees either the old or the new link. */
export function relink(path: string, target: string, temporary: string): void {
  rmSync(temporary, { force: true });
  symlinkSync(target, temporary);
  renameDurably(temporary, path);
}

/** True when only the owner may read it, or it does not exist. */
export function isPrivate(path: string): boolean {
  try {
    return (lstatSync(path).mode & 0o077) === 0;
  } catch (error) {
    if (isMissing(error)) return true;
    throw error;
  }
}
