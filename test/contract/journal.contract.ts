import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { firstValueFrom, take, toArray } from 'rxjs';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { streamName, type NewEvent, type Position, type RecordedEvent } from '../../src/events/event.js';
import { sha256Hex } from '../../src/kernel/hash.js';
import { canonicalJson } from '../../src/kernel/canonical-json.js';
import { plusMs } from '../../src/kernel/time.js';
import type { ExpectedRevision, Journal } from '../../src/ports/journal.js';
import { STREAMS } from '../../src/events/streams.js';
import { ALPHA, BETA, START, float, named, recorded, reset } from './support/journal-events.js';
import { eventually } from '../support/eventually.js';

export interface JournalUnderTest {
  readonly journal: Journal;
  readonly dispose: () => Promise<void>;
}

/** Where adapters may differ: what one chain of hashes covers, and whether positions count from 1 without a gap. */
export interface JournalTraits {
  readonly chain: 'journal' | 'stream';
  readonly dense: boolean;
}

const EMBEDDED: JournalTraits = { chain: 'journal', dense: true };
const ANY = { expectedRevision: 'any' } as const;

/** The behaviour of the port, the same for every adapter (JRN-6). */
export function journalContract(
  name: string,
  make: (clock: VirtualClock) => Promise<JournalUnderTest>,
  traits: JournalTraits = EMBEDDED,
): void {
  describe(`journal contract: ${name}`, () => {
    let under: JournalUnderTest;
    let journal: Journal;
    let clock: VirtualClock;
    beforeEach(async () => {
      clock = new VirtualClock(START);
      under = await make(clock);
      journal = under.journal;
    });
    afterEach(() => under.dispose());

    const append = (events: readonly NewEvent[], expectedRevision: ExpectedRevision = 'any') =>
      journal.append(ALPHA, events, { expectedRevision });

    revisionTests(() => journal);
    idempotencyTests(() => journal);
    readTests(() => journal);
    filterTests(() => journal, traits);
    subscriptionTests(() => journal, traits);

    test('an event is recorded with its position, its time and its chain hash (JRN-10)', async () => {
      clock.advanceTo(plusMs(START, 1_234));
      const given = float('x', '12.50');
      const events = await recorded(append([given]));
      const [event] = await journal.readStream(ALPHA);
      expect(event).toMatchObject({ ...given, stream: ALPHA, revision: 0, recordedAt: '2013-10-07T13:30:01.234Z' });
      expect(event?.prevHash).toBe('0'.repeat(64));
      const { position, prevHash, hash, ...body } = event!;
      expect(hash).toBe(sha256Hex(prevHash + canonicalJson(body)));
      expect(events).toEqual([event]);
      expect(await journal.head()).toEqual({ position, hash, count: 1 });
    });

    test('an invalid event refuses the whole batch, and the error has the JSON pointer', async () => {
      const bad = { ...reset('bad'), data: { reason: 7 } } as unknown as NewEvent;
      await expect(append([reset('good'), bad])).rejects.toMatchObject({
        code: 'SCHEMA_VIOLATION',
        callerMust: 'refuse',
        details: { type: 'KillSwitchReset', pointer: '/data/reason' },
      });
      expect(await journal.head()).toBeUndefined();
    });

    test('an empty batch is refused', async () => {
      await expect(append([])).rejects.toMatchObject({ code: 'EMPTY_BATCH', callerMust: 'refuse' });
    });

    test('verify reports the number of valid events and the head', async () => {
      expect(await journal.verify()).toMatchObject({ ok: true, count: 0, head: null });
      await append(named(5));
      const seen: number[][] = [];
      const head = await journal.head();
      expect(await journal.verify((checked, total) => seen.push([checked, total]))).toMatchObject({
        ok: true,
        count: 5,
        head: head?.hash,
      });
      expect(seen.at(-1)).toEqual([5, 5]);
    });

    test('verify continues after a head that an earlier verification reached', async () => {
      await append(named(5));
      const since = await journal.head();
      if (since === undefined) throw new Error('the journal is empty');
      await append(named(3, 'later'));
      await journal.append(BETA, named(2, 'other'), ANY);
      const head = await journal.head();
      const first: number[] = [];
      const found = await journal.verify((checked) => first.push(checked), since);
      expect(found).toEqual({ ok: true, count: 10, head: head?.hash });
      expect(first.at(0)).toBeGreaterThan(5);
      const atHead = await journal.verify(undefined, head);
      expect(atHead).toEqual({ ok: true, count: 10, head: head?.hash });
    });

    test.each(['hash', 'position', 'count'] as const)(
      'verify walks the whole journal after a head with another %s',
      async (wrong) => {
        await append(named(6));
        const head = await journal.head();
        const first = (await journal.readAll({ limit: 3 })).at(-1);
        if (head === undefined || first === undefined) throw new Error('the journal is empty');
        const good = { position: first.position, hash: first.hash, count: 3 };
        const forged = {
          hash: { ...good, hash: head.hash },
          position: { ...good, position: 'nowhere' as typeof first.position },
          count: { ...good, position: head.position },
        }[wrong];
        expect(await journal.verify(undefined, forged)).toMatchObject({ ok: true, count: 6, head: head.hash });
      },
    );

    test('a closed journal refuses every call and may be closed twice', async () => {
      await journal.close();
      await journal.close();
      await expect(append(named(1))).rejects.toMatchObject({ code: 'JOURNAL_CLOSED' });
      await expect(journal.head()).rejects.toMatchObject({ code: 'JOURNAL_CLOSED' });
    });
  });
}

