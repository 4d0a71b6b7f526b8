import Database from 'better-sqlite3';
import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { streamName, type NewEvent, type Position, type StreamName } from '../../src/events/event.js';
import { parseClientOrderId } from '../../src/events/names.js';
import { commandEventId } from '../../src/kernel/hash.js';
import { parseBotIdentity } from '../../src/kernel/identity.js';
import { parseUtcText, plusMs, toUtcText, type DateText } from '../../src/kernel/time.js';
import { compare, rate, type BenchRow } from './bench.js';
import { RawEventTable, type RawEvent } from './raw-event-table.js';

const START = parseUtcText('2013-10-07T13:30:00.000Z');
const STREAMS = Array.from({ length: 64 }, (_, n) => streamName('order', `B01-20131007-${n}`));
const FIRST = streamName('order', 'B01-20131007-0');
const streamAt = (n: number): StreamName => STREAMS[n % STREAMS.length] ?? FIRST;
const BOT = parseBotIdentity('DEMO_US_SIM_B01');
const ANY = { expectedRevision: 'any' } as const;
const PAGE = 1_000;

/** Submissions as the engine writes them, a millisecond apart; nothing but the figures differs. */
function events(count: number): readonly NewEvent[] {
  return Array.from({ length: count }, (_, n) => {
    const at = plusMs(START, n);
    return {
      id: commandEventId(at, 'bench', String(n)),
      type: 'OrderSubmitted',
      schemaVersion: 1,
      occurredAt: toUtcText(at),
      data: { attempt: n + 1, clientOrderId: parseClientOrderId(`DEMO_US_SIM_B01-20131007-${n}`) },
      meta: {
        correlationId: `signal-${n}`,
        causationId: commandEventId(at, 'cause', String(n)),
        actor: 'system:engine',
        botIdentity: BOT,
        sessionDate: '2013-10-07' as DateText,
      },
    };
  });
}

/** The same event as the yardstick stringifies it: the very members of our stored text. */
function raw(all: readonly NewEvent[]): readonly RawEvent[] {
  return all.map((event, n) => {
    const stream = STREAMS[n % 64] ?? '';
    const { data, id, meta, occurredAt, schemaVersion, type } = event;
    const recordedAt = toUtcText(START);
    const revision = Math.floor(n / 64);
    const value = { data, id, meta, occurredAt, recordedAt, revision, schemaVersion, stream, type };
    return { stream, type, time: occurredAt, value };
  });
}

function chunks<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size));
}

class Bench {
  readonly #dir = mkdtempSync(join(tmpdir(), 'bench-journal-'));
  #files = 0;

