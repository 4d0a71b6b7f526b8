import { chmodSync, copyFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { FileProjectionTargets } from '../../src/adapters/projection-targets/file-targets.js';
import { FileVault } from '../../src/adapters/vault/file-vault.js';
import { runBuildCheck } from '../../src/app/checks/build-check.js';
import { PROJECTION_NAMES } from '../../src/app/projector/projection-names.js';
import { Projector } from '../../src/app/projector/projector.js';
import { EventAppender } from '../../src/app/journal/event-appender.js';
import { STREAMS } from '../../src/events/streams.js';
import { loadSettings } from '../../src/app/settings/load-settings.js';
import { DEFAULT_COA } from '../../src/domain/accounting/coa.js';
import { homeChecks } from '../../src/composition/home-checks.js';
import { bookCodesOf } from '../../src/domain/accounting/book-codes.js';
import { homeProjections } from '../../src/composition/home-projections.js';
import { sealKeysOf } from '../../src/composition/seal-keys.js';
import { statementSource } from '../../src/composition/statement-source.js';
import { secret } from '../../src/kernel/secret.js';
import { provisionTestHome, TEST_PARTS, TEST_VERSION, type ProvisionedHome } from '../support/provision.js';
import { START } from './support/journal-events.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';

afterAll(removeTemporaryHomes);

let made: ProvisionedHome;
const clock = new VirtualClock(START);

function projectionsOf(home: ProvisionedHome): ReturnType<typeof homeProjections> {
  const { paths, identity } = home;
  const codes = bookCodesOf(TEST_PARTS);
  const statement = statementSource({ paths, identity, identityParts: TEST_PARTS, codes });
  return homeProjections({ paths, identity, identityParts: TEST_PARTS, codes, statement });
}

async function withJournal<T>(work: (journal: SqliteJournal) => Promise<T>): Promise<T> {
  const journal = SqliteJournal.open({ path: made.paths.storage.journalDb, clock });
  try {
    return await work(journal);
  } finally {
    await journal.close();
  }
}

async function project(): Promise<void> {
  await withJournal(async (journal) => {
    const targets = new FileProjectionTargets({ home: made.home, projectionsDb: made.paths.storage.projectionsDb });
    const projector = new Projector({ journal, projections: projectionsOf(made), targets });
    await projector.catchUp();
    await projector.close();
  });
}

beforeEach(async () => {
  made = await provisionTestHome(temporaryHome(), {}, { clock });
  await project();
});

/** Module and cause of each failure. */
async function faults(versionTag = TEST_VERSION): Promise<readonly string[]> {
  const vault = new FileVault({ paths: made.paths.storage, clock, masterKeyFile: null });
  const settings = loadSettings(vault, TEST_VERSION);
  const results = await withJournal((journal) =>
    runBuildCheck(
      homeChecks({
        ...{ paths: made.paths, identity: made.identity, journal, vault, settings, versionTag },
        projections: projectionsOf(made),
        patienceMs: 0,
      }),
    ),
  );
  expect(results.every(({ ok, remedy }) => ok || remedy.length > 10)).toBe(true);
  return results.filter(({ ok }) => !ok).map(({ module, cause }) => `${module}: ${cause.replaceAll(made.home, '~')}`);
}

/** Changes a database outside of the program. */
function tamper(path: string, ...statements: readonly string[]): void {
  const db = new Database(path);
  for (const sql of statements) db.exec(sql);
  db.close();
}

/** What an attacker does who puts the guard back afterwards. */
function tamperGuarded(path: string, trigger: string, statement: string): void {
  const db = new Database(path);
  const guard = db.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').pluck().get(trigger);
  for (const sql of [`DROP TRIGGER ${trigger}`, statement, String(guard)]) db.exec(sql);
  db.close();
}

test('the names of projections are those of the projections of a home', () => {
  const names = projectionsOf(made).map(({ name }) => name);
  expect([...PROJECTION_NAMES].sort()).toEqual(names.sort());
});

describe('the build check (TRD-33)', () => {
  test('a new home passes, also after all derived files are deleted', async () => {
    expect(await faults()).toEqual([]);
    rmSync(made.paths.output.bot, { recursive: true });
    for (const { path } of made.paths.folders.filter(({ path: at }) => at.startsWith(made.paths.output.bot))) {
      expect(await faults()).toContain(`folders: the folder ${path.replace(made.home, '~')} is missing`);
    }
  });

  test('settings of another version are found', async () => {
    expect(await faults('9.9.9')).toEqual([`version: VERSION_TAG is "${TEST_VERSION}", but this program is 9.9.9`]);
  });

  test('a truncated secret is found and its file is named', async () => {
    truncateSync(made.base.storage.secrets + '/smtp.json.enc', 10);
    const [first, ...rest] = await faults();
    expect(first).toMatch(/^vault: .*smtp/);
    expect(rest).toEqual([]);
  });

  test('a bot whose encrypted identity is another one, or does not open, does not trade', async () => {
    const vault = new FileVault({ paths: made.paths.storage, clock, masterKeyFile: null });
    vault.rotate({ secrets: { bot_identity: { ...vault.secret('bot_identity'), BOT_ID: secret('B09') } } });
    expect(await faults()).toEqual([
      'identity: ~/storage/home.json names the bot DEMO_US_SIM_B01, the encrypted bot_identity names DEMO_US_SIM_B09',
    ]);
    truncateSync(`${made.base.storage.secrets}/bot_identity.json.enc`, 10);
    const found = await faults();
    expect(found.map((line) => line.split(':')[0])).toEqual(['vault', 'identity']);
  });

  test('a file in place of a folder and an unprotected private folder are found', async () => {
    const { logs } = made.paths.output;
    rmSync(logs, { recursive: true });
    writeFileSync(logs, 'x');
    chmodSync(made.base.storage.keys, 0o755);
    const found = await faults();
    expect(found).toContain(`folders: other users can access ~/storage/keys`);
    expect(
      found.some((line) => line.startsWith('folders: ~/output/') && line.endsWith('is a file, not a folder')),
    ).toBe(true);
  });

  test('a users database that others may read is found', async () => {
    chmodSync(made.base.storage.usersDb, 0o644);
    expect(await faults()).toEqual(['permissions: other users can read ~/storage/databases/SYSTEM_USERS.db']);
  });

  test('a lost seal key is found', async () => {
    writeFileSync(made.paths.output.sealPublicKey, sealKeysOf(made.paths).publicKeyPem());
    expect(await faults()).toEqual([]);
    rmSync(made.paths.storage.sealKey);
    expect((await faults())[0]).toMatch(/^seal key: .* is missing/);
  });

  test('a changed event in the journal is found', async () => {
    tamper(
      made.paths.storage.journalDb,
      'DROP TRIGGER events_update_refused',
      `UPDATE events SET body = replace(body, 'system:test', 'system:tess') WHERE position = 2`,
    );
    expect(
      (await faults()).some((line) => /^journal: .*0000000000000002: .*does not match the hash chain/.test(line)),
    ).toBe(true);
  });

  test.each([
    ['a table was dropped', 'DROP VIEW legs', 'view legs is missing'],
    ['a guard was dropped', 'DROP TRIGGER groups_guard', 'trigger groups_guard is missing'],
    ['something was added', 'CREATE TABLE mine (x)', 'table mine is unexpected'],
  ])('the ledger: %s', async (_name, sql, cause) => {
    tamper(made.paths.output.ledgerDb, sql);
    expect(await faults()).toContainEqual(expect.stringContaining(cause));
  });

  test('a ledger that accepts forbidden writes is found', async () => {
    tamper(made.paths.output.ledgerDb, 'DROP TRIGGER groups_guard', 'DROP TRIGGER accounts_no_delete');
    const found = (await faults()).filter((line) => line.startsWith('ledger constraints'));
    expect(found).toEqual([
      'ledger constraints: ~/output/DEMO_US_SIM_B01/ledgers/DEMO_US_SIM_B01_BOT_ledger.db accepts a group whose debits and credits differ',
      expect.stringContaining('accepts a group with one leg'),
      expect.stringContaining('accepts a leg of an unknown account'),
      expect.stringContaining('accepts the removal of a row'),
    ]);
    const db = new Database(made.paths.output.ledgerDb, { readonly: true });
    expect(db.prepare('SELECT count(*) FROM groups').pluck().get()).toBe(0);
    expect(db.prepare('SELECT count(*) FROM accounts').pluck().get()).toBe(DEFAULT_COA.accounts.length);
    db.close();
  });

  test('the attempted writes leave the file unchanged', async () => {
    const before = `${made.home}/before`;
    copyFileSync(made.paths.output.ledgerDb, before);
    expect(await faults()).toEqual([]);
    const bytes = (path: string): string => new Database(path, { readonly: true }).serialize().toString('hex');
    expect(bytes(made.paths.output.ledgerDb)).toBe(bytes(before));
  });

  test('a file that is not a database and a missing database are found', async () => {
    writeFileSync(made.base.storage.usersDb, 'not a database, but long enough to be read as one');
    rmSync(made.base.storage.resetTokensDb);
    const found = await faults();
    expect(found[0]).toMatch(/^database users: .* cannot be read/);
    expect(found[1]).toMatch(/^database reset tokens: the database .* is missing/);
    expect(found).toHaveLength(2);
  });

  test('a chart in the database that differs from the journal is found', async () => {
    const update = `UPDATE accounts SET name = 'Mine' WHERE code IN ('1030', '5010')`;
    tamperGuarded(made.paths.output.coaDb, 'accounts_no_update', update);
    expect(await faults()).toEqual([
      'chart of accounts: coa and the journal have different charts of accounts: 1030, 5010',
    ]);
  });

  test('an invalid chart in the journal is found', async () => {
    await withJournal(async (journal) => {
      const appender = new EventAppender({ journal, clock, identity: made.identity, actor: 'system:test' });
      const accounts = DEFAULT_COA.accounts.filter(({ code }) => code !== '1000');
      await appender.append(STREAMS.accounting, [
        {
          type: 'CoaChanged',
          data: { ...DEFAULT_COA, version: '1.0.1', accounts, reason: 'test' },
          correlationId: 'coa',
          causationId: null,
        },
      ]);
    });
    const found = await faults();
    expect(found).toContainEqual('chart of accounts: account 1030: the parent 1000 is missing');
  });

  test('all faults are listed, not only the first', async () => {
    chmodSync(made.base.storage.keys, 0o755);
    rmSync(made.base.storage.resetTokensDb);
    tamper(made.paths.output.ledgerDb, 'DROP VIEW legs');
    expect((await faults('9.9.9')).map((line) => line.split(':')[0])).toEqual([
      'version',
      'folders',
      'database ledger',
      'database reset tokens',
      'ledger constraints',
    ]);
  });
});

test('a check that cannot run is a fault, and the other checks still run', async () => {
  const results = await runBuildCheck([
    {
      module: 'a',
      run: () => {
        throw new Error('no disk');
      },
    },
    { module: 'b', run: () => [] },
  ]);
  expect(results).toMatchObject([
    { module: 'a', ok: false, cause: expect.stringContaining('no disk') },
    { module: 'b', ok: true },
  ]);
});
