import type { AccessSettings } from '../../domain/access/access-settings.js';
import { allows, isAlwaysByRole, type Permission, type Role } from '../../domain/access/roles.js';
import type { Actor } from '../../events/event.js';
import type { StoredUser } from '../../ports/users.js';
import type { UserRecords } from './user-records.js';

/** The caller, as the web guards see it. */
export interface Principal {
  /** `owner`: a person at the machine, who may write the home; no request of the web has it. */
  readonly kind: 'session' | 'token' | 'owner';
  readonly userId: string;
  readonly name: string;
  /** The effective role: the user's, or the narrower one of a token. */
  readonly role: Role;
  /** The role that was given: differs from `role` in a session while RBAC_ENABLED is false. */
  readonly ownRole: Role;
  /** Reference of the session, or id of the token. */
  readonly ref: string;
  /** An admin who must first enrol a second factor: may do `account` and nothing else, a token of such a user nothing. */
  readonly mustEnrolSecondFactor: boolean;
  /** The password is an admin's: the same, until it is replaced. */
  readonly mustChangePassword: boolean;
  readonly actor: Actor;
}

/** What a principal follows from besides its user. */
export interface PrincipalFacts {
  readonly settings: AccessSettings;
  readonly records: Pick<UserRecords, 'hasOneTimePassword'>;
}

export function principalOf(
  kind: Exclude<Principal['kind'], 'owner'>,
  user: StoredUser,
  as: { readonly ref: string; readonly role: Role },
  { settings, records }: PrincipalFacts,
): Principal {
  const { userId, name } = user;
  return {
    kind,
    userId,
    name,
    ownRole: as.role,
    role: !settings.rolesEnabled && kind === 'session' ? 'admin' : as.role,
    ref: as.ref,
    // Of the user, not of the session or token: a narrower token is no way around them.
    mustEnrolSecondFactor: settings.adminSecondFactor && user.role === 'admin' && !user.secondFactor,
    mustChangePassword: records.hasOneTimePassword(userId),
    actor: `user:${userId}`,
  };
}

/** The check that every guard makes. A token never manages the account that it belongs to. */
export function may(principal: Principal, permission: Permission): boolean {
  if (principal.mustEnrolSecondFactor || principal.mustChangePassword) {
    return permission === 'account' && principal.kind === 'session';
  }
  if (permission === 'account') return principal.kind === 'session';
  return allows(isAlwaysByRole(permission) ? principal.ownRole : principal.role, permission);
}
