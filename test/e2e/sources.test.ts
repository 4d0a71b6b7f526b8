import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { EventAppender } from '../../src/app/journal/event-appender.js';
import { DEFAULT_COA } from '../../src/domain/accounting/coa.js';
import { STREAMS } from '../../src/events/streams.js';
import { composeBotIdentity } from '../../src/kernel/identity.js';
import { epochMs } from '../../src/kernel/time.js';
import { copyTree } from '../support/copy-tree.js';
import { testNeeding, tool } from '../support/needs.js';
import { eventsOf } from './support/outcome.js';
import * as program from './support/program.js';
import { done, pathsOf, textOf, treeOf } from './support/program.js';

const IDENTITY = composeBotIdentity({ entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' });
const FIRST = '2026-01-05';
const SECOND = '2026-01-06';
const day = (date: string, home: string): Promise<{ readonly ok: boolean }> =>
  done('day', '--synthetic', '--seed', '7', '--date', date, '--home', home);

let base: string;
beforeAll(async () => {
  await program.buildOnce();
  base = join(program.scratchFolder(), 'base');
  await day(FIRST, base);
});
afterAll(program.removeScratch);

function copyOf(): { readonly home: string; readonly paths: ReturnType<typeof pathsOf> } {
  const home = join(program.scratchFolder(), 'home');
  copyTree(base, home);
  return { home, paths: pathsOf(home) };
}

/** Nothing false was journaled, the second day is exported with its trades, and everything can be made again. */
async function expectGoodSecondDay(home: string): Promise<void> {
  const types = (await eventsOf(home)).map(({ type }) => type);
  expect(types).not.toContain('ReconciliationMismatchFound');
  expect(types).not.toContain('ErrorRecorded');
  const paths = pathsOf(home);
  expect(textOf(paths.exportFile('ofx', `session_${SECOND}`)).match(/<(?:BUY|SELL)STOCK>/g) ?? []).not.toHaveLength(0);
  await done('rebuild', 'all', '--home', home);
  await done('rebuild', 'all', '--check', '--home', home);
}

describe('a program that has the ledger open (books/04)', () => {
  test('a reader that stays through a whole day changes nothing', async () => {
    const { home, paths } = copyOf();
    const reader = new Database(paths.output.ledgerDb, { readonly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM groups').get();
    expect(await day(SECOND, home)).toMatchObject({ ok: true });
    reader.close();
    await expectGoodSecondDay(home);
  });

  test('a lock of a writer is waited for', async () => {
    const { home, paths } = copyOf();
    const writer = new Database(paths.output.ledgerDb);
    writer.exec('BEGIN IMMEDIATE');
    const traded = day(SECOND, home);
    await pause(8_000);
    writer.close();
    expect(await traded).toMatchObject({ ok: true });
    await expectGoodSecondDay(home);
  });
});

test('an account that is renamed later changes no export of before (books/16)', async () => {
  const { home, paths } = copyOf();
  const before = treeOf(paths.output.exports);
  const last = Math.max(...(await eventsOf(home)).map(({ recordedAt }) => Date.parse(recordedAt)));
  const clock = new VirtualClock(epochMs(last));
  const journal = SqliteJournal.open({ path: paths.storage.journalDb, clock });
  const appender = new EventAppender({ journal, clock, identity: IDENTITY, actor: 'system:engine' });
  const accounts = DEFAULT_COA.accounts.map((account) =>
    account.code === '1030' ? { ...account, name: 'Renamed since' } : account,
  );
  const data = { ...DEFAULT_COA, version: `${DEFAULT_COA.version}-renamed`, accounts };
  await appender.append(STREAMS.accounting, [{ type: 'CoaChanged', data, correlationId: 'test', causationId: null }]);
  await journal.close();
  await done('rebuild', 'all', '--home', home);
  await done('rebuild', 'all', '--check', '--home', home);
  expect(treeOf(paths.output.exports)).toEqual(before);
  // the statement of a session has the chart of its end, whenever it is made
  expect(await done('export', 'csv', '--session', FIRST, '--home', home)).toMatchObject({ made: false });
  expect(textOf(paths.exportFile('csv', `session_${FIRST}`))).not.toContain('Renamed since');
  await done('export', 'csv', '--from', FIRST, '--to', SECOND, '--home', home);
  expect(textOf(paths.exportFile('csv', `range_${FIRST}_${SECOND}`))).toContain('Renamed since');
});

testNeeding(tool('sqlite3'))('a copy of each database alone is whole for the sqlite3 of the system', () => {
  const { ledgers } = pathsOf(base).output;
  const copies = program.scratchFolder();
  const files = readdirSync(ledgers).filter((name) => name.endsWith('.db'));
  expect(files).toHaveLength(3);
  for (const name of files) {
    const copy = join(copies, basename(name));
    copyFileSync(join(ledgers, name), copy);
    const checked = spawnSync('sqlite3', [copy, 'PRAGMA integrity_check'], { encoding: 'utf8' });
    expect([name, checked.stdout, checked.stderr]).toEqual([name, 'ok\n', '']);
    expect(readFileSync(copy).equals(readFileSync(join(ledgers, name)))).toBe(true);
  }
});
