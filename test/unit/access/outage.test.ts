import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { SqliteUserStore } from '../../../src/adapters/users/sqlite-user-store.js';
import type { AccessService } from '../../../src/app/access/access.js';
import type { NewSession } from '../../../src/app/access/sessions.js';
import { secret } from '../../../src/kernel/secret.js';
import { MINUTE_MS, plusMs } from '../../../src/kernel/time.js';
import { eventually } from '../../support/eventually.js';
import { AccessBench, PASSWORD, newUser, request } from './support.js';

let bench: AccessBench;
let access: AccessService;
let other: Database.Database;
beforeEach(async () => {
  bench = new AccessBench();
  access = bench.open({ store: new SqliteUserStore(bench.usersDb, { create: true, busyMs: 1 }) });
  await access.users.registerFirst(newUser('anna'));
  other = new Database(bench.usersDb);
});
afterEach(async () => {
  other.close();
  await bench.close();
});

/** From now on the users' database takes no write. */
function refuseWrites(): void {
  bench.journalDown = true;
  other.exec('BEGIN IMMEDIATE');
}

/** Both take writes again, and what was kept in memory is in the file. */
async function takeWrites(): Promise<void> {
  bench.journalDown = false;
  other.exec('COMMIT');
  const written = (): boolean => count('SELECT count(*) FROM outbox') === 0;
  await eventually('everything is written and journaled', async () => {
    await access.reconcile();
    return written() && (await bench.types()).length > 1;
  });
}

const count = (sql: string): number => other.prepare<[], number>(sql).pluck().get() ?? -1;

async function loggedIn(): Promise<NewSession> {
  const result = await access.login(request('anna'));
  if (!result.ok) throw new Error(result.refusal);
  return result.session;
}

const refusalOf = async (password: string): Promise<string> => {
  const result = await access.login(request('anna', { password: secret(password) }));
  return result.ok ? 'none' : result.refusal;
};

describe('a users’ database and a journal that take no writes (A.5)', () => {
  test('log-in and its session work, and both are in database and journal afterwards', async () => {
    refuseWrites();
    const session = await loggedIn();
    expect(await access.sessions.authenticate(session.sessionId)).toMatchObject({ ok: true });
    expect([count('SELECT count(*) FROM sessions'), await bench.types()]).toEqual([0, ['UserRegistered']]);
    await takeWrites();
    await eventually('the session is in the file', () => {
      access.sessions.countOpen();
      return count('SELECT count(*) FROM sessions') === 1;
    });
    expect(await bench.types()).toEqual(['UserRegistered', 'LoginSucceeded']);
    expect(await access.sessions.authenticate(session.sessionId)).toMatchObject({ ok: true });
  });

  test('a session from before stays valid for as long as it is used', async () => {
    const session = await loggedIn();
    refuseWrites();
    const minutes = bench.settings.sessionTimeoutMinutes;
    for (let n = 0; n < 4; n += 1) {
      bench.clock.advanceTo(plusMs(bench.clock.now(), (minutes - 1) * MINUTE_MS));
      expect(await access.sessions.authenticate(session.sessionId)).toMatchObject({ ok: true });
    }
    bench.clock.advanceTo(plusMs(bench.clock.now(), minutes * MINUTE_MS));
    expect(await access.sessions.authenticate(session.sessionId)).toEqual({ ok: false, refusal: 'SESSION_IDLE' });
    expect(await access.sessions.authenticate(session.sessionId)).toEqual({ ok: false, refusal: 'NO_SESSION' });
  });

  test('a log-out holds', async () => {
    const session = await loggedIn();
    refuseWrites();
    await access.sessions.logout(session.principal);
    expect(await access.sessions.authenticate(session.sessionId)).toEqual({ ok: false, refusal: 'NO_SESSION' });
    await takeWrites();
    expect(await access.sessions.authenticate(session.sessionId)).toEqual({ ok: false, refusal: 'NO_SESSION' });
  });

  test('wrong passwords are counted, delay the next, and the delay is there afterwards', async () => {
    bench.settings = { ...bench.settings, attemptLimit: 1 };
    refuseWrites();
    const refusals: string[] = [];
    for (const password of ['a', 'b', PASSWORD]) refusals.push(await refusalOf(password));
    expect(refusals).toEqual(['BAD_CREDENTIALS', 'DELAYED', 'DELAYED']);
    await takeWrites();
    expect(await refusalOf(PASSWORD)).toBe('DELAYED');
    const types = await bench.types();
    expect([types.filter((type) => type === 'LoginFailed').length, types.includes('UserLocked')]).toEqual([4, true]);
  });

  test('a guard records a refusal, and a token is used, without a write', async () => {
    const { principal } = await loggedIn();
    const { token } = await access.tokens.issue(principal, { label: 'x', role: 'viewer', days: 1 });
    refuseWrites();
    await access.denied(principal, { address: '10.0.0.1', endpoint: 'GET /x', code: 'ROLE' });
    expect(await access.tokens.authenticate(token, '10.0.0.1')).toMatchObject({ ok: true });
    expect(await access.tokens.authenticate(secret('tbp_wrong'), '10.0.0.1')).toMatchObject({ refusal: 'BAD_TOKEN' });
    await takeWrites();
    expect((await bench.types()).slice(-3)).toEqual(['AccessDenied', 'LoginSucceeded', 'LoginFailed']);
  });

  test('a change that must last is refused, and nothing of it stays', async () => {
    const { principal, sessionRef } = await loggedIn();
    refuseWrites();
    await loggedIn();
    const change = {
      current: secret(PASSWORD),
      next: secret('another walrus plays cellos'),
      address: 'a',
      device: null,
    };
    await expect(access.users.changePassword(principal, change)).rejects.toMatchObject({
      code: 'ACCESS_NOT_JOURNALED',
    });
    await expect(access.sessions.revoke(principal, principal.userId, sessionRef)).rejects.toMatchObject({
      code: 'USERS_DB_BUSY',
    });
    await takeWrites();
    expect(await refusalOf('another walrus plays cellos')).toBe('BAD_CREDENTIALS');
    expect(await refusalOf(PASSWORD)).toBe('none');
  });

  test('what another process wrote meanwhile is kept, and what contradicts it is left out', async () => {
    refuseWrites();
    await loggedIn();
    other.exec(`INSERT INTO addresses VALUES ('A-other', '10.0.0.1', '2026-01-01T00:00:00.000Z')`);
    await access.login(request('anna', { address: '10.0.0.1' }));
    await takeWrites();
    await eventually('it is written', () => {
      access.sessions.countOpen();
      return count('SELECT count(*) FROM sessions') === 1;
    });
    expect(count("SELECT count(*) FROM addresses WHERE address_id = 'A-other'")).toBe(1);
    expect(await refusalOf(PASSWORD)).toBe('none');
  });
});
