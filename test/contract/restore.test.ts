import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { keptJournal } from '../../src/adapters/backup/kept-journal.js';
import { hasRestoreNote } from '../../src/adapters/backup/restore-note.js';
import { findLostHistory } from '../../src/app/audit/lost-history.js';
import { restoresOf, type Restored } from '../../src/app/audit/restored-history.js';
import { homeEvidence } from '../../src/composition/home-evidence.js';
import { settleRestore } from '../../src/composition/restore-home.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { SmallHome } from '../support/restore-home.js';
import { BOT } from './support/journal-events.js';

let small: SmallHome;
let copy: string;
beforeEach(async () => {
  small = new SmallHome(temporaryHome());
  await small.append(10);
  await small.seal('first');
  copy = await small.backUp();
  await small.append(5);
  await small.seal('second');
  await small.backUp();
});
afterEach(removeTemporaryHomes);

async function restores(): Promise<readonly Restored[]> {
  const journal = small.open();
  const found = await restoresOf(journal);
  await journal.close();
  return found;
}

async function lost(): Promise<readonly string[]> {
  const journal = small.open();
  const found = await findLostHistory(journal, homeEvidence(small.paths, BOT));
  await journal.close();
  return found.map(({ message }) => message);
}

describe('the event of a restore (P6)', () => {
  test('has what was dropped, both heads, who and why', async () => {
    const abandoned = (await small.hashes()).at(-1);
    await small.restore(copy);
    const [{ data } = {}] = await restores();
    expect(data).toMatchObject({
      backup: { name: 'journal_0000000000000011.db', count: 11, hasManifest: true },
      abandoned: { position: '0000000000000017', count: 17, headHash: abandoned },
      commonCount: 11,
      droppedEvents: 6,
      droppedSessions: ['2013-10-07'],
      droppedSeals: [{ sealId: 'second', position: '0000000000000016' }],
      droppedBackups: [{ name: 'journal_0000000000000017.db', position: '0000000000000017', hash: abandoned }],
      keptIn: 'replaced-1',
      account: 'trader',
      reason: 'a test',
      unreadable: null,
    });
  });

  test('accounts for the seal and the backup that the journal does not reach, wherever they turn up', async () => {
    const seal = readFileSync(small.paths.sealFile('second'), 'utf8');
    await small.restore(copy);
    expect(existsSync(small.paths.sealFile('second'))).toBe(false);
    expect(readFileSync(join(small.paths.replacedJournal(1), 'seal_second.json'), 'utf8')).toBe(seal);
    expect(await lost()).toEqual([]);
    writeFileSync(small.paths.sealFile('second'), seal);
    expect(await lost()).toEqual([]);
  });

  test('does not account for a seal that was made after it', async () => {
    await small.restore(copy);
    await small.append(2);
    await small.seal('third');
    const third = readFileSync(small.paths.sealFile('third'), 'utf8');
    await small.restore(copy);
    expect(await restores()).toHaveLength(1);
    writeFileSync(small.paths.sealFile('third'), third);
    expect(await lost()).toEqual([]);
    await small.append(3);
    await small.seal('fourth');
    const cut = new SmallHome(temporaryHome());
    mkdirSync(dirname(cut.paths.storage.journalDb), { recursive: true });
    mkdirSync(dirname(cut.paths.sealFile('fourth')), { recursive: true });
    writeFileSync(cut.paths.storage.journalDb, readFileSync(copy));
    writeFileSync(cut.paths.sealFile('fourth'), readFileSync(small.paths.sealFile('fourth')));
    const journal = cut.open();
    const found = await findLostHistory(journal, homeEvidence(cut.paths, BOT));
    await journal.close();
    expect(found.map(({ code }) => code)).toEqual(['JOURNAL_CUT']);
  });

  test('says that a damaged journal could not be read, and keeps it', async () => {
    writeFileSync(small.paths.storage.journalDb, 'rubbish'.repeat(500));
    await small.restore(copy);
    const [{ data } = {}] = await restores();
    expect(data).toMatchObject({ abandoned: null, keptIn: 'replaced-1', droppedSeals: [{ sealId: 'second' }] });
    expect(data?.unreadable).toContain('journal.db');
    expect(readFileSync(join(small.paths.replacedJournal(1), 'journal.db'), 'utf8')).toContain('rubbish');
  });

  test('finds what two journals have in common where neither is the beginning of the other', async () => {
    await small.restore(copy);
    await small.append(4);
    await small.restore(join(small.paths.backups, 'journal_0000000000000017.db'));
    const [{ data } = {}] = await restores();
    expect(data).toMatchObject({ commonCount: 11, droppedEvents: 5, backup: { count: 17 } });
  });
});

