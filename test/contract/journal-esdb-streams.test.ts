import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { firstValueFrom, filter, take, toArray } from 'rxjs';
import { EventAppender } from '../../src/app/journal/event-appender.js';
import { acknowledgeForeign, restoreSettings, sharedStreams } from '../../src/app/streams/acknowledge.js';
import { StreamRecorder } from '../../src/app/streams/stream-recorder.js';
import type { EsdbJournal } from '../../src/adapters/journal-esdb/esdb-journal.js';
import type { StreamName } from '../../src/events/event.js';
import { STREAMS } from '../../src/events/streams.js';
import type { StreamFindingKind } from '../../src/ports/journal.js';
import { EsdbDouble } from '../support/esdb-double/double.js';
import { theDouble } from '../support/esdb-double/test-server.js';
import { testNeeding } from '../support/needs.js';
import { EsdbFixture } from './support/esdb-fixture.js';
import { ALPHA, BETA, named, recorded, reset } from './support/journal-events.js';

const ANY = { expectedRevision: 'any' } as const;
const NEW = { expectedRevision: 'noStream' } as const;

let fixture: EsdbFixture;

beforeEach(() => {
  fixture = new EsdbFixture();
});
afterEach(async () => {
  await fixture.end();
});

const parts = (journal: EsdbJournal) => ({
  journal,
  appender: new EventAppender({ journal, clock: fixture.clock, identity: fixture.identity, actor: 'system:test' }),
});
const kindsOf = async (journal: EsdbJournal): Promise<readonly StreamFindingKind[]> =>
  (await sharedStreams(journal).look()).map(({ kind }) => kind);
const found = (journal: EsdbJournal, kind: StreamFindingKind) =>
  firstValueFrom(
    sharedStreams(journal)
      .watch()
      .pipe(filter((finding) => finding.kind === kind)),
  );
const decision = { stream: ALPHA, reason: 'seen by a person' };

