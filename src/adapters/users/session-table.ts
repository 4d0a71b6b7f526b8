import type { UtcText } from '../../kernel/time.js';
import type { LoginMethod, SessionBounds, SessionTable, StoredSession } from '../../ports/users.js';
import type { StateDatabase } from './state-database.js';

interface Row {
  readonly session_ref: string;
  readonly id_hash: string;
  readonly user_id: string;
  readonly address_id: string;
  readonly method: string;
  readonly created_at: string;
  readonly last_seen_at: string;
  readonly expires_at: string;
}

/** A session counts once the journal has its login: no access without a record. */
const COUNTING = 'SELECT * FROM sessions WHERE session_ref NOT IN (SELECT grants FROM outbox WHERE grants IS NOT NULL)';

const WITHIN = 'last_seen_at > ? AND last_seen_at <= ? AND expires_at > ? AND expires_at <= ?';

export class SqliteSessionTable implements SessionTable {
  constructor(private readonly base: StateDatabase) {}

  add(session: StoredSession): void {
    const { sessionRef, idHash, userId, addressId, method, createdAt, lastSeenAt, expiresAt } = session;
    this.base.run(
      'INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      ...[sessionRef, idHash, userId, addressId, method, createdAt, lastSeenAt, expiresAt],
    );
  }

  byHash(idHash: string): StoredSession | undefined {
    const row = this.base.get<Row>(`${COUNTING} AND id_hash = ?`, idHash);
    return row === undefined ? undefined : sessionOf(row);
  }

  of(userId: string): readonly StoredSession[] {
    return this.base
      .all<Row>(`${COUNTING} AND user_id = ? ORDER BY created_at DESC, session_ref`, userId)
      .map(sessionOf);
  }

  everyOf(userId: string): readonly StoredSession[] {
    return this.base.all<Row>('SELECT * FROM sessions WHERE user_id = ?', userId).map(sessionOf);
  }

  seen(sessionRef: string, at: UtcText): void {
    this.base.run(
      'UPDATE sessions SET last_seen_at = ? WHERE session_ref = ? AND last_seen_at < ?',
      at,
      sessionRef,
      at,
    );
  }

  rotate(sessionRef: string, idHash: string): void {
    this.base.run('UPDATE sessions SET id_hash = ? WHERE session_ref = ?', idHash, sessionRef);
  }

  remove(sessionRef: string): boolean {
    return this.base.run('DELETE FROM sessions WHERE session_ref = ?', sessionRef) === 1;
  }

  over({ seenAfter, seenUntil, expiresAfter, expiresUntil }: SessionBounds, limit: number): readonly StoredSession[] {
    const sql = `${COUNTING} AND NOT (${WITHIN}) ORDER BY expires_at LIMIT ?`;
    return this.base.all<Row>(sql, seenAfter, seenUntil, expiresAfter, expiresUntil, limit).map(sessionOf);
  }

  countOpen({ seenAfter, seenUntil, expiresAfter, expiresUntil }: SessionBounds): number {
    const sql = `SELECT count(*) AS n FROM (${COUNTING} AND ${WITHIN})`;
    return this.base.get<{ readonly n: number }>(sql, seenAfter, seenUntil, expiresAfter, expiresUntil)?.n ?? 0;
  }
}

function sessionOf(row: Row): StoredSession {
  return {
    sessionRef: row.session_ref,
    idHash: row.id_hash,
    userId: row.user_id,
    addressId: row.address_id,
    method: row.method as LoginMethod,
    createdAt: row.created_at as UtcText,
    lastSeenAt: row.last_seen_at as UtcText,
    expiresAt: row.expires_at as UtcText,
  };
}
