import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { FolderDiskSpace } from '../adapters/files/disk-space.js';
import { chartInCoa, chartInLedger } from '../adapters/home-check/charts.js';
import { attemptFaults, databaseFaults } from '../adapters/home-check/databases.js';
import { folderFaults, privateFileFaults } from '../adapters/home-check/folders.js';
import { PASSWORD_RESET_TOKENS_SQL } from '../adapters/users/password-reset-tokens-sql.js';
import { SqliteUserStore, USERS_DB_ADDITIONS } from '../adapters/users/sqlite-user-store.js';
import { SYSTEM_USERS_SQL } from '../adapters/users/system-users-sql.js';
import { UserRecords } from '../app/access/user-records.js';
import type { Fault, NamedCheck } from '../app/checks/build-check.js';
import { chartFaults, tailFaults } from '../app/checks/journal-checks.js';
import { refuseOtherIdentity } from '../app/settings/vault-identity.js';
import type { Settings } from '../domain/config/settings.js';
import { WATCH_TABLE } from '../domain/watchdog/watch-table.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import type { BotIdentity } from '../kernel/identity.js';
import type { Journal } from '../ports/journal.js';
import type { Vault } from '../ports/vault.js';
import { LEDGER_ATTEMPTS } from '../../projections/ledger/attempts.js';
import type { Projection } from '../../projections/kit/projection.js';
import { sealKeysOf, type MasterKeySource } from './seal-keys.js';

