import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as OTPAuth from 'otpauth';
import { may } from '../../../src/app/access/principal.js';
import { networkError } from '../../../src/kernel/errors.js';
import { secret, type Secret } from '../../../src/kernel/secret.js';
import { DAY_MS, MINUTE_MS, SECOND_MS, plusMs } from '../../../src/kernel/time.js';
import { AccessBench, addUser, request, sessionOf, withAdmin, withOwnPassword } from './support.js';

let bench: AccessBench;
beforeEach(() => {
  bench = new AccessBench();
});
afterEach(() => bench.close());

function pass(ms: number): void {
  bench.clock.advanceTo(plusMs(bench.clock.now(), ms));
}

describe('personal tokens (SEC-14)', () => {
  test('they act with their role, are shown once, and end by time or revocation', async () => {
    const access = bench.open();
    const { by } = await withAdmin(access);
    const { token, view } = await access.tokens.issue(by, { label: 'cron', role: 'operator', days: 30 });
    const found = await access.tokens.authenticate(token, '192.0.2.7');
    expect(found).toMatchObject({ ok: true, principal: { kind: 'token', role: 'operator', ref: view.tokenId } });
    if (!found.ok) return;
    expect(['control', 'read', 'settings', 'account'].map((p) => may(found.principal, p as 'read'))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(JSON.stringify(access.tokens.list(by.userId))).not.toContain(token.reveal());
    await access.tokens.authenticate(token, '192.0.2.7');
    await access.tokens.revoke(by, by.userId, view.tokenId);
    expect(await access.tokens.authenticate(token, '192.0.2.7')).toEqual({ ok: false, refusal: 'BAD_TOKEN' });
    await expect(access.tokens.revoke(by, by.userId, view.tokenId)).rejects.toMatchObject({ code: 'NO_SUCH_TOKEN' });
    const uses = (await bench.events()).filter(
      (event) => event.type === 'LoginSucceeded' && event.data.method === 'token',
    );
    expect(uses).toHaveLength(1);
    const short = await access.tokens.issue(by, { label: 'short', role: 'viewer', days: 1 });
    pass(DAY_MS);
    expect(await access.tokens.authenticate(short.token, '192.0.2.7')).toEqual({ ok: false, refusal: 'TOKEN_EXPIRED' });
  });

  test('they never exceed their user, when issued and after the user is demoted or disabled', async () => {
    const access = bench.open();
    const { by } = await withAdmin(access);
    const olga = await addUser(access, by, 'olga', 'operator');
    const own = await withOwnPassword(access, 'olga');
    for (const role of ['admin', 'accountant'] as const) {
      await expect(access.tokens.issue(own, { label: 'x', role, days: 1 })).rejects.toMatchObject({
        code: 'TOKEN_ABOVE_ROLE',
      });
    }
    const { token } = await access.tokens.issue(own, { label: 'x', role: 'operator', days: 1 });
    await access.users.changeRole(by, olga, 'viewer');
    expect(await access.tokens.authenticate(token, 'a')).toMatchObject({ ok: false });
    for (const days of [0, 366, 1.5, Number.NaN]) {
      await expect(access.tokens.issue(by, { label: 'x', role: 'viewer', days })).rejects.toMatchObject({
        code: 'BAD_TOKEN_LIFE',
      });
    }
    await expect(
      access.tokens.issue(by, { label: 'abc\u202egnp.exe\u0000', role: 'viewer', days: 1 }),
    ).rejects.toMatchObject({ code: 'TEXT_NOT_PLAIN', details: { field: 'label' } });
    await expect(access.tokens.issue(by, { label: ' ', role: 'viewer', days: 1 })).rejects.toMatchObject({
      code: 'BAD_TOKEN_LABEL',
    });
  });

  test('without the journal one can be used for the first time, and none is issued', async () => {
    const access = bench.open();
    const { by } = await withAdmin(access);
    const { token } = await access.tokens.issue(by, { label: 'x', role: 'viewer', days: 1 });
    bench.journalDown = true;
    expect(await access.tokens.authenticate(token, 'a')).toMatchObject({ ok: true });
    await expect(access.tokens.issue(by, { label: 'y', role: 'viewer', days: 1 })).rejects.toMatchObject({
      code: 'ACCESS_NOT_JOURNALED',
    });
    expect(access.tokens.list(by.userId)).toHaveLength(1);
    bench.journalDown = false;
    await access.reconcile();
    expect(access.tokens.list(by.userId)).toHaveLength(1);
    expect((await bench.types()).slice(-3)).toEqual(['LoginSucceeded', 'TokenIssued', 'TokenRevoked']);
  });

  test('guesses are recorded in a budget, and never hinder the right token', async () => {
    const access = bench.open();
    const { by } = await withAdmin(access);
    const { token } = await access.tokens.issue(by, { label: 'x', role: 'viewer', days: 1 });
    for (let n = 0; n < 25; n += 1) {
      expect(await access.tokens.authenticate(secret(`tbp_guess${n}`), 'a')).toEqual({
        ok: false,
        refusal: 'BAD_TOKEN',
      });
    }
    expect(await access.tokens.authenticate(token, 'a')).toMatchObject({ ok: true });
    expect((await bench.types()).filter((type) => type === 'LoginFailed')).toHaveLength(3);
  });
});

describe('second factor (SEC-11)', () => {
  const codeOf = (key: Secret, shift = 0): string =>
    OTPAuth.TOTP.generate({ secret: OTPAuth.Secret.fromBase32(key.reveal()), timestamp: bench.clock.now() + shift });

  async function enrolled() {
    const access = bench.open();
    const { by } = await withAdmin(access);
    const { secret: key, uri } = access.secondFactor.begin(by);
    const recovery = await access.secondFactor.confirm(by, codeOf(key), '192.0.2.7');
    pass(30 * SECOND_MS);
    return { access, by, key, uri, recovery };
  }

  test('it is required after the password, and a code works once, within its 30 seconds', async () => {
    const { access, key, uri } = await enrolled();
    expect(uri.reveal()).toMatch(/^otpauth:\/\/totp\/TradeBot:root\.admin\?/);
    expect(await access.login(request('root.admin'))).toMatchObject({ refusal: 'SECOND_FACTOR_NEEDED' });
    const code = codeOf(key);
    for (const wrong of ['000000', codeOf(key, -30_000), codeOf(key, 30_000)]) {
      expect(await access.login(request('root.admin', { code: wrong }))).toMatchObject({
        refusal: 'BAD_SECOND_FACTOR',
      });
    }
    const session = sessionOf(await access.login(request('root.admin', { code })));
    expect(access.sessions.list(session.principal.userId)[0]).toMatchObject({ method: 'password+totp' });
    expect(await access.login(request('root.admin', { code }))).toMatchObject({ refusal: 'BAD_SECOND_FACTOR' });
    pass(30 * SECOND_MS);
    expect(await access.login(request('root.admin', { code }))).toMatchObject({ refusal: 'BAD_SECOND_FACTOR' });
    expect(await access.login(request('root.admin', { code: codeOf(key) }))).toMatchObject({ ok: true });
  });

  test.each([-10, -1, 0, 9])('two codes that follow each other are right %i steps away, once', async (steps) => {
    const { access, key } = await enrolled();
    pass(10 * MINUTE_MS);
    const code = `${codeOf(key, steps * 30_000)} ${codeOf(key, (steps + 1) * 30_000)}`;
    expect(await access.login(request('root.admin', { code }))).toMatchObject({ ok: true });
    expect(await access.login(request('root.admin', { code }))).toMatchObject({ refusal: 'BAD_SECOND_FACTOR' });
  });

  test.each([
    ['too far away', -11, 1],
    ['that do not follow each other', 0, 2],
    ['in the wrong order', 1, -1],
  ])('two codes %s are wrong', async (_what, first, apart) => {
    const { access, key } = await enrolled();
    pass(10 * MINUTE_MS);
    const code = codeOf(key, first * 30_000) + codeOf(key, (first + apart) * 30_000);
    expect(await access.login(request('root.admin', { code }))).toMatchObject({ refusal: 'BAD_SECOND_FACTOR' });
  });

  test('the right password does not reset the count, so codes are guessed no faster than passwords', async () => {
    bench.settings = { ...bench.settings, attemptLimit: 1 };
    const { access } = await enrolled();
    expect(await access.login(request('root.admin', { code: '000000' }))).toMatchObject({
      refusal: 'BAD_SECOND_FACTOR',
    });
    expect(await access.login(request('root.admin'))).toMatchObject({ refusal: 'DELAYED', retryAfterSeconds: 30 });
    pass(30 * SECOND_MS);
    expect(await access.login(request('root.admin'))).toMatchObject({ refusal: 'SECOND_FACTOR_NEEDED' });
    expect(await access.login(request('root.admin', { code: '000000-' }))).toMatchObject({
      refusal: 'BAD_SECOND_FACTOR',
    });
    expect(await access.login(request('root.admin'))).toMatchObject({ refusal: 'DELAYED' });
  });

  test('each recovery code works once instead of the app', async () => {
    const { access, by, recovery } = await enrolled();
    expect(recovery).toHaveLength(10);
    expect(new Set(recovery.map((code) => code.reveal())).size).toBe(10);
    const [first = secret('')] = recovery;
    const code = ` ${first.reveal().toUpperCase()}`;
    expect(await access.login(request('root.admin', { code }))).toMatchObject({ ok: true });
    expect(await access.login(request('root.admin', { code }))).toMatchObject({ refusal: 'BAD_SECOND_FACTOR' });
    expect(access.secondFactor.recoveryCodesLeft(by.userId)).toBe(9);
  });

  test('a code used by two logins at once works for one', async () => {
    const { access, key } = await enrolled();
    const code = codeOf(key);
    const both = await Promise.all([
      access.login(request('root.admin', { code })),
      bench.open().login(request('root.admin', { code })),
    ]);
    expect(both.map((result) => result.ok).sort()).toEqual([false, true]);
  });

  test('it is switched off with a code or by an admin, and its secret is removed', async () => {
    const { access, by, key } = await enrolled();
    expect(() => access.secondFactor.begin(by)).toThrow(expect.objectContaining({ code: 'SECOND_FACTOR_ON' }));
    await expect(access.secondFactor.disable(by, '123456', '192.0.2.7')).rejects.toMatchObject({
      code: 'BAD_SECOND_FACTOR',
    });
    await access.secondFactor.disable(by, codeOf(key), '192.0.2.7');
    expect(bench.secondFactors.get(by.userId)).toBeUndefined();
    expect(await access.login(request('root.admin'))).toMatchObject({ ok: true });
    await expect(access.secondFactor.remove(by, by.userId)).rejects.toMatchObject({ code: 'SECOND_FACTOR_OFF' });
    const again = access.secondFactor.begin(by);
    pass(60 * SECOND_MS);
    await access.secondFactor.confirm(by, codeOf(again.secret), '192.0.2.7');
    await access.secondFactor.remove(by, by.userId);
    const changes = (await bench.events()).filter((event) => event.type === 'SecondFactorChanged');
    expect(changes.map((event) => event.data.enabled)).toEqual([true, false, true, false]);
  });

  test('it is switched off although the vault fails to remove the secret', async () => {
    const { access, by, key } = await enrolled();
    bench.secondFactors.set = async () => {
      throw networkError('retry', { code: 'WORKER_DOWN', message: 'no', remedy: 'wait' });
    };
    await access.secondFactor.disable(by, codeOf(key), '192.0.2.7');
    expect(await access.login(request('root.admin'))).toMatchObject({ ok: true });
    const again = access.secondFactor.begin(by);
    await expect(access.secondFactor.confirm(by, codeOf(again.secret), '192.0.2.7')).rejects.toMatchObject({
      code: 'WORKER_DOWN',
    });
    expect(await access.login(request('root.admin'))).toMatchObject({ ok: true });
  });

  test('an enrolment needs its first code within ten minutes; a wrong code enrols nothing', async () => {
    const access = bench.open();
    const { by } = await withAdmin(access);
    await expect(access.secondFactor.confirm(by, '123456', '192.0.2.7')).rejects.toMatchObject({
      code: 'NO_ENROLMENT',
    });
    const { secret: key } = access.secondFactor.begin(by);
    await expect(access.secondFactor.confirm(by, codeOf(key, -120_000), '192.0.2.7')).rejects.toMatchObject({
      code: 'BAD_SECOND_FACTOR',
    });
    pass(10 * MINUTE_MS);
    await expect(access.secondFactor.confirm(by, codeOf(key), '192.0.2.7')).rejects.toMatchObject({
      code: 'NO_ENROLMENT',
    });
    expect(bench.secondFactors.get(by.userId)).toBeUndefined();
    expect(await access.login(request('root.admin'))).toMatchObject({ ok: true });
  });
});

describe('password reset by mail', () => {
  const next = secret('plinth gazebo murmur 42');
  const tokenOf = (text: Secret): Secret => secret(/#token=(\S+)/.exec(text.reveal())?.[1] ?? '');

  async function asked() {
    const access = bench.open();
    const { session, by } = await withAdmin(access);
    await access.passwordResets.request('ROOT@example.org ', '192.0.2.7');
    await access.passwordResets.settled();
    const [mail] = bench.mails;
    return { access, session, by, token: tokenOf(mail?.text ?? secret('')) };
  }

  test('the link works once, ends every session and unlocks the account', async () => {
    const { access, session, token } = await asked();
    expect(bench.mails.map((mail) => mail.to)).toEqual(['root@example.org']);
    await expect(access.passwordResets.confirm(token, secret('short'), '192.0.2.7')).rejects.toMatchObject({
      code: 'PASSWORD_TOO_SHORT',
    });
    await access.passwordResets.confirm(token, next, '192.0.2.7');
    expect(await access.sessions.authenticate(session.sessionId)).toMatchObject({ ok: false });
    expect(await access.login(request('root.admin', { password: next }))).toMatchObject({ ok: true });
    await expect(access.passwordResets.confirm(token, next, '192.0.2.7')).rejects.toMatchObject({
      code: 'BAD_RESET_TOKEN',
    });
    expect(JSON.stringify(await bench.events())).not.toContain(token.reveal());
  });

  test('of two concurrent uses one sets the password', async () => {
    const { access, token } = await asked();
    const both = await Promise.allSettled([
      access.passwordResets.confirm(token, next, '192.0.2.7'),
      bench.open().passwordResets.confirm(token, secret('another quite long one'), '192.0.2.7'),
    ]);
    expect(both.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('it expires after half an hour and when another is requested', async () => {
    const { token } = await asked();
    const later = { take: async () => ({ waitSeconds: 0, firstOver: false }), giveBack: async () => undefined };
    const access = bench.open({ throttle: later });
    await access.passwordResets.request('root@example.org', '192.0.2.7');
    await expect(access.passwordResets.confirm(token, next, '192.0.2.7')).rejects.toMatchObject({
      code: 'BAD_RESET_TOKEN',
    });
    await access.passwordResets.settled();
    const second = tokenOf(bench.mails[1]?.text ?? secret(''));
    pass(30 * MINUTE_MS);
    await expect(access.passwordResets.confirm(second, next, '192.0.2.7')).rejects.toMatchObject({
      code: 'BAD_RESET_TOKEN',
    });
  });

  test('an unknown address gets the same response and no mail', async () => {
    const { access } = await asked();
    await access.passwordResets.request('nobody@example.org', '192.0.2.7');
    await access.passwordResets.settled();
    expect(bench.mails).toHaveLength(1);
    expect((await bench.events()).at(-1)).toMatchObject({
      type: 'AccessDenied',
      data: { code: 'UNKNOWN_EMAIL', userId: null },
    });
  });

  test('a failed mail is reported to the operator, not to the requester; without a mail server requests are refused', async () => {
    const access = bench.open();
    await withAdmin(access);
    bench.mailer.send = async () => {
      throw networkError('retry', { code: 'MAIL_NOT_SENT', message: 'no', remedy: 'wait' });
    };
    await access.passwordResets.request('root@example.org', '192.0.2.7');
    await access.passwordResets.settled();
    expect(bench.mailFaults).toHaveLength(1);
    bench.mailer.isConfigured = false;
    await expect(access.passwordResets.request('root@example.org', '192.0.2.7')).rejects.toMatchObject({
      code: 'MAIL_NOT_CONFIGURED',
    });
  });

  test('requests of strangers neither end the link of the user nor stop the next one', async () => {
    const access = bench.open();
    await withAdmin(access);
    for (let n = 0; n < 12; n += 1) await access.passwordResets.request('root@example.org', '127.0.0.1');
    for (let n = 0; n < 12; n += 1) await access.passwordResets.request(`nobody${n}@example.org`, '127.0.0.1');
    await access.passwordResets.settled();
    expect(bench.mails).toHaveLength(1);
    await access.passwordResets.confirm(tokenOf(bench.mails[0]?.text ?? secret('')), next, '127.0.0.1');
    const types = await bench.types();
    expect(types.filter((type) => type === 'PasswordResetRequested')).toHaveLength(1);
    expect(types.filter((type) => type === 'AccessDenied')).toHaveLength(3);
  });
});

test('a refusal by a guard is in the journal with user and address, in a budget of each user and one of strangers', async () => {
  const access = bench.open();
  const { by } = await withAdmin(access);
  for (let n = 0; n < 40; n += 1)
    await access.denied(n === 0 ? by : null, { address: '192.0.2.7', endpoint: 'POST /api/users', code: 'CSRF' });
  const denied = (await bench.events()).filter((event) => event.type === 'AccessDenied');
  expect(denied).toHaveLength(4);
  expect(denied[0]?.data).toMatchObject({ userId: by.userId, endpoint: 'POST /api/users', code: 'CSRF' });
  expect(denied[1]?.stream).toBe('access');
});
