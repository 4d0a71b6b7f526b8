import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { dataError, invariant, type TradeBotError } from '../../kernel/errors.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { HomePaths } from '../../domain/home/home-paths.js';
import { syncFolder } from '../files/atomic-write.js';
import { openFile, openForReading } from '../journal-sqlite/open-file.js';
import { checkedHead, type CheckedHead } from './checked-head.js';
import { fileDigest, readManifest } from './manifest.js';

/** A verified copy that may replace a journal. */
export interface CheckedBackup extends CheckedHead {
  readonly path: string;
  readonly sha256: Sha256Hex;
  /** False when only the chain was verified, because there is no manifest. */
  readonly hasManifest: boolean;
}

/**
 * Reads a copy from end to end, changing nothing: its digest, count and head against its manifest when there is one,
 * and the whole chain. Throws DataError `BACKUP_MISSING`, `BACKUP_IN_USE`, `BACKUP_DAMAGED`, or the errors of opening a
 * journal.
 */
export async function checkBackup(
  path: string,
  onProgress?: (done: number, total: number) => void,
): Promise<CheckedBackup> {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw refusal('BACKUP_MISSING', `${path} is not a file`, 'Give a copy that tradebot backup made.');
  }
  if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) {
    throw refusal('BACKUP_IN_USE', `${path} is a journal in use, not a copy`, 'Copy it with tradebot backup first.');
  }
  const manifest = readManifest(path);
  const sha256 = await fileDigest(path);
  if (manifest !== undefined && manifest.sha256 !== sha256) {
    throw damaged(path, 'its digest differs from its manifest');
  }
  const db = openForReading(path);
  try {
    const head = await checkedHead(db, (position, why) => damaged(path, `position ${position}: ${why}`), onProgress);
    if (manifest !== undefined && (manifest.count !== head.count || manifest.headHash !== head.headHash)) {
      throw damaged(path, 'its last event differs from its manifest');
    }
    return { ...head, path, sha256, hasManifest: manifest !== undefined };
  } finally {
    db.close();
  }
}

const MOST_REPLACED = 10_000;

/**
 * Replaces the journal of a home that this process has locked with a verified copy. The previous journal is kept:
 * returns its folder, or null when there was none. At every instant `journal.db` is either the complete old one or the
 * new one.
 */
export async function putBack(
  backup: CheckedBackup,
  paths: Pick<HomePaths, 'storage' | 'replacedJournal'>,
  onStep: (step: string) => void = () => undefined,
): Promise<string | null> {
  const { journalDb, journalDir } = paths.storage;
  const incoming = `${journalDb}.restore`;
  rmSync(incoming, { force: true });
  copyFileSync(backup.path, incoming);
  chmodSync(incoming, 0o600);
  syncFile(incoming);
  onStep('after the copy');
  if ((await fileDigest(incoming)) !== backup.sha256) {
    rmSync(incoming, { force: true });
    throw damaged(backup.path, 'it changed during the copy');
  }
  const aside = setAside(journalDb, paths, onStep);
  onStep('before the swap');
  renameSync(incoming, journalDb);
  syncFolder(journalDir);
  onStep('after the swap');
  return aside;
}

/**
 * The log is checkpointed into the file first, or moved away when the file is too damaged for that: SQLite would apply
 * a remaining log to the new file. The file gets a second name, so that `journal.db` exists at every instant.
 */
function setAside(
  journalDb: string,
  paths: Pick<HomePaths, 'replacedJournal'>,
  onStep: (step: string) => void,
): string | null {
  if (!existsSync(journalDb)) return null;
  const folder = freeFolder(paths);
  mkdirSync(folder, { mode: 0o700 });
  settle(journalDb);
  onStep('after the log was settled');
  for (const ending of ['-wal', '-shm']) {
    if (existsSync(journalDb + ending)) renameSync(journalDb + ending, join(folder, basename(journalDb) + ending));
  }
  linkSync(journalDb, join(folder, basename(journalDb)));
  syncFolder(folder);
  syncFolder(dirname(folder));
  return folder;
}

/**
 * Moves files that prove a history which the restored journal does not have next to the replaced journal, so that none
 * is lost: into `folder`, or a new one when null. Returns the folder; null when there is nothing to keep.
 */
export function keepEvidence(
  files: readonly string[],
  folder: string | null,
  paths: Pick<HomePaths, 'replacedJournal'>,
): string | null {
  if (files.length === 0) return null;
  const kept = folder ?? freeFolder(paths);
  mkdirSync(kept, { recursive: true, mode: 0o700 });
  for (const file of files) {
    const copy = join(kept, basename(file));
    copyFileSync(file, copy);
    syncFile(copy);
  }
  syncFolder(kept);
  syncFolder(dirname(kept));
  for (const file of files) rmSync(file);
  return kept;
}

function settle(journalDb: string): void {
  try {
    const db = openFile(journalDb, 0);
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
  } catch {
    // Too damaged to open, which is why it is replaced: it is kept unchanged with its log.
  }
}

function freeFolder(paths: Pick<HomePaths, 'replacedJournal'>): string {
  for (let n = 1; n <= MOST_REPLACED; n += 1)
    if (!existsSync(paths.replacedJournal(n))) return paths.replacedJournal(n);
  invariant(false, 'TOO_MANY_REPLACED', `there are already ${MOST_REPLACED} replaced journals`);
}

function syncFile(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function damaged(path: string, why: string): TradeBotError {
  return refusal('BACKUP_DAMAGED', `${path} is damaged: ${why}`, 'Use another copy; nothing was changed.');
}

function refusal(code: string, message: string, remedy: string): TradeBotError {
  return dataError({ code, message, remedy });
}
