import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeAdmin } from '../../../src/app/access/repair-users.js';
import { AccessLog } from '../../../src/app/access/access-log.js';
import type { AccessService } from '../../../src/app/access/access.js';
import type { Principal } from '../../../src/app/access/principal.js';
import { secret, type Secret } from '../../../src/kernel/secret.js';
import { DAY_MS, plusMs, toUtcText } from '../../../src/kernel/time.js';
import {
  AccessBench,
  addUser,
  OWN_PASSWORD,
  request,
  sessionOf,
  START,
  withAdmin,
  withOwnPassword,
} from './support.js';

const NEXT = secret('another walrus plays cellos');

let bench: AccessBench;
let access: AccessService;
/** root.admin, an admin, who manages the others. */
let root: Principal;
let olga: string;
/** olga's session. */
let own: Principal;

beforeEach(async () => {
  bench = new AccessBench();
  access = bench.open();
  ({ by: root } = await withAdmin(access));
  olga = await addUser(access, root, 'olga', 'operator');
  own = await withOwnPassword(access, 'olga');
});

afterEach(async () => {
  await bench.close();
});

async function tokenOf(role: 'operator' | 'viewer'): Promise<Secret> {
  return (await access.tokens.issue(own, { label: role, role, days: 1 })).token;
}

const lives = async (token: Secret, at: AccessService = access): Promise<boolean> =>
  (await at.tokens.authenticate(token, 'a')).ok;

async function reasons(): Promise<readonly unknown[]> {
  return (await bench.events()).flatMap((event) => (event.type === 'TokenRevoked' ? [event.data.reason] : []));
}

async function resetByMail(): Promise<void> {
  await access.passwordResets.request('olga@example.org', 'a');
  await access.passwordResets.settled();
  const [, token = ''] = /#token=(\S+)/.exec(bench.mails[0]?.text.reveal() ?? '') ?? [];
  await access.passwordResets.confirm(secret(token), NEXT, 'a');
}

async function byCommand(): Promise<void> {
  const parts = bench.parts();
  const passwordHash = await parts.passwords.hash(NEXT);
  await makeAdmin(parts, new AccessLog(parts), { name: 'olga', passwordHash, reason: 'locked out' });
  parts.store.close();
  parts.resetTokens.close();
}

test('an admin made by command gets in without the second factor of a lost phone', async () => {
  const parts = bench.parts();
  parts.store.atomically(() => parts.store.users.change(olga, { secondFactor: true }));
  await byCommand();
  expect(await access.login(request('olga', { password: NEXT }))).toMatchObject({
    ok: true,
    session: { principal: { role: 'admin', mustChangePassword: false } },
  });
  expect(await bench.types()).toContain('SecondFactorChanged');
  parts.store.close();
  parts.resetTokens.close();
});

