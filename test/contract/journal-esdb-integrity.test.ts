import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { firstValueFrom, take, toArray } from 'rxjs';
import { MemoryJournal } from '../../src/adapters/journal-memory/memory-journal.js';
import { streamName, type AppendedEvent } from '../../src/events/event.js';
import { describeNeeding } from '../support/needs.js';
import { freshIdentity, theDouble } from '../support/esdb-double/test-server.js';
import { canonicalJson } from '../../src/kernel/canonical-json.js';
import { EsdbFixture } from './support/esdb-fixture.js';
import { ALPHA, float, named, recorded, reset } from './support/journal-events.js';

const ANY = { expectedRevision: 'any' } as const;
const NEW = { expectedRevision: 'noStream' } as const;

let fixture: EsdbFixture;

beforeEach(() => {
  fixture = new EsdbFixture();
});

afterEach(async () => {
  await fixture.end();
});

describe('a cluster shared with other programs', () => {
  test('streams of other bots and programs never appear', async () => {
    const journal = await fixture.begin();
    const neighbour = await fixture.open({ botIdentity: freshIdentity() });
    await neighbour.append(ALPHA, named(5, 'theirs'), NEW);
    await fixture.stranger.append(`invoices-${fixture.identity}`, {});
    await fixture.stranger.append(`$other-${fixture.identity}`, {});
    expect(await journal.head()).toBeUndefined();
    const seen = firstValueFrom(journal.subscribe().pipe(take(2), toArray()));
    const events = await recorded(journal.append(ALPHA, [reset('ours'), float('also')], NEW));
    expect(await journal.readAll()).toEqual(events);
    expect(await journal.readAll({ direction: 'backwards' })).toEqual([...events].reverse());
    expect(await seen).toEqual(events);
    expect(await journal.head()).toMatchObject({ count: 2 });
    expect(await journal.verify()).toMatchObject({ ok: true, count: 2 });
    expect(await neighbour.head()).toMatchObject({ count: 5 });
  });

  test('an event that another program wrote to our stream is left out, and stops writing to that stream', async () => {
    const journal = await fixture.begin();
    const events = await recorded(journal.append(ALPHA, named(1), NEW));
    await fixture.stranger.append(fixture.nameOf(ALPHA), {});
    expect(await journal.readAll()).toEqual(events);
    const refused = { code: 'JOURNAL_STREAM_FOREIGN', callerMust: 'stop', remedy: expect.stringContaining('alpha-1') };
    await expect((await fixture.open()).append(ALPHA, [reset('x')], ANY)).rejects.toMatchObject(refused);
    expect(await journal.verify()).toMatchObject({ ok: false, code: 'FOREIGN_EVENTS' });
  });
});

describeNeeding(theDouble)('verify finds (JRN-30)', () => {
  const at = (revision: number) => {
    const record = fixture.double.store.stream(fixture.nameOf(ALPHA))?.[revision];
    if (record === undefined) throw new Error(`no revision ${revision}`);
    return record;
  };
  const changes: readonly [string, string, () => void][] = [
    ['a changed byte of the data', 'HASH_MISMATCH', () => (at(2).data = Buffer.from('{"reason":"because e3"}'))],
    [
      'a space that changes nothing but the bytes',
      'HASH_MISMATCH',
      () => (at(2).data = Buffer.from('{"reason": "because e2"}')),
    ],
    [
      'a changed actor',
      'HASH_MISMATCH',
      () => (at(2).metadata = Buffer.from(at(2).metadata.toString().replace('system:test', 'system:best'))),
    ],
    ['an event that took the place of another', 'CHAIN_BROKEN', () => Object.assign(at(2), pickStored(at(3)))],
    ['metadata that are no JSON', 'UNREADABLE', () => (at(2).metadata = Buffer.from('gone'))],
    ['another id on the server', 'COLUMN_MISMATCH', () => Object.assign(at(2), { id: at(1).id })],
    ['another type', 'HASH_MISMATCH', () => Object.assign(at(2), { type: 'KillSwitchTripped' })],
    ['an event that is gone', 'GAP', () => fixture.double.store.log.splice(fixture.double.store.log.indexOf(at(2)), 1)],
  ];

  test.each(changes)('%s as %s', async (_what, code, change) => {
    const journal = await fixture.begin();
    const events = await recorded(journal.append(ALPHA, named(5), NEW));
    change();
    const where = code === 'GAP' ? events[3] : events[2];
    expect(await journal.verify()).toMatchObject({ ok: false, code, position: where?.position });
  });
});

describe('verify (JRN-30)', () => {
  test('finds no fault in a journal of many streams, and reports the head of each chain', async () => {
    const journal = await fixture.begin();
    for (const name of ['a', 'b', 'c']) await journal.append(streamName('order', name), named(3, name), NEW);
    const heads = await journal.streamHeads();
    expect([...heads.keys()]).toEqual(['order-a', 'order-b', 'order-c']);
    const [last] = await journal.readStream(streamName('order', 'c'), { direction: 'backwards', limit: 1 });
    expect(heads.get(streamName('order', 'c'))).toEqual({ revision: 2, hash: last?.hash });
  });
});

function pickStored({ id, data, metadata }: { id: string; data: Buffer; metadata: Buffer }) {
  return { id, data, metadata };
}

describe('positions', () => {
  test.each([
    ['as the protocol reports them', {}],
    ['not reported when a stream is read', { streamPositions: false }],
    ['reported differently from the log', { oddPositions: true }],
  ])('positions equal those of the log when they are %s', async (_what, options) => {
    const journal = await fixture.begin(options);
    const results = [
      await journal.append(ALPHA, [reset('a')], NEW),
      await journal.append(ALPHA, named(3), ANY),
      await journal.append(ALPHA, [reset('b')], ANY),
      await journal.append(ALPHA, named(4, 'more'), ANY),
    ];
    const all = await journal.readAll();
    const each = await Promise.all(results.map((result) => result.recorded()));
    expect(each.flat()).toEqual(all);
    expect(results.map((result) => result.revision)).toEqual([0, 3, 4, 8]);
    expect(await journal.readStream(ALPHA)).toEqual(all);
    expect(await journal.readStream(ALPHA, { direction: 'backwards', limit: 2 })).toEqual([all[8], all[7]]);
    expect(await recorded(journal.append(ALPHA, named(3), ANY))).toEqual(each[1]);
  });
});

describe('the same bytes as in the embedded journals', () => {
  test('an event of one stream has the same text and hash in both journals', async () => {
    const journal = await fixture.begin();
    const memory = new MemoryJournal({ clock: fixture.clock });
    const batch = [...named(3), float('f', '12.50'), reset('é', 'ünïcode "quoted" \u{1f4b0}')];
    const ours = await journal.append(ALPHA, batch, NEW);
    const theirs = await memory.append(ALPHA, batch, NEW);
    const bare = (event: AppendedEvent) => ({ ...event, position: '' });
    expect(ours.events.map(bare)).toEqual(theirs.events.map(bare));
    expect((await journal.readAll()).map(bare)).toEqual(theirs.events.map(bare));
    // what is stored next to the data is canonical too
    for (const { text } of await fixture.stranger.events(fixture.nameOf(ALPHA))) {
      const envelope = text.slice(text.indexOf('{"hash"'));
      expect(canonicalJson(JSON.parse(envelope))).toBe(envelope);
    }
  });
});
