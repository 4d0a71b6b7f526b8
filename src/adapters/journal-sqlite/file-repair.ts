import type Database from 'better-sqlite3';
import { journalError, TradeBotError } from '../../kernel/errors.js';
import { isJournalOutage } from '../../ports/journal.js';
import type { Stopwatch } from '../../ports/stopwatch.js';
import { identityOf } from './held-files.js';
import { reopenFile } from './open-file.js';
import type { Head } from './writer.js';

/** Appends in between are refused with the fault that is known: a full disk is not asked thousands of times. */
const ATTEMPT_EVERY_MS = 250;
const LOCK_WAIT_MS = 20;

/**
 * Opens a journal file again after its disk had refused a write (A.5): paced, for as long as the process lives. The new
 * handle is given only for the file that was open, with the last event that this process wrote.
 */
export class FileRepair {
  readonly #identity: string | undefined;
  #lastAttempt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly path: string,
    private readonly stopwatch: Stopwatch,
  ) {
    this.#identity = identityOf(path);
  }

  /** The new handle, or why the journal stays broken. Damage is not repaired by opening the file again. */
  attempt(fault: TradeBotError, known: Readonly<Head>): Database.Database | TradeBotError {
    const now = this.stopwatch.elapsedMs();
    if (!isJournalOutage(fault) || now - this.#lastAttempt < ATTEMPT_EVERY_MS) return fault;
    this.#lastAttempt = now;
    try {
      if (identityOf(this.path) !== this.#identity) return replaced(this.path);
      return this.#checked(reopenFile(this.path, LOCK_WAIT_MS), known);
    } catch (error) {
      return error instanceof TradeBotError ? error : fault;
    }
  }

  #checked(db: Database.Database, { position, hash }: Readonly<Head>): Database.Database {
    try {
      if (position === 0) return db;
      const found = db.prepare<[number], string>('SELECT hash FROM events WHERE position = ?').pluck().get(position);
      if (found !== hash) throw rewritten(this.path, position, found === undefined);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  }
}

function replaced(path: string): TradeBotError {
  return journalError('stop', {
    code: 'JOURNAL_CUT',
    message: `the journal ${path} is no longer the file that was open: it was removed or replaced`,
    remedy: 'Stop the bot, put the file back, or restore a backup (tradebot restore FILE). Nothing was written.',
    details: { path },
  });
}

function rewritten(path: string, position: number, missing: boolean): TradeBotError {
  return journalError('stop', {
    code: missing ? 'JOURNAL_CUT' : 'JOURNAL_REWRITTEN',
    message: `the journal ${path} changed while it was open: event ${position} ${missing ? 'is missing' : 'is another one'}`,
    remedy: 'Restore the whole journal from a backup (tradebot restore FILE). Nothing was written.',
    details: { path, position },
  });
}
