import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SystemClock } from '../../../src/adapters/clock/system-clock.js';
import type { Ask } from '../../../src/processes/ipc/messages.js';
import { runTask } from '../../../src/processes/worker/tasks.js';
import { openInbox, resetLinkOf, type Inbox } from '../../support/inbox.js';
import { provisionTestHome, TEST_PARTS } from '../../support/provision.js';
import { twoCodes } from '../../support/authenticator.js';
import { firstAdmin, PASSWORD, startTestWeb, userOf, type TestWeb, type WebClient } from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';
import { eventually } from '../../support/eventually.js';

let web: TestWeb;
let inbox: Inbox;

beforeEach(async () => {
  inbox = await openInbox();
  const home = temporaryHome();
  const smtp = {
    SMTP_HOST: '127.0.0.1',
    SMTP_PORT: String(inbox.port),
    SMTP_FROM: 'bot@example.org',
    SMTP_SECURITY: 'none',
  };
  await provisionTestHome(home, { smtp });
  web = await startTestWeb({ home, init: { identityParts: TEST_PARTS }, answer: (ask) => workerOf(ask) });
});

afterEach(async () => {
  await web.stop();
  await inbox.close();
  removeTemporaryHomes();
});

/** Runs a task of main in this process. */
async function workerOf(ask: Ask): Promise<unknown> {
  return ask.ask === 'worker' ? runTask(web.context.init, ask.task, new SystemClock()) : undefined;
}

describe('login', () => {
  test('login sets the cookie and begins a session; logout ends it', async () => {
    const admin = await firstAdmin(web);
    const who = await admin.get('/api/auth/session');
    expect([who.status, who.at('user.name'), who.at('user.role')]).toEqual([200, 'admin', 'admin']);
    expect(who.at('csrfToken')).toBe(admin.csrf);
    const cookie = admin.cookie;
    expect((await admin.post('/api/auth/logout')).status).toBe(204);
    expect(admin.cookie).toBeUndefined();
    const stolen = web.client();
    stolen.cookie = cookie;
    expect((await stolen.get('/api/auth/session')).at('code')).toBe('NO_SESSION');
  });
});

describe('second factor', () => {
  test('a user enrols, logs in with a code or once with a recovery code, and switches it off', async () => {
    const admin = await firstAdmin(web);
    const enrolled = await admin.post('/api/auth/second-factor');
    expect([enrolled.status, enrolled.headers['cache-control']]).toEqual([201, 'no-store']);
    const secret = String(enrolled.at('secret'));
    const code = twoCodes(secret);
    const confirmed = await admin.post('/api/auth/second-factor/confirm', { code });
    expect(confirmed.status).toBe(200);
    const [first = ''] = confirmed.at('recoveryCodes') as string[];
    const client = web.client();
    expect((await client.login('admin', PASSWORD)).at('code')).toBe('SECOND_FACTOR_NEEDED');
    // each code works once
    expect((await client.login('admin', PASSWORD, code)).at('code')).toBe('BAD_SECOND_FACTOR');
    expect((await client.login('admin', PASSWORD, twoCodes(secret, 2))).status).toBe(200);
    expect((await client.login('admin', PASSWORD, first)).status).toBe(200);
    expect((await client.login('admin', PASSWORD, first)).at('code')).toBe('BAD_SECOND_FACTOR');
    const who = await admin.get('/api/auth/session');
    expect([who.at('secondFactor'), who.at('recoveryCodesLeft')]).toEqual([true, 9]);
    const [, second = ''] = confirmed.at('recoveryCodes') as string[];
    expect((await admin.post('/api/auth/second-factor/disable', { code: '000000' })).status).toBe(403);
    expect((await admin.post('/api/auth/second-factor/disable', { code: second })).status).toBe(204);
    expect((await client.login('admin', PASSWORD)).status).toBe(200);
  });

  test('an admin without a required second factor may only enrol', async () => {
    const admin = await firstAdmin(web);
    const saved = await web.context.ask({
      ask: 'worker',
      task: {
        ...{ task: 'save-settings', actor: 'system:test', reason: 'test' },
        changes: { ADMIN_SECOND_FACTOR_REQUIRED: 'true' },
      },
    });
    expect(saved).toBeDefined();
    let refused = await admin.get('/api/users');
    await eventually('the refusal', async () => {
      refused = await admin.get('/api/users');
      return refused.status !== 200;
    });
    expect([refused.status, refused.at('code')]).toEqual([403, 'SECOND_FACTOR_REQUIRED']);
    const who = await admin.get('/api/auth/session');
    expect([who.at('user.mustEnrolSecondFactor'), who.at('user.permissions')]).toEqual([true, ['account']]);
    const secret = String((await admin.post('/api/auth/second-factor')).at('secret'));
    await admin.post('/api/auth/second-factor/confirm', { code: twoCodes(secret) });
    expect((await admin.get('/api/users')).status).toBe(200);
  });

  test('an admin removes it for a user who lost it', async () => {
    const admin = await firstAdmin(web);
    const viewer = await userOf(web, admin, 'viewer');
    const secret = String((await viewer.post('/api/auth/second-factor')).at('secret'));
    await viewer.post('/api/auth/second-factor/confirm', { code: twoCodes(secret) });
    const id = String((await viewer.get('/api/auth/session')).at('user.userId'));
    expect((await admin.delete(`/api/users/${id}/second-factor`)).status).toBe(204);
    expect((await admin.delete(`/api/users/${id}/second-factor`)).at('code')).toBe('SECOND_FACTOR_OFF');
    expect((await web.client().login('viewer', PASSWORD)).status).toBe(200);
  });
});

