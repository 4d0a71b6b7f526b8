import Database from 'better-sqlite3';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { HomePaths } from '../../../src/domain/home/home-paths.js';
import { tradebot, treeOf, textOf } from './program.js';

type Row = Readonly<Record<string, unknown>>;

/** Positions and batches, which an earlier crash may change. */
const NUMBERING: ReadonlySet<string> = new Set(['source_position', 'batch_id', 'place']);

function rowsOf(path: string, sql: string, without: ReadonlySet<string> = NUMBERING): readonly string[] {
  const db = new Database(path, { readonly: true, fileMustExist: true });
  try {
    const rows = db.prepare<[], Row>(sql).safeIntegers(true).all();
    return rows.map((row) => {
      const kept = Object.entries(row).filter(([column]) => !without.has(column));
      return kept.map(([column, value]) => `${column}=${String(value)}`).join(' | ');
    });
  } finally {
    db.close();
  }
}

/** Positions in the journal (16 digits), batches by name, and the count of crashes in a summary. */
function withoutNumbers(text: string): string {
  return text
    .replace(/\b\d{16}\b/g, 'POSITION')
    .replace(/"batchId":"[^"]+"/g, '"batchId":"BATCH"')
    .replace(/\{\s*"PROCESS_CRASHED": \d+\s*\}/, '{}');
}

interface EventLine {
  readonly type: string;
  readonly stream: string;
  readonly id: string;
  readonly occurredAt: string;
  readonly recordedAt: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly meta: { readonly correlationId: string; readonly sessionDate: string | null };
}

/** Everything that a day leaves, in a form that is equal for a resumed and an undisturbed day. */
export interface Outcome {
  readonly events: readonly string[];
  readonly ledger: Readonly<Record<string, readonly string[]>>;
  readonly broker: Readonly<Record<string, readonly string[]>>;
  readonly files: Readonly<Record<string, string>>;
  readonly market: Readonly<Record<string, string>>;
}

const TABLES: Readonly<Record<string, string>> = {
  identity: 'SELECT * FROM identity',
  accounts: 'SELECT * FROM accounts ORDER BY n',
  groups: 'SELECT * FROM groups ORDER BY n',
  lots: 'SELECT * FROM lots ORDER BY n',
  closures: 'SELECT * FROM lot_closures ORDER BY n',
};
const BROKER_TABLES: Readonly<Record<string, string>> = {
  days: 'SELECT * FROM days ORDER BY date',
  orders: 'SELECT * FROM orders ORDER BY client_order_id',
  activities: 'SELECT * FROM activities ORDER BY id',
  requests: 'SELECT date, at, body FROM requests ORDER BY at, body',
};

/** What a process adds for itself: its crash, and comparisons of the books with the broker, counted from its start. */
const OF_PROCESS: ReadonlySet<string> = new Set(['ProcessCrashed', 'BooksCompared']);

export async function outcomeOf(home: string, paths: HomePaths): Promise<Outcome> {
  return {
    events: (await eventsOf(home)).filter((event) => !OF_PROCESS.has(event.type)).map(story),
    ledger: tablesOf(paths.output.ledgerDb, TABLES),
    broker: tablesOf(paths.storage.simBrokerDb, BROKER_TABLES),
    files: filesOf(paths),
    market: treeOf(paths.output.market),
  };
}

function tablesOf(path: string, tables: Readonly<Record<string, string>>): Outcome['ledger'] {
  return Object.fromEntries(Object.entries(tables).map(([name, sql]) => [name, rowsOf(path, sql)]));
}

export async function eventsOf(home: string): Promise<readonly EventLine[]> {
  const { code, out, err } = await tradebot('events', '--home', home);
  if (code !== 0) throw new Error(err);
  return out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as EventLine);
}

/** What names positions, or covers the events of the crashes themselves; the digest of the OFX file may not differ. */
const NUMBERED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  BooksExported: { sha256: 'DIGEST', entries: 'POSITIONS' },
  OfxExported: { entries: 'POSITIONS' },
  JournalSealed: { count: 'COUNT', hash: 'HASH', merkleRoot: 'ROOT', position: 'POSITION' },
};

function story({ type, stream, occurredAt, recordedAt, data, meta }: EventLine): string {
  const reported = { ...data, ...(NUMBERED[type] ?? {}) };
  return JSON.stringify([type, stream, occurredAt, recordedAt, reported, meta.correlationId, meta.sessionDate]);
}

/** Strategy logs, histories, summaries and exports; without records of the crashes themselves. */
function filesOf(paths: HomePaths): Readonly<Record<string, string>> {
  const { trades, summaries, exports } = paths.output;
  const found: Record<string, string> = {};
  for (const folder of [trades, summaries, exports]) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile()) found[relative(paths.output.bot, path)] = withoutNumbers(textOf(path));
    }
  }
  for (const log of ['open', 'mid', 'close', 'unresolved_orders', 'disaster_mode'] as const) {
    found[log] = withoutNumbers(textOf(paths.log(log)));
  }
  return found;
}
