import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { copyTree } from '../support/copy-tree.js';
import * as program from './support/program.js';

let home: string;
let anchor: string;
beforeAll(async () => {
  await program.buildOnce();
  home = join(program.scratchFolder(), 'home');
  anchor = join(program.scratchFolder(), 'anchor');
  mkdirSync(anchor);
  const anchored = ['--set', `SEAL_ANCHOR_DIR=${anchor}`, '--home', home];
  await program.done('day', '--synthetic', '--seed', '7', '--days', '2', ...anchored);
});
afterAll(program.removeScratch);

/** Takes the last day out of the journal as somebody with a SQLite shell would, and its seal. */
function cutLastDay(at: string): void {
  const paths = program.pathsOf(at);
  const db = new Database(paths.storage.journalDb);
  const triggers = db
    .prepare<[], { name: string; sql: string }>("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
    .all();
  for (const { name } of triggers) db.exec(`DROP TRIGGER "${name}"`);
  db.exec(
    `DELETE FROM events WHERE position >= (SELECT min(position) FROM events WHERE body LIKE '%"sessionDate":"2026-01-06"%')`,
  );
  for (const name of ['stream', 'type']) {
    db.exec(`DELETE FROM ${name}s WHERE ${name}_id > (SELECT max(${name}_id) FROM events)`);
  }
  for (const { sql } of triggers) db.exec(sql);
  db.close();
  rmSync(paths.sealFile('2026-01-06'));
}

test('the seals of two days are anchored, and verify counts them', async () => {
  expect(readdirSync(anchor)).toHaveLength(3);
  const { out } = await program.tradebot('verify', '--home', home);
  expect(out).toContain(`2 of 2 seals are anchored in ${anchor}`);
  const status = program.jsonOf<{ jobs: { seal_anchor: { result: string } } }>(program.pathsOf(home).output.statusJson);
  expect(status.jobs.seal_anchor.result).toBe(`ok, 2 seals in ${anchor}`);
});

test.each([
  ['checkpoints of the projections', (): void => undefined],
  [
    'the anchored seal alone',
    (at: string): void => {
      rmSync(program.pathsOf(at).output.bot, { recursive: true });
      for (const name of ['databases', 'journal-verified.json']) {
        rmSync(join(at, 'storage', name), { recursive: true, force: true });
      }
    },
  ],
])('a day that was cut with its seal contradicts %s, and no command works on it', async (what, alsoLost) => {
  const cut = join(program.scratchFolder(), 'cut');
  copyTree(home, cut);
  cutLastDay(cut);
  alsoLost(cut);
  const verified = await program.tradebot('verify', '--home', cut);
  expect({ what, code: verified.code }).toEqual({ what, code: 3 });
  expect(verified.out).toMatch(/JOURNAL_CUT/);
  expect(verified.out).toContain('2026-01-06');
  const refused = await program.tradebot('seal', '--home', cut);
  expect(refused.code).toBe(3);
  expect(refused.err).toMatch(/JOURNAL_CUT|JOURNAL_EMPTIED/);
});
