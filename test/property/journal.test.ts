import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { MemoryJournal } from '../../src/adapters/journal-memory/memory-journal.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import type { StreamName } from '../../src/events/event.js';
import { TradeBotError } from '../../src/kernel/errors.js';
import type { ExpectedRevision, Journal } from '../../src/ports/journal.js';
import { ALPHA, BETA, START, reset } from '../contract/support/journal-events.js';

interface Request {
  readonly stream: StreamName;
  readonly names: readonly string[];
  readonly reason: string;
  readonly expected: ExpectedRevision;
}

const append: fc.Arbitrary<Request> = fc.record({
  stream: fc.constantFrom(ALPHA, BETA),
  names: fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 3 }),
  reason: fc.constantFrom('one', 'two'),
  expected: fc.constantFrom<ExpectedRevision>('any', 'noStream', 'streamExists', 0, 1, 2),
});

/** The result of an append as a text that both journals share. */
async function outcome(journal: Journal, { stream, names, reason, expected }: Request): Promise<unknown> {
  try {
    const events = names.map((name) => reset(name, reason));
    const done = await journal.append(stream, events, { expectedRevision: expected });
    return { ...done, events: done.events };
  } catch (error) {
    return error instanceof TradeBotError ? [error.code, error.details] : error;
  }
}

test('events appended singly or together give equal results and contents in sqlite and memory', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'journal-property-'));
  let files = 0;
  const groups = fc.array(fc.array(append, { minLength: 1, maxLength: 4 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(groups, async (rounds) => {
      const clock = new VirtualClock(START);
      const sqlite = SqliteJournal.open({ path: join(dir, `${(files += 1)}.db`), clock });
      const memory = new MemoryJournal({ clock });
      for (const group of rounds) {
        const ours = await Promise.all(group.map((request) => outcome(sqlite, request)));
        expect(ours).toEqual(await Promise.all(group.map((request) => outcome(memory, request))));
      }
      expect(await sqlite.readAll()).toEqual(await memory.readAll());
      expect(await sqlite.verify()).toEqual(await memory.verify());
      await sqlite.close();
    }),
    { numRuns: 60, seed: 7 },
  );
  rmSync(dir, { recursive: true });
});
