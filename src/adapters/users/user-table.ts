import { isRole } from '../../domain/access/roles.js';
import { configError, invariant } from '../../kernel/errors.js';
import { Secret } from '../../kernel/secret.js';
import type { UtcText } from '../../kernel/time.js';
import type { StoredUser, UserChange, UserTable } from '../../ports/users.js';
import { systemErrorCode } from '../files/system-error.js';
import type { StateDatabase } from './state-database.js';

interface Row {
  readonly user_id: string;
  readonly name: string;
  readonly email: string | null;
  readonly password_hash: string;
  readonly role: string;
  readonly disabled: number;
  readonly second_factor: number;
  readonly code_step: number;
  readonly created_at: string;
  readonly last_login_at: string | null;
}

const SELECT = 'SELECT * FROM users';
const COLUMNS: Readonly<Record<keyof UserChange, string>> = {
  passwordHash: 'password_hash',
  role: 'role',
  disabled: 'disabled',
  secondFactor: 'second_factor',
  codeStep: 'code_step',
  lastLoginAt: 'last_login_at',
};

/** A used code is at most a step ahead of the present one: a later one was used by a clock that was ahead, and locks nobody out. */
const LATEST_STEPS = 3;

/** Users, including their second-factor codes. */
export class SqliteUserTable implements UserTable {
  constructor(private readonly base: StateDatabase) {}

  count(): number {
    return this.#number('SELECT count(*) AS n FROM users');
  }

  activeAdmins(): number {
    return this.#number("SELECT count(*) AS n FROM users WHERE role = 'admin' AND disabled = 0");
  }

  list(): readonly StoredUser[] {
    return this.base.all<Row>(`${SELECT} ORDER BY name`).map(userOf);
  }

  byId(userId: string): StoredUser | undefined {
    return this.#one('user_id', userId);
  }

  byName(name: string): StoredUser | undefined {
    return this.#one('name', name);
  }

  byEmail(email: string): StoredUser | undefined {
    return this.#one('email', email);
  }

  add(user: StoredUser): void {
    const { userId, name, email, passwordHash, role, createdAt } = user;
    try {
      this.base.run(
        'INSERT INTO users (user_id, name, email, password_hash, role, created_at) VALUES (?, ?, ?, ?, ?, ?)',
        ...[userId, name, email, passwordHash.reveal(), role, createdAt],
      );
    } catch (error) {
      const unique = systemErrorCode(error)?.startsWith('SQLITE_CONSTRAINT_UNIQUE') === true;
      throw unique ? taken(error) : error;
    }
  }

  change(userId: string, change: UserChange): void {
    const entries = Object.entries(change) as [keyof UserChange, Secret | string | number | boolean | null][];
    if (entries.length === 0) return;
    const sets = entries.map(([key]) => `${COLUMNS[key]} = ?`).join(', ');
    const done = this.base.run(
      `UPDATE users SET ${sets} WHERE user_id = ?`,
      ...entries.map(([, v]) => cell(v)),
      userId,
    );
    invariant(done === 1, 'NO_SUCH_USER_ROW', `${userId} has no row to change`);
  }

  useCodeStep(userId: string, step: number): boolean {
    const sql = 'UPDATE users SET code_step = ? WHERE user_id = ? AND (code_step < ? OR code_step > ?)';
    return this.base.run(sql, step, userId, step, step + LATEST_STEPS) === 1;
  }

  setRecoveryCodes(userId: string, hashes: readonly string[]): void {
    this.base.run('DELETE FROM recovery_codes WHERE user_id = ?', userId);
    for (const hash of hashes) this.base.run('INSERT INTO recovery_codes VALUES (?, ?)', userId, hash);
  }

  useRecoveryCode(userId: string, hash: string): boolean {
    return this.base.run('DELETE FROM recovery_codes WHERE user_id = ? AND code_hash = ?', userId, hash) === 1;
  }

  recoveryCodesLeft(userId: string): number {
    return this.#number('SELECT count(*) AS n FROM recovery_codes WHERE user_id = ?', userId);
  }

  #one(column: 'user_id' | 'name' | 'email', value: string): StoredUser | undefined {
    const row = this.base.get<Row>(`${SELECT} WHERE ${column} = ?`, value);
    return row === undefined ? undefined : userOf(row);
  }

  #number(sql: string, ...params: readonly unknown[]): number {
    return this.base.get<{ readonly n: number }>(sql, ...params)?.n ?? 0;
  }
}

function cell(value: Secret | string | number | boolean | null): string | number | null {
  if (value instanceof Secret) return value.reveal();
  return typeof value === 'boolean' ? Number(value) : value;
}

function userOf(row: Row): StoredUser {
  invariant(isRole(row.role), 'BAD_ROLE_ROW', `user ${row.user_id} has the role ${row.role}`);
  return {
    userId: row.user_id,
    name: row.name,
    email: row.email,
    passwordHash: new Secret(row.password_hash),
    role: row.role,
    disabled: row.disabled === 1,
    secondFactor: row.second_factor === 1,
    codeStep: row.code_step,
    createdAt: row.created_at as UtcText,
    lastLoginAt: row.last_login_at as UtcText | null,
  };
}

function taken(cause: unknown): Error {
  const email = String((cause as { readonly message?: unknown }).message).includes('users.email');
  return configError({
    code: email ? 'EMAIL_TAKEN' : 'USER_NAME_TAKEN',
    message: email ? 'another user has this email address' : 'another user has this name',
    remedy: email ? 'Use another address, or none.' : 'Choose another name.',
    cause,
  });
}
