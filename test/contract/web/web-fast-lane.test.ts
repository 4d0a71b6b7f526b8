import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SqliteUserStore } from '../../../src/adapters/users/sqlite-user-store.js';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { epochMs, MINUTE_MS, plusMs } from '../../../src/kernel/time.js';
import type { UserStore } from '../../../src/ports/users.js';
import { provisionTestHome } from '../../support/provision.js';
import {
  firstAdmin,
  moveTo,
  PASSWORD,
  startTestWeb,
  userOf,
  type Answered,
  type TestWeb,
  type WebClient,
} from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';

const EVENTS = '/api/journal/events?limit=5';
const STATUS = '/api/status';

let home: string;
let web: TestWeb;
let admin: WebClient;
/** Calls of Nest's application: what the fast lane answers does not reach it. */
let usual: { readonly mock: { readonly calls: readonly unknown[] } };

beforeEach(async () => {
  home = temporaryHome();
  await provisionTestHome(home);
  web = await startTestWeb({ home });
  usual = callsOf(web);
  admin = await firstAdmin(web);
  writeStatus({ state: 'first' });
});

afterEach(async () => {
  await web.stop();
  removeTemporaryHomes();
});

function callsOf({ server }: TestWeb): typeof usual {
  const express: unknown = server.app.getHttpAdapter().getInstance();
  return jest.spyOn(express as { handle: (...args: readonly unknown[]) => void }, 'handle');
}

function writeStatus(status: object): void {
  const path = web.context.open().paths.output.statusJson;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, JSON.stringify(status));
  renameSync(`${path}.new`, path);
}

/** Whether a request was answered without Nest, and the answer. */
async function asked(client: WebClient, path: string, etag?: string): Promise<Answered & { readonly fast: boolean }> {
  const before = usual.mock.calls.length;
  const answered = await client.get(path, etag === undefined ? {} : { headers: { 'If-None-Match': etag } });
  return { ...answered, fast: usual.mock.calls.length === before };
}

/** Asks until an answer is given by the fast lane; then the next one would be as well. */
async function primed(client: WebClient, path: string): Promise<Answered> {
  await asked(client, path);
  await asked(client, path);
  const third = await asked(client, path);
  expect([third.status, third.fast]).toEqual([200, true]);
  return third;
}

/** A change of the users' database as another process makes it. */
function inAnotherProcess(change: (store: UserStore) => void): void {
  const store = new SqliteUserStore(web.context.base.storage.usersDb);
  try {
    store.atomically(() => change(store));
  } finally {
    store.close();
  }
}

const FIRST_PASSWORD = 'amber-Kettle-19-willow';

/** An admin whose password is the one of the admin who made the account. */
async function newAdmin(): Promise<WebClient> {
  const made = await admin.post('/api/users', { name: 'second', password: FIRST_PASSWORD, role: 'admin' });
  expect(made.status).toBe(201);
  const client = web.client();
  await client.login('second', FIRST_PASSWORD);
  return client;
}

async function anotherAdmin(): Promise<WebClient> {
  const client = await newAdmin();
  await client.changePassword(FIRST_PASSWORD, PASSWORD);
  return client;
}

const idOf = async (client: WebClient): Promise<string> =>
  String((await client.get('/api/auth/session')).at('user.userId'));

describe('the fast lane answers as Nest does', () => {
  const comparable = ({ status, text, headers }: Answered): object => {
    const { date, 'x-request-id': id, ...rest } = headers;
    expect([typeof date, id]).toEqual(['string', expect.stringMatching(/^[0-9a-f]{16}$/)]);
    return { status, text, headers: rest };
  };

  test.each([STATUS, EVENTS, '/app/', '/app/no/such/page'])('%s, 200 and 304', async (path) => {
    const first = await asked(admin, path);
    expect([first.status, first.fast]).toEqual([200, false]);
    const etag = first.headers['etag'] ?? '';
    const fast = await primed(admin, path);
    expect(comparable(fast)).toEqual(comparable(first));
    const same = await asked(admin, path, etag);
    expect([same.status, same.fast, same.text]).toEqual([304, true, '']);
    // A request that announces a body is not plain, so Nest answers.
    const usualSame = await admin.get(path, { headers: { 'If-None-Match': etag, 'Content-Length': '0' } });
    expect(comparable(same)).toEqual(comparable(usualSame));
  });

  test('a line of the log has the route and the user of each', async () => {
    await primed(admin, EVENTS);
    const userId = await idOf(admin);
    const lines = web.log.requests.filter(({ route }) => route === '/api/journal/events');
    expect(lines.map(({ status, method, userId: by }) => [status, method, by])).toEqual(
      Array.from({ length: 3 }, () => [200, 'GET', userId]),
    );
    expect(web.server.requests()).toBe(web.log.requests.length);
  });

  test('what has changed is made again at once', async () => {
    const before = await primed(admin, STATUS);
    writeStatus({ state: 'other' });
    const after = await asked(admin, STATUS, before.headers['etag']);
    expect([after.status, after.at('state'), after.fast]).toEqual([200, 'other', false]);
    const page = await primed(admin, EVENTS);
    await moveTo(web, 'idle');
    const next = await asked(admin, EVENTS, page.headers['etag']);
    expect([next.status, next.at('items.0.type')]).toEqual([200, 'BotStateChanged']);
  });

  test('what is no plain question of ours takes the usual way, and is refused there', async () => {
    await primed(admin, STATUS);
    expect((await admin.get(STATUS, { headers: { Host: 'evil.example' } })).status).toBe(421);
    expect((await admin.call('HEAD', STATUS)).text).toBe('');
    expect((await admin.post(STATUS, {})).status).toBe(405);
    expect((await admin.get(`${STATUS}?x=1`)).status).toBe(422);
  });
});

