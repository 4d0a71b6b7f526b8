import { SqliteResetTokens } from '../../adapters/users/sqlite-reset-tokens.js';
import { SqliteUserStore } from '../../adapters/users/sqlite-user-store.js';
import type { BasePaths } from '../../domain/home/home-paths.js';
import type { HomeDatabase } from '../../ports/provisioning.js';

/** Databases that no projection makes (SEC-10): opening one makes it whole, or checks its schema. */
export function homeDatabases(paths: BasePaths['storage']): readonly HomeDatabase[] {
  return [
    { name: 'users', make: () => new SqliteUserStore(paths.usersDb, { create: true }).close() },
    { name: 'reset tokens', make: () => new SqliteResetTokens(paths.resetTokensDb).close() },
  ];
}