export interface HomeCheckDeps {
  readonly paths: HomePaths;
  readonly journal: Pick<Journal, 'readAll' | 'verify'>;
  readonly vault: Pick<Vault, 'check' | 'secret'>;
  readonly identity: BotIdentity;
  readonly settings: Settings;
  readonly versionTag: string;
  readonly projections: readonly Projection[];
  readonly masterKey?: MasterKeySource;
  /**
   * How long to wait for the projector, which repairs what it owns, in milliseconds; default one minute. Outputs that it
   * has not built yet are no fault: the engine trades without them (RUN-2).
   */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 60_000;
const PAUSE_MS = 200;
const REBUILD = 'Check the state of the projector, or run `tradebot rebuild all`, also while the bot runs.';
const USERS =
  'Put the database back from a copy; it cannot be rebuilt. Without one, run `tradebot users repair --admin NAME`.';

/** Checks of the books for test mode: read-only, and an output that is not built yet is a fault. */
export function bookChecks(
  paths: HomePaths,
  journal: Pick<Journal, 'readAll'>,
  ledger: Pick<Projection, 'name' | 'databasePath' | 'schemaSql'>,
): { readonly schema: readonly NamedCheck[]; readonly chart: readonly NamedCheck[] } {
  const { databasePath, schemaSql } = ledger;
  return {
    schema: [
      {
        module: 'ledger_schema',
        run: () => databaseFaults({ path: databasePath ?? paths.output.ledgerDb, schemaSql, remedy: REBUILD }),
      },
    ],
    chart: [{ module: 'coa_consistency', run: () => chartFaults(journal, chartPlaces(paths)) }],
  };
}

/** All checks that must pass before the bot of a home may trade (TRD-33, RUN-21). */
export function homeChecks(deps: HomeCheckDeps): readonly NamedCheck[] {
  const { paths, journal, vault, settings, versionTag } = deps;
  const { storage, output } = paths;
  const withDatabases = deps.projections.filter(({ databasePath }) => databasePath !== null);
  return [
    { module: 'version', run: () => versionFaults(settings, versionTag) },
    {
      module: 'vault',
      run: () => vault.check().map(({ file, cause, remedy }) => ({ cause: `${file}: ${cause}`, remedy })),
    },
    { module: 'identity', run: () => identityFaults(deps) },
    { module: 'folders', run: () => folderFaults(paths) },
    { module: 'permissions', run: () => privateFileFaults([storage.journalDb, storage.sealKey, storage.usersDb]) },
    { module: 'seal key', run: () => sealKeyFaults(paths, deps.masterKey) },
    { module: 'journal', run: () => tailFaults(journal) },
    ...withDatabases.map((projection) => ({
      module: `database ${projection.name}`,
      run: () => patiently(() => projectionFaults(projection), deps.patienceMs ?? PATIENCE_MS),
    })),
    { module: 'database users', run: () => stateFaults(storage.usersDb, SYSTEM_USERS_SQL, USERS_DB_ADDITIONS) },
    { module: 'users', run: () => wayInFaults(journal, storage.usersDb) },
    { module: 'database reset tokens', run: () => stateFaults(storage.resetTokensDb, PASSWORD_RESET_TOKENS_SQL) },
    {
      module: 'ledger constraints',
      run: () => (existsSync(output.ledgerDb) ? attemptFaults(output.ledgerDb, LEDGER_ATTEMPTS, REBUILD) : []),
    },
    {
      module: 'chart of accounts',
      run: () => patiently(() => chartFaults(journal, chartPlaces(paths)), deps.patienceMs ?? PATIENCE_MS),
    },
    { module: 'disk', run: () => diskFaults(paths.home) },
  ];
}

/** An error of the check is its fault. */
function identityFaults({ vault, identity, paths }: HomeCheckDeps): readonly Fault[] {
  refuseOtherIdentity(vault, { identity, marker: paths.marker });
  return [];
}

function versionFaults({ VERSION_TAG }: Settings, versionTag: string): readonly Fault[] {
  if (VERSION_TAG === versionTag) return [];
  return [
    {
      cause: `VERSION_TAG is "${VERSION_TAG}", but this program is ${versionTag}`,
      remedy: 'On the settings page, set VERSION_TAG to the version that runs.',
    },
  ];
}

function sealKeyFaults(paths: HomePaths, masterKey: MasterKeySource | undefined): readonly Fault[] {
  const keys = sealKeysOf(paths, masterKey);
  const known = keys.knownPublicKey();
  if (known === undefined || existsSync(paths.storage.sealKey)) return [];
  return [
    {
      cause: `${paths.storage.sealKey} is missing, though the home has published a key`,
      remedy: 'Restore the private key from a backup. To start with a new key, move the public key away first.',
    },
  ];
}

function projectionFaults({ databasePath, schemaSql }: Projection): readonly Fault[] {
  if (databasePath === null || !existsSync(databasePath)) return [];
  return databaseFaults({ path: databasePath, schemaSql, remedy: REBUILD });
}

const stateFaults = (path: string, schemaSql: string, additions: readonly string[] = []): readonly Fault[] =>
  databaseFaults({ path, schemaSql, additions, remedy: USERS });

/** Users that nobody can log in as are a lost database: the journal has an admin and the file has none that counts. */
async function wayInFaults(journal: Pick<Journal, 'readAll'>, path: string): Promise<readonly Fault[]> {
  if (!existsSync(path)) return [];
  const records = new UserRecords(journal);
  await records.refresh();
  if (!records.hasAdmin) return [];
  const store = new SqliteUserStore(path);
  try {
    const users = store.users.list().map((user) => records.effective(user));
    if (users.some(({ role, disabled }) => role === 'admin' && !disabled)) return [];
    return [{ cause: `no admin can log in: ${path} has none of the admins of the journal`, remedy: USERS }];
  } finally {
    store.close();
  }
}

function chartPlaces({ output }: HomePaths): Parameters<typeof chartFaults>[1] {
  return {
    kept: [
      { name: 'coa', path: output.coaDb, chart: () => chartInCoa(output.coaDb) },
      { name: 'ledger', path: output.ledgerDb, chart: () => chartInLedger(output.ledgerDb) },
    ].filter(({ path }) => existsSync(path)),
  };
}

const MB = 1_000_000;

function diskFaults(home: string): readonly Fault[] {
  const free = new FolderDiskSpace(home).freeBytes();
  const [limit] = WATCH_TABLE.disk.measures;
  if (free === undefined || limit === undefined || free / MB > limit.downAt) return [];
  return [
    {
      cause: `the disk of the home has ${Math.floor(free / MB)} MB free; at least ${limit.downAt} MB are required`,
      remedy: 'Free space on the disk of the home.',
    },
  ];
}

/** Repeats a check until it passes or the time is up: another process may still be building the file. */
async function patiently(
  look: () => readonly Fault[] | Promise<readonly Fault[]>,
  ms: number,
): Promise<readonly Fault[]> {
  for (let waited = 0; ; waited += PAUSE_MS) {
    const faults = await attempt(look, waited >= ms);
    if (faults.length === 0 || waited >= ms) return faults;
    await pause(PAUSE_MS);
  }
}

async function attempt(
  look: () => readonly Fault[] | Promise<readonly Fault[]>,
  last: boolean,
): Promise<readonly Fault[]> {
  try {
    return await look();
  } catch (error) {
    if (last) throw error;
    return [{ cause: 'it cannot be read yet', remedy: REBUILD }];
  }
}
