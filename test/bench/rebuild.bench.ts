import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { makeFolders } from '../../src/adapters/files/make-folders.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { FileProjectionTargets } from '../../src/adapters/projection-targets/file-targets.js';
import { Projector } from '../../src/app/projector/projector.js';
import type { NewEvent, Position, RecordedEvent } from '../../src/events/event.js';
import { streamName } from '../../src/events/event.js';
import { homePaths } from '../../src/domain/home/home-paths.js';
import { homeProjections } from '../../src/composition/home-projections.js';
import { bookCodesOf } from '../../src/domain/accounting/book-codes.js';
import { statementSource } from '../../src/composition/statement-source.js';
import { BOT, START } from '../contract/support/journal-events.js';
import { Broker } from '../unit/support/fills.js';
import type { BenchRow } from './bench.js';

const PARTS = { entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' };
const SYMBOLS = ['SPY', 'AIG', 'BAC', 'IBM'];
/** Goal 13 is for ten million; the figure for it is the rate times ten million. */
const GOAL_EVENTS = 10_000_000;
const GOAL_SECONDS = 60;
const EVENTS = 200_000;
const PER_APPEND = 1_000;

/** Every eighth event is a fill of a round trip, the others what surrounds it. */
function* events(count: number): Generator<NewEvent> {
  const broker = new Broker();
  for (let n = 0; n < count; n += 1) {
    const trip = Math.floor(n / 8);
    const symbol = SYMBOLS[Math.floor(trip / 2) % SYMBOLS.length] ?? 'SPY';
    const does = trip % 2 === 0 ? 'open_long' : 'close_long';
    const price = `${100 + (trip % 90)}.${10 + (trip % 89)}`;
    const { data, id, type, schemaVersion, occurredAt, meta } =
      n % 8 === 0
        ? (broker.filled({ id: `X-${n}`, does, symbol, shares: '100', price, commission: '0.35' }) as RecordedEvent)
        : phaseOf(n);
    yield { data, id, type, schemaVersion, occurredAt, meta } as NewEvent;
  }
}

function phaseOf(n: number): NewEvent {
  const text = (n + 1).toString(16).padStart(12, '0');
  return {
    id: `0141931c-0000-7000-8000-${text}` as NewEvent['id'],
    type: 'PhaseStarted',
    schemaVersion: 1,
    occurredAt: '2013-10-07T13:30:00.000Z' as NewEvent['occurredAt'],
    data: { phase: 'open' },
    meta: { correlationId: 'bench', causationId: null, actor: 'system:bench', botIdentity: BOT, sessionDate: null },
  };
}

async function fill(journal: SqliteJournal): Promise<void> {
  let batch: NewEvent[] = [];
  for (const event of events(EVENTS)) {
    batch.push(event);
    if (batch.length < PER_APPEND) continue;
    await journal.append(streamName('bench', '1'), batch, { expectedRevision: 'any' });
    batch = [];
  }
}

/** Pages read and decoded, and nothing made of them: what a rebuild cannot do without. */
async function readOnly(journal: SqliteJournal): Promise<number> {
  const start = performance.now();
  for (let after: Position | undefined, read = 0; read < EVENTS;) {
    const page = await journal.readAll({ limit: 1_000, ...(after === undefined ? {} : { after }) });
    read += page.length;
    after = page.at(-1)?.position;
  }
  return (EVENTS / (performance.now() - start)) * 1_000;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is held, after everything else was thrown away. */
const megabytes = (): number => {
  collect();
  return process.memoryUsage().heapUsed / 1e6;
};

async function rebuildRate(projector: Projector): Promise<number> {
  const start = performance.now();
  await projector.rebuild('all');
  return (EVENTS / (performance.now() - start)) * 1_000;
}

/** Apart from the rate, because collecting all garbage takes its time. */
async function heapGrowth(projector: Projector): Promise<number> {
  const heap: number[] = [];
  await projector.rebuild('all', (done) => {
    if (done % 40_000 === 0 && done > 0) heap.push(megabytes());
  });
  return heap.length === 0 ? 0 : Math.max(...heap) - Math.min(...heap);
}

export async function run(): Promise<readonly BenchRow[]> {
  const home = mkdtempSync(join(tmpdir(), 'bench-rebuild-'));
  const paths = homePaths(home, BOT);
  for (const { path } of paths.folders) makeFolders(path, 0o700);
  const journal = SqliteJournal.open({ path: paths.storage.journalDb, clock: new VirtualClock(START) });
  const codes = bookCodesOf(PARTS);
  const statement = statementSource({ paths, identity: BOT, identityParts: PARTS, codes });
  try {
    await fill(journal);
    const bare = await readOnly(journal);
    const targets = new FileProjectionTargets({ home, projectionsDb: paths.storage.projectionsDb });
    const projections = homeProjections({ paths, identity: BOT, identityParts: PARTS, codes, statement });
    const projector = new Projector({ journal, projections, targets });
    await projector.catchUp();
    const rate = await rebuildRate(projector);
    const growth = await heapGrowth(projector);
    await projector.close();
    const wanted = GOAL_EVENTS / GOAL_SECONDS;
    return [
      {
        what: `all projections, ${EVENTS} events (events/s)`,
        ours: rate,
        yardstick: wanted,
        ratio: rate / wanted,
        goal: '>= 1: 10 M in 60 s',
      },
      {
        what: 'the same against reading alone (events/s)',
        ours: rate,
        yardstick: bare,
        ratio: rate / bare,
        goal: 'shown',
      },
      {
        what: 'heap held, highest less lowest (MB)',
        ours: growth,
        yardstick: 40,
        ratio: growth / 40,
        goal: '+-20 MB',
      },
    ];
  } finally {
    await journal.close();
    rmSync(home, { recursive: true });
  }
}