  path(): string {
    return join(this.#dir, `${(this.#files += 1)}.db`);
  }

  async withJournal(work: (journal: SqliteJournal, path: string) => Promise<number>): Promise<number> {
    const path = this.path();
    const journal = SqliteJournal.open({ path, clock: new VirtualClock(START) });
    const result = await work(journal, path);
    await journal.close();
    rmSync(path);
    return result;
  }

  async withRaw(work: (table: RawEventTable) => Promise<number>): Promise<number> {
    const path = this.path();
    const table = new RawEventTable(path);
    const result = await work(table);
    table.db.close();
    rmSync(path);
    return result;
  }

  done(): void {
    rmSync(this.#dir, { recursive: true });
  }
}

/** Each event its own append; those of one group wait together and share its commit. */
async function appendGroups(journal: SqliteJournal, all: readonly NewEvent[], size: number): Promise<void> {
  let n = 0;
  for (const group of chunks(all, size)) {
    await Promise.all(group.map((event) => journal.append(streamAt(n++), [event], ANY)));
  }
}

/** Batches of a stream: what the goal calls 1000 a commit, spread over the streams. */
async function appendBatches(journal: SqliteJournal, all: readonly NewEvent[], size: number): Promise<void> {
  for (const group of chunks(all, size)) {
    const perStream = Math.ceil(group.length / 64);
    await Promise.all(chunks(group, perStream).map((batch, n) => journal.append(streamAt(n), batch, ANY)));
  }
}

function appendRaw(table: RawEventTable, all: readonly RawEvent[], size: number): void {
  for (const group of chunks(all, size)) table.append(group);
}

async function appendRows(bench: Bench): Promise<readonly BenchRow[]> {
  const many = events(60_000);
  const few = many.slice(0, 3_000);
  const [rawMany, rawFew] = [raw(many), raw(few)];
  return [
    await compare('append, 1000 a commit (events/s)', '>= 0.85', {
      ours: () => bench.withJournal((journal) => rate(many.length, () => appendBatches(journal, many, 1_000))),
      yardstick: () => bench.withRaw((table) => rate(many.length, async () => appendRaw(table, rawMany, 1_000))),
    }),
    await compare('append, 1 a commit (events/s)', '>= 0.90', {
      ours: () => bench.withJournal((journal) => rate(few.length, () => appendGroups(journal, few, 1))),
      yardstick: () => bench.withRaw((table) => rate(few.length, async () => appendRaw(table, rawFew, 1))),
    }),
    await compare('64 waiting callers / one at a time (events/s)', '>= 10', {
      ours: () => bench.withJournal((journal) => rate(many.length, () => appendGroups(journal, many, 64))),
      yardstick: () => bench.withJournal((journal) => rate(few.length, () => appendGroups(journal, few, 1))),
    }),
  ];
}

/** The bare scan: pages of text by `all()`, JSON.parse, and a count of types in a Map. */
function foldBare(db: Database.Database, sql: string, from: number): number {
  const page = db.prepare<[number, number], { at: number; body: string }>(sql);
  const counts = new Map<string, number>();
  for (let at = from; ;) {
    const rows = page.all(at, PAGE);
    for (const row of rows) {
      const event = JSON.parse(row.body) as NewEvent;
      counts.set(event.type, (counts.get(event.type) ?? 0) + 1);
    }
    if (rows.length < PAGE) return counts.size;
    at = rows.at(-1)?.at ?? at;
  }
}

async function foldOurs(journal: SqliteJournal): Promise<number> {
  const counts = new Map<string, number>();
  for (let after: Position | undefined; ;) {
    const page = await journal.readAll({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const event of page) counts.set(event.type, (counts.get(event.type) ?? 0) + 1);
    if (page.length < PAGE) return counts.size;
    after = page.at(-1)?.position;
  }
}

/** As `foldBare` reads a stream: by pages, which may be forgotten once they are folded. */
async function foldStream(journal: SqliteJournal): Promise<number> {
  const counts = new Map<string, number>();
  for (let from = 0; ; from += PAGE) {
    const page = await journal.readStream(FIRST, { from, limit: PAGE });
    for (const event of page) counts.set(event.type, (counts.get(event.type) ?? 0) + 1);
    if (page.length < PAGE) return counts.size;
  }
}

/** Everything of a stream in one list, as the bare loop would have it. */
function listBare(db: Database.Database, sql: string): number {
  const page = db.prepare<[number, number], { at: number; body: string }>(sql);
  const events: NewEvent[] = [];
  for (let at = -1; ;) {
    const rows = page.all(at, PAGE);
    for (const row of rows) events.push(JSON.parse(row.body) as NewEvent);
    if (rows.length < PAGE) return events.length;
    at = rows.at(-1)?.at ?? at;
  }
}

function hashBare(db: Database.Database): string {
  const page = db.prepare<[number, number], { at: number; body: string; hash: string }>(
    'SELECT position AS at, body, hash FROM events WHERE position > ? ORDER BY position LIMIT ?',
  );
  let previous = '0'.repeat(64);
  for (let at = 0; ;) {
    const rows = page.all(at, PAGE);
    for (const row of rows) {
      previous = hash('sha256', previous + row.body, 'hex');
      if (previous !== row.hash) throw new Error(`position ${row.at} does not fit`);
    }
    if (rows.length < PAGE) return previous;
    at = rows.at(-1)?.at ?? at;
  }
}

async function readRows(bench: Bench): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  const all = events(100_000);
  await bench.withJournal(async (journal, path) => {
    for (const batch of chunks(all, 5_000)) await journal.append(FIRST, batch, ANY);
    const db = new Database(path, { readonly: true });
    const everything = 'SELECT position AS at, body FROM events WHERE position > ? ORDER BY position LIMIT ?';
    const stream =
      'SELECT revision AS at, body FROM events WHERE stream_id = 1 AND revision > ? ORDER BY revision LIMIT ?';
    rows.push(
      await compare('read one stream and fold (events/s)', '>= 0.90', {
        ours: () => rate(all.length, () => foldStream(journal)),
        yardstick: () => rate(all.length, () => foldBare(db, stream, -1)),
      }),
      await compare('read one stream into one list (events/s)', 'none set', {
        ours: () => rate(all.length, () => journal.readStream(FIRST)),
        yardstick: () => rate(all.length, () => listBare(db, stream)),
      }),
      await compare('replay and fold (events/s)', '>= 0.90', {
        ours: () => rate(all.length, () => foldOurs(journal)),
        yardstick: () => rate(all.length, () => foldBare(db, everything, 0)),
      }),
      await compare('verify the chain (events/s)', '>= 0.90', {
        ours: () => rate(all.length, () => journal.verify()),
        yardstick: () => rate(all.length, () => hashBare(db)),
      }),
    );
    db.close();
    return 0;
  });
  return rows;
}

/** Goals 1, 2, 3, 5 and 6 of the performance reference. */
export async function run(): Promise<readonly BenchRow[]> {
  const bench = new Bench();
  try {
    return [...(await appendRows(bench)), ...(await readRows(bench))];
  } finally {
    bench.done();
  }
}
