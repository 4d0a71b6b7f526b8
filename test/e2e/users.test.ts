import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { EventAppender } from '../../src/app/journal/event-appender.js';
import { BcryptPasswords } from '../../src/adapters/passwords/bcrypt-passwords.js';
import { STREAMS } from '../../src/events/streams.js';
import { secret } from '../../src/kernel/secret.js';
import { homeChecks } from '../../src/composition/home-checks.js';
import { parseSettings } from '../../src/domain/config/settings.js';
import { provisionTestHome, type ProvisionedHome } from '../support/provision.js';
import { unlocked } from '../unit/support/tampering.js';
import * as program from './support/program.js';

const clock = new SystemClock();
let made: ProvisionedHome;

beforeAll(async () => {
  await program.buildOnce();
  made = await provisionTestHome(join(program.scratchFolder(), 'home'));
});
afterAll(program.removeScratch);

const users = (...args: readonly string[]): Promise<program.Ended> =>
  program.tradebot('users', ...args, '--home', made.home);

function rows(): readonly { name: string; role: string; disabled: number; password_hash: string }[] {
  const db = new Database(made.base.storage.usersDb, { readonly: true });
  try {
    return db.prepare<[], ReturnType<typeof rows>[number]>('SELECT * FROM users ORDER BY name').all();
  } finally {
    db.close();
  }
}

async function wayIn(): Promise<readonly string[]> {
  const journal = SqliteJournal.open({ path: made.paths.storage.journalDb, clock });
  const vault = { check: () => [], secret: () => ({}) };
  const settings = parseSettings({});
  const checks = homeChecks({
    ...{ paths: made.paths, identity: made.identity, journal, vault, settings },
    ...{ versionTag: '', projections: [] },
  });
  try {
    return (await checks.find(({ module }) => module === 'users')?.run())?.map(({ cause }) => cause) ?? [];
  } finally {
    await journal.close();
  }
}

test('an owner whose users database is lost gets back in, and what differs is repaired or accepted', async () => {
  const admin = ['--admin', 'anna', '--reason', 'the file was lost', '--json'];
  expect((await users('check')).code).toBe(0);

  rmSync(made.base.storage.usersDb);
  const lost = await users('check');
  expect(lost).toMatchObject({ code: 3, err: '' });
  expect(lost.out).toContain("the users' database SYSTEM_USERS.db is missing");
  const refused = await users('repair', '--reason', 'the file was lost');
  expect(refused.code).toBe(1);
  expect(refused.err).toContain('USERS_DB_MISSING');
  expect(existsSync(made.base.storage.usersDb)).toBe(false);

  const back = await users('repair', ...admin);
  expect(back).toMatchObject({ code: 0, err: '' });
  const { password } = JSON.parse(back.out) as { password: string };
  const [anna] = rows();
  expect(anna).toMatchObject({ name: 'anna', role: 'admin', disabled: 0 });
  expect(await new BcryptPasswords().matches(secret(password), secret(anna?.password_hash ?? ''), 'known')).toBe(true);
  expect((await users('check')).code).toBe(0);
  expect(await wayIn()).toEqual([]);

  const journal = SqliteJournal.open({ path: made.paths.storage.journalDb, clock });
  const appender = new EventAppender({ journal, clock, identity: made.identity, actor: 'system:web' });
  const gone = { userId: 'U-gone', role: 'viewer', first: false } as const;
  const draft = { type: 'UserRegistered', data: gone, correlationId: 'test', causationId: null } as const;
  await appender.append(STREAMS.user('U-gone'), [draft]);
  await journal.close();
  const db = new Database(made.base.storage.usersDb);
  db.exec(
    "INSERT INTO users SELECT 'U-added', 'bob', NULL, password_hash, 'admin', 0, 0, 0, created_at, NULL FROM users",
  );
  db.close();
  expect((await users('check')).out.match(/DIFFERS/g)).toHaveLength(2);
  expect((await users('repair', '--reason', 'as the journal has it')).code).toBe(0);
  expect(rows().map(({ name, disabled }) => [name, disabled])).toEqual([
    ['anna', 0],
    ['bob', 1],
  ]);
  expect((await users('check')).code).toBe(0);

  const edit = new Database(made.base.storage.usersDb);
  edit.exec("UPDATE users SET disabled = 0 WHERE name = 'bob'; UPDATE users SET disabled = 1 WHERE name = 'anna'");
  edit.close();
  expect(await wayIn()).toEqual([expect.stringContaining('no admin can log in')]);
  expect((await users('accept', '--reason', 'restored from an older backup')).code).toBe(0);
  expect((await users('check')).code).toBe(0);
  expect((await users('repair', ...admin)).code).toBe(0);
  expect(await wayIn()).toEqual([]);
  expect(rows().every(({ disabled }) => disabled === 0)).toBe(true);
});

test('users neither compares with, nor adds to, a journal in which a role was changed', async () => {
  const db = unlocked(made.paths.storage.journalDb);
  db.exec(`UPDATE events SET body = replace(body, '"role":"viewer"', '"role":"admin"')`);
  const events = (): unknown => db.prepare('SELECT count(*) AS count FROM events').get();
  const before = events();
  for (const args of [['check'], ['repair', '--reason', 'as the journal has it'], ['accept', '--reason', 'a test']]) {
    const refused = await users(...args);
    expect({ args, code: refused.code }).toEqual({ args, code: 3 });
    expect(refused.err).toContain('(JOURNAL_CORRUPT)');
  }
  expect(events()).toEqual(before);
  db.close();
});
