import { constants, copyFileSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dataError, invariant, journalError, TradeBotError } from '../../kernel/errors.js';
import { backupName } from '../../domain/home/home-paths.js';
import type { BotIdentity } from '../../kernel/identity.js';
import type { Journal } from '../../ports/journal.js';
import { syncFolder } from '../files/atomic-write.js';
import { makeFolders } from '../files/make-folders.js';
import { causeText, systemErrorCode } from '../files/system-error.js';
import { openForReading } from '../journal-sqlite/open-file.js';
import { plainCopy } from '../journal-sqlite/plain-copy.js';
import { checkedHead } from './checked-head.js';
import { copyEvents, type CopySource } from './copy-events.js';
import { fileDigest, readManifest, writeManifest, type BackupManifest } from './manifest.js';
import { keepRecordings, recordingsNamedIn, type RecordingPlaces } from './market-recordings.js';
import { copiesIn } from './prune.js';

export interface BackUpFolder {
  /** Absolute; created when missing. */
  readonly folder: string;
  readonly pid: number;
  /** Of the home; left out, no recording of market data is brought along. */
  readonly market?: RecordingPlaces;
  /** What is wrong with the journal that the copy is made from; it is marked with that. */
  readonly findings?: readonly string[];
}

export interface BackUpOptions extends BackUpFolder {
  /** The journal file, in use or not. */
  readonly journal: string;
  /** Pages done, pages in all. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ServerBackUpOptions extends BackUpFolder {
  /** The journal of one bot on a server. */
  readonly journal: Pick<Journal, 'readAll'>;
  readonly identity: BotIdentity;
  /** Events done. */
  readonly onProgress?: (done: number) => void;
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
  return publish(options, async (temporary) => {
    await copyPages(options, temporary);
    return undefined;
  });
}

/**
 * Copies the events of one bot from a server into a journal file, while others append to them; the rest as
 * `backUpJournal`. An earlier copy in the folder is continued when it is whole and the server has its last event.
 */
export async function backUpServerJournal(options: ServerBackUpOptions): Promise<Backup> {
  return publish(options, (temporary) => copyFromServer(options, temporary));
}

/** `copy` returns the end in the source; undefined for a copy of a file. */
async function publish(
  { folder, pid, market, findings = [] }: BackUpFolder,
  copy: (temporary: string) => Promise<CopySource | undefined>,
): Promise<Backup> {
  const temporary = join(folder, `.backup.${pid}.tmp`);
  try {
    makeFolders(folder, 0o700);
    sweep(folder, pid);
    const source = await copy(temporary);
    const { botIdentity, position, count, headHash, eventsDigest, recordedAt } = await verifiedCopy(temporary);
    const [sha256, bytes] = [await fileDigest(temporary), statSync(temporary).size];
    // a copy never counts before the recordings that it names are next to it
    const recordings = market === undefined ? undefined : keepRecordings(recordingsNamedIn(temporary), market, folder);
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
      eventsDigest,
      ...(source === undefined ? {} : { source }),
      ...(recordings === undefined ? {} : { recordings }),
      ...(findings.length === 0 ? {} : { findings }),
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

async function copyFromServer(options: ServerBackUpOptions, temporary: string): Promise<CopySource | undefined> {
  const { journal, folder, identity, onProgress } = options;
  const to = { from: journal, to: temporary, ...(onProgress === undefined ? {} : { onProgress }) };
  const earlier = await earlierCopy(folder, identity, journal);
  if (earlier !== undefined) {
    copyFileSync(join(folder, earlier.name), temporary, constants.COPYFILE_FICLONE);
    const isWhole = (await fileDigest(temporary)) === earlier.sha256;
    if (isWhole) return (await copyEvents({ ...to, earlier: earlier.source })).source;
    rmSync(temporary, { force: true });
  }
  return (await copyEvents(to)).source;
}

/** The longest copy of the same journal in the folder whose last event the server still has. */
async function earlierCopy(
  folder: string,
  identity: BotIdentity,
  journal: Pick<Journal, 'readAll'>,
): Promise<(BackupManifest & { readonly source: CopySource }) | undefined> {
  const longestFirst = copiesIn(folder)
    .flatMap((copy) =>
      copy.source === undefined || copy.botIdentity !== identity ? [] : [{ ...copy, source: copy.source }],
    )
    .sort((a, b) => b.count - a.count);
  for (const copy of longestFirst) {
    if (await hasEvent(journal, copy.source)) return copy;
  }
  return undefined;
}

/** The position of a copy from another server is perhaps none here, which the server refuses. */
async function hasEvent(journal: Pick<Journal, 'readAll'>, { position, hash }: CopySource): Promise<boolean> {
  try {
    const [next] = await journal.readAll({ after: position, limit: 1 });
    const before = next === undefined ? {} : { after: next.position };
    const [event] = await journal.readAll({ ...before, direction: 'backwards', limit: 1 });
    return event?.position === position && event.hash === hash;
  } catch (error) {
    if (!(error instanceof TradeBotError)) throw error;
    return false;
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
