import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { firstValueFrom, take, toArray } from 'rxjs';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { EsdbJournal, type EsdbJournalOptions } from '../../src/adapters/journal-esdb/esdb-journal.js';
import { MemoryJournal } from '../../src/adapters/journal-memory/memory-journal.js';
import type { NewEvent, RecordedEvent } from '../../src/events/event.js';
import { streamName } from '../../src/events/event.js';
import { plusMs } from '../../src/kernel/time.js';
import { parseBotIdentity } from '../../src/kernel/identity.js';
import { EsdbDouble, type DoubleOptions } from '../support/esdb-double/double.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { ALPHA, BETA, BOT, START, float, named, reset } from './support/journal-events.js';

const ANY = { expectedRevision: 'any' } as const;
const NEW = { expectedRevision: 'noStream' } as const;
const NAME = `${BOT}-${ALPHA}`;
/** Short pauses; HASTY for servers that keep silent. What is tested is what happens, not how long it takes. */
const BRISK = { pauseMs: 5, attempts: 4 };
const HASTY = { callTimeoutMs: 400 };

let double: EsdbDouble;
let journals: EsdbJournal[];
let clock: VirtualClock;

async function open(more: Partial<EsdbJournalOptions> = {}): Promise<EsdbJournal> {
  const journal = await EsdbJournal.open({ url: double.url, botIdentity: BOT, clock, ...BRISK, ...more });
  journals.push(journal);
  return journal;
}

async function begin(options: DoubleOptions = {}, more: Partial<EsdbJournalOptions> = {}): Promise<EsdbJournal> {
  double = await EsdbDouble.start(options);
  return open(more);
}

beforeEach(() => {
  journals = [];
  clock = new VirtualClock(START);
});

afterEach(async () => {
  for (const journal of journals) await journal.close();
  double.stop();
  removeTemporaryHomes();
});

const stored = (name = NAME): number => double.store.stream(name)?.length ?? 0;
const ids = (events: readonly RecordedEvent[]): readonly string[] => events.map((event) => event.id);

describe.each([
  ['one append a call', {}],
  ['appends over one line', { batchAppend: true }],
] as const)('an append whose answer is lost, %s (JRN-2)', (_name, options) => {
  test.each(['applied, then unavailable', 'applied, then silent', 'unavailable', 'silent', 'not leader'] as const)(
    'with the server %s it stands there once',
    async (fault) => {
      const journal = await begin(options, fault.includes('silent') ? HASTY : {});
      await journal.append(ALPHA, named(2), NEW);
      double.failNext('append', fault);
      const result = await journal.append(ALPHA, named(3, 'next'), { expectedRevision: 1 });
      expect(result).toMatchObject({ revision: 4, alreadyThere: false });
      expect(stored()).toBe(5);
      expect(result.events).toEqual((await journal.readAll()).slice(2));
      expect(await journal.verify()).toMatchObject({ ok: true, count: 5 });
    },
  );
});

describe('an append whose outcome stays unknown', () => {
  test('is JOURNAL_STALLED, and repeating it later finds what was recorded', async () => {
    const journal = await begin();
    double.failNext('append', 'applied, then unavailable', 'unavailable', 'unavailable', 'unavailable');
    const stalled = journal.append(ALPHA, named(2), NEW);
    await expect(stalled).rejects.toMatchObject({ code: 'JOURNAL_STALLED', callerMust: 'stop', kind: 'JournalError' });
    clock.advanceTo(plusMs(START, 60_000));
    const again = await journal.append(ALPHA, named(2), NEW);
    expect(again).toMatchObject({ alreadyThere: true, revision: 1 });
    expect(again.events.map((event) => event.recordedAt)).toEqual(Array(2).fill('2013-10-07T13:30:00.000Z'));
    expect(stored()).toBe(2);
  });

  test('that never arrived is written by the repetition', async () => {
    const journal = await begin();
    double.failNext('append', 'unavailable', 'unavailable', 'unavailable', 'unavailable');
    await expect(journal.append(ALPHA, named(1), NEW)).rejects.toMatchObject({ code: 'JOURNAL_STALLED' });
    expect(await journal.append(ALPHA, named(1), NEW)).toMatchObject({ alreadyThere: false, revision: 0 });
  });
});

