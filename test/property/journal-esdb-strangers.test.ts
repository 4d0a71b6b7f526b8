import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { EsdbJournal } from '../../src/adapters/journal-esdb/esdb-journal.js';
import { EventAppender } from '../../src/app/journal/event-appender.js';
import { acknowledgeForeign, restoreSettings, sharedStreams } from '../../src/app/streams/acknowledge.js';
import type { StreamName } from '../../src/events/event.js';
import { TradeBotError } from '../../src/kernel/errors.js';
import { ALPHA, BETA, START, reset } from '../contract/support/journal-events.js';
import { EsdbDouble } from '../support/esdb-double/double.js';
import { freshIdentity } from '../support/esdb-double/test-server.js';
import { runs } from '../support/runs.js';

type Step =
  | { readonly do: 'append'; readonly by: 0 | 1; readonly stream: StreamName }
  | { readonly do: 'foreign' | 'copy' | 'delete' | 'undo' | 'acknowledge'; readonly stream: StreamName }
  | { readonly do: 'cut'; readonly stream: StreamName; readonly at: number }
  | { readonly do: 'scavenge' | 'restart'; readonly stream?: never };

const stream = fc.constantFrom(ALPHA, BETA);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('append' as const), by: fc.constantFrom(0 as const, 1 as const), stream }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('foreign', 'copy', 'delete', 'undo', 'acknowledge'), stream }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const), stream, at: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('scavenge', 'restart') }) },
);

let double: EsdbDouble;

beforeAll(async () => {
  double = await EsdbDouble.start();
});
afterAll(() => double.stop());

/** The bot, two of its processes, and everybody else on the server; what was acknowledged to a caller is remembered. */
class World {
  readonly clock = new VirtualClock(START);
  readonly identity = freshIdentity();
  readonly recorded = new Map<StreamName, string[]>();
  /** Streams that others did something to, so that a finding is no false alarm. */
  readonly touched = new Set<StreamName>();
  processes: EsdbJournal[] = [];
  #names = 0;

  async open(): Promise<void> {
    for (const journal of this.processes) await journal.close();
    const open = () => EsdbJournal.open({ url: double.url, botIdentity: this.identity, clock: this.clock, pauseMs: 1 });
    this.processes = [await open(), await open()];
  }

  async run(one: Step): Promise<void> {
    const { store } = double;
    if (one.do === 'restart') return this.open();
    if (one.do === 'scavenge') store.scavenge();
    if (one.stream === undefined) return;
    const name = `${this.identity}-${one.stream}`;
    if (one.do === 'append') return this.#append(one.by, one.stream);
    if (one.do === 'undo' || one.do === 'acknowledge') return this.#decide(one.do, one.stream);
    this.touched.add(one.stream);
    if (one.do === 'cut') store.setMetadata(name, { $tb: one.at });
    else if (one.do === 'delete') store.softDelete(name);
    else this.#intrude(name, one.do === 'copy');
  }

  #intrude(name: string, copies: boolean): void {
    const last = copies ? double.store.stream(name)?.at(-1) : undefined;
    const theirs = {
      id: crypto.randomUUID(),
      type: 'Theirs',
      contentType: 'application/json',
      data: Buffer.from('{}'),
      metadata: Buffer.from(''),
    };
    double.store.append(name, [last === undefined ? theirs : { ...last, id: crypto.randomUUID() }], 'any');
  }

  async #append(by: 0 | 1, to: StreamName): Promise<void> {
    this.#names += 1;
    const event = reset(`e${this.#names}`);
    try {
      await this.processes[by]?.append(to, [event], { expectedRevision: 'any' });
    } catch (error) {
      if (!(error instanceof TradeBotError) || !/^JOURNAL_(STREAM|EVENTS)_/.test(error.code)) throw error;
      expect(this.touched.size).toBeGreaterThan(0);
      return;
    }
    this.recorded.set(to, [...(this.recorded.get(to) ?? []), event.id]);
  }

  async #decide(what: 'undo' | 'acknowledge', of: StreamName): Promise<void> {
    const [journal] = this.processes;
    if (journal === undefined) return;
    const appender = new EventAppender({ journal, clock: this.clock, identity: this.identity, actor: 'system:test' });
    const decision = { stream: of, reason: 'a test' };
    try {
      await (what === 'undo' ? restoreSettings : acknowledgeForeign)({ journal, appender }, decision, 'user:local');
    } catch (error) {
      if (!(error instanceof TradeBotError) || error.code.startsWith('STREAM_NEVER')) throw error;
    }
  }
}

test('whatever others do to the streams, no event of ours is lost without a finding, and none of theirs is folded', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
      const world = new World();
      await world.open();
      for (const one of steps) await world.run(one);
      await world.open();
      const [journal] = world.processes;
      if (journal === undefined) throw new Error('the world has no process');
      const findings = await sharedStreams(journal).look();
      for (const { stream: of } of findings) expect([...world.touched]).toContain(of);
      const verified = await journal.verify();
      const lost = findings.filter(({ kind }) => kind === 'lost').map(({ stream: of }) => of);
      // where nothing of ours is left, what others wrote is the finding
      const taken = findings.filter(({ kind }) => kind === 'foreign').map(({ stream: of }) => of);
      for (const [of, ids] of world.recorded) {
        if (lost.includes(of) || taken.includes(of)) continue;
        const left = [];
        for await (const event of sharedStreams(journal).left()) if (event.stream === of) left.push(event.id);
        // what another process of ours does not know is not there twice, and nothing is there that we did not write
        expect(left.filter((id) => ids.includes(id))).toEqual(ids);
        if (lost.length === 0) expect((await journal.readStream(of)).map(({ id }) => id)).toEqual(left);
      }
      const stops = findings.filter(({ kind }) => ['cut', 'deleted', 'lost', 'blocked'].includes(kind));
      expect(verified.ok).toBe(stops.length === 0);
      if (lost.length > 0) await expect(journal.readAll()).rejects.toMatchObject({ code: 'JOURNAL_EVENTS_LOST' });
      else
        expect(await journal.readAll()).toHaveLength(verified.ok ? verified.count : (await journal.readAll()).length);
      for (const one of world.processes) await one.close();
    }),
    { numRuns: runs(12, 300), seed: 11 },
  );
});
