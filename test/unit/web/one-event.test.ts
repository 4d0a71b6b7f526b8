import { expect, test } from '@jest/globals';
import { oneEvent, type OneEvent } from '../../../src/app/web-queries/one-event.js';
import { chainHash, GENESIS_HASH } from '../../../src/domain/audit/chain.js';
import type { EventType, Position, RecordedEvent } from '../../../src/events/event.js';
import type { Sha256Hex, Uuid } from '../../../src/kernel/hash.js';
import type { Journal } from '../../../src/ports/journal.js';
import { recorded, ZEROS } from '../support/events.js';

const positionOf = (at: number): Position => String(at).padStart(16, '0') as Position;
const storedText = ({ id }: RecordedEvent): string => id;

/** Events of a chain in memory; `causes` has the index of the cause of each, `sealed` the position that a seal covers. */
function chain(
  causes: readonly (number | null)[],
  seals: Readonly<Record<number, number>> = {},
): { readonly events: RecordedEvent[]; readonly reads: () => number; readonly journal: Journal } {
  const events: RecordedEvent[] = [];
  for (const [index, cause] of causes.entries()) {
    const position = index + 1;
    const covered = seals[position];
    const seal = { sealId: 'a', count: 1, hash: ZEROS, merkleRoot: ZEROS, sealedAt: '2013-10-07T20:00:00.000Z' };
    const made =
      covered === undefined
        ? recorded('BotStateChanged', { from: 'idle', to: 'trading', reason: 'test' } as never, {
            position,
            revision: index,
          })
        : recorded('JournalSealed', { ...seal, position: positionOf(covered) } as never, { position, revision: index });
    const prevHash: Sha256Hex = events.at(-1)?.hash ?? GENESIS_HASH;
    const causationId: Uuid | null = cause === null ? null : (events[cause - 1]?.id ?? null);
    const meta = { ...made.meta, causationId };
    events.push({ ...made, meta, prevHash, hash: chainHash(prevHash, made.id) });
  }
  let reads = 0;
  const readAll: Journal['readAll'] = ({ after, limit = 1_000, direction, filter } = {}) => {
    reads += 1;
    const backwards = direction === 'backwards';
    const fits = ({ type, position: at }: RecordedEvent): boolean =>
      filter?.types?.includes(type) !== false && (after === undefined || (backwards ? at < after : at > after));
    const found = events.filter(fits);
    return Promise.resolve((backwards ? found.reverse() : found).slice(0, limit));
  };
  const readStream: Journal['readStream'] = (_, { from = 0, limit = 1_000 } = {}) =>
    Promise.resolve(events.slice(from, from + limit));
  return { events, reads: () => reads, journal: { readAll, readStream } as unknown as Journal };
}

const look = (journal: Journal, at: number, types?: readonly EventType[]): Promise<OneEvent | undefined> =>
  oneEvent(journal, { position: positionOf(at), types, storedText });

test('an event has its cause, its effects, its neighbours and the first seal that covers it', async () => {
  // the seal at 5 was begun before 4 was recorded
  const { journal } = chain([null, 1, 2, 2, null, null, null], { 5: 3, 7: 6 });
  const two = await look(journal, 2);
  expect([two?.cause?.position, two?.effects.map(({ position }) => position)]).toEqual([
    positionOf(1),
    [positionOf(3), positionOf(4)],
  ]);
  expect([two?.before, two?.after, two?.seal?.position]).toEqual([positionOf(1), positionOf(3), positionOf(5)]);
  expect((await look(journal, 4))?.seal?.position).toBe(positionOf(7));
  const last = await look(journal, 7);
  expect([last?.seal, last?.after, last?.cause, last?.effects]).toEqual([null, null, null, []]);
  expect(await look(journal, 8)).toBeUndefined();
});

test('the link of an event is computed again: a changed text or a changed event before it shows', async () => {
  const { journal, events } = chain([null, 1, 2]);
  const fits = async (at: number) => {
    const found = await look(journal, at);
    return [found?.follows, found?.computedHash === found?.event.hash];
  };
  expect([await fits(1), await fits(2)]).toEqual([
    [true, true],
    [true, true],
  ]);
  events[1] = { ...events[1]!, hash: ZEROS };
  expect([await fits(2), await fits(3)]).toEqual([
    [true, false],
    [false, true],
  ]);
  // of a journal with a chain for each stream the event before is that of the stream
  const streams = { ...journal, chainsStreams: true } as Journal;
  expect((await look(streams, 2))?.follows).toBe(true);
});

test('a type that the reader may not see is no event, nor a neighbour', async () => {
  const { journal } = chain([null, null, null], { 2: 1 });
  expect(await look(journal, 1, ['JournalSealed'])).toBeUndefined();
  expect((await look(journal, 3, ['BotStateChanged']))?.before).toBe(positionOf(1));
});

test('a cause far back is not searched for ever', async () => {
  const { journal, reads } = chain([null, ...Array.from({ length: 9_000 }, () => null), 1]);
  expect((await look(journal, 9_002))?.cause).toBeNull();
  expect(reads()).toBeLessThan(20);
});