describe('the kept journal', () => {
  test('is recognised by its last event', async () => {
    const abandoned = (await small.hashes()).at(-1) ?? '';
    await small.restore(copy);
    const kept = join(small.paths.replacedJournal(1), 'journal.db');
    expect(keptJournal(kept, abandoned)).toBe('whole');
    expect(keptJournal(small.paths.storage.journalDb, abandoned)).toBe('differs');
    writeFileSync(kept, 'rubbish');
    expect(keptJournal(kept, abandoned)).toBe('unreadable');
    rmSync(kept);
    expect(keptJournal(kept, abandoned)).toBe('missing');
  });
});

describe('a restore that is cut off', () => {
  const BEFORE = [
    'after the copy',
    'after the event',
    'after the note',
    'after the log was settled',
    'before the swap',
  ];
  const AFTER = ['after the swap', 'after the evidence was kept', 'after the note was removed'];

  test('has these steps', async () => {
    const steps: string[] = [];
    await small.restore(copy, (step) => steps.push(step));
    expect(steps).toEqual([...BEFORE, ...AFTER]);
  });

  async function cutAt(at: string): Promise<void> {
    const cut = small.restore(copy, (step) => {
      if (step === at) throw new Error('power cut');
    });
    await expect(cut).rejects.toThrow('power cut');
  }

  test.each(BEFORE)('%s leaves the old journal, and the next command says so', async (step) => {
    const old = await small.hashes();
    await cutAt(step);
    expect(await small.hashes()).toEqual(old);
    const noted = hasRestoreNote(small.paths);
    expect(settleRestore(small)).toEqual(noted ? expect.stringContaining('the journal is the old one') : undefined);
    expect(hasRestoreNote(small.paths)).toBe(false);
    expect(await small.hashes()).toEqual(old);
    expect(existsSync(small.paths.replacedJournal(1))).toBe(false);
    expect(await lost()).toEqual([]);
    await small.restore(copy);
    expect(await restores()).toHaveLength(1);
    expect(readdirSync(small.paths.storage.journalDir).sort()).toEqual(['journal.db', 'replaced-1']);
  });

  test.each(AFTER)('%s leaves the new journal with its event, and the next command finishes it', async (step) => {
    const old = (await small.hashes()).at(-1) ?? '';
    mkdirSync(dirname(small.paths.output.ledgerDb), { recursive: true });
    writeFileSync(small.paths.output.ledgerDb, 'of the replaced journal');
    await cutAt(step);
    expect(await restores()).toHaveLength(1);
    expect(await lost()).toEqual([]);
    const noted = hasRestoreNote(small.paths);
    expect(settleRestore(small)).toEqual(noted ? expect.stringContaining('it is finished now') : undefined);
    expect(existsSync(small.paths.output.ledgerDb)).toBe(false);
    expect(existsSync(join(small.paths.replacedJournal(1), 'seal_second.json'))).toBe(true);
    expect(keptJournal(join(small.paths.replacedJournal(1), 'journal.db'), old)).toBe('whole');
    expect(settleRestore(small)).toBeUndefined();
  });

  test('gives a log that was moved away back to the old journal', async () => {
    writeFileSync(small.paths.storage.journalDb, 'rubbish'.repeat(500));
    writeFileSync(`${small.paths.storage.journalDb}-wal`, 'log');
    await cutAt('before the swap');
    expect(existsSync(`${small.paths.storage.journalDb}-wal`)).toBe(false);
    settleRestore(small);
    expect(readFileSync(`${small.paths.storage.journalDb}-wal`, 'utf8')).toBe('log');
    expect(existsSync(small.paths.replacedJournal(1))).toBe(false);
  });
});
