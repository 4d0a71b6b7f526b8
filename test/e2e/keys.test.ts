import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import { FernetKey } from '../../src/adapters/fernet/key.js';
import { lockHome } from '../../src/adapters/home/home-lock.js';
import { FileVault } from '../../src/adapters/vault/file-vault.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { provisionTestHome, type ProvisionedHome } from '../support/provision.js';
import * as program from './support/program.js';

const clock = new SystemClock();
let made: ProvisionedHome;

beforeAll(async () => {
  await program.buildOnce();
  made = await provisionTestHome(join(program.scratchFolder(), 'home'));
});
afterAll(program.removeScratch);

const keys = (...args: readonly string[]): Promise<program.Ended> =>
  program.tradebot('keys', ...args, '--home', made.home, '--json');
const why = ['--reason', 'the token leaked'];

test('an owner sees, rotates and destroys keys, and takes the master key away', async () => {
  expect(JSON.parse((await keys('status')).out)).toEqual({ ok: true, generation: 1, earlier: [], masterKey: false });
  const missing = await keys('rotate');
  expect([missing.code, missing.err]).toEqual([1, expect.stringContaining('REASON_MISSING')]);
  const pasted = await keys('rotate', '--reason', 'password=hunter2');
  expect([pasted.code, pasted.err]).toEqual([1, expect.stringContaining('CREDENTIAL_IN_TEXT')]);
  expect(JSON.parse((await keys('rotate', ...why)).out)).toMatchObject({ generation: 2, earlier: [1] });
  expect(JSON.parse((await keys('destroy-earlier', ...why)).out)).toMatchObject({ generation: 3, earlier: [] });

  const plain = await keys('unwrap', ...why);
  expect([plain.code, plain.err]).toEqual([1, expect.stringContaining('VAULT_NOT_WRAPPED')]);
  const masterKeyFile = join(made.home, 'master.key');
  writeFileSync(masterKeyFile, `${FernetKey.generate().text().reveal()}\n`, { mode: 0o600 });
  new FileVault({ paths: made.base.storage, clock, masterKeyFile }).wrapKeys();
  const locked = await keys('unwrap', ...why);
  expect([locked.code, locked.err]).toEqual([1, expect.stringContaining('MASTER_KEY_NEEDED')]);
  const unwrapped = await keys('unwrap', ...why, '--master-key-file', masterKeyFile);
  expect(JSON.parse(unwrapped.out)).toEqual({
    ok: true,
    unwrap: true,
    generation: 5,
    earlier: [4, 3],
    masterKey: false,
  });
  expect(new FileVault({ paths: made.base.storage, clock, masterKeyFile: null }).check()).toEqual([]);

  const journal = SqliteJournal.open({ path: made.paths.storage.journalDb, clock });
  try {
    const rotations = await journal.readAll({ filter: { types: ['SecretsRotated'] } });
    expect(rotations.map(({ meta, data }) => [meta.actor, data])).toEqual(
      [
        { generation: 2, earliestKept: 1 },
        { generation: 3, earliestKept: 3 },
        { generation: 5, earliestKept: 3 },
      ].map((facts) => ['user:local', expect.objectContaining({ ...facts, reason: 'the token leaked' })]),
    );
  } finally {
    await journal.close();
  }
});

test('the master key is not taken away from under a running bot', async () => {
  const lock = lockHome({ paths: made.paths, command: 'run', pid: process.pid, clock });
  try {
    const refused = await keys('unwrap', ...why);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('HOME_IN_USE')]);
    expect(refused.err).toContain('A bot that runs with a master key wraps the keys again.');
  } finally {
    lock.release();
  }
});
