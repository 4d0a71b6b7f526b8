import { afterEach, describe, expect, test } from '@jest/globals';
import type { EsdbJournal } from '../../src/adapters/journal-esdb/esdb-journal.js';
import type { EventType, RecordedEvent, StreamName } from '../../src/events/event.js';
import { STREAMS } from '../../src/events/streams.js';
import type { EventFilter } from '../../src/ports/journal.js';
import { theDouble } from '../support/esdb-double/test-server.js';
import { testNeeding } from '../support/needs.js';
import { EsdbFixture } from './support/esdb-fixture.js';
import { example } from './support/example-events.js';

const ANY = { expectedRevision: 'any' } as const;

/** Where the events lie, in the order in which they are appended again and again. */
const PLACES: readonly (readonly [EventType, StreamName])[] = [
  ['KillSwitchReset', STREAMS.risk],
  ['ClockJumped', STREAMS.health],
  ['FloatSnapshotTaken', STREAMS.float],
  ['WatchdogStateChanged', STREAMS.health],
  ['ClockJumped', STREAMS.processes],
  ['FloatAdjusted', STREAMS.float],
  ['DefenseModeReset', STREAMS.risk],
  ['LoginFailed', STREAMS.user('u-1')],
  ['LoginFailed', STREAMS.access],
];
const ASKED: readonly (readonly EventType[])[] = [
  ['KillSwitchReset'],
  ['ClockJumped'],
  ['FloatAdjusted', 'ClockJumped', 'DefenseModeReset'],
  ['LoginFailed'],
  ['LoginFailed', 'FloatAdjusted'],
  ['BotStateChanged'],
  ['ForeignEventsAcknowledged', 'KillSwitchReset'],
];

let fixture: EsdbFixture;

afterEach(async () => {
  await fixture.end();
});

async function append(journal: EsdbJournal, rounds: number, name: string): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, [type, stream]] of PLACES.entries()) {
      if ((round * 7 + index) % 4 === 0) continue;
      await journal.append(stream, [example(type, `${name}-${round}-${index}`)], ANY);
    }
  }
}

const typesOf = (filter: EventFilter): readonly string[] => filter.types ?? [];

describe.each([
  ['reports where in the log the events of a stream are', {}],
  ['does not report it', { streamPositions: false }],
  ['reports it wrongly', { oddPositions: true }],
])('a server that %s', (_what, options) => {
  test('reads of some types have the same events as the whole journal, in its order', async () => {
    fixture = new EsdbFixture();
    const journal = await fixture.begin(options);
    await append(journal, 12, 'a');
    const all = await journal.readAll();
    const places = [undefined, all[0], all[9], all[40], all.at(-1)].map((event) => event?.position);
    for (const [turn, types] of ASKED.entries()) {
      for (const direction of ['forwards', 'backwards'] as const) {
        // Each place and each choice of types meets each limit.
        for (const [index, after] of places.entries()) {
          const limit = [undefined, 1, 3][(turn + index) % 3];
          const beyond = all.filter(
            ({ position, type }) =>
              (types as readonly string[]).includes(type) &&
              (after === undefined || (direction === 'forwards' ? position > after : position < after)),
          );
          const expected = direction === 'forwards' ? beyond : beyond.toReversed();
          const asked = { direction, filter: { types }, ...(after === undefined ? {} : { after }) };
          const found = await journal.readAll(limit === undefined ? asked : { ...asked, limit });
          expect(found).toEqual(expected.slice(0, limit));
        }
      }
    }
  });

  test('pages continue with what is appended between them, also to streams that had nothing', async () => {
    fixture = new EsdbFixture();
    const journal = await fixture.begin(options);
    const filter = { types: ['FloatAdjusted', 'ClockJumped', 'BotStateChanged'] } as const;
    await append(journal, 4, 'a');
    const pages: RecordedEvent[] = [];
    for (let page = 0; ; page += 1) {
      const last = pages.at(-1);
      const found = await journal.readAll({
        filter,
        limit: 3,
        ...(last === undefined ? {} : { after: last.position }),
      });
      pages.push(...found);
      // A read of other types from the same place takes nothing before it.
      const others = { filter: { types: ['FloatSnapshotTaken', 'WatchdogStateChanged', 'ClockJumped'] } } as const;
      const after = found.at(-1)?.position;
      if (after !== undefined) {
        const later = (await journal.readAll(others)).filter(({ position }) => position > after);
        expect(await journal.readAll({ ...others, after })).toEqual(later);
      }
      if (page === 0) await journal.append(STREAMS.lifecycle, [example('BotStateChanged', 'late')], ANY);
      if (page === 2) await append(journal, 2, 'b');
      if (found.length < 3) break;
    }
    const all = await journal.readAll();
    expect(pages).toEqual(all.filter(({ type }) => typesOf(filter).includes(type)));
  });

  test('a filter of streams narrows the types', async () => {
    fixture = new EsdbFixture();
    const journal = await fixture.begin(options);
    await append(journal, 2, 'a');
    const streamsOf = async (filter: EventFilter) =>
      new Set((await journal.readAll({ filter })).map(({ stream }) => stream));
    expect(await streamsOf({ types: ['ClockJumped'], streamPrefix: 'proc' })).toEqual(new Set(['processes']));
    expect(await streamsOf({ types: ['LoginFailed'], streamPrefix: 'user-u' })).toEqual(new Set(['user-u-1']));
    expect(await streamsOf({ types: ['LoginFailed'], streamPrefix: 'float' })).toEqual(new Set());
  });
});

