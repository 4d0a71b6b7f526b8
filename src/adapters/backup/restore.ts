import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { dataError, invariant, type TradeBotError } from '../../kernel/errors.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { HomePaths } from '../../domain/home/home-paths.js';
import { syncFile, syncFolder } from '../files/atomic-write.js';
import { openFile, openForReading } from '../journal-sqlite/open-file.js';
import { checkedHead, type CheckedHead } from './checked-head.js';
import { fileDigest, readManifest } from './manifest.js';

/** A verified copy that may replace a journal. */
export interface CheckedBackup extends CheckedHead {
  readonly path: string;
  readonly sha256: Sha256Hex;
  /** False when only the chain was verified, because there is no manifest. */
  readonly hasManifest: boolean;
  /** What was wrong with the journal that it was made from, a sentence without its end for each. */
  readonly findings: readonly string[];
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
    if (manifest?.eventsDigest !== undefined && manifest.eventsDigest !== head.eventsDigest) {
      throw damaged(path, 'the digest of its events differs from its manifest');
    }
    return { ...head, path, sha256, hasManifest: manifest !== undefined, findings: manifest?.findings ?? [] };
  } finally {
    db.close();
  }
}

const MOST_REPLACED = 10_000;
/** Files that SQLite keeps next to a database in use. */
const SQLITE_FILES = ['-wal', '-shm', '-journal'] as const;

/**
 * Copies a verified backup next to the journal of a home that this process has locked, and checks the copy. Nothing else
 * changes; a copy that an earlier restore left behind is replaced.
 */
export async function stageBackup(
  backup: CheckedBackup,
  { storage }: Pick<HomePaths, 'storage'>,
  onStep: (step: string) => void = () => undefined,
): Promise<void> {
  const staged = storage.stagedJournal;
  dropStaged({ storage });
  copyFileSync(backup.path, staged);
  chmodSync(staged, 0o600);
  onStep('after the copy');
  if ((await fileDigest(staged)) === backup.sha256) return;
  dropStaged({ storage });
  throw damaged(backup.path, 'it changed during the copy');
}

/** Deletes the staged copy of a restore that does not take place. */
export function dropStaged({ storage }: Pick<HomePaths, 'storage'>): void {
  for (const ending of ['', ...SQLITE_FILES]) rmSync(storage.stagedJournal + ending, { force: true });
}

/**
 * Replaces the journal of a home that this process has locked with the staged copy, and keeps the replaced one in
 * `folder`, a folder that does not exist yet. At every instant `journal.db` is either the complete old one or the new one.
 */
export function swapIn(
  { storage }: Pick<HomePaths, 'storage'>,
  folder: string,
  onStep: (step: string) => void = () => undefined,
): void {
  const { journalDb, stagedJournal, journalDir } = storage;
  syncFile(stagedJournal);
  setAside(journalDb, folder, onStep);
  onStep('before the swap');
  renameSync(stagedJournal, journalDb);
  syncFolder(journalDir);
  onStep('after the swap');
}

/**
 * The log is checkpointed into the file first, or moved away when the file is too damaged for that: SQLite would apply
 * a remaining log to the new file. The file gets a second name, so that `journal.db` exists at every instant.
 */
function setAside(journalDb: string, folder: string, onStep: (step: string) => void): void {
  if (!existsSync(journalDb)) return;
  mkdirSync(folder, { mode: 0o700 });
  settle(journalDb);
  onStep('after the log was settled');
  for (const ending of SQLITE_FILES) {
    if (existsSync(journalDb + ending)) renameSync(journalDb + ending, join(folder, basename(journalDb) + ending));
  }
  const kept = join(folder, basename(journalDb));
  // a folder in the place of the journal has no second name
  if (statSync(journalDb).isDirectory()) renameSync(journalDb, kept);
  else linkSync(journalDb, kept);
  syncFolder(folder);
  syncFolder(dirname(folder));
}

/** Whether `swapIn` has replaced the journal: the swap uses the staged copy up. */
export function wasSwappedIn({ storage }: Pick<HomePaths, 'storage'>, folder: string): boolean {
  return !existsSync(storage.stagedJournal) && !isStillJournal(storage.journalDb, folder);
}

/** Undoes what `swapIn` did before its swap: the journal is the old one, with its log. */
export function undoSetAside({ storage }: Pick<HomePaths, 'storage'>, folder: string): void {
  const { journalDb, journalDir } = storage;
  for (const ending of SQLITE_FILES) {
    const moved = join(folder, basename(journalDb) + ending);
    if (existsSync(moved) && !existsSync(journalDb + ending)) renameSync(moved, journalDb + ending);
  }
  const isEmpty = existsSync(folder) && readdirSync(folder).length === 0;
  if (isEmpty || isStillJournal(journalDb, folder)) rmSync(folder, { recursive: true, force: true });
  syncFolder(journalDir);
}

/** The file that was set aside is the journal in place under a second name. */
function isStillJournal(journalDb: string, folder: string): boolean {
  const second = statSync(join(folder, basename(journalDb)), { throwIfNoEntry: false });
  return second !== undefined && second.ino === statSync(journalDb, { throwIfNoEntry: false })?.ino;
}

/**
 * Moves files that prove a history which the restored journal does not have into `folder`, next to the replaced journal,
 * so that none is lost. Files that were moved already are left out: a restore that was cut off is repeated.
 */
export function keepEvidence(files: readonly string[], folder: string): void {
  const present = files.filter((file) => existsSync(file));
  if (present.length === 0) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const file of present) {
    const copy = join(folder, basename(file));
    copyFileSync(file, copy);
    syncFile(copy);
  }
  syncFolder(folder);
  syncFolder(dirname(folder));
  for (const file of present) rmSync(file);
}

/** Removes databases with the files that SQLite keeps next to them. */
export function removeDatabases(paths: readonly string[]): void {
  for (const path of paths) {
    for (const ending of ['', ...SQLITE_FILES]) rmSync(path + ending, { force: true });
  }
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

/** Path of a folder for what the next restore replaces; nothing is there yet. */
export function freeFolder(paths: Pick<HomePaths, 'replacedJournal'>): string {
  for (let n = 1; n <= MOST_REPLACED; n += 1)
    if (!existsSync(paths.replacedJournal(n))) return paths.replacedJournal(n);
  invariant(false, 'TOO_MANY_REPLACED', `there are already ${MOST_REPLACED} replaced journals`);
}

function damaged(path: string, why: string): TradeBotError {
  return refusal('BACKUP_DAMAGED', `${path} is damaged: ${why}`, 'Use another copy; nothing was changed.');
}

function refusal(code: string, message: string, remedy: string): TradeBotError {
  return dataError({ code, message, remedy });
}
