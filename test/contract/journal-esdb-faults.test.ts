import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { firstValueFrom, take, toArray } from 'rxjs';
import type { NewEvent, RecordedEvent } from '../../src/events/event.js';
import { plusMs } from '../../src/kernel/time.js';
import type { ClusterView } from '../support/esdb-double/cluster.js';
import type { DoubleOptions } from '../support/esdb-double/double.js';
import { theDouble } from '../support/esdb-double/test-server.js';
import { eventually } from '../support/eventually.js';
import { describeNeeding } from '../support/needs.js';
import { EsdbFixture, HASTY } from './support/esdb-fixture.js';
import { ALPHA, BETA, START, named, recorded, reset } from './support/journal-events.js';

const ANY = { expectedRevision: 'any' } as const;
const NEW = { expectedRevision: 'noStream' } as const;

let fixture: EsdbFixture;

beforeEach(() => {
  fixture = new EsdbFixture();
});

afterEach(async () => {
  await fixture.end();
});

const ids = (events: readonly RecordedEvent[]): readonly string[] => events.map((event) => event.id);

describeNeeding(theDouble)('an append whose response is lost (JRN-2)', () => {
  const lines: readonly [string, DoubleOptions][] = [
    ['one append a call', {}],
    ['appends over one line', { batchAppend: true }],
  ];
  const faults = ['applied, then unavailable', 'applied, then silent', 'unavailable', 'silent', 'not leader'] as const;

  describe.each(lines)('%s', (_name, options) => {
    test.each(faults)('with the server %s the event is recorded once', async (fault) => {
      const journal = await fixture.begin(options, fault.includes('silent') ? HASTY : {});
      await journal.append(ALPHA, named(2), NEW);
      fixture.double.failNext('append', fault);
      const result = await journal.append(ALPHA, named(3, 'next'), { expectedRevision: 1 });
      expect(result).toMatchObject({ revision: 4, alreadyThere: false });
      expect(await fixture.stored()).toBe(5);
      expect(await result.recorded()).toEqual((await journal.readAll()).slice(2));
      expect(await journal.verify()).toMatchObject({ ok: true, count: 5 });
    });
  });
});

describeNeeding(theDouble)('an append with an unknown outcome', () => {
  test('JOURNAL_STALLED is reported, and a later retry finds the recorded event', async () => {
    const journal = await fixture.begin();
    fixture.double.failNext('append', 'applied, then unavailable', 'unavailable', 'unavailable', 'unavailable');
    const stalled = journal.append(ALPHA, named(2), NEW);
    await expect(stalled).rejects.toMatchObject({ code: 'JOURNAL_STALLED', callerMust: 'stop', kind: 'JournalError' });
    fixture.clock.advanceTo(plusMs(START, 60_000));
    const again = await journal.append(ALPHA, named(2), NEW);
    expect(again).toMatchObject({ alreadyThere: true, revision: 1 });
    expect(again.events.map((event) => event.recordedAt)).toEqual(Array(2).fill('2013-10-07T13:30:00.000Z'));
    expect(await fixture.stored()).toBe(2);
  });

  test('an append that never arrived is written by the retry', async () => {
    const journal = await fixture.begin();
    fixture.double.failNext('append', 'unavailable', 'unavailable', 'unavailable', 'unavailable');
    await expect(journal.append(ALPHA, named(1), NEW)).rejects.toMatchObject({ code: 'JOURNAL_STALLED' });
    expect(await journal.append(ALPHA, named(1), NEW)).toMatchObject({ alreadyThere: false, revision: 0 });
  });
});

