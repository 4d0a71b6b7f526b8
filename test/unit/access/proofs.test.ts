import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as OTPAuth from 'otpauth';
import { secret, type Secret } from '../../../src/kernel/secret.js';
import { DAY_MS, plusMs, SECOND_MS } from '../../../src/kernel/time.js';
import type { AccessService } from '../../../src/app/access/access.js';
import { AccessBench, addUser, admittedOf, PASSWORD, request, sessionOf, withAdmin } from './support.js';

const WRONG = secret('not this one at all');
const HOME = '127.0.0.1';

let bench: AccessBench;
beforeEach(() => {
  bench = new AccessBench();
});
afterEach(() => bench.close());

const codeOf = (key: Secret, shift = 0): string =>
  OTPAuth.TOTP.generate({ secret: OTPAuth.Secret.fromBase32(key.reveal()), timestamp: bench.clock.now() + shift });

function wait(ms: number): void {
  bench.clock.advanceTo(plusMs(bench.clock.now(), ms));
}

/** Strangers on the same machine try until they are delayed. */
async function besiege(access: AccessService, name: string): Promise<void> {
  for (let n = 0; n < 60; n += 1) {
    const result = await access.login(request(name, { address: `127.0.${n}.1`, password: WRONG }));
    if (!result.ok && result.retryAfterSeconds === 30) return;
    wait(result.ok ? 0 : (result.retryAfterSeconds ?? 0) * SECOND_MS);
  }
  throw new Error('strangers were never delayed');
}

async function enrolled() {
  const access = bench.open();
  await withAdmin(access);
  const { session, device } = admittedOf(await access.login(request('root.admin')));
  const by = session.principal;
  const { secret: key } = access.secondFactor.begin(by);
  const recovery = await access.secondFactor.confirm(by, codeOf(key), HOME);
  wait(30 * SECOND_MS);
  return { access, by, key, recovery, device, session };
}

describe('a known device', () => {
  test('is let in at once while strangers guess, and only there', async () => {
    const access = bench.open();
    await withAdmin(access);
    const { device } = admittedOf(await access.login(request('root.admin', { address: HOME })));
    await besiege(access, 'root.admin');
    expect(await access.login(request('root.admin', { address: HOME }))).toMatchObject({ refusal: 'DELAYED' });
    const other = secret('A'.repeat(43));
    expect(await access.login(request('root.admin', { address: HOME, device: other }))).toMatchObject({ ok: false });
    expect(await access.login(request('root.admin', { address: HOME, device }))).toMatchObject({ ok: true });
  });

  test('is not known for another user', async () => {
    const access = bench.open();
    const { by } = await withAdmin(access);
    await addUser(access, by, 'vera', 'viewer');
    const { device } = admittedOf(await access.login(request('vera', { address: HOME })));
    await besiege(access, 'root.admin');
    expect(await access.login(request('root.admin', { address: HOME, device }))).toMatchObject({ refusal: 'DELAYED' });
  });

  test('gets a new cookie with each login; the old one is worth nothing, and other users of it stay known', async () => {
    const access = bench.open();
    const { by } = await withAdmin(access);
    await addUser(access, by, 'vera', 'viewer');
    const first = admittedOf(await access.login(request('vera', { address: HOME })));
    const second = admittedOf(await access.login(request('root.admin', { address: HOME, device: first.device })));
    await besiege(access, 'vera');
    const old = request('vera', { address: HOME, device: first.device });
    expect(await access.login(old)).toMatchObject({ refusal: 'DELAYED' });
    expect(await access.login(request('vera', { address: HOME, device: second.device }))).toMatchObject({ ok: true });
  });

  test('becomes unknown after too many wrong attempts of its own: a stolen cookie opens no side door', async () => {
    bench.settings = { ...bench.settings, attemptLimit: 4 };
    const access = bench.open();
    await withAdmin(access);
    const { device } = admittedOf(await access.login(request('root.admin', { address: HOME })));
    await besiege(access, 'root.admin');
    const attempt = (password: Secret) => access.login(request('root.admin', { address: HOME, device, password }));
    const all = await Promise.all(Array.from({ length: 9 }, () => attempt(WRONG)));
    expect(all.filter((one) => !one.ok && one.refusal === 'BAD_CREDENTIALS')).toHaveLength(4);
    expect(await attempt(secret(PASSWORD))).toMatchObject({ refusal: 'DELAYED', retryAfterSeconds: 30 });
    wait(30 * SECOND_MS);
    expect(await attempt(secret(PASSWORD))).toMatchObject({ ok: true });
  });

  const next = secret('plinth gazebo murmur 42');
  const ends: readonly (readonly [string, (access: AccessService, userId: string) => Promise<unknown>])[] = [
    ['a password by an admin', (access, userId) => access.users.setPassword(admin(access), userId, next)],
    ['the end of all sessions', (access, userId) => access.sessions.revokeAll(admin(access), userId)],
  ];
  const admin = (access: AccessService) => {
    const [found] = access.users.list().filter(({ role }) => role === 'admin');
    if (found === undefined) throw new Error('there is no admin');
    const { userId, name } = found;
    const actor = `user:${userId}` as const;
    return {
      kind: 'session',
      userId,
      name,
      role: 'admin',
      ownRole: 'admin',
      ref: 'S-x',
      mustEnrolSecondFactor: false,
      mustChangePassword: false,
      actor,
    } as const;
  };

  test.each(ends)('is forgotten with %s', async (_what, end) => {
    bench.settings = { ...bench.settings, attemptLimit: 1 };
    const access = bench.open();
    const { by } = await withAdmin(access);
    const vera = await addUser(access, by, 'vera', 'viewer');
    const { device } = admittedOf(await access.login(request('vera')));
    await end(access, vera);
    await access.login(request('vera', { password: WRONG }));
    for (const password of [secret(PASSWORD), next])
      expect(await access.login(request('vera', { device, password }))).toMatchObject({ refusal: 'DELAYED' });
  });

  test('is forgotten after 180 days without a login, and at the end of the other sessions only elsewhere', async () => {
    bench.settings = { ...bench.settings, attemptLimit: 1 };
    const access = bench.open();
    await withAdmin(access);
    const here = admittedOf(await access.login(request('root.admin')));
    const there = admittedOf(await access.login(request('root.admin')));
    const me = here.session.principal;
    await access.sessions.revokeAll(me, me.userId, me.ref, here.device);
    await access.login(request('root.admin', { password: WRONG }));
    expect(await access.login(request('root.admin', { device: there.device }))).toMatchObject({ refusal: 'DELAYED' });
    const { device } = admittedOf(await access.login(request('root.admin', { device: here.device })));
    wait(180 * DAY_MS);
    await access.login(request('root.admin', { password: WRONG }));
    expect(await access.login(request('root.admin', { device }))).toMatchObject({ refusal: 'DELAYED' });
  });
});

