import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { existsSync, rmSync } from 'node:fs';
import { SqliteUserStore } from '../../../src/adapters/users/sqlite-user-store.js';
import type { AccessService } from '../../../src/app/access/access.js';
import { recordUserDifferences } from '../../../src/app/access/compare-users.js';
import { EventAppender } from '../../../src/app/journal/event-appender.js';
import { AccessBench, addUser, IDENTITY, newUser, request, sessionOf } from './support.js';

let bench: AccessBench;
let access: AccessService;
let viewerId: string;
beforeEach(async () => {
  bench = new AccessBench();
  access = bench.open();
  await access.users.registerFirst(newUser('anna'));
  viewerId = await addUser(access, (await loggedIn('anna')).principal, 'victor', 'viewer');
});
afterEach(() => bench.close());

async function loggedIn(name: string) {
  return sessionOf(await access.login(request(name)));
}

function inFile(sql: string, ...params: readonly unknown[]): void {
  const db = new Database(bench.usersDb);
  db.prepare(sql).run(...params);
  db.close();
}

describe('users compared with their events (SEC-10)', () => {
  test('agree after every change that the program made', async () => {
    const { principal } = await loggedIn('anna');
    await access.users.changeRole(principal, viewerId, 'operator');
    await access.users.disable(principal, viewerId, 'left');
    expect(await access.userDifferences()).toEqual([]);
    await access.users.enable(principal, viewerId, 'back');
    expect(await access.userDifferences()).toEqual([]);
    expect(access.users.view(viewerId)).toMatchObject({ role: 'operator', disabled: false });
  });

  test('a role that was edited in the file does not count, neither in a session nor at a log-in', async () => {
    const { sessionId } = await loggedIn('victor');
    inFile("UPDATE users SET role = 'admin' WHERE user_id = ?", viewerId);
    expect(await access.userDifferences()).toEqual([
      { subject: viewerId, what: 'role', recorded: 'viewer', found: 'admin' },
    ]);
    expect(await access.sessions.authenticate(sessionId)).toMatchObject({ ok: true, principal: { role: 'viewer' } });
    expect((await loggedIn('victor')).principal.role).toBe('viewer');
    expect(access.users.list().filter(({ role }) => role === 'admin')).toHaveLength(1);
  });

  test('a role that was lowered in the file counts, and is a difference', async () => {
    const anna = access.users.list().find(({ name }) => name === 'anna')?.userId ?? '';
    inFile("UPDATE users SET role = 'admin' WHERE user_id = ?", viewerId);
    inFile("UPDATE users SET role = 'accountant' WHERE user_id = ?", anna);
    expect(access.users.view(anna).role).toBe('accountant');
    expect(await access.userDifferences()).toHaveLength(2);
  });

  test('a user without an event cannot log in', async () => {
    inFile(
      "INSERT INTO users (user_id, name, email, password_hash, role, created_at) SELECT 'U-added', 'mallory', NULL, password_hash, 'admin', created_at FROM users WHERE name = 'anna'",
    );
    expect(await access.userDifferences()).toEqual([
      { subject: 'U-added', what: 'user_added', recorded: null, found: 'admin' },
    ]);
    const refused = await access.login(request('mallory'));
    expect(refused.ok).toBe(false);
  });

  test('a user who was enabled in the file stays disabled', async () => {
    const { principal } = await loggedIn('anna');
    await access.users.disable(principal, viewerId, 'left');
    inFile('UPDATE users SET disabled = 0 WHERE user_id = ?', viewerId);
    expect(await access.userDifferences()).toEqual([
      { subject: viewerId, what: 'disabled', recorded: 'disabled', found: 'enabled' },
    ]);
    expect((await access.login(request('victor'))).ok).toBe(false);
  });

  test('a change that waits for the journal is no difference, and takes rights away at once', async () => {
    const { principal } = await loggedIn('anna');
    await access.users.changeRole(principal, viewerId, 'operator');
    bench.journalDown = true;
    await access.users.changeRole(principal, viewerId, 'viewer').catch(() => undefined);
    expect(access.users.view(viewerId).role).toBe('viewer');
    expect(await access.userDifferences()).toEqual([]);
  });

  test('a file that is gone while it is open is a difference', async () => {
    rmSync(bench.usersDb);
    expect(await access.userDifferences()).toContainEqual(
      expect.objectContaining({ what: 'database_missing', subject: 'SYSTEM_USERS.db' }),
    );
  });

  test('a result is journaled when it is another one', async () => {
    const { journal, clock } = bench;
    const appender = new EventAppender({ journal, clock, identity: IDENTITY, actor: 'system:web' });
    const record = async (): Promise<void> =>
      recordUserDifferences({ journal, appender }, await access.userDifferences());
    await record();
    inFile("UPDATE users SET role = 'admin' WHERE user_id = ?", viewerId);
    await record();
    await record();
    inFile("UPDATE users SET role = 'viewer' WHERE user_id = ?", viewerId);
    await record();
    const found = (await bench.events()).filter(({ type }) => type === 'UserRecordsCompared');
    expect(found.map(({ data }) => data)).toMatchObject([{ ok: false }, { ok: true, differences: [] }]);
  });
});

describe('a lost users database', () => {
  test('is refused, and nobody makes an empty one by logging in', () => {
    const path = `${bench.folder}/lost.db`;
    expect(() => new SqliteUserStore(path)).toThrow(expect.objectContaining({ code: 'USERS_DB_MISSING' }));
    expect(existsSync(path)).toBe(false);
  });
});
