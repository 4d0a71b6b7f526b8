import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BcryptPasswords } from '../../../src/adapters/passwords/bcrypt-passwords.js';
import { secret } from '../../../src/kernel/secret.js';
import { plusMs, SECOND_MS } from '../../../src/kernel/time.js';
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

  test('at the limit a new device waits half a minute, for the right password and after a restart too', async () => {
    bench.settings = { ...bench.settings, attemptLimit: 3 };
    let access = bench.open();
    await access.users.registerFirst(newUser('anna'));
    for (const wait of [7.5, 15, 30]) {
      expect(await access.login(request('anna', { password: secret('not this one at all') }))).toMatchObject({
        refusal: 'BAD_CREDENTIALS',
      });
      expect(await access.login(request('anna'))).toMatchObject({
        refusal: 'DELAYED',
        retryAfterSeconds: Math.ceil(wait),
      });
      if (wait < 30) bench.clock.advanceTo(plusMs(bench.clock.now(), wait * SECOND_MS));
    }
    access = bench.open();
    expect(await access.login(request('ANNA '))).toEqual({ ok: false, refusal: 'DELAYED', retryAfterSeconds: 30 });
    bench.clock.advanceTo(plusMs(bench.clock.now(), 30 * SECOND_MS));
    expect(await access.login(request('anna'))).toMatchObject({ ok: true });
    expect((await bench.types()).filter((type) => type === 'UserLocked')).toHaveLength(1);
  });

  test('an unknown name is delayed in the same way', async () => {
    bench.settings = { ...bench.settings, attemptLimit: 1 };
    const access = bench.open();
    await access.login(request('ghost'));
    expect(await access.login(request('ghost'))).toEqual({ ok: false, refusal: 'DELAYED', retryAfterSeconds: 30 });
    expect(await bench.types()).toEqual(['LoginFailed', 'LoginFailed']);
  });

  test('many concurrent attempts are no faster than one after the other', async () => {
    bench.settings = { ...bench.settings, attemptLimit: 4 };
    const access = bench.open();
    await access.users.registerFirst(newUser('anna'));
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        access.login(request('anna', { password: secret(`guess number ${n} of many`) })),
      ),
    );
    const refusals = answers.map((answer) => (answer.ok ? 'in' : answer.refusal));
    expect(refusals.filter((refusal) => refusal === 'BAD_CREDENTIALS')).toHaveLength(1);
    expect(refusals.filter((refusal) => refusal === 'DELAYED')).toHaveLength(11);
  });

  test('failures at made-up names delay nobody else on the same machine, and are recorded in a budget', async () => {
    const access = bench.open();
    await access.users.registerFirst(newUser('anna'));
    for (let n = 0; n < 40; n += 1) {
      const address = `127.0.${n}.1`;
      expect(await access.login(request(`name${n}`, { address }))).toMatchObject({ refusal: 'BAD_CREDENTIALS' });
    }
    expect(await access.login(request('anna', { address: '127.0.0.1' }))).toMatchObject({ ok: true });
    await bench.anHourLater(access);
    const types = (await bench.types()).slice(1);
    expect(types).toEqual([...Array<string>(3).fill('LoginFailed'), 'LoginSucceeded', 'AccessRefusalsCounted']);
    expect((await bench.events()).at(-1)).toMatchObject({
      data: { userId: null, refusals: 37, dayLimitReached: false },
    });
  });

  test.each([
    ['every address of the loopback', '127.0.0.1', '127.9.8.7'],
    ['IPv4 and IPv6 of the loopback', '127.0.0.1', '::1'],
    ['IPv4 mapped to IPv6', '::ffff:192.0.2.9', '192.0.2.9'],
    ['an IPv6 network', '2001:db8:1:2::1', '2001:db8:1:2::2'],
  ])('%s is one source', async (_what, first, second) => {
    bench.settings = { ...bench.settings, attemptLimit: 1 };
    const access = bench.open();
    await access.login(request('anna', { address: first }));
    expect(await access.login(request('anna', { address: second }))).toMatchObject({ refusal: 'DELAYED' });
  });

  test('a name that is guessed from many sources gives each new one a single attempt without delay', async () => {
    bench.settings = { ...bench.settings, attemptLimit: 4 };
    const access = bench.open();
    await access.users.registerFirst(newUser('anna'));
    const guess = (n: number) => access.login(request('anna', { address: `192.0.2.${n}`, password: secret('wrong') }));
    for (let n = 0; n < 4; n += 1) expect(await guess(n)).toMatchObject({ refusal: 'BAD_CREDENTIALS' });
    expect(await guess(9)).toMatchObject({ refusal: 'BAD_CREDENTIALS' });
    expect(await guess(9)).toMatchObject({ refusal: 'DELAYED', retryAfterSeconds: 30 });
    expect(await access.login(request('anna', { address: '198.51.100.1' }))).toMatchObject({ ok: true });
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
        matches: async (password, hash, priority) => {
          const right = await passwords.matches(password, hash, priority);
          await access.users.setPassword(by, vera, secret('plinth gazebo murmur 42'));
          return right;
        },
      },
    });
    expect(await slow.login(request('vera'))).toMatchObject({ refusal: 'BAD_CREDENTIALS' });
  });

  test('with too many at once, an unchecked attempt does not count', async () => {
    bench.settings = { ...bench.settings, attemptLimit: 100 };
    const access = bench.open();
    await access.users.registerFirst(newUser('anna'));
    const all = await Promise.allSettled(
      Array.from({ length: 60 }, () => access.login(request('anna', { password: secret('x') }))),
    );
    const refused = all.filter((one) => one.status === 'rejected');
    expect(refused).toHaveLength(18);
    expect(refused[0]).toMatchObject({ reason: { code: 'PASSWORDS_BUSY' } });
    expect(await access.login(request('anna'))).toMatchObject({ ok: true });
    await bench.anHourLater(access);
    const counted = (await bench.events()).flatMap((event) =>
      event.type === 'LoginFailed' ? [1] : event.type === 'AccessRefusalsCounted' ? [event.data.refusals] : [],
    );
    expect(counted.reduce((sum, one) => sum + one, 0)).toBe(42);
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