function revisionTests(at: () => Journal): void {
  const present: readonly [ExpectedRevision, boolean][] = [
    ['any', true],
    ['noStream', false],
    ['streamExists', true],
    [1, true],
    [0, false],
    [2, false],
  ];
  const absent: readonly [ExpectedRevision, boolean][] = [
    ['any', true],
    ['noStream', true],
    ['streamExists', false],
    [0, false],
  ];
  const attempt = async (expectedRevision: ExpectedRevision, fits: boolean, actual: number | null): Promise<void> => {
    const before = await at().head();
    const done = at().append(ALPHA, [reset('new')], { expectedRevision });
    if (fits) {
      await expect(done).resolves.toMatchObject({ revision: (actual ?? -1) + 1, alreadyThere: false });
      return;
    }
    const details = { stream: ALPHA, expected: expectedRevision, actual };
    await expect(done).rejects.toMatchObject({ code: 'WRONG_EXPECTED_REVISION', callerMust: 'refuse', details });
    expect(await at().head()).toEqual(before);
  };

  test.each(present)('expected %s against a stream at revision 1: fits %s (JRN-1)', async (expected, fits) => {
    await at().append(ALPHA, named(2), ANY);
    await attempt(expected, fits, 1);
  });

  test.each(absent)('expected %s against an absent stream: fits %s (JRN-1)', async (expected, fits) => {
    await at().append(BETA, named(1), ANY);
    await attempt(expected, fits, null);
  });

  test('concurrent appends each get their own result', async () => {
    const journal = at();
    const outcomes = await Promise.allSettled([
      journal.append(ALPHA, [reset('a')], { expectedRevision: 'noStream' }),
      journal.append(ALPHA, [reset('b')], { expectedRevision: 'noStream' }),
      journal.append(ALPHA, [reset('c')], { expectedRevision: 0 }),
      journal.append(ALPHA, [reset('a')], { expectedRevision: 'noStream' }),
      journal.append(ALPHA, [reset('a', 'other bytes')], { expectedRevision: 'any' }),
      journal.append(BETA, [reset('a')], { expectedRevision: 'noStream' }),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(outcomes[1]).toMatchObject({ reason: { code: 'WRONG_EXPECTED_REVISION' } });
    expect(outcomes[3]).toMatchObject({ value: { alreadyThere: true, revision: 0 } });
    expect(outcomes[4]).toMatchObject({ reason: { code: 'EVENT_ID_CONFLICT' } });
    expect((await journal.readAll()).map((event) => [event.stream, event.revision])).toEqual([
      [ALPHA, 0],
      [ALPHA, 1],
      [BETA, 0],
    ]);
    expect(await journal.verify()).toMatchObject({ ok: true, count: 3 });
  });
}

function idempotencyTests(at: () => Journal): void {
  const every: readonly ExpectedRevision[] = ['any', 'noStream', 'streamExists', 0, 1, 7];

  test.each(every)(
    'a repeated batch under %s is recognised and gives its original positions (JRN-2)',
    async (expected) => {
      const journal = at();
      const first = await journal.append(ALPHA, named(2), ANY);
      await journal.append(ALPHA, [reset('later')], ANY);
      const again = await journal.append(ALPHA, named(2), { expectedRevision: expected });
      expect(again).toMatchObject({ alreadyThere: true, revision: 1 });
      expect(again.events).toMatchObject(first.events);
      expect(await again.recorded()).toEqual(await first.recorded());
      expect((await journal.head())?.count).toBe(3);
    },
  );

  test.each(every)('the same id with other bytes under %s is a conflict (JRN-2)', async (expected) => {
    await at().append(ALPHA, named(2), ANY);
    const done = at().append(ALPHA, [reset('e1', 'another reason')], { expectedRevision: expected });
    await expect(done).rejects.toMatchObject({ code: 'EVENT_ID_CONFLICT', callerMust: 'refuse' });
    expect((await at().head())?.count).toBe(2);
  });

  test('any difference in the content given by the caller counts as other bytes', async () => {
    const event = reset('e');
    await at().append(ALPHA, [event], ANY);
    const other = { ...event, meta: { ...event.meta, correlationId: 'another' } };
    await expect(at().append(ALPHA, [other], ANY)).rejects.toMatchObject({ code: 'EVENT_ID_CONFLICT' });
  });

  test('a batch that is partly recorded is a conflict', async () => {
    await at().append(ALPHA, named(2), ANY);
    await expect(at().append(ALPHA, named(3), ANY)).rejects.toMatchObject({ code: 'EVENT_ID_CONFLICT' });
    expect((await at().head())?.count).toBe(2);
  });

  test('a repeated id in one batch is a conflict', async () => {
    await expect(at().append(ALPHA, [reset('e'), reset('e')], ANY)).rejects.toMatchObject({
      code: 'EVENT_ID_CONFLICT',
    });
    expect(await at().head()).toBeUndefined();
  });

  test('the same id in another stream is another event', async () => {
    await at().append(ALPHA, named(1), ANY);
    expect(await at().append(BETA, named(1), ANY)).toMatchObject({ alreadyThere: false, revision: 0 });
  });
}

function readTests(at: () => Journal): void {
  const reasons = (events: readonly RecordedEvent[]): readonly unknown[] =>
    events.map((event) => (event.type === 'KillSwitchReset' ? event.data.reason : event.type));
  const because = (...numbers: readonly number[]): readonly string[] => numbers.map((n) => `because e${n}`);

  test('a stream is read from a revision, in both directions, up to a limit (JRN-3)', async () => {
    const journal = at();
    await journal.append(BETA, named(3, 'b'), ANY);
    await journal.append(ALPHA, named(6), ANY);
    const read = async (options: Parameters<Journal['readStream']>[1]) =>
      reasons(await journal.readStream(ALPHA, options));
    expect(await read({})).toEqual(because(0, 1, 2, 3, 4, 5));
    expect(await read({ from: 4 })).toEqual(because(4, 5));
    expect(await read({ from: 1, limit: 2 })).toEqual(because(1, 2));
    expect(await read({ direction: 'backwards' })).toEqual(because(5, 4, 3, 2, 1, 0));
    expect(await read({ direction: 'backwards', from: 2 })).toEqual(because(2, 1, 0));
    expect(await read({ direction: 'backwards', limit: 1 })).toEqual(because(5));
    expect(await read({ limit: 0 })).toEqual([]);
    expect(await read({ from: 6 })).toEqual([]);
    expect(await journal.readStream(streamName('nobody'))).toEqual([]);
  });

  test('a stream longer than a page is read completely and in order', async () => {
    const journal = at();
    for (const part of ['a', 'b', 'c', 'd', 'e']) await journal.append(ALPHA, named(500, part), ANY);
    const up = await journal.readStream(ALPHA);
    expect(up.map((event) => event.revision)).toEqual(Array.from({ length: 2_500 }, (_, n) => n));
    const down = await journal.readStream(ALPHA, { direction: 'backwards', limit: 2_100 });
    expect(down.map((event) => event.revision)).toEqual(Array.from({ length: 2_100 }, (_, n) => 2_499 - n));
    expect(await journal.readAll()).toEqual(up);
  });
}

/** Each event names the hash of the one before it: in the whole journal, or in its stream. */
function expectChain(events: readonly RecordedEvent[], traits: JournalTraits): void {
  const last = new Map<string, string>();
  for (const event of events) {
    const chain = traits.chain === 'journal' ? '' : event.stream;
    expect(event.prevHash).toBe(last.get(chain) ?? '0'.repeat(64));
    last.set(chain, event.hash);
  }
}

function filterTests(at: () => Journal, traits: JournalTraits): void {
  test('the whole journal is read in global order, filtered, in both directions (JRN-3)', async () => {
    const journal = at();
    await journal.append(ALPHA, [reset('e0'), float('f')], ANY);
    await journal.append(BETA, [reset('e1')], ANY);
    await journal.append(streamName('alpha', '2'), [reset('e2')], ANY);
    const all = await journal.readAll();
    const positions = all.map((event) => event.position);
    expect([...positions].sort()).toEqual(positions);
    expectChain(all, traits);
    const read = async (options: Parameters<Journal['readAll']>[0]) =>
      (await journal.readAll(options)).map((e) => e.id);
    const ids = all.map((event) => event.id);
    expect(await read({ after: positions[1]! })).toEqual(ids.slice(2));
    expect(await read({ after: positions[3]! })).toEqual([]);
    expect(await read({ limit: 3 })).toEqual(ids.slice(0, 3));
    expect(await read({ direction: 'backwards' })).toEqual([...ids].reverse());
    expect(await read({ direction: 'backwards', after: positions[2]! })).toEqual([ids[1], ids[0]]);
    expect(await read({ filter: { types: [] } })).toEqual([]);
    expect(await read({ filter: { streamPrefix: 'alpha-' } })).toEqual([ids[0], ids[1], ids[3]]);
  });

  test('newest first, a prefix of one stream and of many finds what it finds in the order of the journal', async () => {
    const journal = at();
    await journal.append(BETA, [reset('e0'), float('f')], ANY);
    for (let n = 0; n < 70; n += 1) await journal.append(streamName('many', String(n)), named(2, `m${n}-`), ANY);
    await journal.append(streamName('many', '7'), [reset('e1')], ANY);
    const all = await journal.readAll();
    const middle = all[70]!.position;
    for (const streamPrefix of ['b', 'many-', 'many-7', 'many-69', 'none', 'zz']) {
      const fits = all.filter(({ stream }) => stream.startsWith(streamPrefix)).toReversed();
      const read = (options: Parameters<Journal['readAll']>[0]) =>
        journal.readAll({ direction: 'backwards', ...options, filter: { streamPrefix } });
      expect(await read({})).toEqual(fits);
      expect(await read({ limit: 2 })).toEqual(fits.slice(0, 2));
      expect(await read({ after: middle, limit: 3 })).toEqual(
        fits.filter(({ position }) => position < middle).slice(0, 3),
      );
    }
  });

  test('events of some types are read from the streams in which these lie (JRN-3)', async () => {
    const journal = at();
    await journal.append(STREAMS.risk, [reset('e0')], ANY);
    await journal.append(STREAMS.float, [float('f')], ANY);
    await journal.append(ALPHA, named(2), ANY);
    await journal.append(STREAMS.risk, [reset('e2')], ANY);
    const all = await journal.readAll();
    expect(await journal.readAll({ filter: { types: ['FloatSnapshotTaken'] } })).toEqual([all[1]]);
    const both = { types: ['KillSwitchReset'], streamPrefix: 'ri' } as const;
    expect(await journal.readAll({ filter: both })).toEqual([all[0], all[4]]);
    expect(await journal.readAll({ filter: both, direction: 'backwards', limit: 1 })).toEqual([all[4]]);
    expect(await journal.readAll({ filter: both, after: all[0]!.position })).toEqual([all[4]]);
  });

  test('a position that this journal never issued is refused', async () => {
    await expect(at().readAll({ after: 'C:1/P:1' as Position })).rejects.toMatchObject({ code: 'BAD_POSITION' });
  });
}

function subscriptionTests(at: () => Journal, traits: JournalTraits): void {
  test('a subscription catches up and then follows, without gaps or duplicates (JRN-4)', async () => {
    const journal = at();
    for (const part of ['a', 'b', 'c']) await journal.append(ALPHA, named(500, part), ANY);
    const seen = firstValueFrom(journal.subscribe().pipe(take(3_000), toArray()));
    for (let batch = 0; batch < 150; batch += 1) await journal.append(BETA, named(10, `live${batch}-`), ANY);
    const events = await seen;
    expect(events).toEqual(await journal.readAll());
    const numbers = events.map((event) => Number(event.position));
    if (traits.dense) expect(numbers).toEqual(Array.from({ length: 3_000 }, (_, n) => n + 1));
  });

  test('a subscription starts after its checkpoint and applies its filter', async () => {
    const journal = at();
    const [first] = await recorded(journal.append(ALPHA, [reset('a'), float('b')], ANY));
    const options = { after: first!.position, filter: { streamPrefix: 'alpha' } };
    const seen = firstValueFrom(journal.subscribe(options).pipe(take(2), toArray()));
    await journal.append(BETA, [reset('c')], ANY);
    await journal.append(ALPHA, [reset('d')], ANY);
    expect((await seen).map((event) => event.type)).toEqual(['FloatSnapshotTaken', 'KillSwitchReset']);
  });

  test('two subscribers each see everything; an unsubscribed one sees nothing more', async () => {
    const journal = at();
    const left: string[] = [];
    const leaving = journal.subscribe().subscribe((event) => left.push(event.id));
    const staying = firstValueFrom(journal.subscribe().pipe(take(2), toArray()));
    await journal.append(ALPHA, [reset('a')], ANY);
    await eventually('the first event', () => left.length === 1);
    leaving.unsubscribe();
    await journal.append(ALPHA, [reset('b')], ANY);
    expect(await staying).toHaveLength(2);
    expect(left).toHaveLength(1);
  });

  test('closing the journal completes its subscriptions', async () => {
    const seen = firstValueFrom(at().subscribe().pipe(toArray()));
    await at().close();
    expect(await seen).toEqual([]);
  });
}
