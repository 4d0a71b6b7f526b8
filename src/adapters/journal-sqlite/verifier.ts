import { setImmediate as nextMacrotask } from 'node:timers/promises';
import type Database from 'better-sqlite3';
import { LinesDigest, type Sha256Hex } from '../../kernel/hash.js';
import type { JournalHead, VerifyResult } from '../../ports/journal.js';
import { GENESIS_HASH, chainHash, columnsFit } from '../event-codec/codec.js';
import { journalClosed } from '../journal-common/errors.js';
import { PAGE_EVENTS } from '../journal-common/paging.js';
import { positionText } from '../journal-common/position.js';
import { dictionary } from './directory.js';
import { isBusy, messageOf } from './sqlite-errors.js';

/** `[position, stream_id, revision, type_id, event_id, body, hash]` */
type Row = readonly [number, number, number, number, string, string, Sha256Hex];
type Damage = Extract<VerifyResult, { readonly ok: false }>;

interface State {
  position: number;
  hash: Sha256Hex;
}

function damage(position: number, code: Damage['code'], message: string): Damage {
  return { ok: false, position: positionText(Math.max(position, 0)), code, message };
}

/**
 * Verifies the chain over the stored text (JRN-30): positions without a gap, each hash recomputed, columns that match
 * the text. Events appended meanwhile are not verified: the walk ends at the head it found at the start. It starts after
 * `since` when the file has that event, else at the first one.
 */
export async function verifyFile(
  db: Database.Database,
  onProgress?: (checked: number, total: number) => void,
  since?: JournalHead,
): Promise<VerifyResult> {
  const state: State = { position: 0, hash: GENESIS_HASH };
  let digest: LinesDigest | undefined;
  try {
    const from = since === undefined ? undefined : startAt(db, since);
    if (from !== undefined) Object.assign(state, from);
    const total = db.prepare<[], number>('SELECT coalesce(max(position), 0) FROM events').pluck().get() ?? 0;
    const page = db
      .prepare<[number, number, number], Row>(
        `SELECT position, stream_id, revision, type_id, event_id, body, hash FROM events
         WHERE position > ? AND position <= ? ORDER BY position LIMIT ?`,
      )
      .raw();
    const checkRow = rowChecker(db);
    digest = from === undefined ? new LinesDigest() : undefined;
    for (let after = from?.position ?? Number.MIN_SAFE_INTEGER; ; after = state.position) {
      const rows = page.all(after, total, PAGE_EVENTS);
      for (const row of rows) {
        const found = checkRow(state, row);
        if (found !== undefined) return found;
        digest?.add(row[5]);
      }
      onProgress?.(state.position, total);
      if (rows.length < PAGE_EVENTS) break;
      await nextMacrotask();
    }
    // A row whose key was changed in the file ends a range search early, and SQLite does not report it.
    if (state.position < total) {
      return damage(
        state.position + 1,
        'GAP',
        `the rows end at position ${state.position}, the file has position ${total}`,
      );
    }
    const unused = namesDamage(db, state.position);
    if (unused !== undefined) return unused;
  } catch (error) {
    if (!db.open) throw journalClosed();
    if (isBusy(error)) throw error;
    const reason = messageOf(error);
    return damage(
      state.position + 1,
      'UNREADABLE',
      `the file cannot be read after position ${state.position}: ${reason}`,
    );
  }
  const whole = digest === undefined ? {} : { eventsDigest: digest.hex() };
  return { ok: true, count: state.position, head: state.position === 0 ? null : state.hash, ...whole };
}

/** Undefined when the file does not have the event of that hash at that position: then nothing counts as verified. */
function startAt(db: Database.Database, { position, hash, count }: JournalHead): State | undefined {
  if (positionText(count) !== position) return undefined;
  const there = db.prepare<[number], Sha256Hex>('SELECT hash FROM events WHERE position = ?').pluck().get(count);
  return there === hash ? { position: count, hash } : undefined;
}

/**
 * Names are numbered from 1 without a gap, each with its first event: a table with more or fewer names than the events
 * use was changed in the file, although every event still reads correctly. NOT INDEXED counts the table itself.
 */
function namesDamage(db: Database.Database, position: number): Damage | undefined {
  for (const [table, key] of [
    ['streams', 'stream_id'],
    ['types', 'type_id'],
  ] as const) {
    const [there, used] = db
      .prepare<[], [number, number | null]>(
        `SELECT (SELECT count(*) FROM ${table} NOT INDEXED), (SELECT max(${key}) FROM events)`,
      )
      .raw()
      .get() ?? [0, 0];
    if (there !== (used ?? 0)) {
      return damage(position, 'COLUMN_MISMATCH', `the file has ${there} ${table}, its events use ${used ?? 0}`);
    }
  }
  return undefined;
}

/**
 * One changed byte in the file may turn a text into a blob of the same bytes, which reads the same here but not
 * elsewhere.
 */
function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function rowChecker(db: Database.Database): (state: State, row: Row) => Damage | undefined {
  const streams = dictionary(db, 'streams', 'stream_id');
  const types = dictionary(db, 'types', 'type_id');
  return (state, [position, streamId, revision, typeId, id, body, hash]) => {
    const expected = state.position + 1;
    if (position !== expected) {
      const at = Math.min(position, expected);
      return damage(at, 'GAP', `expected position ${expected}, found ${position}`);
    }
    if (chainHash(state.hash, body) !== hash) {
      return damage(position, 'HASH_MISMATCH', `the event at position ${position} does not match the hash chain`);
    }
    const stream = streams.nameOf(streamId) ?? '';
    const type = types.nameOf(typeId) ?? '';
    const texts = isText(id) && isText(body) && isText(hash) && isText(stream) && isText(type);
    if (!texts || !columnsFit({ id, stream, revision, type }, body)) {
      return damage(position, 'COLUMN_MISMATCH', `the columns at position ${position} do not match its text`);
    }
    state.position = position;
    state.hash = hash;
    return undefined;
  };
}
