import { describe, expect, test } from '@jest/globals';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { MemoryJournal } from '../../../src/adapters/journal-memory/memory-journal.js';
import { findLostHistory, refuseLostHistory } from '../../../src/app/audit/lost-history.js';
import { isJournalDamage } from '../../../src/app/audit/verified-chain.js';
import type { HistoryMark } from '../../../src/app/audit/lost-history.js';
import type { Sha256Hex } from '../../../src/kernel/hash.js';
import { START } from '../../contract/support/journal-events.js';
import { fill } from './support.js';

const OTHER = 'f'.repeat(64) as Sha256Hex;

async function journalOf(count: number): Promise<MemoryJournal> {
  const journal = new MemoryJournal({ clock: new VirtualClock(START) });
  await fill(journal, count);
  return journal;
}

async function markAt(journal: MemoryJournal, index: number, changed: Partial<HistoryMark> = {}): Promise<HistoryMark> {
  const event = (await journal.readAll())[index];
  if (event === undefined) throw new Error(`no event ${index}`);
  return { name: 'the mark', path: null, position: event.position, hash: event.hash, followed: false, ...changed };
}

describe('a journal and what was made from it', () => {
  test('agree at every position, with the hash and without', async () => {
    const journal = await journalOf(7);
    const marks = [
      await markAt(journal, 0, { followed: true }),
      await markAt(journal, 3),
      await markAt(journal, 6),
      await markAt(journal, 6, { hash: undefined }),
    ];
    expect(await findLostHistory(journal, { marks, exports: [] })).toEqual([]);
    await expect(refuseLostHistory(journal, { marks, exports: [] })).resolves.toBeUndefined();
  });

  test('disagree when the journal ends before the mark, or with it though a later event made it', async () => {
    const longer = await journalOf(9);
    const shorter = await journalOf(6);
    const marks = [await markAt(longer, 7), await markAt(longer, 5, { followed: true })];
    const found = await findLostHistory(shorter, { marks, exports: [] });
    expect(found.map(({ code }) => code)).toEqual(['JOURNAL_CUT', 'JOURNAL_CUT']);
  });

  test('disagree when the event at the position is another one', async () => {
    const journal = await journalOf(6);
    const marks = [await markAt(journal, 2, { hash: OTHER }), await markAt(journal, 5, { hash: OTHER })];
    const found = await findLostHistory(journal, { marks, exports: [] });
    expect(found.map(({ code }) => code)).toEqual(['JOURNAL_REWRITTEN', 'JOURNAL_REWRITTEN']);
  });

  test('an empty journal is refused, with the number of contradictions', async () => {
    const longer = await journalOf(3);
    const marks = [await markAt(longer, 0), await markAt(longer, 2)];
    const refused = refuseLostHistory(new MemoryJournal({ clock: new VirtualClock(START) }), { marks, exports: [] });
    await expect(refused).rejects.toMatchObject({
      code: 'JOURNAL_CUT',
      callerMust: 'stop',
      details: { contradictions: 2 },
    });
    expect(isJournalDamage(await refused.catch((error: unknown) => error))).toBe(true);
  });

  test('an export without its event is a cut', async () => {
    const journal = await journalOf(3);
    const exports = [
      { path: 'exports/csv/session_2026-01-05.csv', format: 'csv', name: 'session_2026-01-05' } as const,
    ];
    const [found] = await findLostHistory(journal, { marks: [], exports });
    expect(found).toMatchObject({ code: 'JOURNAL_CUT', message: expect.stringContaining('session_2026-01-05.csv') });
  });
});
