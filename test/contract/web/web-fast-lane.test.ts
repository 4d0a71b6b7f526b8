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
import { eventually } from '../../support/eventually.js';
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

/** Asks until the fast lane answers: on a busy machine a session may have to be judged again in between. */
async function primed(client: WebClient, path: string, etag?: string): Promise<Answered> {
  let found = await asked(client, path, etag);
  await eventually(`an answer of the fast lane to ${path}`, async () => {
    found = await asked(client, path, etag);
    return found.fast;
  });
  expect(found.status).toBe(etag === undefined ? 200 : 304);
  return found;
}

/** The same question in a way that only Nest answers: it announces a body. */
async function askedNest(path: string, etag?: string): Promise<Answered> {
  const before = usual.mock.calls.length;
  const tag = etag === undefined ? {} : { 'If-None-Match': etag };
  const answered = await admin.get(path, { headers: { 'Content-Length': '0', ...tag } });
  expect(usual.mock.calls.length).toBe(before + 1);
  return answered;
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
    expect((await asked(admin, path)).fast).toBe(false);
    const fast = await primed(admin, path);
    expect(comparable(fast)).toEqual(comparable(await askedNest(path)));
    const etag = fast.headers['etag'] ?? '';
    const same = await primed(admin, path, etag);
    expect(same.text).toBe('');
    expect(comparable(same)).toEqual(comparable(await askedNest(path, etag)));
  });

  test('a line of the log has the route and the user of each', async () => {
    await primed(admin, EVENTS);
    const userId = await idOf(admin);
    const lines = web.log.requests.filter(({ route }) => route === '/api/journal/events');
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.map(({ status, method, userId: by }) => [status, method, by])).toEqual(
      lines.map(() => [200, 'GET', userId]),
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
  // An open page asks on while nobody is there.
  const unattended = { headers: { 'X-Unattended': '1' } };
  for (let hour = 0; hour < 2; hour += 1) {
    expect((await admin.get(STATUS, unattended)).status).toBe(200);
    clock.advanceTo(plusMs(clock.now(), 60 * MINUTE_MS));
  }
  expect((await admin.get(STATUS, unattended)).status).toBe(401);
  await admin.login('admin', PASSWORD);
  clock.advanceTo(plusMs(clock.now(), 180 * MINUTE_MS));
  const idle = await asked(admin, STATUS);
  expect([idle.status, idle.at('code'), idle.fast]).toEqual([401, 'SESSION_IDLE', false]);
  await admin.login('admin', PASSWORD);
  expect((await asked(admin, STATUS)).status).toBe(200);
});
