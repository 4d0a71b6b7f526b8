import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { openHome } from '../../src/adapters/home/home.js';
import { testNeeding, tool } from '../support/needs.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';

const PARTS = { entityCode: 'TEST', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' };
const IGNORED = readFileSync(new URL('../../.gitignore', import.meta.url), 'utf8');

afterAll(removeTemporaryHomes);

function git(folder: string, ...args: readonly string[]): void {
  const who = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
  execFileSync('git', [...who, ...args], { cwd: folder, stdio: 'ignore' });
}

describe('a home in a clone of the program (books/17)', () => {
  testNeeding(tool('git'))('git clean -fdx leaves journal, backups and outputs where they are', () => {
    const clone = temporaryHome();
    git(clone, 'init');
    writeFileSync(`${clone}/.gitignore`, IGNORED);
    git(clone, 'add', '.gitignore');
    git(clone, 'commit', '-m', 'first');
    const open = () => openHome({ dir: clone, identity: PARTS, create: true, version: 'test' });
    const { paths } = open();
    const kept = [
      paths.storage.journalDb,
      paths.storage.sealKey,
      `${paths.backups}/journal_1.db`,
      paths.sealFile('2026-01-06'),
      paths.output.ledgerDb,
    ];
    for (const path of kept) writeFileSync(path, 'precious');
    git(clone, 'clean', '-fdx');
    expect(kept.filter((path) => !existsSync(path))).toEqual([]);
    open();
    git(clone, 'clean', '-fdX');
    expect(kept.filter((path) => !existsSync(path))).toEqual([]);
  });

  test('a home outside of a clone has no such guard', () => {
    const { paths } = openHome({ dir: temporaryHome(), identity: PARTS, create: true, version: 'test' });
    expect([paths.storage.dir, paths.backups, paths.output.bot].filter((path) => existsSync(`${path}/.git`))).toEqual(
      [],
    );
  });
});