describe('two processes on one stream', () => {
  test('"any" is repeated neither after a restart nor after the server forgot its recent ids', async () => {
    const first = await begin();
    const written = await first.append(ALPHA, named(3), ANY);
    double.store.forgetRecent();
    clock.advanceTo(plusMs(START, 5_000));
    const second = await open();
    const again = await second.append(ALPHA, named(3), ANY);
    expect(again).toMatchObject({ alreadyThere: true, firstPosition: written.firstPosition });
    expect(again.events).toEqual(written.events);
    expect(stored()).toBe(3);
  });

  test('whoever is behind is not told what is no longer so', async () => {
    const first = await begin();
    const second = await open();
    await first.append(ALPHA, [reset('a')], NEW);
    await second.append(ALPHA, [reset('b')], { expectedRevision: 0 });
    const details = { expected: 0, actual: 1 };
    await expect(first.append(ALPHA, [reset('c')], { expectedRevision: 0 })).rejects.toMatchObject({
      code: 'WRONG_EXPECTED_REVISION',
      details,
    });
    expect(await second.append(ALPHA, [reset('d')], ANY)).toMatchObject({ revision: 2 });
    expect(await first.append(ALPHA, [reset('e')], { expectedRevision: 2 })).toMatchObject({ revision: 3 });
    expect(await first.append(ALPHA, [reset('b')], { expectedRevision: 'noStream' })).toMatchObject({
      alreadyThere: true,
      revision: 1,
    });
    expect(await first.verify()).toMatchObject({ ok: true, count: 4 });
  });

  test('the same ids written by both at once stand there once, and both are told', async () => {
    const first = await begin();
    const second = await open();
    const [a, b] = await Promise.all([first.append(ALPHA, named(3), NEW), second.append(ALPHA, named(3), NEW)]);
    expect(stored()).toBe(3);
    expect(a.events).toEqual(b.events);
  });

  test('a batch that was recorded in part behind our back is found whole, not called a conflict', async () => {
    const first = await begin();
    const second = await open();
    await first.append(ALPHA, [reset('a')], NEW);
    await second.append(ALPHA, [reset('b')], ANY);
    expect(await first.append(ALPHA, [reset('a'), reset('b')], ANY)).toMatchObject({ alreadyThere: true, revision: 1 });
  });

  test('the same ids with other bytes at the same place are a conflict although the server compares ids alone', async () => {
    const first = await begin();
    const second = await open();
    await first.readStream(ALPHA);
    await first.append(BETA, [reset('b0')], NEW);
    await second.append(BETA, [reset('b1')], { expectedRevision: 0 });
    const other = first.append(BETA, [reset('b1', 'other bytes')], { expectedRevision: 0 });
    await expect(other).rejects.toMatchObject({ code: 'EVENT_ID_CONFLICT' });
    expect(stored(`${BOT}-${BETA}`)).toBe(2);
  });

  test('many appends of both under "any" are each there once, in one chain', async () => {
    const first = await begin();
    const second = await open();
    const all = [first, second].map(async (journal, who) => {
      for (let n = 0; n < 15; n += 1) await journal.append(ALPHA, [reset(`w${who}-${n}`)], ANY);
    });
    await Promise.all(all);
    expect(stored()).toBe(30);
    expect(await first.verify()).toMatchObject({ ok: true, count: 30 });
  });
});

describe('limits of the server', () => {
  test('a batch beyond them is refused before anything is sent', async () => {
    const journal = await begin();
    const before = double.calls.append;
    const large = Array.from({ length: 30 }, (_, n) => reset(`large${n}`, 'x'.repeat(50_000)));
    const many: readonly NewEvent[] = named(4_096);
    for (const batch of [large, many]) {
      await expect(journal.append(ALPHA, batch, ANY)).rejects.toMatchObject({
        code: 'JOURNAL_BATCH_TOO_LARGE',
        callerMust: 'refuse',
        details: { stream: ALPHA },
      });
    }
    expect(double.calls.append).toBe(before);
    expect(await journal.append(ALPHA, large.slice(0, 20), ANY)).toMatchObject({ revision: 19 });
  });

  test('appends that wait together are sent together, but never beyond them', async () => {
    const journal = await begin();
    const each = Array.from({ length: 60 }, (_, n) => reset(`part${n}`, 'y'.repeat(50_000)));
    const results = await Promise.all(each.map((event) => journal.append(ALPHA, [event], ANY)));
    expect(results.map((result) => result.revision)).toEqual(each.map((_, n) => n));
    expect(double.calls.append).toBeGreaterThan(2);
    expect(double.calls.append).toBeLessThan(6);
  });

  test('a stream that is longer than many pages is read whole', async () => {
    const journal = await begin();
    for (let part = 0; part < 5; part += 1) await journal.append(ALPHA, named(450, `p${part}-`), ANY);
    const all = await journal.readAll();
    expect(all.map((event) => event.revision)).toEqual(Array.from({ length: 2_250 }, (_, n) => n));
    expect(ids(await journal.readStream(ALPHA, { direction: 'backwards' }))).toEqual([...ids(all)].reverse());
    expect(ids(await journal.readAll({ direction: 'backwards', limit: 1_500 }))).toEqual(
      [...ids(all)].reverse().slice(0, 1_500),
    );
  });
});

