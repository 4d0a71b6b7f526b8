import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { SqliteSimStore } from '../adapters/broker-sim/sqlite-store.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import type { EngineState } from '../domain/session/engine-state.js';
import { dataError } from '../kernel/errors.js';

/**
 * Opens the account of the simulated broker. Throws DataError `SIM_ACCOUNT_MISSING` when the books have trades and the home
 * has no account: they were made with that of another home, and a new account would not agree with the books.
 */
export function openSimulatedAccount(
  { home, storage }: HomePaths,
  { book, positions }: Pick<EngineState, 'book' | 'positions'>,
): SqliteSimStore {
  const path = storage.simBrokerDb;
  const hasTraded = positions.size > 0 || book.executions.count > 0;
  if (!hasTraded || existsSync(path)) return new SqliteSimStore(path);
  throw dataError({
    code: 'SIM_ACCOUNT_MISSING',
    message: `the books have trades, and the account of the simulated broker that made them is not in ${home} (${path})`,
    remedy:
      `Copy the whole folder ${dirname(path).slice(home.length + 1)} of the home in which this bot traded before to here ` +
      'while neither bot runs: after a crash its last trades are in broker.db-wal. No backup has it. Nothing was traded.',
  });
}