describe('a second factor', () => {
  test('is not guessed away in a stolen session: each wrong code counts, is recorded, and too many end it', async () => {
    const { access, by, key, session } = await enrolled();
    for (let n = 0; n < 10; n += 1)
      await expect(access.secondFactor.disable(by, String(n).padStart(6, '0'), HOME)).rejects.toMatchObject({
        code: 'BAD_SECOND_FACTOR',
      });
    await expect(access.secondFactor.disable(by, codeOf(key), HOME)).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    expect(await access.sessions.authenticate(session.sessionId)).toMatchObject({ ok: false });
    expect((await bench.types()).filter((type) => type === 'LoginFailed')).toHaveLength(10);
    expect((await bench.types()).filter((type) => type === 'SecondFactorChanged')).toHaveLength(1);
  });

  test.each(['enrolment', 'fresh proof'])('wrong codes of an %s count in the same session', async (what) => {
    bench.settings = { ...bench.settings, attemptLimit: 3 };
    const access = bench.open();
    const { session, by } = await withAdmin(access);
    const { secret: key } = access.secondFactor.begin(by);
    if (what === 'fresh proof') {
      await access.secondFactor.confirm(by, codeOf(key), HOME);
      wait(30 * SECOND_MS);
    }
    const wrong = (): Promise<unknown> =>
      what === 'enrolment'
        ? access.secondFactor.confirm(by, '000000', HOME)
        : access.proofs.prove(by, { password: secret(PASSWORD), code: '000000', address: HOME });
    for (let n = 0; n < 3; n += 1) await expect(wrong()).rejects.toMatchObject({ code: 'BAD_SECOND_FACTOR' });
    await expect(wrong()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    expect(await access.sessions.authenticate(session.sessionId)).toMatchObject({ ok: false });
  });

  test('a fresh proof needs the password and the code; right ones clear what was wrong before', async () => {
    bench.settings = { ...bench.settings, attemptLimit: 2 };
    const { access, by, key } = await enrolled();
    const again = (password: Secret, code: string | null) => access.proofs.prove(by, { password, code, address: HOME });
    for (let n = 0; n < 3; n += 1) {
      await expect(again(WRONG, codeOf(key))).rejects.toMatchObject({ code: 'WRONG_PASSWORD' });
      await expect(again(secret(PASSWORD), null)).rejects.toMatchObject({ code: 'SECOND_FACTOR_NEEDED' });
      await again(secret(PASSWORD), codeOf(key));
      wait(30 * SECOND_MS);
    }
  });

  test('after too many wrong codes a new device needs two, and a known one needs one', async () => {
    bench.settings = { ...bench.settings, attemptLimit: 3 };
    const { access, by, key, device } = await enrolled();
    const stranger = (code: string) => access.login(request('root.admin', { address: HOME, code }));
    for (let n = 0; n < 3; n += 1) {
      expect(await stranger('000000')).toMatchObject({ refusal: 'BAD_SECOND_FACTOR' });
      wait(30 * SECOND_MS);
    }
    const single = codeOf(key);
    expect(await stranger(single)).toMatchObject({ refusal: 'TWO_CODES_NEEDED' });
    expect(await access.login(request('root.admin', { address: HOME, code: single, device }))).toMatchObject({
      ok: true,
    });
    wait(30 * SECOND_MS);
    expect(await stranger(codeOf(key) + codeOf(key, 30_000))).toMatchObject({ ok: true });
    wait(60 * SECOND_MS);
    expect(await stranger(codeOf(key))).toMatchObject({ refusal: 'TWO_CODES_NEEDED' });
    await access.users.unlock(by, by.userId, 'it was the user');
    expect(await stranger(codeOf(key))).toMatchObject({ ok: true });
  });

  test('of parallel confirmations one gets recovery codes, which are valid', async () => {
    const access = bench.open();
    const { by } = await withAdmin(access);
    const { secret: key } = access.secondFactor.begin(by);
    const all = await Promise.allSettled(
      Array.from({ length: 9 }, () => access.secondFactor.confirm(by, codeOf(key), HOME)),
    );
    const confirmed = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(confirmed).toHaveLength(1);
    expect(access.secondFactor.recoveryCodesLeft(by.userId)).toBe(10);
    for (const code of confirmed[0] ?? []) {
      expect(code.reveal()).toMatch(/^(?:[a-hj-km-np-z2-9]{5}-){4}[a-hj-km-np-z2-9]{5}$/);
      expect(await access.login(request('root.admin', { code: code.reveal() }))).toMatchObject({ ok: true });
    }
  });

  test('no other enrolment begins while a confirmed one is being stored', async () => {
    const access = bench.open();
    const { by } = await withAdmin(access);
    const { secret: key } = access.secondFactor.begin(by);
    const store = bench.secondFactors.set.bind(bench.secondFactors);
    const refused: unknown[] = [];
    bench.secondFactors.set = async (userId, value) => {
      try {
        access.secondFactor.begin(by);
      } catch (error) {
        refused.push(error);
      }
      await store(userId, value);
    };
    await access.secondFactor.confirm(by, codeOf(key), HOME);
    expect(refused).toMatchObject([{ code: 'SECOND_FACTOR_ON' }]);
  });

  test('a recovery code of four groups, as version 0.2.0 made them, stays valid', async () => {
    const { access, by } = await enrolled();
    const { store } = bench.parts();
    const { recoveryCodeHash } = await import('../../../src/app/access/secret-hashes.js');
    store.atomically(() => store.users.setRecoveryCodes(by.userId, [recoveryCodeHash('abcde-fghjk-mnpqr-stuvw')]));
    store.close();
    expect(await access.login(request('root.admin', { code: 'ABCDE-fghjk-mnpqr-stuvw' }))).toMatchObject({ ok: true });
  });
});

test('a reset token that is wrong is recorded, and never hinders the right one', async () => {
  const access = bench.open();
  await withAdmin(access);
  for (let n = 0; n < 30; n += 1)
    await expect(
      access.passwordResets.confirm(secret(`wrong ${n}`), secret('plinth gazebo murmur 42'), HOME),
    ).rejects.toMatchObject({ code: 'BAD_RESET_TOKEN' });
  expect((await bench.types()).filter((type) => type === 'LoginFailed')).toHaveLength(3);
  expect(sessionOf(await access.login(request('root.admin', { address: HOME })))).toBeDefined();
});
