import type Database from 'better-sqlite3';
import { linkSync, mkdirSync, readdirSync, readlinkSync, rmSync, statSync, type BigIntStats } from 'node:fs';
import { dirname } from 'node:path';
import { journalError, TradeBotError } from '../../kernel/errors.js';
import type { JournalFile, LostJournalFile, SavedJournal } from '../../ports/journal.js';
import { syncFolder } from '../files/atomic-write.js';
import { savedJournalName, settleCopy } from './saved-journal.js';

/** Pages copied per step; in between the process does other work. */
const PAGES_A_STEP = 4_000;
const OPEN_FILES = '/proc/self/fd';

interface Seen {
  readonly path: string;
  /** Device and inode. */
  readonly identity: string;
  readonly bytes: bigint;
}

interface WatchedFile {
  readonly path: string;
  /** As it was last seen; undefined before there was one. */
  seen: Seen | undefined;
}

/**
 * Compares the open journal with the file at its path: SQLite itself still reads and writes a file that was deleted,
 * and everything is gone when the last process closes it. The write-ahead log counts as the journal, and so does the index
 * of the log: another process that opens a new one next to the old file damages both.
 */
export class OpenJournalFile implements JournalFile {
  readonly #files: readonly WatchedFile[];
  #saved: string | undefined;

  constructor(
    private readonly path: string,
    private readonly db: () => Database.Database,
  ) {
    this.#files = [path, `${path}-wal`, `${path}-shm`].map((file) => ({ path: file, seen: seenAt(file) }));
  }

  look(): LostJournalFile | undefined {
    try {
      return this.#look();
    } catch {
      // A folder that cannot be looked into is no proof that the file is gone.
      return undefined;
    }
  }

  #look(): LostJournalFile | undefined {
    for (const file of this.#files) {
      const there = seenAt(file.path);
      if (file.seen !== undefined) {
        const { bytes } = file.seen;
        if (there === undefined) return this.#lost(file.seen, `${file.path} was removed while it is in use`);
        if (there.identity !== file.seen.identity)
          return this.#lost(file.seen, `${file.path} was replaced by another file while it is in use`);
        // SQLite shortens none of them before its last connection closes
        if (there.bytes < bytes)
          return {
            message: `${file.path} was cut from ${bytes} to ${there.bytes} bytes while it is in use`,
            movedTo: null,
          };
      }
      file.seen = there;
    }
    return undefined;
  }

  async saveAside(): Promise<SavedJournal> {
    const temporary = `${this.path}.saving-${process.pid}`;
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      removeFiles(temporary);
      await this.db().backup(temporary, { progress: () => PAGES_A_STEP });
      const { position, count } = await settleCopy(temporary);
      const to = savedJournalName(this.path, position);
      // never over a file that is there: one of the same name has the same last event
      if (statsOf(to) === undefined) linkSync(temporary, to);
      syncFolder(dirname(to));
      if (this.#saved !== undefined && this.#saved !== to) removeFiles(this.#saved);
      this.#saved = to;
      return { path: to, position, count };
    } catch (error) {
      throw error instanceof TradeBotError ? error : notSaved(this.path, error);
    } finally {
      tidy(temporary);
    }
  }

  #lost(seen: Seen, message: string): LostJournalFile {
    const movedTo = placeOf(seen.identity);
    // a journal without its log, or a log without its journal, is not whole anywhere
    const whole = movedTo !== null && this.#files.every((file) => isNextTo(movedTo, this.path, file));
    return {
      message: movedTo === null ? message : `${message}; it is now ${movedTo}`,
      movedTo: whole ? dirname(movedTo) : null,
    };
  }
}

/** Whether a file of the journal moved into the same folder as the others. */
function isNextTo(
  movedTo: string,
  path: string,
  file: { readonly path: string; readonly seen: Seen | undefined },
): boolean {
  if (file.seen === undefined) return true;
  const expected = `${dirname(movedTo)}${file.path.slice(dirname(path).length)}`;
  return seenAt(expected)?.identity === file.seen.identity;
}

/** Where a file that this process has open is now, where the system shows it; null when it was deleted. */
function placeOf(identity: string): string | null {
  try {
    for (const name of readdirSync(OPEN_FILES)) {
      const place = linkAt(`${OPEN_FILES}/${name}`);
      if (place !== undefined && seenAt(place)?.identity === identity) return place;
    }
  } catch {
    // Other systems have no such folder.
  }
  return null;
}

/** Undefined for a file that was closed meanwhile. */
function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function seenAt(path: string): Seen | undefined {
  const stats = statsOf(path);
  return stats === undefined ? undefined : { path, identity: `${stats.dev}:${stats.ino}`, bytes: stats.size };
}

/** Undefined when there is no file; other faults of the disk are no proof that it is gone. */
function statsOf(path: string): BigIntStats | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false });
}

function removeFiles(path: string): void {
  for (const name of [path, `${path}-journal`, `${path}-wal`, `${path}-shm`]) rmSync(name, { force: true });
}

/** The result or the fault of the copy is what counts; the next attempt removes what is left. */
function tidy(temporary: string): void {
  try {
    removeFiles(temporary);
  } catch {
    // The folder is gone or cannot be written.
  }
}

function notSaved(path: string, cause: unknown): TradeBotError {
  return journalError('stop', {
    code: 'JOURNAL_NOT_SAVED',
    message: `the open journal could not be saved next to ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
    remedy: 'Keep TradeBot running and make room in that folder: it is tried again. Else restore the newest backup.',
    details: { path },
    cause,
  });
}
