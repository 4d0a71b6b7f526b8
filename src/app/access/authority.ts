import { allows } from '../../domain/access/roles.js';
import { configError, type TradeBotError } from '../../kernel/errors.js';
import type { UserTable } from '../../ports/users.js';
import type { Principal } from './principal.js';

/**
 * Within the transaction of a change of users: an admin may have lost the role since the request was let in, to the one
 * whom the request is about. Throws NO_LONGER_ALLOWED.
 */
export function refuseWithoutAuthority(store: { readonly users: Pick<UserTable, 'byId'> }, by: Principal): void {
  if (by.kind === 'owner') return;
  const user = store.users.byId(by.userId);
  if (user !== undefined && !user.disabled && allows(user.role, 'users')) return;
  throw configError({
    code: 'NO_LONGER_ALLOWED',
    message: `${by.name} is no longer an admin`,
    remedy: 'Ask another admin.',
  });
}

/** The same for what a user may do with the own account: an admin needs the role for that of another user. */
export function refuseOthersWithoutAuthority(
  store: { readonly users: Pick<UserTable, 'byId'> },
  by: Principal,
  userId: string,
): void {
  if (by.userId !== userId) refuseWithoutAuthority(store, by);
}

/** Nobody changes the own role; password, factor and the end of the account need the own proof. Throws OWN_ACCOUNT. */
export function refuseOwnAccount(by: Principal, userId: string): void {
  if (by.userId === userId) throw ownAccount();
}

/** The refusal of a change of the own account among the users. */
export function ownAccount(): TradeBotError {
  return configError({
    code: 'OWN_ACCOUNT',
    message: 'this is your own account: it is not changed among the users',
    remedy:
      'Use your account page for password, second factor, sessions and tokens; ask another admin for another role.',
  });
}
