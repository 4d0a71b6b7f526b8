import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dataError, invariant, journalError, TradeBotError } from '../../kernel/errors.js';
import { backupName } from '../../domain/home/home-paths.js';
import { syncFolder } from '../files/atomic-write.js';
import { makeFolders } from '../files/make-folders.js';
import { causeText, systemErrorCode } from '../files/system-error.js';
import { openForReading } from '../journal-sqlite/open-file.js';
import { plainCopy } from '../journal-sqlite/plain-copy.js';
import { checkedHead } from './checked-head.js';
import { fileDigest, readManifest, writeManifest, type BackupManifest } from './manifest.js';

export interface BackUpOptions {
  /** The journal file, in use or not. */
  readonly journal: string;
  /** Absolute; created when missing. */
  readonly folder: string;
  readonly pid: number;
  /** Pages done, pages in all. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Backup {
  readonly path: string;
  readonly manifest: BackupManifest;
}

/** Pages copied per step; in between the process does other work. */
const PAGES_A_STEP = 2_000;
const MOST_OF_A_POSITION = 1_000;
const TEMPORARY = /^\.backup\.(\d+)\.tmp/;

/**
 * Copies a journal while others append to it (JRN-35), verifies the chain of the copy, and only then gives it its name
 * and its manifest. An unchanged journal gives the same name and content again. Throws JournalError `BACKUP_DAMAGED`,
 * DataError `JOURNAL_EMPTY` or `BACKUP_NOT_WRITTEN`, or the errors of opening a journal; a failure leaves older copies
 * unchanged and no other files.
 */
export async function backUpJournal(options: BackUpOptions): Promise<Backup> {
  const { folder, pid } = options;
  const temporary = join(folder, `.backup.${pid}.tmp`);
  try {
    makeFolders(folder, 0o700);
    sweep(folder, pid);
    await copyPages(options, temporary);
    const { botIdentity, position, count, headHash, recordedAt } = await verifiedCopy(temporary);
    const [sha256, bytes] = [await fileDigest(temporary), statSync(temporary).size];
    const name = await freeName(folder, position, { headHash, sha256 });
    const path = join(folder, name);
    renameSync(temporary, path);
    syncFolder(folder);
    const manifest: BackupManifest = {
      format: 'tradebot-journal-backup',
      version: 1,
      name,
      botIdentity,
      position,
      count,
      headHash,
      createdAt: recordedAt,
      sha256,
      bytes,
    };
    writeManifest(path, manifest);
    return { path, manifest };
  } catch (error) {
    cleanUp(temporary);
    throw error instanceof TradeBotError ? error : notWritten(folder, error);
  }
}

/**
 * The read transaction holds one state of the journal for the whole copy: without it SQLite starts over whenever
 * another process commits, and a copy of a busy journal would never end.
 */
async function copyPages({ journal, onProgress }: BackUpOptions, to: string): Promise<void> {
  const db = openForReading(journal);
  try {
    db.exec('BEGIN');
    db.prepare('SELECT max(position) FROM events').get();
    await db.backup(to, {
      progress: ({ totalPages, remainingPages }) => {
        onProgress?.(totalPages - remainingPages, totalPages);
        return PAGES_A_STEP;
      },
    });
    db.exec('COMMIT');
  } finally {
    db.close();
  }
}

/** Turns the copy into one plain file without a log, and verifies its chain. */
async function verifiedCopy(path: string): Promise<Awaited<ReturnType<typeof checkedHead>>> {
  return plainCopy(path, async (db) =>
    checkedHead(db, (position, message) =>
      journalError('stop', {
        code: 'BACKUP_DAMAGED',
        message: `the journal is damaged at position ${position}: ${message}; the copy was deleted`,
        remedy: 'Keep the older backups, run verify, and restore the last good copy.',
        details: { position },
      }),
    ),
  );
}

/** After a restore a position comes again with another history: the older copy stays, and the new one gets a number. */
async function freeName(
  folder: string,
  position: string,
  copy: Pick<BackupManifest, 'headHash' | 'sha256'>,
): Promise<string> {
  for (let n = 1; n <= MOST_OF_A_POSITION; n += 1) {
    const name = backupName(position, n);
    const path = join(folder, name);
    if (!existsSync(path) || headOf(path) === copy.headHash || (await fileDigest(path)) === copy.sha256) return name;
  }
  invariant(false, 'TOO_MANY_BACKUPS', `there are already ${MOST_OF_A_POSITION} backups of position ${position}`);
}

/** Undefined for a copy whose manifest is missing or foreign: it may be anything, and stays. */
function headOf(path: string): string | undefined {
  try {
    return readManifest(path)?.headHash;
  } catch {
    return undefined;
  }
}

/** The original fault is the one to report. */
function cleanUp(temporary: string): void {
  for (const file of [temporary, `${temporary}-journal`]) {
    try {
      rmSync(file, { force: true });
    } catch {
      // The next backup deletes it.
    }
  }
}

/** Deletes the remains of killed processes. */
function sweep(folder: string, self: number): void {
  for (const entry of readdirSync(folder)) {
    const pid = Number(TEMPORARY.exec(entry)?.[1] ?? self);
    if (TEMPORARY.test(entry) && (pid === self || !isAlive(pid))) rmSync(join(folder, entry), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) !== 'ESRCH';
  }
}

function notWritten(folder: string, cause: unknown): TradeBotError {
  return dataError({
    code: 'BACKUP_NOT_WRITTEN',
    message: `no backup could be written to ${folder}: ${causeText(cause)}`,
    remedy: existsSync(folder)
      ? 'Free disk space and make the folder writable, or name another folder with --to.'
      : 'Give a folder that can be created with --to.',
    cause,
  });
}
