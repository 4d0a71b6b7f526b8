import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BcryptPasswords } from '../../../src/adapters/passwords/bcrypt-passwords.js';
import { secret } from '../../../src/kernel/secret.js';
import { MINUTE_MS, plusMs } from '../../../src/kernel/time.js';
import { AccessBench, addUser, newUser, request, sessionOf, withAdmin } from './support.js';

let bench: AccessBench;
beforeEach(() => {
  bench = new AccessBench();
});
afterEach(() => bench.close());

describe('login', () => {
  test('the first account is an admin and gets a session cookie', async () => {
    const access = bench.open();
    const { session, by } = await withAdmin(access);
    const found = await access.sessions.authenticate(session.sessionId);
    expect(found).toMatchObject({ ok: true, principal: { name: 'root.admin', role: 'admin', kind: 'session' } });
    expect(by.ref).toBe(session.sessionRef);
    expect(await bench.types()).toEqual(['UserRegistered', 'LoginSucceeded']);
    const text = JSON.stringify(await bench.events());
    for (const personal of ['root.admin', 'example.org', '192.0.2.7', session.sessionId.reveal()]) {
      expect(text).not.toContain(personal);
    }
  });
  test('unknown name, wrong password and disabled account get the same response, and each is in the journal', async () => {
    const access = bench.open();
    const { by } = await withAdmin(access);
    const userId = await addUser(access, by, 'vera', 'viewer');
    await access.users.disable(by, userId, 'left');
    const answers = [
      await access.login(request('nobody')),
      await access.login(request('root.admin', { password: secret('wrong wrong wrong') })),
      await access.login(request('vera')),
    ];
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toEqual({ ok: false, refusal: 'BAD_CREDENTIALS', retryAfterSeconds: null });
    const failed = (await bench.events()).filter((event) => event.type === 'LoginFailed');
    expect(failed.map((event) => event.data.code)).toEqual(['BAD_CREDENTIALS', 'BAD_CREDENTIALS', 'USER_DISABLED']);
    expect(failed[0]?.stream).toBe('access');
    expect(failed[2]?.stream).toBe(`user-${userId}`);
  });

  test('a name is locked after the limit, for the right password and after a restart too; then counting restarts', async () => {
    bench.settings = { ...bench.settings, attemptLimit: 3 };
    let access = bench.open();
    await access.users.registerFirst(newUser('anna'));
    for (let n = 0; n < 3; n += 1) {
      expect(await access.login(request('anna', { password: secret('not this one at all') }))).toMatchObject({
        refusal: 'BAD_CREDENTIALS',
      });
    }
    access = bench.open();
    expect(await access.login(request('ANNA '))).toEqual({ ok: false, refusal: 'LOCKED', retryAfterSeconds: 900 });
    bench.clock.advanceTo(plusMs(bench.clock.now(), 15 * MINUTE_MS));
    expect(await access.login(request('anna'))).toMatchObject({ ok: true });
    expect((await bench.types()).filter((type) => type === 'UserLocked')).toHaveLength(1);
  });

  test('an unknown name is locked in the same way', async () => {
    bench.settings = { ...bench.settings, attemptLimit: 2 };
    const access = bench.open();
    await access.login(request('ghost'));
    await access.login(request('ghost'));
    expect(await access.login(request('ghost'))).toMatchObject({ refusal: 'LOCKED' });
    expect(await bench.types()).toEqual(['LoginFailed', 'LoginFailed', 'LoginFailed']);
  });

  test('of many concurrent attempts no more than the limit check the password', async () => {
    bench.settings = { ...bench.settings, attemptLimit: 4 };
    const access = bench.open();
    await access.users.registerFirst(newUser('anna'));
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        access.login(request('anna', { password: secret(`guess number ${n} of many`) })),
      ),
    );
    const refusals = answers.map((answer) => (answer.ok ? 'in' : answer.refusal));
    expect(refusals.filter((refusal) => refusal === 'BAD_CREDENTIALS')).toHaveLength(4);
    expect(refusals.filter((refusal) => refusal === 'LOCKED')).toHaveLength(8);
  });

  test('an address is locked after failures for several names and has one journal entry per period', async () => {
    bench.settings = { ...bench.settings, attemptLimit: 2 };
    const access = bench.open();
    const answers = [];
    for (let n = 0; n < 9; n += 1) answers.push(await access.login(request(`name${n}`)));
    expect(answers.slice(0, 6).every((answer) => !answer.ok && answer.refusal === 'BAD_CREDENTIALS')).toBe(true);
    expect(answers.slice(6).every((answer) => !answer.ok && answer.refusal === 'THROTTLED')).toBe(true);
    expect(answers[6]).toMatchObject({ retryAfterSeconds: expect.any(Number) });
    expect(await access.login(request('other', { address: '192.0.2.8' }))).toMatchObject({
      refusal: 'BAD_CREDENTIALS',
    });
    expect(await bench.types()).toHaveLength(8);
  });

  test('an IPv6 network of one owner counts as one address', async () => {
    bench.settings = { ...bench.settings, attemptLimit: 1 };
    const access = bench.open();
    const answers = [];
    for (let n = 0; n < 4; n += 1)
      answers.push(await access.login(request(`name${n}`, { address: `2001:db8:1:2::${n}` })));
    expect(answers.map((answer) => !answer.ok && answer.refusal)).toEqual([
      ...Array<string>(3).fill('BAD_CREDENTIALS'),
      'THROTTLED',
    ]);
    expect(await access.login(request('name9', { address: '2001:db8:1:3::1' }))).toMatchObject({
      refusal: 'BAD_CREDENTIALS',
    });
  });

  test('a login ends the session of its request and always sets a new cookie', async () => {
    const access = bench.open();
    const { session } = await withAdmin(access);
    const second = sessionOf(await access.login(request('root.admin', { previous: session.sessionId })));
    expect(second.sessionId.reveal()).not.toBe(session.sessionId.reveal());
    expect(await access.sessions.authenticate(session.sessionId)).toEqual({ ok: false, refusal: 'NO_SESSION' });
    expect(await access.sessions.authenticate(second.sessionId)).toMatchObject({ ok: true });
  });

  test('a password changed during its verification lets nobody in', async () => {
    const access = bench.open();
    const { by } = await withAdmin(access);
    const vera = await addUser(access, by, 'vera', 'viewer');
    const passwords = new BcryptPasswords({ cost: 4 });
    const slow = bench.open({
      passwords: {
        hash: (password) => passwords.hash(password),
        isOutdated: (hash) => passwords.isOutdated(hash),
        isCommon: (password, about) => passwords.isCommon(password, about),
        matches: async (password, hash) => {
          const right = await passwords.matches(password, hash);
          await access.users.setPassword(by, vera, secret('plinth gazebo murmur 42'));
          return right;
        },
      },
    });
    expect(await slow.login(request('vera'))).toMatchObject({ refusal: 'BAD_CREDENTIALS' });
  });

  test('with too many at once, an unchecked attempt does not count', async () => {
    bench.settings = { ...bench.settings, attemptLimit: 20 };
    const access = bench.open();
    await access.users.registerFirst(newUser('anna'));
    const all = await Promise.allSettled(
      Array.from({ length: 19 }, () => access.login(request('anna', { password: secret('x') }))),
    );
    expect(all.filter((one) => one.status === 'rejected').length).toBeGreaterThan(0);
    expect(await access.login(request('anna'))).toMatchObject({ ok: true });
    const failed = (await bench.types()).filter((type) => type === 'LoginFailed');
    expect(failed).toHaveLength(all.filter((one) => one.status === 'fulfilled').length);
  });

  test('without the journal a user can log in; what happened is journaled when it is back', async () => {
    const access = bench.open();
    await access.users.registerFirst(newUser('anna'));
    bench.journalDown = true;
    expect(await access.login(request('anna', { password: secret('not hers') }))).toMatchObject({
      refusal: 'BAD_CREDENTIALS',
    });
    const result = await access.login(request('anna'));
    if (!result.ok) throw new Error(result.refusal);
    expect(await access.sessions.authenticate(result.session.sessionId)).toMatchObject({ ok: true });
    expect(await bench.types()).toEqual(['UserRegistered']);
    bench.journalDown = false;
    await access.reconcile();
    expect(await bench.types()).toEqual(['UserRegistered', 'LoginFailed', 'LoginSucceeded']);
    expect(await access.sessions.authenticate(result.session.sessionId)).toMatchObject({ ok: true });
  });
});