describe('password reset by mail', () => {
  test('the link has its token after #, works once and ends every session', async () => {
    const admin = await firstAdmin(web);
    const asked = await web.client().post('/api/auth/password-reset', { email: 'A@example.org' });
    expect([asked.status, asked.text]).toEqual([202, '']);
    await eventually('the mail', () => inbox.mails.length > 0);
    const { link, token } = resetLinkOf(inbox.mails[0]) ?? { link: '', token: '' };
    expect(link).toContain(web.server.address);
    const next = 'walnut-Ferry-31-cobalt';
    const short = await web.client().post('/api/auth/password-reset/confirm', { token, password: 'short' });
    expect([short.status, short.at('errors.0.field')]).toEqual([422, 'password']);
    const confirm = { token, password: next };
    expect((await web.client().post('/api/auth/password-reset/confirm', confirm)).status).toBe(204);
    expect((await web.client().post('/api/auth/password-reset/confirm', confirm)).at('code')).toBe('BAD_RESET_TOKEN');
    expect((await admin.get('/api/auth/session')).status).toBe(401);
    expect((await web.client().login('admin', PASSWORD)).status).toBe(401);
    expect((await web.client().login('admin', next)).status).toBe(200);
    expect(JSON.stringify([web.log.requests, web.log.notes, web.log.failures])).not.toContain(token);
  });

  test('an admin sends a reset mail or sets a password', async () => {
    const admin = await firstAdmin(web);
    const viewer = await userOf(web, admin, 'viewer');
    const id = String((await viewer.get('/api/auth/session')).at('user.userId'));
    expect((await admin.post(`/api/users/${id}/password-reset`)).at('code')).toBe('NO_EMAIL');
    const made = await admin.post('/api/users', { name: 'eva', email: 'eva@example.org', password: PASSWORD });
    expect((await admin.post(`/api/users/${String(made.at('userId'))}/password-reset`)).status).toBe(202);
    const next = 'walnut-Ferry-31-cobalt';
    expect((await admin.put(`/api/users/${id}/password`, { password: next })).status).toBe(204);
    expect((await viewer.get('/api/auth/session')).status).toBe(401);
    expect((await viewer.login('viewer', next)).status).toBe(200);
  });
});

