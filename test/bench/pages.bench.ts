import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { FileProjectionTargets } from '../../src/adapters/projection-targets/file-targets.js';
import { Projector } from '../../src/app/projector/projector.js';
import { homeProjections } from '../../src/composition/home-projections.js';
import { statementSource } from '../../src/composition/statement-source.js';
import { bookCodesOf } from '../../src/domain/accounting/book-codes.js';
import { streamName, type NewEvent } from '../../src/events/event.js';
import { invariant } from '../../src/kernel/errors.js';
import { provisionTestHome, TEST_PARTS, type ProvisionedHome } from '../support/provision.js';
import { firstAdmin, startTestWeb, type WebClient } from '../support/web.js';
import { Broker } from '../unit/support/fills.js';
import { median, type BenchRow } from './bench.js';

const FILLS = 1_000_000;
const PER_APPEND = 1_000;
const SYMBOLS = ['SPY', 'AIG', 'BAC', 'IBM', 'ZYNK'];
/** What a person may wait for a page of a list. */
const LIMIT_MS = 300;
const ROUNDS = 9;

/** Questions of the pages; each round asks for another part, so that no answer was kept. */
const QUESTIONS: readonly { readonly what: string; readonly path: (round: number, middle: string) => string }[] = [
  { what: 'events, newest', path: (n) => `/api/journal/events?limit=${100 + n}` },
  {
    what: 'events of a type, from the middle',
    path: (n, at) => `/api/journal/events?limit=${50 + n}&type=OrderFilled&asof=${at}`,
  },
  { what: 'events of a stream that has none', path: (n) => `/api/journal/events?limit=100&stream=none${n}` },
  { what: 'events of an old stream', path: (n) => `/api/journal/events?limit=${100 + n}&stream=config` },
  { what: 'events of a type that is rare', path: (n) => `/api/journal/events?limit=${100 + n}&type=ConfigChanged` },
  { what: 'ledger, newest', path: (n) => `/api/ledger/entries?limit=${100 + n}` },
  { what: 'ledger, oldest', path: (n) => `/api/ledger/entries?limit=${100 + n}&order=oldest` },
  { what: 'ledger, largest first', path: (n) => `/api/ledger/entries?limit=${100 + n}&order=largest` },
  { what: 'ledger of a symbol', path: (n) => `/api/ledger/entries?limit=${100 + n}&symbol=ZYNK` },
  { what: 'ledger with a text that is rare', path: (n) => `/api/ledger/entries?limit=${100 + n}&text=no+such+text` },
  { what: 'ledger of an account', path: (n) => `/api/ledger/entries?limit=${100 + n}&account=5010` },
  { what: 'ledger as of the middle', path: (n, at) => `/api/ledger/entries?limit=${100 + n}&asof=${at}` },
  { what: 'trial balance', path: () => '/api/ledger/balances' },
  { what: 'trial balance as of the middle', path: (n, at) => `/api/ledger/balances?asof=${Number(at) + n}` },
];

/** Lists of the pages over HTTP, with a million executions in the journal and as many groups in the ledger. */
export async function run(): Promise<readonly BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-pages-'));
  try {
    const home = await provisionTestHome(folder);
    await fill(home);
    const web = await startTestWeb({ home: folder });
    try {
      const admin = await firstAdmin(web);
      const rows: BenchRow[] = [];
      for (const question of QUESTIONS) rows.push(await asked(admin, question));
      return rows;
    } finally {
      await web.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function asked(admin: WebClient, { what, path }: (typeof QUESTIONS)[number]): Promise<BenchRow> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    const answer = await admin.get(path(round, String(FILLS / 2)));
    times.push(performance.now() - start);
    invariant(
      answer.status === 200,
      'BENCH_PAGE',
      `${path(round, '0')}: ${answer.status} ${answer.text.slice(0, 200)}`,
    );
  }
  const [first = 0] = times;
  const ours = Math.max(first, median(times));
  return { what: `${what} (ms)`, ours, yardstick: LIMIT_MS, ratio: ours / LIMIT_MS, goal: '<= 1' };
}

async function fill({ home, identity, paths }: ProvisionedHome): Promise<void> {
  const journal = SqliteJournal.open({ path: paths.storage.journalDb, clock: new SystemClock() });
  const codes = bookCodesOf(TEST_PARTS);
  const statement = statementSource({ paths, identity, identityParts: TEST_PARTS, codes });
  const targets = new FileProjectionTargets({ home, projectionsDb: paths.storage.projectionsDb });
  const projections = homeProjections({ paths, identity, identityParts: TEST_PARTS, codes, statement });
  const ledger = projections.filter(({ name }) => name === 'ledger');
  const projector = new Projector({ journal, projections: ledger, targets });
  try {
    const broker = new Broker();
    for (let n = 0; n < FILLS; n += PER_APPEND) {
      const batch = Array.from({ length: PER_APPEND }, (_, k) => fillOf(broker, n + k));
      await journal.append(streamName('bench', '1'), batch, { expectedRevision: 'any' });
    }
    await projector.catchUp();
  } finally {
    await projector.close();
    await journal.close();
  }
}

/** Round trips: a purchase, then its sale. */
function fillOf(broker: Broker, n: number): NewEvent {
  const trip = Math.floor(n / 2);
  const symbol = SYMBOLS[trip % SYMBOLS.length] ?? 'SPY';
  const does = n % 2 === 0 ? 'open_long' : 'close_long';
  const price = `${100 + (trip % 90)}.${10 + (trip % 89)}`;
  const filled = broker.filled({ id: `X-${n}`, does, symbol, shares: '100', price, commission: '0.35' });
  const { data, id, type, schemaVersion, occurredAt, meta } = filled;
  return { data, id, type, schemaVersion, occurredAt, meta };
}
