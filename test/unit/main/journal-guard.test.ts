import { describe, expect, test } from '@jest/globals';
import { journalError, type TradeBotError } from '../../../src/kernel/errors.js';
import type { Position } from '../../../src/events/event.js';
import type { JournalFile, LostJournalFile, SavedJournal } from '../../../src/ports/journal.js';
import type { Answer, PlainError } from '../../../src/processes/ipc/messages.js';
import { JournalGuard } from '../../../src/processes/main/journal-guard.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const REMOVED: LostJournalFile = { message: 'journal.db was removed', movedTo: null };

/** A journal file that a test loses, and what main does about it. */
class World {
  lost: LostJournalFile | undefined;
  /** How many events a save finds; an error is thrown. */
  saves: (number | Error)[] = [];
  answers: Answer[] = [];
  readonly halts: string[] = [];
  readonly reports: string[] = [];
  verifications = 0;
  isOpen = true;
  isOnServer = false;
  isHeld = false;
  /** What others destroyed on the server. */
  harm: TradeBotError | undefined;
  readonly file: JournalFile = {
    look: () => this.lost,
    saveAside: (): Promise<SavedJournal> => {
      const next = this.saves.length > 1 ? this.saves.shift() : this.saves[0];
      if (typeof next !== 'number') return Promise.reject(next ?? new Error('nothing to save'));
      return Promise.resolve({ path: `journal.db.saved-${next}`, position: String(next) as Position, count: next });
    },
  };
  readonly guard = new JournalGuard({
    isOpen: () => this.isOpen,
    file: () => (this.isOnServer ? undefined : this.file),
    isHeld: () => this.isHeld,
    harm: () => this.harm,
    verify: () => {
      this.verifications += 1;
      return Promise.resolve(this.answers.shift() ?? { ok: true, value: { everyHours: 24 } });
    },
    halt: (cause) => void this.halts.push(cause),
    report: (text) => void this.reports.push(text),
  });

  async seconds(count: number): Promise<void> {
    for (let second = 0; second < count; second += 1) {
      this.guard.tick();
      await turn();
    }
  }
}

describe('a journal on a server', () => {
  test('is verified on the schedule once it is open, and damage halts', async () => {
    const world = new World();
    world.isOnServer = true;
    world.isOpen = false;
    await world.seconds(40);
    expect(world.verifications).toBe(0);
    world.isOpen = true;
    const error = {
      kind: 'JournalError',
      code: 'JOURNAL_CORRUPT',
      message: 'no link',
      remedy: 'Restore.',
    } as PlainError;
    world.answers = [{ ok: false, error }];
    await world.seconds(31);
    expect([world.verifications, world.halts]).toEqual([1, ['no link (JOURNAL_CORRUPT). Restore.']]);
  });
});

describe('what a verification covered', () => {
  test('is known until the next one, also when that could not be carried out', async () => {
    const world = new World();
    const upTo = { position: '0000000000000009' as Position, at: '2026-11-20T14:30:00.000Z' };
    world.answers = [
      { ok: true, value: { everyHours: 0, upTo } },
      { ok: true, value: { everyHours: 24, upTo: null } },
    ];
    expect(world.guard.verified).toBeNull();
    await world.seconds(31);
    expect(world.guard.verified).toEqual(upTo);
    await world.seconds(3_601);
    expect([world.verifications, world.guard.verified]).toEqual([2, upTo]);
  });
});

describe('events that are gone from a server (RUN-42)', () => {
  const gone = { code: 'JOURNAL_EVENTS_LOST', message: 'revision 0 is gone', remedy: 'Restore.' };

  test('an engine that holds entries manages what is open: an order to close follows when it is gone, and a start is refused', async () => {
    const world = new World();
    world.isOnServer = true;
    world.isHeld = true;
    world.harm = journalError('stop', gone);
    await world.seconds(600);
    expect([world.halts, world.reports]).toEqual([[], ['revision 0 is gone (JOURNAL_EVENTS_LOST). Restore.']]);
    expect(world.guard.refusal?.code).toBe('JOURNAL_NOT_TRUSTED');
    world.isHeld = false;
    await world.seconds(9);
    expect(world.halts).toEqual([]);
    await world.seconds(100);
    expect(world.halts).toEqual(world.reports);
  });

  test('an engine that does not find out by itself is ordered to close within seconds', async () => {
    const world = new World();
    world.isOnServer = true;
    world.harm = journalError('stop', gone);
    await world.seconds(9);
    expect(world.halts).toEqual([]);
    await world.seconds(1);
    expect(world.halts).toHaveLength(1);
  });
});

