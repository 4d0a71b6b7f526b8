import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { SqliteResetTokens } from '../../src/adapters/users/sqlite-reset-tokens.js';
import { SqliteUserStore } from '../../src/adapters/users/sqlite-user-store.js';
import { secret } from '../../src/kernel/secret.js';
import { epochMs, toUtcText } from '../../src/kernel/time.js';
import type { StoredUser } from '../../src/ports/users.js';

const NOW = toUtcText(epochMs(1_381_000_000_000));

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'users-db-'));
  path = join(dir, 'databases', 'SYSTEM_USERS.db');
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function user(n: number, more: Partial<StoredUser> = {}): StoredUser {
  return {
    userId: `U-${n}`,
    name: `name${n}`,
    email: null,
    passwordHash: secret(`$2b$04$${'x'.repeat(53)}`),
    role: 'admin',
    disabled: false,
    secondFactor: false,
    codeStep: 0,
    createdAt: NOW,
    lastLoginAt: null,
    ...more,
  };
}

function filled(): void {
  const store = new SqliteUserStore(path, { create: true });
  store.atomically(() => {
    for (let n = 0; n < 400; n += 1) store.users.add(user(n));
  });
  store.close();
}

function alter(sql: string): void {
  const db = new Database(path);
  db.exec(sql);
  db.close();
}

