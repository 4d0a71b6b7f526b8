import { isRole } from '../../domain/access/roles.js';
import { invariant } from '../../kernel/errors.js';
import type { UtcText } from '../../kernel/time.js';
import type { StoredToken, TokenTable } from '../../ports/users.js';
import type { StateDatabase } from './state-database.js';

interface Row {
  readonly token_id: string;
  readonly token_hash: string;
  readonly user_id: string;
  readonly role: string;
  readonly label: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly last_used_at: string | null;
}

/** As with sessions: only those that the journal has recorded count. */
const COUNTING =
  'SELECT * FROM personal_tokens WHERE token_id NOT IN (SELECT grants FROM outbox WHERE grants IS NOT NULL)';

export class SqliteTokenTable implements TokenTable {
  constructor(private readonly base: StateDatabase) {}

  add(token: StoredToken): void {
    const { tokenId, tokenHash, userId, role, label, createdAt, expiresAt, lastUsedAt } = token;
    this.base.run(
      'INSERT INTO personal_tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      ...[tokenId, tokenHash, userId, role, label, createdAt, expiresAt, lastUsedAt],
    );
  }

  byHash(tokenHash: string): StoredToken | undefined {
    const row = this.base.get<Row>(`${COUNTING} AND token_hash = ?`, tokenHash);
    return row === undefined ? undefined : tokenOf(row);
  }

  of(userId: string): readonly StoredToken[] {
    return this.base.all<Row>(`${COUNTING} AND user_id = ? ORDER BY created_at DESC, token_id`, userId).map(tokenOf);
  }

  everyOf(userId: string): readonly StoredToken[] {
    return this.base.all<Row>('SELECT * FROM personal_tokens WHERE user_id = ?', userId).map(tokenOf);
  }

  used(tokenId: string, at: UtcText): void {
    this.base.run('UPDATE personal_tokens SET last_used_at = ? WHERE token_id = ?', at, tokenId);
  }

  remove(tokenId: string): boolean {
    return this.base.run('DELETE FROM personal_tokens WHERE token_id = ?', tokenId) === 1;
  }
}

function tokenOf(row: Row): StoredToken {
  invariant(isRole(row.role), 'BAD_ROLE_ROW', `token ${row.token_id} has the role ${row.role}`);
  return {
    tokenId: row.token_id,
    tokenHash: row.token_hash,
    userId: row.user_id,
    role: row.role,
    label: row.label,
    createdAt: row.created_at as UtcText,
    expiresAt: row.expires_at as UtcText,
    lastUsedAt: row.last_used_at as UtcText | null,
  };
}
