import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { openToRead } from '../files/open-to-read.js';
import { causeText } from '../files/system-error.js';
import { schemaFaults } from '../users/schema-check.js';
import type { HomeFault } from './folders.js';

export interface DatabaseToCheck {
  readonly path: string;
  /** The schema of a new file, compared object by object with the existing one. */
  readonly schemaSql: string;
  /** Tables that a file of an earlier version may lack: its owner adds them. None when left out. */
  readonly additions?: readonly string[];
  /** The remedy when it is missing or wrong. */
  readonly remedy: string;
}

/** A statement that the file must refuse; `refusedWith` is part of the expected error. */
export interface Attempt {
  readonly what: string;
  readonly sql: string;
  readonly refusedWith: string;
}

const BUSY_MS = 5_000;

/** A database that is missing, damaged, or has a different schema from this program's. */
export function databaseFaults({ path, schemaSql, additions, remedy }: DatabaseToCheck): readonly HomeFault[] {
  if (!existsSync(path)) return [{ cause: `the database ${path} is missing`, remedy }];
  let db: Database.Database | undefined;
  try {
    db = openToRead(path, BUSY_MS);
    const damage = db.prepare<[], string>('PRAGMA quick_check(1)').pluck().get();
    if (damage !== 'ok') return [{ cause: `${path} is damaged: ${damage ?? 'no details'}`, remedy }];
    const differs = schemaFaults(db, schemaSql, additions);
    return differs.length === 0 ? [] : [{ cause: `${path} has a different schema: ${differs.join(', ')}`, remedy }];
  } catch (error) {
    return [{ cause: `${path} cannot be read: ${causeText(error)}`, remedy }];
  } finally {
    db?.close();
  }
}

/** Tries to break the rules that the file itself keeps, and takes everything back. */
export function attemptFaults(path: string, attempts: readonly Attempt[], remedy: string): readonly HomeFault[] {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { fileMustExist: true, timeout: BUSY_MS });
    return attempts.flatMap((attempt) => faultsOfAttempt(db, path, attempt, remedy));
  } catch (error) {
    return [{ cause: `the rules of ${path} cannot be tested: ${causeText(error)}`, remedy }];
  } finally {
    db?.close();
  }
}

function faultsOfAttempt(
  db: Database.Database | undefined,
  path: string,
  { what, sql, refusedWith }: Attempt,
  remedy: string,
): readonly HomeFault[] {
  if (db === undefined) return [];
  db.exec('BEGIN IMMEDIATE');
  try {
    db.exec(sql);
    return [{ cause: `${path} accepts ${what}`, remedy }];
  } catch (error) {
    const said = messageOf(error);
    return said.includes(refusedWith) ? [] : [{ cause: `${path} refuses ${what} for another reason: ${said}`, remedy }];
  } finally {
    if (db.inTransaction) db.exec('ROLLBACK');
  }
}

function messageOf(error: unknown): string {
  const { message } = error as { readonly message?: unknown };
  return typeof message === 'string' ? message : causeText(error);
}
