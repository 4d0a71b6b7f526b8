import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { EventStoreDBClient, jsonEvent, type EventData } from '@eventstore/db-client';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import { EsdbJournal } from '../../src/adapters/journal-esdb/esdb-journal.js';
import { ChainVerifier } from '../../src/app/audit/verified-chain.js';
import { streamName, type NewEvent, type Position, type StreamName } from '../../src/events/event.js';
import { named, reset } from '../contract/support/journal-events.js';
import { EsdbDouble } from '../support/esdb-double/double.js';
import { headOf, logOfManyBots } from '../support/esdb-double/generated-bots.js';
import { DoubleStore } from '../support/esdb-double/store.js';
import { TestServer, freshIdentity, theDouble } from '../support/esdb-double/test-server.js';
import { compare, rate, type BenchRow } from './bench.js';

const HERE = dirname(fileURLToPath(import.meta.url));
const LOADER = join(HERE, '../unit/support/typescript-loader.mjs');
const SINGLE = 400;
const BATCHES = 10;
const BATCH = 500;
const PAGE = 1_000;
const LARGE = 1_000_000;
const UNSEEN = 100;
const LIMITS_US = { median: 50_000, p99: 200_000 };

interface Counts {
  readonly calls: { readonly append: number; readonly read: number; readonly subscribe: number };
  readonly bytes: { readonly received: number; readonly sent: number };
}

/** The server of the bench: the one of TRADEBOT_TEST_ESDB, which does not count, or a double in another process. */
interface Served {
  readonly url: string;
  counts(): Promise<Counts | undefined>;
  stop(): void;
}

async function serve(): Promise<Served> {
  if (!theDouble.isHere) {
    const server = await TestServer.start();
    return { url: server.url, counts: () => Promise.resolve(undefined), stop: () => server.stop() };
  }
  const child = fork(join(HERE, 'esdb-child.ts'), { execArgv: ['--import', LOADER] });
  const { url } = await answerOf<{ readonly url: string }>(child);
  const counts = (): Promise<Counts> => {
    const answer = answerOf<Counts>(child);
    child.send('counts');
    return answer;
  };
  return { url, counts, stop: () => child.disconnect() };
}

async function answerOf<T>(child: ChildProcess): Promise<T> {
  const [answer] = (await once(child, 'message')) as [T];
  return answer;
}

/** The same content as the journal sends, made by hand for the bare client. */
function bare(events: readonly NewEvent[]): readonly EventData[] {
  return events.map(({ type, data, ...metadata }) =>
    jsonEvent({ id: randomUUID(), type, data: data as Record<string, string>, metadata }),
  );
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
}

const fresh = (): StreamName => streamName('bench', randomUUID());

class Bench {
  #made = 0;

  constructor(
    readonly served: Served,
    readonly journal: EsdbJournal,
    readonly client: EventStoreDBClient,
  ) {}

  /** Events that no other round has. */
  events(count: number): readonly NewEvent[] {
    this.#made += 1;
    return named(count, `bench${this.#made}-`);
  }

  async single(): Promise<number> {
    const [stream, events] = [fresh(), this.events(SINGLE)];
    return rate(SINGLE, async () => {
      for (const [n, event] of events.entries()) {
        await this.journal.append(stream, [event], { expectedRevision: n === 0 ? 'noStream' : n - 1 });
      }
    });
  }

  async bareSingle(): Promise<number> {
    const [stream, events] = [fresh(), bare(this.events(SINGLE))];
    return rate(SINGLE, async () => {
      for (const [n, event] of events.entries()) {
        const expectedRevision = n === 0 ? 'no_stream' : BigInt(n - 1);
        await this.client.appendToStream(stream, [event], { expectedRevision });
      }
    });
  }

  async batches(): Promise<number> {
    const [stream, events] = [fresh(), Array.from({ length: BATCHES }, () => this.events(BATCH))];
    return rate(BATCHES * BATCH, async () => {
      for (const [n, batch] of events.entries()) {
        await this.journal.append(stream, batch, { expectedRevision: n === 0 ? 'noStream' : n * BATCH - 1 });
      }
    });
  }

  async bareBatches(): Promise<number> {
    const [stream, events] = [fresh(), Array.from({ length: BATCHES }, () => bare(this.events(BATCH)))];
    return rate(BATCHES * BATCH, async () => {
      for (const [n, batch] of events.entries()) {
        const expectedRevision = n === 0 ? 'no_stream' : BigInt(n * BATCH - 1);
        await this.client.appendToStream(stream, [...batch], { expectedRevision });
      }
    });
  }

  /** The calls of `work`, and its bytes on the wire; undefined on a server that does not count. */
  async counted(work: () => Promise<unknown>): Promise<{ readonly calls: number; readonly bytes: number } | undefined> {
    const before = await this.served.counts();
    await work();
    const after = await this.served.counts();
    if (before === undefined || after === undefined) return undefined;
    const all = ({ calls }: Counts): number => calls.append + calls.read + calls.subscribe;
    const wire = ({ bytes }: Counts): number => bytes.received + bytes.sent;
    return { calls: all(after) - all(before), bytes: wire(after) - wire(before) };
  }
}

