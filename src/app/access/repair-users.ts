import { parseUserName } from '../../domain/access/names.js';
import { DATABASE_MISSING, type UserDifference } from '../../domain/access/user-difference.js';
import { isRole, type Role } from '../../domain/access/roles.js';
import { configError, invariant } from '../../kernel/errors.js';
import { toUtcText } from '../../kernel/time.js';
import type { Secret } from '../../kernel/secret.js';
import type { AccessEvent, AccessLog } from './access-log.js';
import type { AccessParts } from './access-parts.js';

type RepairParts = Pick<AccessParts, 'store' | 'clock' | 'random' | 'records'>;

/** A person at the machine, who may write the home. */
const BY = { actor: 'user:local' } as const;

/** The database follows the events: roles and locks as recorded, added users disabled, missing ones disabled by an event. */
export async function repairUsers(
  parts: RepairParts,
  log: AccessLog,
  reason: string,
): Promise<readonly UserDifference[]> {
  return settle(parts, log, ({ subject: userId, what, recorded }) => {
    const { users } = parts.store;
    const takesRights = what === 'user_added' || what === 'role' || (what === 'disabled' && recorded === 'disabled');
    if (takesRights && recorded !== 'admin') refuseLastAdmin(parts, userId);
    if (what === 'role') users.change(userId, { role: roleOf(recorded) });
    if (what === 'disabled') users.change(userId, { disabled: recorded === 'disabled' });
    if (what === 'user_added') users.change(userId, { disabled: true });
    return what === 'user_missing' ? [{ type: 'UserDisabled', data: { userId, reason } }] : [];
  });
}

/** The events follow the database: what it has is recorded as the decision of a person. Missing users are disabled. */
export async function acceptUsers(
  parts: RepairParts,
  log: AccessLog,
  reason: string,
): Promise<readonly UserDifference[]> {
  return settle(parts, log, ({ subject: userId, what, recorded, found }): readonly AccessEvent[] => {
    if (what === 'role') {
      return [{ type: 'UserRoleChanged', data: { userId, from: roleOf(recorded), to: roleOf(found) } }];
    }
    if (what === 'user_added') return [{ type: 'UserRegistered', data: { userId, role: roleOf(found), first: false } }];
    if (what === 'user_missing' || found === 'disabled') return [{ type: 'UserDisabled', data: { userId, reason } }];
    return what === 'disabled' ? [{ type: 'UserEnabled', data: { userId, reason } }] : [];
  });
}

/**
 * An admin of that name with that password: a new user, or one that exists, enabled again and without the second factor, whose
 * device may be lost as well. Throws MIXED_USER_NAME for a new one.
 */
export async function makeAdmin(
  { store, clock, random, records }: RepairParts,
  log: AccessLog,
  { name, passwordHash, reason }: { readonly name: string; readonly passwordHash: Secret; readonly reason: string },
): Promise<string> {
  const known = store.users.byName(name);
  if (known === undefined) parseUserName(name);
  const userId = known?.userId ?? random.id('U');
  const recorded = records.of(userId);
  store.atomically(() => {
    const events: AccessEvent[] = [];
    const taken: AccessEvent[] = [];
    if (known === undefined) {
      const fresh = { email: null, secondFactor: false, disabled: false, codeStep: 0, lastLoginAt: null };
      store.users.add({ ...fresh, userId, name, passwordHash, role: 'admin', createdAt: toUtcText(clock.now()) });
    } else {
      store.users.change(userId, { passwordHash, role: 'admin', disabled: false, secondFactor: false });
      store.users.setRecoveryCodes(userId, []);
      if (known.secondFactor) taken.push({ type: 'SecondFactorChanged', data: { userId, enabled: false } });
      for (const { sessionRef } of store.sessions.everyOf(userId)) store.sessions.remove(sessionRef);
      store.devices.removeAll(userId, null);
      for (const { tokenId } of store.tokens.everyOf(userId)) {
        if (store.tokens.remove(tokenId))
          taken.push({ type: 'TokenRevoked', data: { userId, tokenId, reason: 'password-changed' } });
      }
    }
    if (recorded === undefined) events.push({ type: 'UserRegistered', data: { userId, role: 'admin', first: false } });
    else if (recorded.role !== 'admin') {
      events.push({ type: 'UserRoleChanged', data: { userId, from: recorded.role, to: 'admin' } });
    }
    if (recorded?.disabled === true) events.push({ type: 'UserEnabled', data: { userId, reason } });
    events.push({ type: 'PasswordChanged', data: { userId, how: 'by-admin' } });
    log.note(userId, [...events, ...taken], BY);
  });
  await log.flush();
  return userId;
}

async function settle(
  { store, records }: RepairParts,
  log: AccessLog,
  decide: (difference: UserDifference) => readonly AccessEvent[],
): Promise<readonly UserDifference[]> {
  await log.flush();
  const differences = records.differences(store).filter(({ what }) => what !== DATABASE_MISSING.what);
  for (const difference of differences) {
    store.atomically(() => {
      const events = decide(difference);
      if (events.length > 0) log.note(difference.subject, events, BY);
    });
  }
  await log.flush();
  return differences;
}

/** The database refuses it too, without saying what to do. */
function refuseLastAdmin({ store }: RepairParts, userId: string): void {
  const user = store.users.byId(userId);
  if (user?.role !== 'admin' || user.disabled || store.users.activeAdmins() > 1) return;
  throw configError({
    code: 'LAST_ADMIN',
    message: `user ${userId} is the only admin in the users' database, and no admin by the events`,
    remedy: 'Add --admin NAME to make an admin who can log in.',
  });
}

function roleOf(text: string | null): Role {
  invariant(text !== null && isRole(text), 'BAD_ROLE', `${text ?? 'nothing'} is not a role`);
  return text;
}
