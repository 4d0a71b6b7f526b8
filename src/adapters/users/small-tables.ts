import { NO_ATTEMPTS, type Attempts } from '../../domain/access/attempt-delay.js';
import { parseStreamName, type Actor } from '../../events/event.js';
import { invariant } from '../../kernel/errors.js';
import type { EpochMs, UtcText } from '../../kernel/time.js';
import type { AddressTable, AttemptTable, OutboxEntry, OutboxTable } from '../../ports/users.js';
import type { StateDatabase } from './state-database.js';

interface AttemptRow {
  readonly failures: number;
  readonly locked_until: number | null;
  readonly last_at: number;
}

/** `name_key` is the digest of source and name; `locked_until` the earliest time of the next attempt. */
export class SqliteAttemptTable implements AttemptTable {
  constructor(private readonly base: StateDatabase) {}

  get(key: string): Attempts {
    const sql = 'SELECT failures, locked_until, last_at FROM login_attempts WHERE name_key = ?';
    const row = this.base.get<AttemptRow>(sql, key);
    if (row === undefined) return NO_ATTEMPTS;
    return {
      failures: row.failures,
      notBefore: row.locked_until as EpochMs | null,
      lastAt: row.last_at as EpochMs,
    };
  }

  put(key: string, { failures, notBefore, lastAt }: Attempts, entry: { readonly known: boolean }): void {
    if (failures < 1 || lastAt === null) {
      this.forget(key);
      return;
    }
    const sql = `INSERT INTO login_attempts VALUES (?, ?, ?, ?, ?) ON CONFLICT (name_key) DO UPDATE SET
      failures = excluded.failures, locked_until = excluded.locked_until, last_at = excluded.last_at,
      known = excluded.known`;
    this.base.run(sql, key, failures, notBefore, lastAt, Number(entry.known));
  }

  forget(key: string): void {
    this.base.run('DELETE FROM login_attempts WHERE name_key = ?', key);
  }

  forgetAll(prefix: string): void {
    this.base.run('DELETE FROM login_attempts WHERE substr(name_key, 1, ?) = ?', prefix.length, prefix);
  }

  trim(keep: number): void {
    for (const known of [0, 1]) {
      const oldest = 'SELECT name_key FROM login_attempts WHERE known = ? ORDER BY last_at DESC LIMIT -1 OFFSET ?';
      this.base.run(`DELETE FROM login_attempts WHERE name_key IN (${oldest})`, known, keep);
    }
  }
}

export class SqliteAddressTable implements AddressTable {
  constructor(private readonly base: StateDatabase) {}

  idOf(address: string, fresh: string, at: UtcText): string {
    this.base.run('INSERT INTO addresses VALUES (?, ?, ?) ON CONFLICT (address) DO NOTHING', fresh, address, at);
    const sql = 'SELECT address_id FROM addresses WHERE address = ?';
    const row = this.base.get<{ readonly address_id: string }>(sql, address);
    invariant(row !== undefined, 'ADDRESS_NOT_KEPT', 'an address has no row after it was put in');
    return row.address_id;
  }

  addressOf(addressId: string): string | undefined {
    const sql = 'SELECT address FROM addresses WHERE address_id = ?';
    return this.base.get<{ readonly address: string }>(sql, addressId)?.address;
  }

  trim(keep: number): void {
    const unused = 'address_id NOT IN (SELECT address_id FROM sessions)';
    const oldest = `SELECT address_id FROM addresses WHERE ${unused} ORDER BY first_seen_at DESC LIMIT -1 OFFSET ?`;
    this.base.run(`DELETE FROM addresses WHERE address_id IN (${oldest})`, keep);
  }
}

interface OutboxRow {
  readonly entry_id: string;
  readonly stream: string;
  readonly actor: string;
  readonly occurred_at: string;
  readonly events: string;
  readonly grants: string | null;
}

export class SqliteOutboxTable implements OutboxTable {
  constructor(private readonly base: StateDatabase) {}

  add({ entryId, stream, actor, occurredAt, events, grants }: OutboxEntry): void {
    const sql = 'INSERT INTO outbox (entry_id, stream, actor, occurred_at, events, grants) VALUES (?, ?, ?, ?, ?, ?)';
    this.base.run(sql, entryId, stream, actor, occurredAt, events, grants);
  }

  waiting(limit: number): readonly OutboxEntry[] {
    return this.base.all<OutboxRow>('SELECT * FROM outbox ORDER BY n LIMIT ?', limit).map((row) => ({
      entryId: row.entry_id,
      stream: parseStreamName(row.stream),
      actor: row.actor as Actor,
      occurredAt: row.occurred_at as UtcText,
      events: row.events,
      grants: row.grants,
    }));
  }

  count(): number {
    return this.base.get<{ readonly n: number }>('SELECT count(*) AS n FROM outbox')?.n ?? 0;
  }

  grantNow(grants: string): void {
    this.base.run('UPDATE outbox SET grants = NULL WHERE grants = ?', grants);
  }

  settle(entryId: string): void {
    this.base.run('DELETE FROM outbox WHERE entry_id = ?', entryId);
  }
}