describe('two processes on one stream', () => {
  test('an append with "any" is recorded once after a restart and after the server forgot its recent ids', async () => {
    const first = await fixture.begin();
    const written = await first.append(ALPHA, named(3), ANY);
    if (!fixture.server.isReal) fixture.double.store.forgetRecent();
    fixture.clock.advanceTo(plusMs(START, 5_000));
    const second = await fixture.open();
    const again = await second.append(ALPHA, named(3), ANY);
    expect(again.alreadyThere).toBe(true);
    expect(await again.recorded()).toEqual(await written.recorded());
    expect(await fixture.stored()).toBe(3);
  });

  test('a stale expected version is a conflict', async () => {
    const first = await fixture.begin();
    const second = await fixture.open();
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

  test('an append of the same ids by both processes is recorded once and acknowledged to both', async () => {
    const first = await fixture.begin();
    const second = await fixture.open();
    const [a, b] = await Promise.all([first.append(ALPHA, named(3), NEW), second.append(ALPHA, named(3), NEW)]);
    expect(await fixture.stored()).toBe(3);
    expect(await a.recorded()).toEqual(await b.recorded());
  });

  test('a batch that another writer recorded in part is completed, not reported as a conflict', async () => {
    const first = await fixture.begin();
    const second = await fixture.open();
    await first.append(ALPHA, [reset('a')], NEW);
    await second.append(ALPHA, [reset('b')], ANY);
    expect(await first.append(ALPHA, [reset('a'), reset('b')], ANY)).toMatchObject({ alreadyThere: true, revision: 1 });
  });

  test('the same ids with other bytes at the same position are a conflict although the server compares only ids', async () => {
    const first = await fixture.begin();
    const second = await fixture.open();
    await first.readStream(ALPHA);
    await first.append(BETA, [reset('b0')], NEW);
    await second.append(BETA, [reset('b1')], { expectedRevision: 0 });
    const other = first.append(BETA, [reset('b1', 'other bytes')], { expectedRevision: 0 });
    await expect(other).rejects.toMatchObject({ code: 'EVENT_ID_CONFLICT' });
    expect(await fixture.stored(BETA)).toBe(2);
  });

  test('many appends by both processes under "any" are each recorded once in one chain', async () => {
    const first = await fixture.begin();
    const second = await fixture.open();
    const all = [first, second].map(async (journal, who) => {
      for (let n = 0; n < 15; n += 1) await journal.append(ALPHA, [reset(`w${who}-${n}`)], ANY);
    });
    await Promise.all(all);
    expect(await fixture.stored()).toBe(30);
    expect(await first.verify()).toMatchObject({ ok: true, count: 30 });
  });
});

describeNeeding(theDouble)('a batch append whose refusal is answered twice', () => {
  test('the process goes through it, and other appends on the line are recorded', async () => {
    const journal = await fixture.begin({ batchAppend: true });
    await journal.append(ALPHA, named(2), NEW);
    fixture.double.failNext('append', 'denied twice');
    const refused = journal.append(ALPHA, named(2, 'refused'), ANY);
    await expect(refused).rejects.toMatchObject({ code: 'JOURNAL_ACCESS_DENIED' });
    await eventually('the second answer', () => fixture.double.secondAnswers > 0);
    // its answer arrives behind the second one
    expect(await journal.append(ALPHA, named(2, 'next'), ANY)).toMatchObject({ revision: 3 });
    expect(await journal.verify()).toMatchObject({ ok: true, count: 4 });
  });
});

describeNeeding(theDouble)('limits of the server', () => {
  test('a batch above the limits is refused before anything is sent', async () => {
    const journal = await fixture.begin();
    const before = fixture.double.calls.append;
    const large = Array.from({ length: 30 }, (_, n) => reset(`large${n}`, 'x'.repeat(50_000)));
    const many: readonly NewEvent[] = named(4_096);
    for (const batch of [large, many]) {
      await expect(journal.append(ALPHA, batch, ANY)).rejects.toMatchObject({
        code: 'JOURNAL_BATCH_TOO_LARGE',
        callerMust: 'refuse',
        details: { stream: ALPHA },
      });
    }
    expect(fixture.double.calls.append).toBe(before);
    expect(await journal.append(ALPHA, large.slice(0, 20), ANY)).toMatchObject({ revision: 19 });
  });

  test('queued appends are sent together within the limits', async () => {
    const journal = await fixture.begin();
    const each = Array.from({ length: 60 }, (_, n) => reset(`part${n}`, 'y'.repeat(50_000)));
    const results = await Promise.all(each.map((event) => journal.append(ALPHA, [event], ANY)));
    expect(results.map((result) => result.revision)).toEqual(each.map((_, n) => n));
    expect(fixture.double.calls.append).toBeGreaterThan(2);
    expect(fixture.double.calls.append).toBeLessThan(6);
  });
});

describe('pages', () => {
  test('a stream longer than a page is read completely in both directions', async () => {
    const journal = await fixture.begin();
    for (let part = 0; part < 3; part += 1) await journal.append(ALPHA, named(400, `p${part}-`), ANY);
    const all = await journal.readAll();
    expect(all.map((event) => event.revision)).toEqual(Array.from({ length: 1_200 }, (_, n) => n));
    expect(ids(await journal.readStream(ALPHA, { direction: 'backwards' }))).toEqual([...ids(all)].reverse());
    expect(ids(await journal.readAll({ direction: 'backwards', limit: 1_100 }))).toEqual(
      [...ids(all)].reverse().slice(0, 1_100),
    );
  });
});

describeNeeding(theDouble)('reads and subscriptions over an unreliable connection', () => {
  test.each(['unavailable', 'broken off', 'silent', 'not leader'] as const)(
    'a read is repeated when %s',
    async (fault) => {
      const journal = await fixture.begin({}, fault === 'silent' ? HASTY : {});
      const events = await recorded(journal.append(ALPHA, named(8), NEW));
      fixture.double.failNext('read', fault, fault);
      expect(await journal.readAll()).toEqual(events);
    },
  );

  test('a read without a response fails with JOURNAL_UNREACHABLE', async () => {
    const journal = await fixture.begin();
    fixture.double.failNext('read', 'unavailable', 'unavailable', 'unavailable', 'unavailable');
    await expect(journal.readAll()).rejects.toMatchObject({ code: 'JOURNAL_UNREACHABLE', callerMust: 'retry' });
  });

  test('a subscription resumes after its last event when the connection drops (JRN-4)', async () => {
    const journal = await fixture.begin();
    for (let part = 0; part < 3; part += 1) await journal.append(ALPHA, named(100, `early${part}-`), ANY);
    fixture.double.failNext('subscribe', 'broken off', 'unavailable', 'broken off');
    const seen = firstValueFrom(journal.subscribe().pipe(take(500), toArray()));
    for (let batch = 0; batch < 10; batch += 1) {
      if (batch % 4 === 1) fixture.double.dropConnections();
      await journal.append(BETA, named(20, `live${batch}-`), ANY);
    }
    expect(ids(await seen)).toEqual(ids(await journal.readAll()));
    expect(fixture.double.calls.subscribe).toBeGreaterThan(3);
  });

  test('a subscription that is not confirmed is requested again', async () => {
    const journal = await fixture.begin({}, HASTY);
    const events = await recorded(journal.append(ALPHA, named(2), NEW));
    fixture.double.failNext('subscribe', 'silent');
    expect(await firstValueFrom(journal.subscribe().pipe(take(2), toArray()))).toEqual(events);
  });

  test('a subscription that is confirmed and then stays silent is requested again when it misses an event', async () => {
    const journal = await fixture.begin({}, HASTY);
    const events = await recorded(journal.append(ALPHA, named(2), NEW));
    fixture.double.failNext('subscribe', 'confirmed, then silent');
    expect(await firstValueFrom(journal.subscribe().pipe(take(2), toArray()))).toEqual(events);
    // one more follows the settings of the streams, from the first append on
    expect(fixture.double.calls.subscribe).toBe(3);
  });

  test('a subscription that is silent because nothing happens is left alone', async () => {
    const journal = await fixture.begin({}, HASTY);
    const events = await recorded(journal.append(ALPHA, named(2), NEW));
    const seen = firstValueFrom(journal.subscribe().pipe(take(4), toArray()));
    const reads = fixture.double.calls.read;
    await eventually('a look for missed events', () => fixture.double.calls.read > reads);
    const next = await recorded(journal.append(ALPHA, named(2, 'next'), { expectedRevision: 1 }));
    expect(await seen).toEqual([...events, ...next]);
    expect(fixture.double.calls.subscribe).toBe(2);
  });

  test('a refused subscription reports the error to its subscriber', async () => {
    const journal = await fixture.begin();
    fixture.double.failNext('subscribe', 'denied');
    await expect(firstValueFrom(journal.subscribe())).rejects.toMatchObject({ code: 'JOURNAL_ACCESS_DENIED' });
  });
});

describeNeeding(theDouble)('a cluster of two nodes', () => {
  test('appends, reads and subscriptions continue, once each, after a change of leader', async () => {
    const cluster: ClusterView = { ports: [], leader: null };
    const { double } = await fixture.start({ cluster });
    const { double: other } = await fixture.start({ cluster, store: double.store });
    cluster.leader = fixture.double.port;
    const url = `esdb://127.0.0.1:${fixture.double.port},127.0.0.1:${other.port}?tls=false&discoveryInterval=10`;
    const journal = await fixture.open({ url, attempts: 8 });
    const seen = firstValueFrom(journal.subscribe().pipe(take(9), toArray()));
    await journal.append(ALPHA, named(3, 'first'), NEW);
    cluster.leader = other.port;
    expect(await journal.append(ALPHA, named(3, 'second'), { expectedRevision: 2 })).toMatchObject({ revision: 5 });
    expect(other.calls.append).toBeGreaterThan(0);
    fixture.double.stop();
    await journal.append(BETA, named(3, 'third'), NEW);
    expect(ids(await seen)).toEqual(ids(await journal.readAll()));
    expect(await journal.verify()).toMatchObject({ ok: true, count: 9 });
  });

  test('a subscription that stays silent after a change of leader is requested again and misses nothing', async () => {
    const cluster: ClusterView = { ports: [], leader: null };
    const { double } = await fixture.start({ cluster });
    const { double: other } = await fixture.start({ cluster, store: double.store });
    cluster.leader = double.port;
    const url = `esdb://127.0.0.1:${double.port},127.0.0.1:${other.port}?tls=false&discoveryInterval=10`;
    const journal = await fixture.open({ url, attempts: 8, ...HASTY });
    const seen: string[] = [];
    const subscription = journal.subscribe().subscribe((event) => seen.push(event.id));
    await journal.append(ALPHA, named(2, 'first'), NEW);
    await eventually('the first events', () => seen.length === 2);
    cluster.leader = null;
    for (const node of [double, other]) node.muteSubscriptions();
    const during = journal.append(ALPHA, named(2, 'second'), { expectedRevision: 1 });
    cluster.leader = other.port;
    await during;
    await eventually('the events after it', () => seen.length >= 4);
    subscription.unsubscribe();
    expect(seen).toEqual(ids(await journal.readAll()));
  });

  test('when no node answers, the journal reports JOURNAL_UNREACHABLE', async () => {
    const url = `esdb://127.0.0.1:9,127.0.0.1:10?tls=false&discoveryInterval=5&maxDiscoverAttempts=2`;
    await expect(fixture.open({ url, attempts: 2 })).rejects.toMatchObject({ code: 'JOURNAL_UNREACHABLE' });
  });
});
