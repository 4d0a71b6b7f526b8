import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cpSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockHome } from '../../src/adapters/home/home-lock.js';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { START } from '../contract/support/journal-events.js';
import * as program from './support/program.js';
import { copyTree } from '../support/copy-tree.js';

let home: string;
let copy: string;
const status = (at: string): { jobs: Record<string, { result: string | null }> } =>
  program.jsonOf(join(at, 'output/status.json'));

beforeAll(async () => {
  await program.buildOnce();
  home = join(program.scratchFolder(), 'home');
  await program.done('day', '--synthetic', '--seed', '7', '--days', '2', '--home', home);
  ({ path: copy } = await program.done<{ path: string }>('backup', '--home', home));
});
afterAll(program.removeScratch);

const locked = async (work: () => Promise<program.Ended>): Promise<program.Ended> => {
  const lock = lockHome({ paths: program.pathsOf(home), command: 'day', pid: 1, clock: new VirtualClock(START) });
  try {
    return await work();
  } finally {
    lock.release();
  }
};

describe('backup and restore from the command line (JRN-35)', () => {
  test('a backup is recorded as an event, shown in the status, and needs no lock', async () => {
    expect(status(home).jobs['backup']?.result).toMatch(/^ok journal_\d{16}\.db, \d+ events$/);
    const to = join(program.scratchFolder(), 'elsewhere');
    const made = await locked(() => program.tradebot('backup', '--home', home, '--to', to));
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(readdirSync(to)).toHaveLength(3);
    expect(readdirSync(join(to, 'market'))).toHaveLength(2);
    expect(made.out).toMatch(/market data of 2 days, \d+ bytes, in market\//);
    const { out } = await program.tradebot('events', '--home', home, '--type', 'BackupCompleted');
    expect(out.trim().split('\n')).toHaveLength(2);
  });

  test('a failed backup is one line, exit 1, and an event', async () => {
    const file = join(program.scratchFolder(), 'file');
    writeFileSync(file, '');
    const failed = await program.tradebot('backup', '--home', home, '--to', file);
    expect(failed).toMatchObject({ code: 1, out: '' });
    expect(failed.err).toMatch(/^.*BACKUP_NOT_WRITTEN.*\n$/);
    const { out } = await program.tradebot('events', '--home', home, '--type', 'BackupFailed');
    expect(JSON.parse(out)).toMatchObject({ data: { code: 'BACKUP_NOT_WRITTEN' } });
  });

  test('restore is refused while the home is locked, and for another bot; nothing changes', async () => {
    const before = program.treeOf(join(home, 'storage/journal'));
    const held = await locked(() => program.tradebot('restore', copy, '--home', home));
    expect(held).toMatchObject({ code: 1, out: '' });
    expect(held.err).toContain('HOME_IN_USE');
    expect(program.treeOf(join(home, 'storage/journal'))).toEqual(before);
    const damaged = join(program.scratchFolder(), 'damaged.db');
    cpSync(copy, damaged);
    writeFileSync(damaged, 'x', { flag: 'r+' });
    const other = join(program.scratchFolder(), 'new');
    expect((await program.tradebot('restore', damaged, '--home', other)).code).toBe(1);
    expect(existsSync(other)).toBe(false);
  });

  test('a restore gives back journal, books and every other output, and they are verified', async () => {
    const again = join(program.scratchFolder(), 'again');
    copyTree(home, again);
    rmSync(join(again, 'output'), { recursive: true });
    await program.done('restore', copy, '--yes', '--home', again);
    const journal = await program.done<{ ok: boolean; count: number }>('verify', '--home', again);
    expect(journal).toMatchObject({ ok: true, count: program.jsonOf<{ count: number }>(`${copy}.json`).count + 1 });
    expect((await program.tradebot('rebuild', 'all', '--check', '--home', again)).code).toBe(0);
    const books = program.pathsOf(home).output.tradeHistoryCsv;
    expect(program.textOf(program.pathsOf(again).output.tradeHistoryCsv)).toBe(program.textOf(books));
  });

  test('a new home gets the recorded market data from the backup; without it the days are named and copied when they are brought', async () => {
    const markets = (of: string): readonly object[] => {
      const { storage, output } = program.pathsOf(of);
      return [program.treeOf(storage.market), program.treeOf(output.market)];
    };
    const brought = join(program.scratchFolder(), 'brought');
    const made = await program.done<{ missing: readonly string[] }>('restore', copy, '--home', brought);
    expect(made.missing).toEqual([]);
    expect(markets(brought)).toEqual(markets(home));

    const alone = join(program.scratchFolder(), 'alone.db');
    cpSync(copy, alone);
    const lacking = join(program.scratchFolder(), 'lacking');
    const restored = await program.tradebot('restore', alone, '--home', lacking);
    expect(restored.code).toBe(0);
    expect(restored.out).toContain('market data of 2026-01-05, 2026-01-06 is missing');
    expect(markets(lacking)).toEqual([{}, {}]);
    expect((await program.tradebot('rebuild', 'all', '--check', '--home', lacking)).code).toBe(0);
    copyTree(program.pathsOf(home).storage.market, program.pathsOf(lacking).storage.market);
    const second = await program.tradebot('backup', '--home', lacking);
    expect(second).toMatchObject({ code: 0, err: '' });
    expect(markets(lacking)).toEqual(markets(home));
    expect((await program.tradebot('rebuild', 'all', '--check', '--home', lacking)).code).toBe(0);
  });

  test('a restore of an older backup keeps the seals and exports of the history that it abandons', async () => {
    const back = join(program.scratchFolder(), 'back');
    copyTree(home, back);
    const next = ['--synthetic', '--seed', '7', '--date', '2026-01-07', '--home', back];
    await program.done('day', ...next);
    const sealFile = (id: string): string => program.pathsOf(back).sealFile(id);
    const exportFile = (...of: ['csv', string]): string => program.pathsOf(back).exportFile(...of);
    const seal = program.textOf(sealFile('2026-01-07'));
    const csv = program.textOf(exportFile('csv', 'session_2026-01-07'));
    const kept = (): readonly object[] =>
      ['storage/journal', 'output', 'backups'].map((at) => program.treeOf(join(back, at)));
    const before = kept();
    const asked = await program.tradebot('restore', copy, '--home', back);
    expect(asked).toMatchObject({ code: 1, out: '' });
    expect(asked.err).toMatch(/RESTORE_NOT_CONFIRMED/);
    expect(asked.err).toContain('sessions that are dropped: 2026-01-07');
    expect(kept()).toEqual(before);
    const why = ['--yes', '--reason', 'the disk was replaced'];
    const { keptIn, abandoned } = await program.done<{ keptIn: string; abandoned: readonly string[] }>(
      ...['restore', copy, ...why, '--home', back],
    );
    expect(abandoned).toHaveLength(5);
    expect(program.textOf(join(keptIn, 'seal_2026-01-07.json'))).toBe(seal);
    expect(program.textOf(join(keptIn, 'session_2026-01-07.csv'))).toBe(csv);
    expect(existsSync(sealFile('2026-01-07'))).toBe(false);
    await program.done('day', ...next);
    const verified = await program.tradebot('verify', '--home', back);
    expect(verified).toMatchObject({ code: 0, err: '' });
    expect(verified.out).toMatch(
      /RESTORED at position \d+: .*the disk was replaced.*seals that are dropped: 2026-01-07/,
    );
    expect(verified.out).toContain('where the replaced journal is whole');
    expect(status(back).jobs['restore']?.result).toMatch(/1 sessions and 1 seals dropped: the disk was replaced$/);
    writeFileSync(join(keptIn, 'journal.db'), program.textOf(join(keptIn, 'seal_2026-01-07.json')));
    expect((await program.tradebot('verify', '--home', back)).out).toContain('THE REPLACED JOURNAL IS UNREADABLE');
  });

  test('rebuild --check exits 3, and an event and the status name what differs; a rebuild fixes it', async () => {
    const spoilt = join(program.scratchFolder(), 'spoilt');
    copyTree(home, spoilt);
    writeFileSync(program.pathsOf(spoilt).output.tradeHistoryCsv, 'nothing\n');
    const found = await program.tradebot('rebuild', 'all', '--check', '--home', spoilt);
    expect(found.code).toBe(3);
    expect(found.out).toContain('trade-history: DIFFERS');
    expect(status(spoilt).jobs['projections_check']?.result).toBe('differ: trade-history');
    const { out } = await program.tradebot('events', '--home', spoilt, '--type', 'ProjectionsChecked');
    expect(JSON.parse(out)).toMatchObject({ data: { ok: false } });
    expect((await program.tradebot('rebuild', 'trade-history', '--home', spoilt)).code).toBe(0);
    expect((await program.tradebot('rebuild', 'all', '--check', '--home', spoilt)).code).toBe(0);
    expect(status(spoilt).jobs['projections_check']?.result).toMatch(/^ok, \d+ compared$/);
  });
});