describe('a journal whose file is lost', () => {
  test('halts at the next second, is saved, and the remedy names the copy', async () => {
    const world = new World();
    await world.seconds(5);
    expect([world.halts, world.guard.refusal]).toEqual([[], undefined]);
    world.lost = REMOVED;
    world.saves = [7];
    await world.seconds(1);
    const saved =
      'the journal is lost: journal.db was removed. Its 7 events are saved: tradebot restore journal.db.saved-7';
    expect(world.halts).toEqual(['the journal is lost: journal.db was removed', saved]);
    expect(world.reports).toEqual(world.halts);
    expect(world.guard.refusal).toMatchObject({ code: 'JOURNAL_NOT_TRUSTED', message: saved });
  });

  test('is saved again when asked, with what was recorded since', async () => {
    const world = new World();
    world.lost = REMOVED;
    world.saves = [7, 9];
    await world.seconds(3);
    await world.guard.save();
    expect(world.reports.at(-1)).toContain('Its 9 events are saved: tradebot restore journal.db.saved-9');
  });

  test('that cannot be saved is tried again every ten seconds, and said each time', async () => {
    const world = new World();
    world.lost = REMOVED;
    const full = journalError('stop', { code: 'JOURNAL_NOT_SAVED', message: 'no space', remedy: 'Make room.' });
    world.saves = [full, full, 7];
    await world.seconds(2);
    expect(world.reports.slice(1)).toEqual(['no space. Make room.']);
    await world.seconds(30);
    expect(world.reports.filter((text) => text.startsWith('no space'))).toHaveLength(2);
    expect(world.reports.at(-1)).toContain('journal.db.saved-7');
  });

  test('that was moved as a whole is left there, and the remedy is to move it back', async () => {
    const world = new World();
    world.lost = { message: 'journal.db was removed; it is now /new/journal.db', movedTo: '/new' };
    world.saves = [7];
    await world.seconds(20);
    await world.guard.save();
    expect(world.halts).toEqual([
      'the journal is lost: journal.db was removed; it is now /new/journal.db. The whole journal is in /new: move the folder back',
    ]);
  });

  test('that came back is not trusted again before the next start', async () => {
    const world = new World();
    world.lost = REMOVED;
    world.saves = [7];
    await world.seconds(1);
    world.lost = undefined;
    await world.seconds(5);
    expect(world.guard.refusal).toBeDefined();
  });
});

describe('the verification of the whole chain while main runs (JRN-30)', () => {
  const damaged: PlainError = {
    ...{ kind: 'JournalError', code: 'JOURNAL_CORRUPT', message: 'damaged at position 5' },
    ...{ remedy: 'Restore it.', details: {} },
  };

  test('runs soon after the start, then at the interval of the setting', async () => {
    const world = new World();
    world.answers = [{ ok: true, value: { everyHours: 2 } }];
    await world.seconds(60);
    expect(world.verifications).toBe(1);
    await world.seconds(2 * 3_600);
    expect(world.verifications).toBe(2);
  });

  test('halts with position and remedy when it finds damage, and is not repeated', async () => {
    const world = new World();
    world.answers = [{ ok: false, error: damaged }];
    await world.seconds(7_300);
    expect(world.halts).toEqual(['damaged at position 5 (JOURNAL_CORRUPT). Restore it.']);
    expect(world.verifications).toBe(1);
  });

  test('that could not be carried out is tried again within the hour, and halts nothing', async () => {
    const world = new World();
    world.answers = [{ ok: false, error: { ...damaged, code: 'WORKER_DIED' } }];
    await world.seconds(3_700);
    expect([world.halts, world.verifications]).toEqual([[], 2]);
  });

  test('damage that another process reports halts as well; other faults do not', () => {
    const world = new World();
    world.guard.found(undefined);
    world.guard.found({ ...damaged, code: 'JOURNAL_BUSY' });
    expect(world.halts).toEqual([]);
    world.guard.found(damaged);
    world.guard.found({ ...damaged, message: 'again' });
    expect(world.halts).toHaveLength(1);
  });
});