describe('sessions and users', () => {
  test('users list and end their own sessions; an admin ends those of others', async () => {
    const admin = await firstAdmin(web);
    const viewer = await userOf(web, admin, 'viewer');
    const second = web.client();
    await second.login('viewer', PASSWORD);
    expect(web.context.openSessions()).toBe(3);
    const listed = JSON.parse((await viewer.get('/api/auth/sessions')).text) as {
      sessionRef: string;
      current: boolean;
    }[];
    expect(listed.map(({ current }) => current).sort()).toEqual([false, true]);
    const other = listed.find(({ current }) => !current)?.sessionRef ?? '';
    expect((await viewer.delete(`/api/auth/sessions/${other}`)).status).toBe(204);
    expect((await second.get('/api/auth/session')).status).toBe(401);
    const id = String((await viewer.get('/api/auth/session')).at('user.userId'));
    expect((await admin.get(`/api/users/${id}/sessions`)).at('0.address')).toBe('127.0.0.1');
    expect((await admin.delete(`/api/users/${id}/sessions`)).at('ended')).toBe(1);
    expect((await viewer.get('/api/auth/session')).status).toBe(401);
    expect(web.context.openSessions()).toBe(1);
  });

  test('users are created, listed page by page, disabled and enabled', async () => {
    const admin = await firstAdmin(web);
    for (const name of ['eva', 'bob', 'carl']) {
      expect((await admin.post('/api/users', { name, password: PASSWORD })).at('role')).toBe('viewer');
    }
    const twice = await admin.post('/api/users', { name: 'BOB', password: PASSWORD });
    expect([twice.status, twice.at('code'), twice.at('errors.0.field')]).toEqual([409, 'USER_NAME_TAKEN', 'name']);
    const weak = await admin.post('/api/users', { name: 'dora', password: 'password1234' });
    expect([weak.status, weak.at('code')]).toEqual([422, 'PASSWORD_TOO_COMMON']);
    const first = await admin.get('/api/users?limit=3');
    const rest = await admin.get(`/api/users?limit=3&cursor=${String(first.at('nextCursor'))}`);
    const names = [first, rest].flatMap((page) => (page.at('items') as { name: string }[]).map(({ name }) => name));
    expect([names, rest.at('nextCursor')]).toEqual([['admin', 'bob', 'carl', 'eva'], null]);
    const bob = String(first.at('items.1.userId'));
    expect((await admin.post(`/api/users/${bob}/disable`, { reason: 'left' })).at('disabled')).toBe(true);
    expect((await web.client().login('bob', PASSWORD)).at('code')).toBe('BAD_CREDENTIALS');
    expect((await admin.post(`/api/users/${bob}/enable`, { reason: 'back' })).at('disabled')).toBe(false);
    expect((await web.client().login('bob', PASSWORD)).status).toBe(200);
    expect((await admin.get('/api/users/U-0')).at('code')).toBe('NO_SUCH_USER');
  });

  test('user actions are in the journal by opaque ids only', async () => {
    const admin = await firstAdmin(web);
    const viewer = await userOf(web, admin, 'viewer');
    await viewer.get('/api/users');
    const events = await web.context.open().journal.readAll({
      filter: { types: ['UserRegistered', 'LoginSucceeded', 'AccessDenied'] },
    });
    expect(events.map(({ type }) => type)).toEqual([
      ...['UserRegistered', 'LoginSucceeded', 'UserRegistered', 'LoginSucceeded', 'AccessDenied'],
    ]);
    expect(events.at(-1)?.data).toMatchObject({ endpoint: 'GET /api/users', code: 'ROLE' });
    expect(JSON.stringify(events)).not.toMatch(/127\.0\.0\.1|example\.org|"viewer@|plum-Orbit/);
  });

  test('a token above the role, and a page of another site with a log-in, are recorded with their user', async () => {
    const admin = await firstAdmin(web);
    const viewer = await userOf(web, admin, 'viewer');
    const userId = (await viewer.get('/api/auth/session')).at('user.userId');
    const made = await viewer.post('/api/auth/tokens', { label: 'x', role: 'viewer', days: 1 });
    const token = String(made.at('token'));
    await viewer.post('/api/auth/tokens', { label: 'x', role: 'admin', days: 1 });
    const foreign = { Origin: 'https://evil.example' };
    const tries: readonly (readonly [WebClient, Record<string, string>])[] = [
      [viewer, { ...foreign, 'X-CSRF-Token': '' }],
      [web.client('127.0.0.2'), { ...foreign, Authorization: `Bearer ${token}` }],
      [web.client('127.0.0.3'), { ...foreign, Authorization: `Bearer ${'x'.repeat(40)}` }],
      [web.client('127.0.0.4'), foreign],
    ];
    for (const [client, headers] of tries) {
      const refused = await client.post('/api/control/stop', undefined, { headers });
      expect([refused.status, refused.at('code')]).toEqual([403, 'FOREIGN_ORIGIN']);
    }
    const denied = await web.context.open().journal.readAll({ filter: { types: ['AccessDenied'] } });
    expect(denied.map(({ data }) => data)).toMatchObject([
      { endpoint: 'POST /api/auth/tokens', code: 'TOKEN_ABOVE_ROLE', userId },
      { endpoint: 'POST /api/control/stop', code: 'FOREIGN_ORIGIN', userId },
      { endpoint: 'POST /api/control/stop', code: 'FOREIGN_ORIGIN', userId },
    ]);
  });
});
