import { TradeBotError, journalError } from '../../kernel/errors.js';
import { journalBusy } from '../journal-common/errors.js';

/**
 * Recognized by its code, not by its class: the native module keeps the error class of its first load in the process,
 * and a second load (a test file, a worker) has another class.
 */
function sqliteCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error) || typeof error.code !== 'string') return '';
  return error.code.startsWith('SQLITE_') ? error.code : '';
}

export function messageOf(error: unknown): string {
  const known = typeof error === 'object' && error !== null && 'message' in error;
  return known && typeof error.message === 'string' ? error.message : String(error);
}

export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED');
}

/** A constraint of the file (unique key, trigger, check) refused a row. */
export function isConstraint(error: unknown): boolean {
  return sqliteCode(error).startsWith('SQLITE_CONSTRAINT');
}

export function corrupt(path: string, what: string, cause?: unknown): TradeBotError {
  return journalError('stop', {
    code: 'JOURNAL_CORRUPT',
    message: `the journal ${path} is damaged: ${what}`,
    remedy: 'Keep the file, restore the last backup to another folder, and run verify on both.',
    details: { path },
    cause,
  });
}

/** Converts every failure of SQLite into the errors of the port. */
export function fromSqlite(path: string, error: unknown): unknown {
  if (error instanceof TradeBotError) return error;
  const code = sqliteCode(error);
  if (code === '') return error;
  const message = messageOf(error);
  if (isBusy(error)) return journalBusy(`the journal ${path} is held by another process`);
  if (/^SQLITE_(CORRUPT|NOTADB|CONSTRAINT|MISMATCH|SCHEMA)/.test(code)) return corrupt(path, message, error);
  return journalError('stop', {
    code: 'JOURNAL_STALLED',
    message: `the journal ${path} cannot be used: ${message}`,
    remedy: 'Check the disk (space, permissions, health); then start again: repeating the same append is safe.',
    details: { path, sqlite: code },
    cause: error,
  });
}
