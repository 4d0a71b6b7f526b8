import Database from 'better-sqlite3';
import { TradeBotError, journalError } from '../../kernel/errors.js';
import { journalBusy } from '../journal-common/errors.js';

export function sqliteCode(error: unknown): string {
  return error instanceof Database.SqliteError ? error.code : '';
}

export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED');
}

/** A rule of the file (unique key, trigger, check) refused a row. */
export function isConstraint(error: unknown): boolean {
  return sqliteCode(error).startsWith('SQLITE_CONSTRAINT');
}

export function corrupt(path: string, what: string, cause?: unknown): TradeBotError {
  return journalError('stop', {
    code: 'JOURNAL_CORRUPT',
    message: `the journal ${path} is damaged: ${what}`,
    remedy: 'Keep the file, restore the last backup beside it, and run verify on both.',
    details: { path },
    cause,
  });
}

/** Every failure of SQLite in the terms of the port. */
export function fromSqlite(path: string, error: unknown): unknown {
  if (error instanceof TradeBotError) return error;
  const code = sqliteCode(error);
  if (code === '') return error;
  const message = error instanceof Error ? error.message : code;
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
