import { configError } from '../../kernel/errors.js';
import type { StoredUser, UserTable } from '../../ports/users.js';

/** Throws NO_SUCH_USER. */
export function knownUser(store: { readonly users: Pick<UserTable, 'byId'> }, userId: string): StoredUser {
  const user = store.users.byId(userId);
  if (user !== undefined) return user;
  throw configError({
    code: 'NO_SUCH_USER',
    message: `there is no user ${userId.slice(0, 64)}`,
    remedy: 'Take the id from the list of users.',
  });
}