describe('reads and subscriptions over a bad line', () => {
  test.each(['unavailable', 'broken off', 'silent', 'not leader'] as const)(
    'a read is repeated when %s',
    async (fault) => {
      const journal = await begin({}, fault === 'silent' ? HASTY : {});
      const { events } = await journal.append(ALPHA, named(8), NEW);
      double.failNext('read', fault, fault);
      expect(await journal.readAll()).toEqual(events);
    },
  );

  test('a read without an answer is given up as JOURNAL_UNREACHABLE', async () => {
    const journal = await begin();
    double.failNext('read', 'unavailable', 'unavailable', 'unavailable', 'unavailable');
    await expect(journal.readAll()).rejects.toMatchObject({ code: 'JOURNAL_UNREACHABLE', callerMust: 'retry' });
  });

  test('a subscription goes on after its last event when the line breaks (JRN-4)', async () => {
    const journal = await begin();
    for (let part = 0; part < 3; part += 1) await journal.append(ALPHA, named(100, `early${part}-`), ANY);
    double.failNext('subscribe', 'broken off', 'unavailable', 'broken off');
    const seen = firstValueFrom(journal.subscribe().pipe(take(500), toArray()));
    for (let batch = 0; batch < 10; batch += 1) {
      if (batch % 4 === 1) double.dropConnections();
      await journal.append(BETA, named(20, `live${batch}-`), ANY);
    }
    expect(ids(await seen)).toEqual(ids(await journal.readAll()));
    expect(double.calls.subscribe).toBeGreaterThan(3);
  });

  test('a subscription that nobody confirms is asked for again', async () => {
    const journal = await begin({}, HASTY);
    const { events } = await journal.append(ALPHA, named(2), NEW);
    double.failNext('subscribe', 'silent');
    expect(await firstValueFrom(journal.subscribe().pipe(take(2), toArray()))).toEqual(events);
  });

  test('a subscription that is refused tells its subscriber', async () => {
    const journal = await begin();
    double.failNext('subscribe', 'denied');
    await expect(firstValueFrom(journal.subscribe())).rejects.toMatchObject({ code: 'JOURNAL_ACCESS_DENIED' });
  });
});

describe('a cluster of two nodes', () => {
  test('appends, reads and subscriptions go on, once each, when another node leads and the old one is gone', async () => {
    const cluster = { ports: [], leader: 0 };
    double = await EsdbDouble.start({ cluster });
    const other = await EsdbDouble.start({ cluster, store: double.store });
    try {
      cluster.leader = double.port;
      const url = `esdb://127.0.0.1:${double.port},127.0.0.1:${other.port}?tls=false&discoveryInterval=10`;
      const journal = await open({ url, attempts: 8 });
      const seen = firstValueFrom(journal.subscribe().pipe(take(9), toArray()));
      await journal.append(ALPHA, named(3, 'first'), NEW);
      cluster.leader = other.port;
      expect(await journal.append(ALPHA, named(3, 'second'), { expectedRevision: 2 })).toMatchObject({ revision: 5 });
      expect(other.calls.append).toBeGreaterThan(0);
      double.stop();
      await journal.append(BETA, named(3, 'third'), NEW);
      expect(ids(await seen)).toEqual(ids(await journal.readAll()));
      expect(await journal.verify()).toMatchObject({ ok: true, count: 9 });
    } finally {
      for (const journal of journals.splice(0)) await journal.close();
      other.stop();
    }
  });

  test('of which no node answers is JOURNAL_UNREACHABLE', async () => {
    double = await EsdbDouble.start();
    const url = `esdb://127.0.0.1:9,127.0.0.1:10?tls=false&discoveryInterval=5&maxDiscoverAttempts=2`;
    await expect(open({ url, attempts: 2 })).rejects.toMatchObject({ code: 'JOURNAL_UNREACHABLE' });
  });
});