describe('tokens end with what gave them (SEC-14)', () => {
  const ENDS: readonly (readonly [string, () => Promise<unknown>, string])[] = [
    [
      'a password changed by the user',
      () => access.users.changePassword(own, { current: secret(OWN_PASSWORD), next: NEXT, address: 'a', device: null }),
      'password-changed',
    ],
    ['a password set by an admin', () => access.users.setPassword(root, olga, NEXT), 'password-changed'],
    ['a password reset by mail', resetByMail, 'password-changed'],
    ['a password set by command', byCommand, 'password-changed'],
    ['a disabled user', () => access.users.disable(root, olga, 'left'), 'user-disabled'],
    ['a request of the user', () => access.tokens.revokeAll(own, olga, 'sessions-ended'), 'sessions-ended'],
  ];

  test.each(ENDS)('%s', async (_, end, reason) => {
    const token = await tokenOf('operator');
    expect(await lives(token)).toBe(true);
    await end();
    expect(await lives(token)).toBe(false);
    expect(await reasons()).toEqual([reason]);
  });

  test('a demotion ends what is beyond the new role for good; a promotion brings nothing back', async () => {
    const beyond = await tokenOf('operator');
    const within = await tokenOf('viewer');
    await access.users.changeRole(root, olga, 'viewer');
    await access.users.changeRole(root, olga, 'operator');
    expect([await lives(beyond), await lives(within)]).toEqual([false, true]);
    expect(await reasons()).toEqual(['role-changed']);
  });

  test('an admin lists and revokes the token of another user', async () => {
    const token = await tokenOf('operator');
    const [view] = access.tokens.list(olga);
    await access.tokens.revoke(root, olga, view?.tokenId ?? '');
    expect(await lives(token)).toBe(false);
    expect(await reasons()).toEqual(['by-admin']);
  });

  test('a process killed between the change and its event leaves no living token', async () => {
    const token = await tokenOf('operator');
    bench.journalDown = true;
    await expect(access.users.setPassword(root, olga, NEXT)).rejects.toMatchObject({ code: 'ACCESS_NOT_JOURNALED' });
    const successor = bench.open();
    expect(await lives(token, successor)).toBe(false);
    bench.journalDown = false;
    await successor.reconcile();
    expect(await lives(token, successor)).toBe(false);
    expect(await reasons()).toEqual(['password-changed']);
  });

  test('a token and a session that the journal records only later do not outlive a change of before', async () => {
    const parts = bench.parts();
    const log = new AccessLog(parts);
    const createdAt = toUtcText(START);
    const expiresAt = toUtcText(plusMs(START, DAY_MS));
    parts.store.atomically(() => {
      const token = { tokenId: 'P-late', userId: olga, role: 'operator', expiresAt } as const;
      parts.store.tokens.add({ ...token, createdAt, label: 'late', lastUsedAt: null, tokenHash: '0'.repeat(64) });
      log.note(olga, [{ type: 'TokenIssued', data: token }], { actor: own.actor, grants: 'P-late' });
      const addressId = parts.store.addresses.idOf('192.0.2.9', 'A-late', createdAt);
      const session = { sessionRef: 'S-late', userId: olga, addressId, method: 'password' } as const;
      parts.store.sessions.add({ ...session, createdAt, lastSeenAt: createdAt, expiresAt, idHash: '0'.repeat(64) });
      log.note(olga, [{ type: 'LoginSucceeded', data: session }], { actor: own.actor, grants: 'S-late' });
    });
    expect(access.sessions.list(olga)).toHaveLength(1);
    expect(access.tokens.list(olga)).toEqual([]);
    await access.users.setPassword(root, olga, NEXT);
    expect([access.tokens.list(olga), access.sessions.list(olga)]).toEqual([[], []]);
    expect(await reasons()).toEqual(['password-changed']);
    parts.store.close();
    parts.resetTokens.close();
  });
});

test('an admin who was demoted since the request was let in ends nothing of another user', async () => {
  await tokenOf('viewer');
  const [{ tokenId } = { tokenId: '' }] = access.tokens.list(olga);
  const parts = bench.parts();
  parts.store.atomically(() => parts.store.users.change(olga, { secondFactor: true }));
  parts.store.close();
  parts.resetTokens.close();
  const second = await addUser(access, root, 'second', 'admin');
  const bySecond = sessionOf(await access.login(request('second'))).principal;
  const { sessions, tokens, secondFactor } = access;
  const tasks = [
    () => secondFactor.remove(bySecond, olga),
    () => sessions.revoke(bySecond, olga, own.ref),
    () => sessions.revokeAll(bySecond, olga),
    () => tokens.revoke(bySecond, olga, tokenId),
    () => tokens.revokeAll(bySecond, olga, 'sessions-ended'),
  ];
  await bench.open().users.changeRole(root, second, 'viewer');
  for (const task of tasks) await expect(task()).rejects.toMatchObject({ code: 'NO_LONGER_ALLOWED' });
  expect(access.users.view(olga).secondFactor).toBe(true);
  expect([tokens.list(olga).length, sessions.list(olga).length]).toEqual([1, 1]);
  const demoted = sessionOf(await access.login(request('second'))).principal;
  await sessions.revoke(demoted, second, demoted.ref);
  await tokens.revokeAll(root, olga, 'sessions-ended');
  await sessions.revokeAll(root, olga);
  await secondFactor.remove(root, olga);
  expect([tokens.list(olga).length, sessions.list(olga).length]).toEqual([0, 0]);
});