describe('who may no longer read gets nothing from the fast lane', () => {
  test('a session that was logged out in another tab', async () => {
    const { headers } = await primed(admin, STATUS);
    const tab = web.client();
    [tab.cookie, tab.csrf] = [admin.cookie, admin.csrf];
    expect((await tab.post('/api/auth/logout')).status).toBe(204);
    expect((await asked(tab, STATUS)).status).toBe(401);
    expect((await asked(admin, STATUS, headers['etag'])).status).toBe(401);
  });

  test('a session that another process ended', async () => {
    const viewer = await userOf(web, admin, 'viewer');
    const { headers } = await primed(viewer, STATUS);
    const userId = await idOf(viewer);
    await primed(viewer, STATUS);
    inAnotherProcess(({ sessions }) =>
      sessions.everyOf(userId).forEach(({ sessionRef }) => sessions.remove(sessionRef)),
    );
    const refused = await asked(viewer, STATUS, headers['etag']);
    expect([refused.status, refused.at('code')]).toEqual([401, 'NO_SESSION']);
  });

  test('a user whom another process disabled', async () => {
    const viewer = await userOf(web, admin, 'viewer');
    const userId = await idOf(viewer);
    await primed(viewer, STATUS);
    inAnotherProcess(({ users }) => users.change(userId, { disabled: true }));
    expect((await asked(viewer, STATUS)).status).toBe(401);
  });

  test('a user with another role sees what that may, and the tag of the old one is worth nothing', async () => {
    const second = await anotherAdmin();
    const whole = await primed(second, EVENTS);
    expect(whole.text).toContain('PasswordChanged');
    const userId = await idOf(second);
    inAnotherProcess(({ users }) => users.change(userId, { role: 'viewer' }));
    const part = await asked(second, EVENTS, whole.headers['etag']);
    expect(part.status).toBe(200);
    expect(part.text).not.toContain('PasswordChanged');
  });

  test('a change of role by an admin ends the session', async () => {
    const viewer = await userOf(web, admin, 'viewer');
    const userId = await idOf(viewer);
    await primed(viewer, STATUS);
    expect((await admin.put(`/api/users/${userId}/role`, { role: 'operator' })).status).toBeLessThan(300);
    expect((await asked(viewer, STATUS)).status).toBe(401);
  });

  test('one half of a session, or halves of two', async () => {
    const viewer = await userOf(web, admin, 'viewer');
    await primed(admin, STATUS);
    await primed(viewer, STATUS);
    const cookieOnly = await admin.get(STATUS, { headers: { 'X-CSRF-Token': '' } });
    expect([cookieOnly.status, cookieOnly.at('code')]).toEqual([403, 'CSRF_TOKEN_NEEDED']);
    const mixed = await admin.get(STATUS, { headers: { 'X-CSRF-Token': viewer.csrf ?? '' } });
    expect([mixed.status, mixed.at('code')]).toEqual([403, 'CSRF_TOKEN_NEEDED']);
    const stranger = web.client();
    stranger.csrf = admin.csrf;
    expect((await asked(stranger, STATUS)).status).toBe(401);
  });

  test('a user who first has to choose a password', async () => {
    await primed(admin, STATUS);
    const fresh = await newAdmin();
    for (const path of [STATUS, '/api/events/live', STATUS]) {
      // The account may be looked at: from then on the session is known.
      await idOf(fresh);
      expect((await asked(fresh, path)).at('code')).toBe('PASSWORD_CHANGE_REQUIRED');
    }
  });

  test('anybody, while the state of the bot does not serve it', async () => {
    await primed(admin, STATUS);
    jest.spyOn(web.context, 'state', 'get').mockReturnValue('registration');
    const refused = await asked(admin, STATUS);
    expect([refused.status, refused.at('code'), refused.fast]).toEqual([409, 'NO_USER_YET', false]);
  });

  test('a users database that was made again: its sessions are gone', async () => {
    await primed(admin, STATUS);
    const path = web.context.base.storage.usersDb;
    for (const end of ['', '-wal', '-shm']) renameSync(`${path}${end}`, `${path}.lost${end}`);
    new SqliteUserStore(path, { create: true }).close();
    expect((await asked(admin, STATUS)).status).toBe(401);
  });
});

test('a session that was idle for too long is refused', async () => {
  await web.stop();
  const clock = new VirtualClock(epochMs(1_400_000_000_000));
  home = temporaryHome();
  await provisionTestHome(home, {}, { clock });
  web = await startTestWeb({ home, clock, personalClock: clock });
  usual = callsOf(web);
  admin = await firstAdmin(web);
  writeStatus({ state: 'first' });
  await primed(admin, STATUS);
  clock.advanceTo(plusMs(clock.now(), 180 * MINUTE_MS));
  const idle = await asked(admin, STATUS);
  expect([idle.status, idle.at('code'), idle.fast]).toEqual([401, 'SESSION_IDLE', false]);
  await admin.login('admin', PASSWORD);
  expect((await asked(admin, STATUS)).status).toBe(200);
});
