import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyTree } from '../../support/copy-tree.js';
import { unlocked } from '../support/tampering.js';
import { endCommands, scratchFolder, tradebot } from './support.js';

const BACKUP = 'kept.db';
let scratch: string;
let home: string;

beforeAll(async () => {
  scratch = scratchFolder();
  home = join(scratch, 'home');
  const day = await tradebot(['day', '--synthetic', '--seed', '1', '--home', home]);
  expect({ code: day.code, err: day.err }).toEqual({ code: 0, err: '' });
  expect((await tradebot(['backup', '--home', home])).code).toBe(0);
  const [made = ''] = readdirSync(join(home, 'backups')).filter((name) => name.endsWith('.db'));
  copyFileSync(join(home, 'backups', made), join(scratch, BACKUP));
});
afterAll(async () => {
  await endCommands();
  rmSync(scratch, { recursive: true, force: true });
});

function withJournal(name: string, change: (journalDb: string) => void): string {
  const copy = join(scratch, name);
  copyTree(home, copy);
  change(join(copy, 'storage/journal/journal.db'));
  return copy;
}

const NOTES = 'these are notes of somebody, in the place of the journal';

test.each([
  ['another file', 'JOURNAL_REWRITTEN', (path: string) => writeFileSync(path, NOTES)],
  [
    'a folder',
    'JOURNAL_EMPTIED',
    (path: string) => {
      rmSync(path);
      mkdirSync(path);
    },
  ],
])('%s in the place of the journal is refused with the way out, which works', async (name, code, change) => {
  const copy = withJournal(name.replace(' ', '-'), change);
  for (const args of [['seal'], ['verify']]) {
    const refused = await tradebot([...args, '--home', copy]);
    expect({ args, code: refused.code, out: refused.out }).toEqual({ args, code: 3, out: '' });
    expect(refused.err).toContain(`(${code})`);
    expect(refused.err).toContain('tradebot restore FILE');
  }
  expect(await tradebot(['restore', join(scratch, BACKUP), '--yes', '--home', copy])).toMatchObject({ code: 0 });
  expect(await tradebot(['verify', '--home', copy])).toMatchObject({ code: 0, err: '' });
  const kept = join(copy, 'storage/journal/replaced-1/journal.db');
  if (name === 'a folder') expect(readdirSync(kept)).toEqual([]);
  else expect(readFileSync(kept, 'utf8')).toBe(NOTES);
});

test('a backup of a damaged journal ends with exit code 3, as every check that failed', async () => {
  const copy = withJournal('damaged', (path) => {
    const db = unlocked(path);
    db.exec("UPDATE events SET body = body || ' ' WHERE position = 9");
    db.close();
  });
  const refused = await tradebot(['backup', '--home', copy]);
  expect({ code: refused.code, out: refused.out }).toEqual({ code: 3, out: '' });
  expect(refused.err).toContain('(BACKUP_DAMAGED)');
});
