import type { UserStore } from '../../ports/users.js';
import { SqliteDeviceTable } from './device-table.js';
import { SqliteSessionTable } from './session-table.js';
import { SqliteAddressTable, SqliteAttemptTable, SqliteOutboxTable } from './small-tables.js';
import { StateDatabase } from './state-database.js';
import { SYSTEM_USERS_SQL } from './system-users-sql.js';
import { SqliteTokenTable } from './token-table.js';
import { SqliteUserTable } from './user-table.js';

/** Tables that a database of version 0.2.0 lacks. */
export const USERS_DB_ADDITIONS: readonly string[] = ['known_devices'];

function optionsOf(path: string) {
  return { path, schemaSql: SYSTEM_USERS_SQL, title: "the users' database", additions: USERS_DB_ADDITIONS };
}

/** SYSTEM_USERS.db: only provisioning and `tradebot users repair` create a missing one. Throws the errors of UserStore. */
export class SqliteUserStore implements UserStore {
  readonly users: SqliteUserTable;
  readonly sessions: SqliteSessionTable;
  readonly tokens: SqliteTokenTable;
  readonly attempts: SqliteAttemptTable;
  readonly devices: SqliteDeviceTable;
  readonly addresses: SqliteAddressTable;
  readonly outbox: SqliteOutboxTable;
  readonly #base: StateDatabase;

  constructor(path: string, options: { readonly busyMs?: number; readonly create?: boolean } = {}) {
    this.#base = new StateDatabase({ ...optionsOf(path), create: false, ...options });
    this.users = new SqliteUserTable(this.#base);
    this.sessions = new SqliteSessionTable(this.#base);
    this.tokens = new SqliteTokenTable(this.#base);
    this.attempts = new SqliteAttemptTable(this.#base);
    this.devices = new SqliteDeviceTable(this.#base);
    this.addresses = new SqliteAddressTable(this.#base);
    this.outbox = new SqliteOutboxTable(this.#base);
  }

  atomically<T>(work: () => T): T {
    return this.#base.atomically(work);
  }

  bestEffort<T>(work: () => T): T {
    return this.#base.bestEffort(work);
  }

  stand(): number {
    return this.#base.stand();
  }

  isPresent(): boolean {
    return this.#base.isPresent();
  }

  isReplaced(): boolean {
    return this.#base.isReplaced();
  }

  close(): void {
    this.#base.close();
  }
}