testNeeding(theDouble)('a stream that was deleted for good leaves the events of its types to the log', async () => {
  fixture = new EsdbFixture();
  const journal = await fixture.begin();
  await append(journal, 3, 'a');
  const before = await journal.readAll({ filter: { types: ['ClockJumped'] } });
  fixture.double.store.tombstone(fixture.nameOf(STREAMS.health));
  expect(await journal.readAll({ filter: { types: ['ClockJumped'] } })).toEqual(before);
});

testNeeding(theDouble)('the newest event of a type costs a call, and what is new after a position a few', async () => {
  fixture = new EsdbFixture();
  const journal = await fixture.begin();
  for (let batch = 0; batch < 20; batch += 1) {
    const events = Array.from({ length: 400 }, (_, index) => example('KillSwitchReset', `${batch}-${index}`));
    await journal.append(STREAMS.risk, events, ANY);
  }
  const newest = { filter: { types: ['KillSwitchReset'] }, direction: 'backwards', limit: 1 } as const;
  const [last] = await journal.readAll(newest);
  const [old] = await journal.readStream(STREAMS.risk, { from: 3_000, limit: 1 });
  const callsOf = async (work: () => Promise<unknown>): Promise<number> => {
    const { read } = fixture.double.calls;
    await work();
    return fixture.double.calls.read - read;
  };
  expect(await callsOf(() => journal.readAll(newest))).toBe(1);
  const sent = fixture.double.bytes.sent;
  const types = ['KillSwitchReset'] as const;
  const isNothing = async () => expect(await journal.readAll({ filter: { types }, after: last!.position })).toEqual([]);
  expect(await callsOf(isNothing)).toBe(1);
  const after = old!.position;
  expect(await callsOf(() => journal.readAll({ filter: { types }, after, limit: 2 }))).toBeLessThan(30);
  expect(fixture.double.bytes.sent - sent).toBeLessThan(60_000);
});

testNeeding(theDouble)('a search that takes longer than a call may be silent ends with what it finds', async () => {
  fixture = new EsdbFixture();
  const journal = await fixture.begin({}, { callTimeoutMs: 500, attempts: 8 });
  await append(journal, 6, 'a');
  const all = await journal.readAll();
  fixture.double.searchMs = 1_200;
  const { read } = fixture.double.calls;
  const types = ['LoginFailed'] as const;
  const expected = all.filter(({ type }) => type === 'LoginFailed');
  expect(await journal.readAll({ filter: { types } })).toEqual(expected);
  const backwards = { direction: 'backwards', limit: 1, filter: { types } } as const;
  expect(await journal.readAll(backwards)).toEqual([expected.at(-1)]);
  expect(fixture.double.calls.read - read).toBeGreaterThan(4);
});

testNeeding(theDouble)('a read that breaks off continues after what it brought', async () => {
  fixture = new EsdbFixture();
  const journal = await fixture.begin();
  await append(journal, 6, 'a');
  const all = await journal.readAll();
  for (const direction of ['forwards', 'backwards'] as const) {
    const { sent } = fixture.double.bytes;
    const whole = await journal.readAll({ direction });
    const bytes = fixture.double.bytes.sent - sent;
    fixture.double.failNext('read', 'broken off');
    fixture.double.failNext('read', 'broken off');
    expect(await journal.readAll({ direction })).toEqual(whole);
    expect(whole).toEqual(direction === 'forwards' ? all : all.toReversed());
    expect(fixture.double.bytes.sent - sent - bytes).toBeLessThan(bytes * 1.3);
  }
});
