import type { AccessSettings } from '../../domain/access/access-settings.js';
import { allows, type Permission, type Role } from '../../domain/access/roles.js';
import type { Actor } from '../../events/event.js';
import type { StoredUser } from '../../ports/users.js';

/** The caller, as the web guards see it. */
export interface Principal {
  readonly kind: 'session' | 'token';
  readonly userId: string;
  readonly name: string;
  /** The effective role: the user's, or the narrower one of a token. */
  readonly role: Role;
  /** Reference of the session, or id of the token. */
  readonly ref: string;
  /** An admin who must first enrol a second factor: may do `account` and nothing else. */
  readonly mustEnrolSecondFactor: boolean;
  readonly actor: Actor;
}

export function principalOf(
  kind: Principal['kind'],
  user: StoredUser,
  as: { readonly ref: string; readonly role: Role },
  settings: AccessSettings,
): Principal {
  const { userId, name } = user;
  return {
    kind,
    userId,
    name,
    role: !settings.rolesEnabled && kind === 'session' ? 'admin' : as.role,
    ref: as.ref,
    mustEnrolSecondFactor: settings.adminSecondFactor && as.role === 'admin' && !user.secondFactor,
    actor: `user:${userId}`,
  };
}

/** The check that every guard makes. A token never manages the account that it belongs to. */
export function may(principal: Principal, permission: Permission): boolean {
  if (principal.mustEnrolSecondFactor) return permission === 'account' && principal.kind === 'session';
  if (permission === 'account') return principal.kind === 'session';
  return allows(principal.role, permission);
}
