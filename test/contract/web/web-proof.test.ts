import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as OTPAuth from 'otpauth';
import { SystemClock } from '../../../src/adapters/clock/system-clock.js';
import { epochMs, MINUTE_MS } from '../../../src/kernel/time.js';
import type { Ask } from '../../../src/processes/ipc/messages.js';
import { runTask } from '../../../src/processes/worker/tasks.js';
import { provisionTestHome, TEST_PARTS } from '../../support/provision.js';
import { firstAdmin, PASSWORD, startTestWeb, type TestWeb, type WebClient } from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';

const TOKEN = { label: 'export', role: 'viewer', days: 1 };

let web: TestWeb;
let admin: WebClient;
/** Ahead of the time at which the admin logged in. */
let laterMs = 0;

beforeEach(async () => {
  laterMs = 0;
  const home = temporaryHome();
  await provisionTestHome(home);
  web = await startTestWeb({
    ...{ home, init: { identityParts: TEST_PARTS }, answer: (ask) => workerOf(ask) },
    personalClock: { now: () => epochMs(Date.now() + laterMs) },
  });
  admin = await firstAdmin(web);
});

afterEach(async () => {
  await web.stop();
  removeTemporaryHomes();
});

/** Runs a task of main in this process. */
async function workerOf(ask: Ask): Promise<unknown> {
  return ask.ask === 'worker' ? runTask(web.context.init, ask.task, new SystemClock()) : undefined;
}

function codeOf(secret: string): string {
  const totp = new OTPAuth.TOTP({ secret: OTPAuth.Secret.fromBase32(secret), digits: 6, period: 30 });
  return totp.generate({ timestamp: Date.now() + laterMs });
}

/** The admin turns a second factor on; returns its secret and the recovery codes. */
async function enrol(): Promise<{ readonly secret: string; readonly recovery: readonly string[] }> {
  const secret = String((await admin.post('/api/auth/second-factor')).at('secret'));
  const confirmed = await admin.post('/api/auth/second-factor/confirm', { code: codeOf(secret) });
  return { secret, recovery: confirmed.at('recoveryCodes') as string[] };
}

const issue = async (client: WebClient): Promise<string> => {
  const answered = await client.post('/api/auth/tokens', TOKEN);
  const code = answered.at('code');
  return typeof code === 'string' ? `${answered.status} ${code}` : String(answered.status);
};

describe('the fresh proof (SEC-13)', () => {
  test('a log-in is a proof for ten minutes, by the clock of people', async () => {
    laterMs = 10 * MINUTE_MS - 20_000;
    expect(await issue(admin)).toBe('201');
    laterMs = 10 * MINUTE_MS + 1_000;
    const refused = await admin.post('/api/auth/tokens', TOKEN);
    expect([refused.status, refused.at('code')]).toEqual([403, 'FRESH_PROOF_NEEDED']);
    expect(refused.at('remedy')).toMatch(/Enter your password/);
  });

  test('a clock that was ahead at the log-in gives no longer proof', async () => {
    laterMs = 24 * 60 * MINUTE_MS;
    await admin.login('admin', PASSWORD);
    laterMs = 0;
    expect(await issue(admin)).toBe('403 FRESH_PROOF_NEEDED');
  });

  test('the password proves it again, in this session only', async () => {
    const other = web.client();
    await other.login('admin', PASSWORD);
    laterMs = 11 * MINUTE_MS;
    const wrong = await admin.post('/api/auth/proof', { current: 'not the password' });
    expect([wrong.status, wrong.at('code'), wrong.at('errors.0.field')]).toEqual([403, 'WRONG_PASSWORD', 'current']);
    expect(await issue(admin)).toBe('403 FRESH_PROOF_NEEDED');
    expect((await admin.post('/api/auth/proof', { current: PASSWORD })).status).toBe(204);
    expect(await issue(admin)).toBe('201');
    expect(await issue(other)).toBe('403 FRESH_PROOF_NEEDED');
  });

  test('wrong proofs are counted and journaled; too many end the session, and the user logs in again', async () => {
    for (let n = 0; n < 10; n += 1) {
      const wrong = await admin.post('/api/auth/proof', { current: `wrong password ${n}` });
      expect([wrong.status, wrong.at('code')]).toEqual([403, 'WRONG_PASSWORD']);
    }
    const ended = await admin.post('/api/auth/proof', { current: PASSWORD });
    expect([ended.status, ended.at('code')]).toEqual([401, 'NO_SESSION']);
    const events = await web.context.open().journal.readAll({ filter: { types: ['LoginFailed', 'SessionEnded'] } });
    expect(events.map(({ type }) => type)).toEqual([...Array<string>(10).fill('LoginFailed'), 'SessionEnded']);
    expect((await admin.login('admin', PASSWORD)).status).toBe(200);
  });

  test('a second factor is a part of the proof once it is on', async () => {
    const { recovery } = await enrol();
    // its first code was just proven
    expect(await issue(admin)).toBe('201');
    laterMs = 11 * MINUTE_MS;
    const bare = await admin.post('/api/auth/proof', { current: PASSWORD });
    expect([bare.status, bare.at('code')]).toEqual([403, 'SECOND_FACTOR_NEEDED']);
    const wrong = await admin.post('/api/auth/proof', { current: PASSWORD, code: '000000' });
    expect([wrong.status, wrong.at('code')]).toEqual([403, 'BAD_SECOND_FACTOR']);
    expect((await admin.post('/api/auth/proof', { current: PASSWORD, code: recovery[0] })).status).toBe(204);
    expect(await issue(admin)).toBe('201');
    expect((await admin.post('/api/auth/second-factor/disable', {})).status).toBe(204);
  });

  test('a session of before the second factor proves its code first', async () => {
    const other = web.client();
    await other.login('admin', PASSWORD);
    await enrol();
    expect(await issue(other)).toBe('403 FRESH_PROOF_NEEDED');
  });

  test('the password is not changed with the old one alone where a second factor is in use', async () => {
    await enrol();
    laterMs = 11 * MINUTE_MS;
    const change = { current: PASSWORD, password: 'walnut-Ferry-31-cobalt' };
    expect((await admin.post('/api/auth/password', change)).at('code')).toBe('FRESH_PROOF_NEEDED');
  });

  test('a restarted web process asks for the proof again', async () => {
    expect(await issue(admin)).toBe('201');
    const restarted = await startTestWeb({
      home: web.context.init.home,
      web: { port: 0 },
      answer: () => ({}),
    });
    const client = restarted.client();
    const [, value = ''] = (admin.cookie ?? '').split('=');
    client.cookie = `${restarted.server.cookieName}=${value}`;
    client.csrf = admin.csrf;
    expect(await issue(client)).toBe('403 FRESH_PROOF_NEEDED');
    await restarted.stop();
  });
});