async function appendRows(bench: Bench): Promise<readonly BenchRow[]> {
  const rows = [
    await compare('append one event (events/s)', '>= 0.60', {
      ours: () => bench.single(),
      yardstick: () => bench.bareSingle(),
    }),
    await compare(`append ${BATCH} events (events/s)`, '>= 0.80', {
      ours: () => bench.batches(),
      yardstick: () => bench.bareBatches(),
    }),
  ];
  const ours = await bench.counted(() => bench.batches());
  const theirs = await bench.counted(() => bench.bareBatches());
  if (ours === undefined || theirs === undefined) return rows;
  const what = `${BATCHES} appends of ${BATCH} events`;
  return [
    ...rows,
    {
      what: `calls of ${what}`,
      ours: ours.calls,
      yardstick: theirs.calls,
      ratio: ours.calls / theirs.calls,
      goal: '<= 1.2',
    },
    {
      what: `bytes of ${what}`,
      ours: ours.bytes,
      yardstick: theirs.bytes,
      ratio: ours.bytes / theirs.bytes,
      goal: 'none set',
    },
  ];
}

/** Every event of the bot against one stream by the bare client, whose own `readAll` cannot filter. */
async function readRow({ journal, client }: Bench, prefix: string): Promise<BenchRow> {
  const stream = fresh();
  for (let n = 0; n < 8; n += 1) await journal.append(stream, named(PAGE, `read${n}-`), { expectedRevision: 'any' });
  return compare('read all (events/s)', '>= 0.80', {
    ours: async () => {
      let count = 0;
      const start = performance.now();
      for (let after: Position | undefined; ;) {
        const page = await journal.readAll({ limit: PAGE, ...(after === undefined ? {} : { after }) });
        count += page.length;
        after = page.at(-1)?.position;
        if (page.length < PAGE) return (count / (performance.now() - start)) * 1_000;
      }
    },
    yardstick: async () => {
      let count = 0;
      const start = performance.now();
      for await (const { event } of client.readStream(`${prefix}${stream}`)) if (event !== undefined) count += 1;
      return (count / (performance.now() - start)) * 1_000;
    },
  });
}

/** From the call of `append` to the subscriber's callback, in microseconds. */
async function latencyRows({ journal }: Bench): Promise<readonly BenchRow[]> {
  const seen: number[] = [];
  const after = (await journal.head())?.position;
  const subscription = journal.subscribe(after === undefined ? {} : { after }).subscribe((event) => {
    if (event.type === 'KillSwitchReset') seen.push((performance.now() - Number(event.data.reason)) * 1_000);
  });
  await pause(200);
  const stream = fresh();
  for (let n = 0; n < 200; n += 1) {
    await journal.append(stream, [reset(`latency${n}`, String(performance.now()))], { expectedRevision: 'any' });
    await pause(5);
  }
  for (let waited = 0; seen.length < 200 && waited < 5_000; waited += 50) await pause(50);
  subscription.unsubscribe();
  const row = (what: string, ours: number, limit: number, goal: string): BenchRow => {
    return { what, ours, yardstick: limit, ratio: ours / limit, goal };
  };
  return [
    row('append to subscriber, median (us)', quantile(seen, 0.5), LIMITS_US.median, '< 50 ms'),
    row('the same, p99 (us)', quantile(seen, 0.99), LIMITS_US.p99, '< 200 ms'),
  ];
}

/** What a command reads at its start, on a million events next to nine million of others: only the double can hold them. */
async function startRows(): Promise<readonly BenchRow[]> {
  const botIdentity = freshIdentity();
  const log = logOfManyBots(botIdentity, LARGE);
  const double = await EsdbDouble.start({ store: new DoubleStore(log) });
  const known = headOf(log, UNSEEN);
  const start = performance.now();
  const journal = await EsdbJournal.open({ url: double.url, botIdentity, clock: new SystemClock(), counted: known });
  const mark = { read: () => known, keep: () => undefined, forget: () => undefined };
  await new ChainVerifier({ journal, mark }).verifyNews();
  const ms = performance.now() - start;
  await journal.close();
  double.stop();
  const what = `start on ${LARGE.toLocaleString('en-US')} events, ${UNSEEN} new`;
  return [
    {
      what: `${what}: calls`,
      ours: double.calls.read,
      yardstick: LARGE / PAGE,
      ratio: (double.calls.read * PAGE) / LARGE,
      goal: '<= 0.10',
    },
    {
      what: `${what}: bytes`,
      ours: double.bytes.sent,
      yardstick: 1_000_000,
      ratio: double.bytes.sent / 1_000_000,
      goal: '<= 1 MB',
    },
    { what: `${what}: ms`, ours: ms, yardstick: 2_000, ratio: ms / 2_000, goal: '<= 2 s' },
  ];
}

/** The journal on a server against the bare client in the same run. */
export async function run(): Promise<readonly BenchRow[]> {
  const served = await serve();
  const botIdentity = freshIdentity();
  const journal = await EsdbJournal.open({ url: served.url, botIdentity, clock: new SystemClock() });
  const client = EventStoreDBClient.connectionString(served.url);
  try {
    const bench = new Bench(served, journal, client);
    const rows = [...(await appendRows(bench)), await readRow(bench, `${botIdentity}-`), ...(await latencyRows(bench))];
    return theDouble.isHere ? [...rows, ...(await startRows())] : rows;
  } finally {
    await journal.close();
    await client.dispose();
    served.stop();
  }
}
