import { describe, expect, test } from '@jest/globals';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { MemoryJournal } from '../../../src/adapters/journal-memory/memory-journal.js';
import { bringBack, bringBackAll } from '../../../src/app/journal/bring-back.js';
import { ALPHA, reset, START } from '../../contract/support/journal-events.js';

const journal = (): MemoryJournal => new MemoryJournal({ clock: new VirtualClock(START) });
const batch = { stream: ALPHA, expectedRevision: 'noStream', events: [reset('e1'), reset('e2')] } as const;
const ids = async (of: MemoryJournal): Promise<readonly string[]> => (await of.readStream(ALPHA)).map(({ id }) => id);

describe('what was kept comes into the journal', () => {
  test('at its place, once, however often it is brought', async () => {
    const of = journal();
    expect(await bringBack(of, batch)).toBe(true);
    expect(await bringBackAll(of, { ...SPOOL, batches: [batch, batch] })).toBe(4);
    expect(await ids(of)).toEqual(batch.events.map(({ id }) => id));
  });

  test('after what others wrote into the stream meanwhile, and says so', async () => {
    const of = journal();
    const other = reset('other');
    await of.append(ALPHA, [other], { expectedRevision: 'noStream' });
    expect(await bringBack(of, batch)).toBe(false);
    expect(await bringBack(of, batch)).toBe(false);
    expect(await ids(of)).toEqual([other.id, ...batch.events.map(({ id }) => id)]);
  });

  test('a part that is there is not added again', async () => {
    const of = journal();
    await of.append(ALPHA, [batch.events[0]], { expectedRevision: 'noStream' });
    expect(await bringBack(of, batch)).toBe(false);
    expect(await ids(of)).toEqual(batch.events.map(({ id }) => id));
  });
});

const SPOOL = { since: undefined, begin: () => undefined, add: () => undefined, clear: () => undefined };