describe('a stream of ours that is cut on the server (F35)', () => {
  const cuts: readonly [string, (name: string) => Promise<void>][] = [
    ['$tb', (name) => fixture.stranger.setMetadata(name, { $tb: 2 })],
    ['$maxCount', (name) => fixture.stranger.setMetadata(name, { $maxCount: 1 })],
    ['$maxAge', (name) => fixture.stranger.setMetadata(name, { $maxAge: 1 })],
    ['deleted', (name) => fixture.stranger.softDelete(name)],
  ];

  test.each(cuts)('by %s hides nothing from readers, stops writing, and is undone', async (what, cut) => {
    const journal = await fixture.begin();
    const events = await recorded(journal.append(ALPHA, named(5), NEW));
    await journal.append(BETA, named(1), NEW);
    const running = found(journal, 'cut');
    await cut(fixture.nameOf(ALPHA));
    const fresh = await fixture.open();
    for (const reader of [journal, fresh]) {
      expect(await reader.readStream(ALPHA)).toEqual(events);
      expect(await reader.readStream(ALPHA, { direction: 'backwards', limit: 2 })).toEqual([events[4], events[3]]);
    }
    const said = {
      code: 'STREAM_CUT',
      message: expect.stringContaining(what),
      remedy: expect.stringContaining('undo'),
    };
    expect(await fresh.verify()).toMatchObject({ ok: false, ...said });
    expect(await running).toMatchObject({ stream: ALPHA, remedy: expect.stringContaining(`undo ${ALPHA}`) });
    const refused = { code: 'JOURNAL_STREAM_CUT', callerMust: 'stop' };
    // the one that runs refuses every stream, the fresh one finds it at its first append to the stream
    for (const stream of [ALPHA, BETA])
      await expect(journal.append(stream, [reset('x')], ANY)).rejects.toMatchObject(refused);
    await expect(fresh.append(ALPHA, [reset('x')], ANY)).rejects.toMatchObject(refused);
    expect((await fixture.stranger.events(fixture.nameOf(ALPHA))).length).toBe(5);
    const back = found(journal, 'restored');
    expect(await restoreSettings(parts(fresh), decision, 'user:local')).toMatchObject({ kind: 'cut' });
    // the process that runs learns of it by itself
    expect(await back).toMatchObject({ stream: ALPHA });
    expect(await journal.append(BETA, [reset('y')], { expectedRevision: 0 })).toMatchObject({ revision: 1 });
    const [last] = await fresh.readStream(STREAMS.streams, { direction: 'backwards', limit: 1 });
    expect(last).toMatchObject({
      type: 'StreamSettingsRestored',
      data: { ...decision, was: expect.stringContaining(what) },
    });
    expect(await fresh.append(ALPHA, [reset('next')], { expectedRevision: 4 })).toMatchObject({ revision: 5 });
    expect(await fresh.verify()).toMatchObject({ ok: true, count: 9 });
    expect(await restoreSettings(parts(fresh), decision, 'user:local')).toBeUndefined();
  });

  test('by a tombstone names the stream, and no revision beyond the safe numbers', async () => {
    const journal = await fixture.begin();
    await journal.append(ALPHA, named(2), NEW);
    await fixture.stranger.tombstone(fixture.nameOf(ALPHA));
    const result = await (await fixture.open()).verify();
    expect(result).toMatchObject({ ok: false, code: 'STREAM_DELETED', message: expect.stringContaining(ALPHA) });
    expect(JSON.stringify(result)).not.toContain('92233720368547');
    const refused = (await fixture.open()).append(ALPHA, [reset('x')], ANY);
    await expect(refused).rejects.toMatchObject({ code: 'JOURNAL_STREAM_DELETED', callerMust: 'stop' });
  });

  testNeeding(theDouble)('and scavenged names what is gone, and no reader folds the rest', async () => {
    const journal = await fixture.begin();
    const events = await recorded(journal.append(ALPHA, named(5), NEW));
    await fixture.stranger.setMetadata(fixture.nameOf(ALPHA), { $tb: 3 });
    fixture.double.store.scavenge();
    const fresh = await fixture.open();
    const gone = {
      code: 'JOURNAL_EVENTS_LOST',
      message: expect.stringContaining('revisions 0 to 2 of stream alpha-1'),
    };
    await expect(fresh.readAll()).rejects.toMatchObject(gone);
    await expect(fresh.readStream(ALPHA)).rejects.toMatchObject(gone);
    await expect(fresh.head()).rejects.toMatchObject(gone);
    await expect(firstValueFrom(fresh.subscribe())).rejects.toMatchObject(gone);
    await expect(fresh.append(ALPHA, [reset('x')], ANY)).rejects.toMatchObject({ code: 'JOURNAL_STREAM_CUT' });
    const verified = await fresh.verify();
    expect(verified).toMatchObject({
      ok: false,
      code: 'GAP',
      findings: [{ kind: 'lost', from: 0, to: 2 }, { kind: 'cut' }],
    });
    const left = [];
    for await (const event of sharedStreams(fresh).left()) left.push(event);
    expect(left).toEqual(events.slice(3));
  });

  testNeeding(theDouble)('and scavenged before the undo stops a process that knew it, for good', async () => {
    const journal = await fixture.begin();
    await journal.append(ALPHA, named(5), NEW);
    const [running, lost] = [found(journal, 'cut'), found(journal, 'lost')];
    await fixture.stranger.setMetadata(fixture.nameOf(ALPHA), { $tb: 3 });
    await running;
    fixture.double.store.scavenge();
    const gone = {
      code: 'JOURNAL_EVENTS_LOST',
      message: expect.stringContaining('revisions 0 to 2 of stream alpha-1'),
    };
    await expect(restoreSettings(parts(await fixture.open()), decision, 'user:local')).rejects.toMatchObject(gone);
    expect(await lost).toMatchObject({ from: 0, to: 2 });
    await expect(journal.append(BETA, [reset('x')], ANY)).rejects.toMatchObject(gone);
    await fixture.stranger.setMetadata(fixture.nameOf(ALPHA), { $maxCount: 9 });
    await fixture.stranger.setMetadata(fixture.nameOf(ALPHA), {});
    await expect(journal.append(BETA, [reset('x')], ANY)).rejects.toMatchObject(gone);
  });

  testNeeding(theDouble)(
    'between the look at it and the append: the misplaced event is named, and the chain heals',
    async () => {
      const elsewhere = await EsdbDouble.start();
      const other = await fixture.open({ url: elsewhere.url });
      await other.append(ALPHA, named(5), NEW);
      const name = fixture.nameOf(ALPHA);
      const written = elsewhere.store.stream(name) ?? [];
      const journal = await fixture.begin();
      const { store } = fixture.double;
      const append = store.append.bind(store);
      store.append = (stream, events, expected) => {
        // another process of ours begins the stream, and somebody deletes it, after this one has looked
        if (stream === name && store.stream(name) === undefined) {
          append(name, written, 'noStream');
          store.softDelete(name);
        }
        return append(stream, events, expected);
      };
      const refused = { code: 'JOURNAL_STREAM_CUT', message: expect.stringContaining('revision 5 of stream alpha-1') };
      await expect(journal.append(ALPHA, [reset('second')], NEW)).rejects.toMatchObject(refused);
      const fresh = await fixture.open();
      await restoreSettings(parts(fresh), decision, 'user:local');
      expect(await kindsOf(fresh)).toEqual(['blocked']);
      await acknowledgeForeign(parts(fresh), decision, 'user:local');
      expect(await fresh.verify()).toMatchObject({ ok: true, findings: [{ kind: 'acknowledged', from: 5, to: 5 }] });
      expect(await fresh.append(ALPHA, [reset('second')], ANY)).toMatchObject({ revision: 7 });
      elsewhere.stop();
    },
  );
});