describe('a cluster that others use too', () => {
  const theirs = { id: '00000000-0000-4000-8000-000000000000', type: 'Theirs', contentType: 'application/json' };
  const bytes = { data: Buffer.from('{}'), metadata: Buffer.from('') };

  test('streams of other bots and programs never appear', async () => {
    const journal = await begin();
    const neighbour = await open({ botIdentity: parseBotIdentity('DEMO_US_SIM_B02') });
    await neighbour.append(ALPHA, named(5, 'theirs'), NEW);
    double.store.append('invoices-7', [{ ...theirs, ...bytes }], 'any');
    double.store.append('$settings', [{ ...theirs, ...bytes }], 'any');
    expect(await journal.head()).toBeUndefined();
    const seen = firstValueFrom(journal.subscribe().pipe(take(2), toArray()));
    const { events } = await journal.append(ALPHA, [reset('ours'), float('also')], NEW);
    expect(await journal.readAll()).toEqual(events);
    expect(await journal.readAll({ direction: 'backwards' })).toEqual([...events].reverse());
    expect(await seen).toEqual(events);
    expect(await journal.head()).toMatchObject({ count: 2 });
    expect(await journal.verify()).toMatchObject({ ok: true, count: 2 });
    expect(await neighbour.head()).toMatchObject({ count: 5 });
  });

  test('what another program wrote into a stream of ours is told, not believed', async () => {
    const journal = await begin();
    await journal.append(ALPHA, named(1), NEW);
    double.store.append(NAME, [{ ...theirs, ...bytes }], 'any');
    await expect(journal.readAll()).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT', callerMust: 'stop' });
    await expect((await open()).append(ALPHA, [reset('x')], ANY)).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
    expect(await journal.verify()).toMatchObject({ ok: false, code: 'UNREADABLE' });
  });
});

describe('verify finds (JRN-30)', () => {
  const at = (revision: number) => {
    const record = double.store.stream(NAME)?.[revision];
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
    ['an event that is gone', 'GAP', () => double.store.log.splice(double.store.log.indexOf(at(2)), 1)],
  ];

  test.each(changes)('%s as %s', async (_what, code, change) => {
    const journal = await begin();
    const { events } = await journal.append(ALPHA, named(5), NEW);
    change();
    const where = code === 'GAP' ? events[3] : events[2];
    expect(await journal.verify()).toMatchObject({ ok: false, code, position: where?.position });
  });

  test('nothing in a journal of many streams, and names the end of each chain', async () => {
    const journal = await begin();
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

describe('the same bytes as in the embedded journals', () => {
  test('an event of one stream has the same text and the same hash in both', async () => {
    const journal = await begin();
    const memory = new MemoryJournal({ clock });
    const batch = [...named(3), float('f', '12.50'), reset('é', 'ünïcode "quoted" \u{1f4b0}')];
    const ours = await journal.append(ALPHA, batch, NEW);
    const theirs = await memory.append(ALPHA, batch, NEW);
    const bare = (event: RecordedEvent) => ({ ...event, position: '' });
    expect(ours.events.map(bare)).toEqual(theirs.events.map(bare));
    expect((await journal.readAll()).map(bare)).toEqual(theirs.events.map(bare));
  });
});

describe('what is wrong with the connection is said when the journal is opened', () => {
  const attempt = (url: string) => EsdbJournal.open({ url, botIdentity: BOT, clock, ...BRISK, attempts: 2 });

  beforeEach(async () => {
    double = await EsdbDouble.start();
  });

  test('no server', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => probe.once('listening', resolve));
    const address = probe.address();
    await new Promise((resolve) => probe.close(resolve));
    const port = typeof address === 'object' ? address?.port : 0;
    const refused = attempt(`esdb://bot:pass-word@127.0.0.1:${port}?tls=false`);
    await expect(refused).rejects.toMatchObject({ code: 'JOURNAL_UNREACHABLE', callerMust: 'retry' });
    await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('pass-word') });
    await expect(refused).rejects.toMatchObject({ message: expect.stringContaining(`esdb://127.0.0.1:${port}`) });
  });

  test('TLS towards a server without it', async () => {
    const refused = attempt(double.url.replace('tls=false', 'tls=true'));
    await expect(refused).rejects.toMatchObject({
      code: 'JOURNAL_UNREACHABLE',
      remedy: expect.stringContaining('tls'),
    });
  });

  test.each(['denied', 'unauthenticated'] as const)('credentials that are %s', async (fault) => {
    double.failNext('read', fault);
    const refused = attempt(double.url.replace('esdb://', 'esdb://bot:pass-word@'));
    await expect(refused).rejects.toMatchObject({ code: 'JOURNAL_ACCESS_DENIED', callerMust: 'refuse' });
    await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('pass-word') });
  });

  test('a certificate that is no certificate', async () => {
    const file = join(temporaryHome(), 'ca.pem');
    writeFileSync(file, 'no certificate');
    const refused = attempt(`${double.url.replace('tls=false', 'tls=true')}&tlsCAFile=${encodeURIComponent(file)}`);
    await expect(refused).rejects.toMatchObject({ kind: 'JournalError' });
  });
});