describe('SYSTEM_USERS.db', () => {
  test('the database is complete, private to its owner, and no other file is left', () => {
    const store = new SqliteUserStore(path, { create: true });
    store.users.add(user(1));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, 'databases')).mode & 0o777).toBe(0o700);
    for (const end of ['-wal', '-shm']) expect(statSync(`${path}${end}`).mode & 0o777).toBe(0o600);
    store.close();
    expect(readdirSync(join(dir, 'databases'))).toEqual(['SYSTEM_USERS.db']);
    const again = new SqliteUserStore(path, { create: true });
    expect(again.users.byId('U-1')).toMatchObject({ name: 'name1', role: 'admin', disabled: false });
    again.close();
  });

  test.each([
    ['garbage', (): void => writeFileSync(path, Buffer.alloc(50_000, 'garbage '))],
    ['empty', (): void => writeFileSync(path, '')],
    ['a text', (): void => writeFileSync(path, 'hello')],
    ['cut in the middle', (): void => writeFileSync(path, readFileSync(path).subarray(0, 20_000))],
    ['cut within a page', (): void => writeFileSync(path, readFileSync(path).subarray(0, 30_123))],
    [
      'zeros in the middle',
      (): void => {
        const bytes = readFileSync(path);
        writeFileSync(path, bytes.fill(0, 4096 * 5, 4096 * 6));
      },
    ],
  ])('%s: one line with the remedy, and the file is unchanged', (_what, damage) => {
    filled();
    damage();
    const before = readFileSync(path);
    expect(() => new SqliteUserStore(path, { create: true })).toThrow(
      expect.objectContaining({
        code: expect.stringMatching(/^USERS_DB_(DAMAGED|SCHEMA)$/),
        message: expect.stringContaining(path),
        remedy: expect.stringContaining('backup'),
      }),
    );
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test.each([
    ['DROP TABLE login_attempts', 'table login_attempts is missing'],
    ['ALTER TABLE sessions ADD COLUMN note TEXT', 'table sessions has different columns or constraints'],
    ['DROP TRIGGER users_keep_an_admin', 'trigger users_keep_an_admin is missing'],
    ['DROP INDEX sessions_by_user', 'index sessions_by_user is missing'],
    ['CREATE TABLE notes (a TEXT)', 'table notes is unexpected'],
    [
      'DROP TABLE recovery_codes; CREATE TABLE recovery_codes (user_id TEXT, code_hash TEXT)',
      'table recovery_codes has different columns or constraints',
    ],
  ])('%s: reported by name', (sql, message) => {
    filled();
    alter(sql);
    const before = readFileSync(path);
    expect(() => new SqliteUserStore(path, { create: true })).toThrow(
      expect.objectContaining({ code: 'USERS_DB_SCHEMA', message: expect.stringContaining(message) }),
    );
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('a folder in place of the file and a folder that cannot be created', () => {
    mkdirSync(path, { recursive: true });
    expect(() => new SqliteUserStore(path, { create: true })).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^USERS_DB_/) }),
    );
    const blocked = join(dir, 'file');
    writeFileSync(blocked, 'in the way');
    expect(() => new SqliteUserStore(join(blocked, 'x.db'), { create: true })).toThrow(
      expect.objectContaining({ code: 'USERS_DB_UNUSABLE' }),
    );
  });

  test('a database locked for too long asks to try again, and nothing is lost', () => {
    filled();
    const other = new Database(path);
    const store = new SqliteUserStore(path, { busyMs: 50, create: true });
    other.exec('BEGIN IMMEDIATE');
    expect(() => store.atomically(() => undefined)).toThrow(
      expect.objectContaining({ code: 'USERS_DB_BUSY', callerMust: 'retry' }),
    );
    other.exec('ROLLBACK');
    other.close();
    expect(store.atomically(() => store.users.count())).toBe(400);
    store.close();
  });

  test('the database enforces its own rules', () => {
    const store = new SqliteUserStore(path, { create: true });
    store.users.add(user(1));
    store.users.add(user(2, { role: 'viewer' }));
    store.close();
    const db = new Database(path);
    const refused = (sql: string): void =>
      expect(() => db.exec(sql)).toThrow(/last admin|not deleted|CHECK|FOREIGN KEY|UNIQUE|NOT NULL/);
    refused("UPDATE users SET role = 'viewer' WHERE user_id = 'U-1'");
    refused("UPDATE users SET disabled = 1 WHERE user_id = 'U-1'");
    refused("DELETE FROM users WHERE user_id = 'U-2'");
    refused("UPDATE users SET role = 'root' WHERE user_id = 'U-2'");
    refused("UPDATE users SET password_hash = 'plain text' WHERE user_id = 'U-2'");
    refused("UPDATE users SET name = 'name1' WHERE user_id = 'U-2'");
    refused("INSERT INTO recovery_codes VALUES ('U-9', '" + 'a'.repeat(64) + "')");
    refused(
      `INSERT INTO sessions VALUES ('S-1', '${'a'.repeat(64)}', 'U-1', 'A-none', 'password', '${NOW}', '${NOW}', '${NOW}')`,
    );
    db.close();
  });

  test('an error within a transaction changes nothing', () => {
    const store = new SqliteUserStore(path, { create: true });
    expect(() =>
      store.atomically(() => {
        store.users.add(user(1));
        throw new Error('on second thought');
      }),
    ).toThrow('on second thought');
    expect(store.users.count()).toBe(0);
    store.close();
  });

  test('counts above the limit are forgotten, the oldest first, those of users and of unknown names apart', () => {
    const store = new SqliteUserStore(path, { create: true });
    const key = (n: number): string => String(n).padStart(64, '0');
    for (let n = 0; n < 20; n += 1) {
      const notBefore = n === 0 ? epochMs(9_000_000) : null;
      store.attempts.put(key(n), { failures: 1, notBefore, lastAt: epochMs(n) }, { known: n < 3 });
    }
    store.attempts.trim(5);
    const left = [...Array(20).keys()].filter((n) => store.attempts.get(key(n)).failures > 0);
    expect(left).toEqual([0, 1, 2, 15, 16, 17, 18, 19]);
    store.attempts.forgetAll(key(0).slice(0, 63));
    expect([...Array(20).keys()].filter((n) => store.attempts.get(key(n)).failures > 0)).toEqual(
      left.filter((n) => n > 9),
    );
    store.close();
  });
});

describe('PASSWORD_RESET_TOKENS.db', () => {
  test('a token works once, and an invalid file is reported and left unchanged', () => {
    const file = join(dir, 'PASSWORD_RESET_TOKENS.db');
    const later = toUtcText(epochMs(1_381_000_600_000));
    const store = new SqliteResetTokens(file);
    const other = new SqliteResetTokens(file);
    const tokenHash = 'b'.repeat(64);
    store.put({ tokenHash, userId: 'U-1', expiresAt: later }, NOW);
    expect(other.ownerOf(tokenHash, NOW)).toBe('U-1');
    expect([store.use(tokenHash, NOW), other.use(tokenHash, NOW)]).toEqual([true, false]);
    expect(store.ownerOf(tokenHash, NOW)).toBeUndefined();
    store.put({ tokenHash: 'c'.repeat(64), userId: 'U-1', expiresAt: later }, NOW);
    expect(store.use('c'.repeat(64), later)).toBe(false);
    store.close();
    other.close();
    writeFileSync(file, 'x'.repeat(5000));
    expect(() => new SqliteResetTokens(file)).toThrow(
      expect.objectContaining({ code: 'USERS_DB_DAMAGED', message: expect.stringContaining('reset tokens') }),
    );
  });
});