describe('what another program writes under our names', () => {
  const ESC = '\u001b[31m';

  test('as a stream of its own is left out and reported, and the books continue', async () => {
    const journal = await fixture.begin();
    const events = await recorded(journal.append(ALPHA, named(2), NEW));
    const reported = found(journal, 'foreign');
    const seen = firstValueFrom(journal.subscribe().pipe(take(3), toArray()));
    const name = fixture.nameOf(`odd${ESC}-1` as StreamName);
    await fixture.stranger.append(
      name,
      { type: `Th${ESC}eirs`, data: '\u0000{', metadata: '{"hash":"x"}' },
      { data: 'x'.repeat(900_000) },
    );
    const next = await recorded(journal.append(ALPHA, [reset('next')], { expectedRevision: 1 }));
    expect(await seen).toEqual([...events, ...next]);
    expect(await journal.readAll()).toEqual([...events, ...next]);
    expect(await journal.readAll({ direction: 'backwards', limit: 1 })).toEqual(next);
    expect(await journal.head()).toMatchObject({ count: 3 });
    expect(await (await fixture.open()).verify()).toMatchObject({
      ok: true,
      count: 3,
      findings: [{ kind: 'foreign' }],
    });
    const finding = await reported;
    expect(finding).toMatchObject({ from: 0, to: 1, type: 'Th\\u001b[31meirs' });
    expect(JSON.stringify(finding).length).toBeLessThan(3_000);
    expect(finding.message + finding.stream).not.toContain(ESC);
  });

  test('inside our stream stops its writing until an admin acknowledges it; verify shows it for ever', async () => {
    const journal = await fixture.begin();
    const events = await recorded(journal.append(ALPHA, named(2), NEW));
    await fixture.stranger.append(fixture.nameOf(ALPHA), { type: 'Theirs' });
    const [copied] = (await fixture.stranger.read(fixture.nameOf(ALPHA))).slice(1, 2);
    await fixture.stranger.append(fixture.nameOf(ALPHA), { type: 'KillSwitchReset', data: copied?.text ?? '' });
    for (const writer of [journal, await fixture.open()]) {
      const refused = writer.append(ALPHA, [reset('x')], ANY);
      await expect(refused).rejects.toMatchObject({
        code: 'JOURNAL_STREAM_FOREIGN',
        message: expect.stringContaining('2 to 3'),
      });
      expect(await writer.append(BETA, [reset('other')], ANY)).toMatchObject({ revision: 0 });
    }
    expect(await journal.verify()).toMatchObject({
      ok: false,
      code: 'FOREIGN_EVENTS',
      findings: [{ kind: 'blocked' }],
    });
    await expect(
      acknowledgeForeign(parts(journal), { ...decision, sha256: 'of other events' }, 'user:ann'),
    ).rejects.toMatchObject({ code: 'FOREIGN_EVENTS_CHANGED', callerMust: 'refuse' });
    await acknowledgeForeign(parts(journal), decision, 'user:ann');
    await expect(acknowledgeForeign(parts(journal), decision, 'user:ann')).rejects.toMatchObject({
      code: 'NOTHING_TO_ACKNOWLEDGE',
    });
    await fixture.stranger.append(fixture.nameOf(ALPHA), { type: 'Again' });
    await acknowledgeForeign(parts(await fixture.open()), decision, 'user:bob');
    expect(await journal.append(ALPHA, [reset('x')], ANY)).toMatchObject({ revision: 7 });
    const all = await (await fixture.open()).readStream(ALPHA);
    expect(all.map(({ revision }) => revision)).toEqual([0, 1, 4, 6, 7]);
    expect(all.slice(0, 2)).toEqual(events);
    const acknowledged = [/user:ann/, /user:bob/].map((who) => ({
      kind: 'acknowledged',
      message: expect.stringMatching(who),
    }));
    expect(await (await fixture.open()).verify()).toMatchObject({ ok: true, count: 6, findings: acknowledged });
  });

  test('before our first event of a stream is acknowledged in the same way', async () => {
    const journal = await fixture.begin();
    await fixture.stranger.append(fixture.nameOf(ALPHA), {}, {});
    await expect(journal.append(ALPHA, [reset('x')], NEW)).rejects.toMatchObject({ code: 'JOURNAL_STREAM_FOREIGN' });
    await acknowledgeForeign(parts(journal), decision, 'user:local');
    expect(await journal.append(ALPHA, [reset('x')], { expectedRevision: 2 })).toMatchObject({ revision: 3 });
    expect(await (await fixture.open()).verify()).toMatchObject({ ok: true, count: 2 });
  });

  test('is journaled once, by a process that follows the journal', async () => {
    const journal = await fixture.begin();
    await journal.append(ALPHA, named(1), NEW);
    const reports: string[] = [];
    const record = (on: EsdbJournal) => {
      new StreamRecorder({ ...parts(on), report: ({ kind }) => void reports.push(kind) }).start();
      on.subscribe().subscribe();
    };
    const journaled = firstValueFrom(
      journal.subscribe({ filter: { types: ['ForeignEventsFound'] } }).pipe(take(2), toArray()),
    );
    record(journal);
    await fixture.stranger.append(fixture.nameOf(ALPHA), {});
    await fixture.stranger.append(fixture.nameOf(BETA), {});
    expect((await journaled).map(({ data }) => data)).toMatchObject([
      { stream: ALPHA, inOurStream: true, fromRevision: 1, eventType: 'Theirs' },
      { stream: BETA, inOurStream: false, fromRevision: 0 },
    ]);
    const second = await fixture.open();
    record(second);
    await found(second, 'foreign');
    await second.append(STREAMS.health, [reset('later')], ANY);
    expect(await second.readStream(STREAMS.streams)).toHaveLength(2);
    expect(reports).toContain('blocked');
    const recalled = new Promise<string>((resolve) => {
      fixture.open().then(
        (third) => new StreamRecorder({ ...parts(third), report: ({ stream }) => resolve(stream) }).start(),
        () => undefined,
      );
    });
    // nothing reads the stream in this process
    expect(await recalled).toBe(ALPHA);
  });
});
