import { describe, expect, test } from '@jest/globals';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { MemoryJournal } from '../../../src/adapters/journal-memory/memory-journal.js';
import { bringBack, bringBackAll } from '../../../src/app/journal/bring-back.js';
import type { EventData, NewEvent } from '../../../src/events/event.js';
import type { DecimalText } from '../../../src/kernel/decimal.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { toUtcText } from '../../../src/kernel/time.js';
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

  test('a fact of the broker that another owner recorded meanwhile is not recorded again (P2)', async () => {
    const of = journal();
    await of.append(ALPHA, [activity('A0', 'before')], { expectedRevision: 'noStream' });
    const theirs = [activity('A1', 'theirs'), activity('A1', 'again')];
    await of.append(ALPHA, theirs, { expectedRevision: 0 });
    const kept = [activity('A1', 'ours'), activity('A0', 'ours'), activity('A2', 'ours')];
    const ours = { stream: ALPHA, expectedRevision: 0, events: kept };
    expect(await bringBack(of, ours)).toBe(false);
    expect(await bringBack(of, ours)).toBe(false);
    expect((await ids(of)).slice(3)).toEqual(kept.slice(1).map(({ id }) => id));
  });

  test('a part that is there is not added again', async () => {
    const of = journal();
    await of.append(ALPHA, [batch.events[0]], { expectedRevision: 'noStream' });
    expect(await bringBack(of, batch)).toBe(false);
    expect(await ids(of)).toEqual(batch.events.map(({ id }) => id));
  });
});

const SPOOL = { since: undefined, begin: () => undefined, add: () => undefined, clear: () => undefined };

/** What a broker reported, as the writer `by` records it. */
function activity(activityId: string, by: string): NewEvent {
  const data: EventData<'BrokerActivityImported'> = {
    activityId,
    activityType: 'interest',
    amount: '1.00' as DecimalText,
    symbol: null,
    adjustmentId: null,
    happenedAt: toUtcText(START),
    description: 'interest',
    rawSha256: sha256Hex(activityId),
  };
  return { ...reset(`${activityId} ${by}`), type: 'BrokerActivityImported', data };
}
