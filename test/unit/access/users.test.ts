import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BcryptPasswords } from '../../../src/adapters/passwords/bcrypt-passwords.js';
import { PERMISSIONS } from '../../../src/domain/access/roles.js';
import { may } from '../../../src/app/access/principal.js';
import { secret } from '../../../src/kernel/secret.js';
import { MINUTE_MS, plusMs } from '../../../src/kernel/time.js';
import { AccessBench, PASSWORD, addUser, newUser, request, sessionOf, withAdmin } from './support.js';

let bench: AccessBench;
beforeEach(() => {
  bench = new AccessBench();
});
afterEach(() => bench.close());

describe('users and roles', () => {
  test('the first account is created once, also by concurrent requests', async () => {
    const [one, two] = [bench.open(), bench.open()];
    const results = await Promise.allSettled([
      one.users.registerFirst(newUser('anna')),
      two.users.registerFirst(newUser('bert')),
    ]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(one.users.registerFirst(newUser('carl'))).rejects.toMatchObject({ code: 'REGISTRATION_OVER' });
    expect(one.users.list()).toHaveLength(1);
    expect((await bench.types()).filter((type) => type === 'UserRegistered')).toHaveLength(1);
  });

  test('nobody can register when the journal has users and the database is lost', async () => {
    await bench.open().users.registerFirst(newUser('anna'));
    const other = new AccessBench();
    try {
      const access = other.open({ journal: bench.journal });
      await expect(access.users.registerFirst(newUser('mallory'))).rejects.toMatchObject({ code: 'USERS_LOST' });
      expect(access.users.isEmpty).toBe(true);
    } finally {
      await other.close();
    }
  });

  test('a name and an email address belong to one user, ignoring case', async () => {
    const access = bench.open();
    const { by } = await withAdmin(access);
    await expect(access.users.create(by, newUser('Root.Admin'))).rejects.toMatchObject({ code: 'USER_NAME_TAKEN' });
    await expect(access.users.create(by, newUser('other', 'ROOT@example.org'))).rejects.toMatchObject({
      code: 'EMAIL_TAKEN',
    });
    await expect(access.users.create(by, newUser('x y'))).rejects.toMatchObject({ code: 'BAD_USER_NAME' });
    await expect(access.users.create(by, newUser('other', null, secret('short')))).rejects.toMatchObject({
      code: 'PASSWORD_TOO_SHORT',
    });
    expect(access.users.list()).toHaveLength(1);
    expect((await access.users.create(by, newUser('other'))).role).toBe('viewer');
  });

  test('nobody changes the own role or disables the own account among the users', async () => {
    const access = bench.open();
    const { by } = await withAdmin(access);
    await addUser(access, by, 'second', 'admin');
    for (const change of [
      () => access.users.changeRole(by, by.userId, 'viewer'),
      () => access.users.disable(by, by.userId, 'gone'),
      () => access.users.setPassword(by, by.userId, secret('another walrus plays cellos')),
    ]) {
      await expect(change()).rejects.toMatchObject({ code: 'OWN_ACCOUNT' });
    }
  });

  test('the last admin who can log in does not close the account; one of two does, typing the name', async () => {
    const access = bench.open();
    const { by, session } = await withAdmin(access);
    await expect(access.users.closeOwn(by, 'root')).rejects.toMatchObject({ code: 'NOT_CONFIRMED' });
    await expect(access.users.closeOwn(by, 'root.admin')).rejects.toMatchObject({ code: 'LAST_ADMIN' });
    const second = await addUser(access, by, 'second', 'admin');
    await access.users.disable(by, second, 'gone');
    await expect(access.users.closeOwn(by, 'root.admin')).rejects.toMatchObject({ code: 'LAST_ADMIN' });
    await access.users.enable(by, second, 'back');
    await access.users.closeOwn(by, ' Root.Admin ');
    expect(access.users.view(by.userId)).toMatchObject({ disabled: true });
    expect(access.users.view(by.userId)).not.toHaveProperty('passwordHash');
    expect(await access.sessions.authenticate(session.sessionId)).toMatchObject({ ok: false });
    const { by: other } = { by: sessionOf(await access.login(request('second'))).principal };
    await expect(access.users.closeOwn(other, 'second')).rejects.toMatchObject({ code: 'LAST_ADMIN' });
  });

  test('of two admins who demote, disable or leave at once one stays', async () => {
    const access = bench.open();
    const other = bench.open();
    const { by } = await withAdmin(access);
    const second = await addUser(access, by, 'second', 'admin');
    const bySecond = sessionOf(await other.login(request('second'))).principal;
    const results = await Promise.allSettled([
      access.users.changeRole(by, second, 'viewer'),
      other.users.changeRole(bySecond, by.userId, 'viewer'),
      access.users.closeOwn(by, 'root.admin'),
      other.users.disable(bySecond, by.userId, 'gone'),
    ]);
    const codes = results.flatMap((one) => (one.status === 'rejected' ? [(one.reason as { code: string }).code] : []));
    expect(codes.sort()).toEqual(['LAST_ADMIN', 'NO_LONGER_ALLOWED', 'NO_LONGER_ALLOWED']);
    expect(access.users.list().filter((user) => user.role === 'admin' && !user.disabled)).toHaveLength(1);
  });

  test('an admin who is demoted while a password is hashed makes no account and sets no password', async () => {
    const access = bench.open();
    const { by } = await withAdmin(access);
    const second = await addUser(access, by, 'second', 'admin');
    const bySecond = sessionOf(await access.login(request('second'))).principal;
    const pending = [
      access.users.create(bySecond, newUser('third'), 'admin'),
      access.users.setPassword(bySecond, by.userId, secret('another walrus plays cellos')),
    ];
    const settled = Promise.allSettled(pending);
    await access.users.changeRole(by, second, 'viewer');
    const codes = (await settled).map((one) => one.status === 'rejected' && (one.reason as { code: string }).code);
    expect(codes).toEqual(['NO_LONGER_ALLOWED', 'NO_LONGER_ALLOWED']);
    expect(access.users.list().map(({ name }) => name)).toEqual(['root.admin', 'second']);
    expect(await access.login(request('root.admin'))).toMatchObject({ ok: true });
  });

  test('a changed role or a disabled account ends every session and is recorded with the acting user', async () => {
    const access = bench.open();
    const { by } = await withAdmin(access);
    const vera = await addUser(access, by, 'vera', 'viewer');
    const session = sessionOf(await access.login(request('vera')));
    await access.users.changeRole(by, vera, 'operator');
    expect(await access.sessions.authenticate(session.sessionId)).toEqual({ ok: false, refusal: 'NO_SESSION' });
    const again = sessionOf(await access.login(request('vera')));
    expect(again.principal.role).toBe('operator');
    await access.users.disable(by, vera, 'left');
    expect(await access.sessions.authenticate(again.sessionId)).toMatchObject({ ok: false });
    const ends = (await bench.events()).filter((event) => event.type === 'SessionEnded');
    expect(ends.map((event) => [event.data.reason, event.meta.actor])).toEqual([
      ['role-changed', by.actor],
      ['user-disabled', by.actor],
    ]);
  });

  test('a change without effect records nothing', async () => {
    const access = bench.open();
    const { by } = await withAdmin(access);
    const vera = await addUser(access, by, 'vera', 'viewer');
    const before = (await bench.events()).length;
    await access.users.changeRole(by, vera, 'viewer');
    await access.users.enable(by, vera, 'was never off');
    await access.users.unlock(by, vera, 'was never locked');
    expect(await bench.events()).toHaveLength(before);
    await expect(access.users.changeRole(by, 'U-nobody', 'viewer')).rejects.toMatchObject({ code: 'NO_SUCH_USER' });
  });

  test('an admin unlocks a name early', async () => {
    bench.settings = { ...bench.settings, attemptLimit: 2 };
    const access = bench.open();
    const { by } = await withAdmin(access);
    const vera = await addUser(access, by, 'vera', 'viewer');
    for (const address of ['192.0.2.7', '192.0.2.8'])
      await access.login(request('vera', { address, password: secret('wrong wrong wrong') }));
    expect(access.users.view(vera).lockedUntil).not.toBeNull();
    expect(await access.login(request('vera'))).toMatchObject({ refusal: 'DELAYED' });
    expect(await access.users.unlock(by, vera, 'called me')).toMatchObject({ lockedUntil: null });
    expect(await access.login(request('vera'))).toMatchObject({ ok: true });
    expect(await bench.types()).toContain('UserUnlocked');
  });

  test('a password that an admin chose is replaced before anything else', async () => {
    const access = bench.open();
    const { by } = await withAdmin(access);
    const vera = await addUser(access, by, 'vera', 'operator');
    const first = sessionOf(await access.login(request('vera'))).principal;
    expect([first.mustChangePassword, may(first, 'account'), may(first, 'read'), may(first, 'control')]).toEqual([
      ...[true, true, false, false],
    ]);
    await expect(access.tokens.issue(first, { label: 'x', role: 'viewer', days: 1 })).rejects.toMatchObject({
      code: 'TOKEN_TOO_EARLY',
    });
    const own = secret('another walrus plays cellos');
    await access.users.changePassword(first, { current: secret(PASSWORD), next: own, address: 'a', device: null });
    const free = sessionOf(await access.login(request('vera', { password: own }))).principal;
    expect([free.mustChangePassword, may(free, 'control')]).toEqual([false, true]);
    await access.users.setPassword(by, vera, secret(PASSWORD));
    const again = sessionOf(await access.login(request('vera'))).principal;
    expect(again.mustChangePassword).toBe(true);
    expect(by.mustChangePassword).toBe(false);
  });

  test('with roles switched off every logged-in user may do all but users, secrets, settings, float and streams of the journal', async () => {
    const access = bench.open();
    const { by } = await withAdmin(access);
    await addUser(access, by, 'vera', 'viewer');
    const own = secret('another walrus plays cellos');
    const first = sessionOf(await access.login(request('vera'))).principal;
    await access.users.changePassword(first, { current: secret(PASSWORD), next: own, address: 'a', device: null });
    bench.settings = { ...bench.settings, rolesEnabled: false };
    const vera = sessionOf(await access.login(request('vera', { password: own }))).principal;
    expect(PERMISSIONS.filter((permission) => !may(vera, permission))).toEqual([
      'float',
      'streams',
      'users',
      'secrets',
      'settings',
    ]);
    await expect(access.tokens.issue(vera, { label: 'x', role: 'admin', days: 1 })).rejects.toMatchObject({
      code: 'TOKEN_ABOVE_ROLE',
    });
    await expect(access.users.create(vera, newUser('third'), 'admin')).rejects.toMatchObject({
      code: 'NO_LONGER_ALLOWED',
    });
    const admin = sessionOf(await access.login(request('root.admin'))).principal;
    expect(PERMISSIONS.filter((permission) => !may(admin, permission))).toEqual([]);
  });

  test('an admin without a required second factor may only enrol', async () => {
    const access = bench.open();
    const { by } = await withAdmin(access);
    expect(may(by, 'users')).toBe(true);
    const { token } = await access.tokens.issue(by, { label: 'x', role: 'operator', days: 1 });
    bench.settings = { ...bench.settings, adminSecondFactor: true };
    const byToken = await access.tokens.authenticate(token, 'a');
    expect(byToken.ok && [may(byToken.principal, 'read'), may(byToken.principal, 'control')]).toEqual([false, false]);
    const admin = sessionOf(await access.login(request('root.admin')));
    expect(admin.principal.mustEnrolSecondFactor).toBe(true);
    expect([may(admin.principal, 'account'), may(admin.principal, 'read'), may(admin.principal, 'users')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('sessions', () => {
  test('they end when idle, and after a day in any case', async () => {
    const access = bench.open();
    const { session } = await withAdmin(access);
    const idle = sessionOf(await access.login(request('root.admin')));
    for (let hour = 0; hour < 23; hour += 1) {
      bench.clock.advanceTo(plusMs(bench.clock.now(), 60 * MINUTE_MS));
      expect(await access.sessions.authenticate(session.sessionId)).toMatchObject({ ok: true });
    }
    expect(await access.sessions.authenticate(idle.sessionId)).toEqual({ ok: false, refusal: 'SESSION_IDLE' });
    bench.clock.advanceTo(plusMs(bench.clock.now(), 60 * MINUTE_MS));
    expect(await access.sessions.authenticate(session.sessionId)).toEqual({ ok: false, refusal: 'SESSION_EXPIRED' });
    const reasons = (await bench.events())
      .filter((event) => event.type === 'SessionEnded')
      .map((event) => event.data.reason);
    expect(reasons).toEqual(['idle', 'expired']);
  });

  test('a page that nobody has touched does not keep its session, and one that is used again in time does', async () => {
    const access = bench.open();
    const { session } = await withAdmin(access);
    const left = sessionOf(await access.login(request('root.admin')));
    const after = (
      minutes: number,
      of: typeof left,
      attended: boolean,
    ): ReturnType<typeof access.sessions.authenticate> => {
      bench.clock.advanceTo(plusMs(bench.clock.now(), minutes * MINUTE_MS));
      return access.sessions.authenticate(of.sessionId, attended);
    };
    expect(await after(60, session, false)).toMatchObject({ ok: true });
    expect(await after(50, session, true)).toMatchObject({ ok: true });
    expect(await after(0, left, false)).toMatchObject({ ok: true });
    expect(await after(20, left, false)).toEqual({ ok: false, refusal: 'SESSION_IDLE' });
    expect(await after(0, session, false)).toMatchObject({ ok: true });
  });

  test('a shorter timeout applies immediately', async () => {
    const access = bench.open();
    const { session } = await withAdmin(access);
    bench.clock.advanceTo(plusMs(bench.clock.now(), 10 * MINUTE_MS));
    bench.settings = { ...bench.settings, sessionTimeoutMinutes: 5 };
    expect(await access.sessions.authenticate(session.sessionId)).toEqual({ ok: false, refusal: 'SESSION_IDLE' });
  });

  test('they are listed with their address, revoked one by one or all at once, and removed when they end', async () => {
    const access = bench.open();
    const { session, by } = await withAdmin(access);
    const second = sessionOf(await access.login(request('root.admin', { address: '::ffff:203.0.113.9' })));
    sessionOf(await access.login(request('root.admin')));
    const list = access.sessions.list(by.userId);
    expect(list.map((view) => view.address).sort()).toEqual(['192.0.2.7', '192.0.2.7', '203.0.113.9']);
    expect(JSON.stringify(list)).not.toContain(second.sessionId.reveal());
    await access.sessions.revoke(by, by.userId, second.sessionRef);
    await expect(access.sessions.revoke(by, by.userId, second.sessionRef)).rejects.toMatchObject({
      code: 'NO_SUCH_SESSION',
    });
    expect(await access.sessions.revokeAll(by, by.userId, session.sessionRef)).toBe(1);
    expect(await access.sessions.authenticate(session.sessionId)).toMatchObject({ ok: true });
    bench.clock.advanceTo(plusMs(bench.clock.now(), 121 * MINUTE_MS));
    expect([await access.sessions.sweep(), await access.sessions.sweep()]).toEqual([1, 0]);
    await access.sessions.logout(by);
    expect((await bench.types()).filter((type) => type === 'SessionEnded')).toHaveLength(3);
  });

  test('a user has at most twenty sessions; the oldest ends', async () => {
    const access = bench.open();
    const { session, by } = await withAdmin(access);
    for (let n = 0; n < 20; n += 1) {
      bench.clock.advanceTo(plusMs(bench.clock.now(), 1000));
      sessionOf(await access.login(request('root.admin')));
    }
    expect(access.sessions.list(by.userId)).toHaveLength(20);
    expect(await access.sessions.authenticate(session.sessionId)).toMatchObject({ ok: false });
  });

  test('a CSRF token is bound to one session', async () => {
    const access = bench.open();
    const { session } = await withAdmin(access);
    const other = sessionOf(await access.login(request('root.admin')));
    expect(access.sessions.csrfMatches(session.sessionId, session.csrfToken)).toBe(true);
    expect(access.sessions.csrfMatches(session.sessionId, other.csrfToken)).toBe(false);
    expect(access.sessions.csrfMatches(session.sessionId, '')).toBe(false);
  });

  test('logout works without the journal and is recorded later', async () => {
    const access = bench.open();
    const { session, by } = await withAdmin(access);
    bench.journalDown = true;
    await access.sessions.logout(by);
    expect(await access.sessions.authenticate(session.sessionId)).toMatchObject({ ok: false });
    bench.journalDown = false;
    await access.reconcile();
    expect((await bench.types()).at(-1)).toBe('SessionEnded');
  });
});

describe('password change', () => {
  const next = secret('plinth gazebo murmur 42');

  test('by the user: the old one is required, other sessions end, and the own one gets a new cookie', async () => {
    const access = bench.open();
    const { session, by } = await withAdmin(access);
    const other = sessionOf(await access.login(request('root.admin')));
    const change = { address: '192.0.2.7', device: null, next };
    await expect(access.users.changePassword(by, { ...change, current: secret('wrong') })).rejects.toMatchObject({
      code: 'WRONG_PASSWORD',
    });
    const { sessionId: cookie } = await access.users.changePassword(by, { ...change, current: secret(PASSWORD) });
    expect(await access.sessions.authenticate(other.sessionId)).toMatchObject({ ok: false });
    expect(await access.sessions.authenticate(session.sessionId)).toMatchObject({ ok: false });
    expect(await access.sessions.authenticate(cookie)).toMatchObject({
      ok: true,
      principal: { ref: session.sessionRef },
    });
    expect(await access.login(request('root.admin'))).toMatchObject({ ok: false });
    expect(await access.login(request('root.admin', { password: next }))).toMatchObject({ ok: true });
  });

  test('guessing the old one ends the session, and delays nobody who logs in', async () => {
    bench.settings = { ...bench.settings, attemptLimit: 2 };
    const access = bench.open();
    const { session, by } = await withAdmin(access);
    const change = { address: '192.0.2.7', device: null, next, current: secret('wrong') };
    for (let n = 0; n < 2; n += 1)
      await expect(access.users.changePassword(by, change)).rejects.toMatchObject({ code: 'WRONG_PASSWORD' });
    await expect(access.users.changePassword(by, { ...change, current: secret(PASSWORD) })).rejects.toMatchObject({
      code: 'SESSION_ENDED',
    });
    expect(await access.sessions.authenticate(session.sessionId)).toMatchObject({ refusal: 'NO_SESSION' });
    expect(await access.login(request('root.admin'))).toMatchObject({ ok: true });
    expect((await bench.types()).slice(-4)).toEqual(['LoginFailed', 'LoginFailed', 'SessionEnded', 'LoginSucceeded']);
  });

  test("by an admin: the user's sessions end", async () => {
    const access = bench.open();
    const { by } = await withAdmin(access);
    const vera = await addUser(access, by, 'vera', 'viewer');
    const session = sessionOf(await access.login(request('vera')));
    await access.users.setPassword(by, vera, next);
    expect(await access.sessions.authenticate(session.sessionId)).toMatchObject({ ok: false });
    expect(await access.login(request('vera', { password: next }))).toMatchObject({ ok: true });
    await expect(access.users.setPassword(by, vera, secret('vera@example.org'))).rejects.toMatchObject({
      code: 'PASSWORD_TOO_COMMON',
    });
  });

  test('it is rehashed at the next login when the cost was raised', async () => {
    const access = bench.open();
    await access.users.registerFirst(newUser('anna'));
    const costlier = bench.open({ passwords: new BcryptPasswords({ cost: 5 }) });
    expect(await costlier.login(request('anna'))).toMatchObject({ ok: true });
    expect(await costlier.login(request('anna'))).toMatchObject({ ok: true });
    const changes = (await bench.events()).filter((event) => event.type === 'PasswordChanged');
    expect(changes.map((event) => event.data.how)).toEqual(['rehash']);
  });
});
