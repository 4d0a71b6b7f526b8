import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { EsdbJournal } from '../../src/adapters/journal-esdb/esdb-journal.js';
import { MemoryJournal } from '../../src/adapters/journal-memory/memory-journal.js';
import type { AppendedEvent, StreamName } from '../../src/events/event.js';
import { TradeBotError } from '../../src/kernel/errors.js';
import { plusMs } from '../../src/kernel/time.js';
import type { ExpectedRevision, Journal } from '../../src/ports/journal.js';
import { ALPHA, BETA, START, reset } from '../contract/support/journal-events.js';
import type { Fault } from '../support/esdb-double/double.js';
import { TestServer, freshIdentity } from '../support/esdb-double/test-server.js';
import { runs } from '../support/runs.js';

interface Request {
  readonly stream: StreamName;
  readonly names: readonly string[];
  readonly reason: string;
  readonly expected: ExpectedRevision;
}

/** Concurrent requests of one of two processes, and the faults of their calls. */
interface Round {
  readonly process: 0 | 1;
  readonly requests: readonly Request[];
  readonly appendFault: Fault | undefined;
  readonly readFault: Fault | undefined;
  readonly serverForgets: boolean;
}

const request: fc.Arbitrary<Request> = fc.record({
  stream: fc.constantFrom(ALPHA, BETA),
  names: fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 3 }),
  reason: fc.constantFrom('one', 'two'),
  expected: fc.constantFrom<ExpectedRevision>('any', 'noStream', 'streamExists', 0, 1, 2),
});

const round: fc.Arbitrary<Round> = fc.record({
  process: fc.constantFrom(0 as const, 1 as const),
  requests: fc.array(request, { minLength: 1, maxLength: 4 }),
  appendFault: fc.constantFrom<Fault | undefined>(undefined, 'applied, then unavailable', 'unavailable', 'not leader'),
  readFault: fc.constantFrom<Fault | undefined>(undefined, undefined, 'unavailable', 'broken off'),
  serverForgets: fc.boolean(),
});

/** Chains and positions differ: one journal chains all its events, the other each stream. */
const fact = (event: AppendedEvent) => ({ ...event, position: undefined, hash: undefined, prevHash: undefined });

async function outcome(journal: Journal, { stream, names, reason, expected }: Request): Promise<unknown> {
  try {
    const events = names.map((name) => reset(name, reason));
    const done = await journal.append(stream, events, { expectedRevision: expected });
    return { revision: done.revision, alreadyThere: done.alreadyThere, events: done.events.map(fact) };
  } catch (error) {
    return error instanceof TradeBotError ? [error.code, error.details] : error;
  }
}

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.stop());

/** What goes wrong in a round; a real server does what it wants. */
function disturb({ appendFault, readFault, serverForgets }: Round): void {
  if (server.isReal) return;
  if (serverForgets) server.double.store.forgetRecent();
  if (appendFault !== undefined) server.double.failNext('append', appendFault);
  if (readFault !== undefined) server.double.failNext('read', readFault);
}

test('two processes append over an unreliable connection: EventStoreDB and memory give equal results and contents', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(round, { maxLength: 6 }), async (rounds) => {
      const clock = new VirtualClock(START);
      const memory = new MemoryJournal({ clock });
      const botIdentity = freshIdentity();
      const open = () => EsdbJournal.open({ url: server.url, botIdentity, clock, pauseMs: 1 });
      const processes = [await open(), await open()] as const;
      for (const round of rounds) {
        const { process, requests } = round;
        clock.advanceTo(plusMs(clock.now(), 1_000));
        disturb(round);
        const ours = await Promise.all(requests.map((one) => outcome(processes[process], one)));
        expect(ours).toEqual(await Promise.all(requests.map((one) => outcome(memory, one))));
        if (!server.isReal) server.double.clearFaults();
      }
      const [first, second] = processes;
      const all = await first.readAll();
      expect(all.map(fact)).toEqual((await memory.readAll()).map(fact));
      expect(await second.readStream(ALPHA)).toEqual(all.filter((event) => event.stream === ALPHA));
      expect(await second.verify()).toMatchObject({ ok: true, count: all.length });
      expect(await first.head()).toEqual(await second.head());
      for (const journal of processes) await journal.close();
    }),
    { numRuns: runs(15, 400), seed: 7 },
  );
});
