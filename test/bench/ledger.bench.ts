import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { ledgerSchemaSql } from '../../projections/ledger/schema.js';
import { writeLedger, type LedgerOutput } from '../../projections/ledger/write.js';
import { applyToBook, initialBook } from '../../src/domain/accounting/book.js';
import { DEFAULT_COA } from '../../src/domain/accounting/coa.js';
import type { LedgerGroup } from '../../src/domain/accounting/types.js';
import type { RecordedEvent } from '../../src/events/event.js';
import { Broker, CODES } from '../unit/support/fills.js';
import { txOver } from '../unit/support/ledger-db.js';
import { compare, rate, type BenchRow } from './bench.js';

const FILLS = 40_000;
const PER_COMMIT = 1_000;
const SYMBOLS = ['SPY', 'AIG', 'BAC', 'IBM'];

/** Round trips with a commission and without a gain, so that every execution is one group of four legs. */
function fills(): readonly RecordedEvent[] {
  const broker = new Broker();
  return Array.from({ length: FILLS }, (_, n) => {
    const trip = Math.floor(n / 2);
    const symbol = SYMBOLS[trip % SYMBOLS.length] ?? 'SPY';
    const price = `${100 + (trip % 90)}.${10 + (trip % 89)}`;
    const does = n % 2 === 0 ? 'open_long' : 'close_long';
    return broker.filled({ id: `SIM-${n}`, does, symbol, shares: '100', price, commission: '0.35' });
  });
}

function posted(events: readonly RecordedEvent[]): readonly LedgerOutput[] {
  let book = initialBook(CODES);
  return events.map((event) => {
    const { groups, transfers, closures, opened, withdrawn, ...next } = applyToBook(book, event);
    book = next.book;
    const { id: eventId, position, recordedAt } = event;
    return {
      groups,
      transfers,
      closures,
      opened,
      withdrawn,
      brokerCode: 'SIM',
      eventId,
      position,
      recordedAt,
      chart: null,
      cash: null,
    };
  });
}

function openFile(path: string): Database.Database {
  const db = new Database(path);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
  return db;
}

function inCommits(db: Database.Database, count: number, batch: (from: number, to: number) => void): void {
  for (let from = 0; from < count; from += PER_COMMIT) {
    db.exec('BEGIN IMMEDIATE');
    batch(from, Math.min(from + PER_COMMIT, count));
    db.exec('COMMIT');
  }
}

/** The product's own write path: every constraint, and the lots too. */
async function ours(path: string, outputs: readonly LedgerOutput[]): Promise<number> {
  const db = openFile(path);
  db.exec(ledgerSchemaSql(CODES));
  const tx = txOver(db);
  const speed = await rate(outputs.length, () => {
    inCommits(db, outputs.length, (from, to) => {
      writeLedger(tx, outputs.slice(from, to));
    });
  });
  db.close();
  return speed;
}

/** From events: rules, lots, ids, then the same rows. */
async function oursFromEvents(path: string, events: readonly RecordedEvent[]): Promise<number> {
  const db = openFile(path);
  db.exec(ledgerSchemaSql(CODES));
  const tx = txOver(db);
  let book = initialBook(CODES);
  const speed = await rate(events.length, () => {
    inCommits(db, events.length, (from, to) => {
      const outputs = events.slice(from, to).map((event): LedgerOutput => {
        const { groups, transfers, closures, opened, withdrawn, ...next } = applyToBook(book, event);
        book = next.book;
        const { id: eventId, position, recordedAt } = event;
        return {
          groups,
          transfers,
          closures,
          opened,
          withdrawn,
          brokerCode: 'SIM',
          eventId,
          position,
          recordedAt,
          chart: null,
          cash: null,
        };
      });
      writeLedger(tx, outputs);
    });
  });
  db.close();
  return speed;
}

const OBVIOUS = `
CREATE TABLE accounts (code TEXT PRIMARY KEY) STRICT;
CREATE TABLE groups (
  group_id TEXT PRIMARY KEY, fitid TEXT NOT NULL UNIQUE, broker_code TEXT NOT NULL, external_id TEXT,
  trntype TEXT NOT NULL, action TEXT NOT NULL, datetime_utc TEXT NOT NULL, description TEXT NOT NULL, strategy TEXT,
  symbol TEXT, quantity TEXT, price TEXT, commission INTEGER NOT NULL, fee INTEGER NOT NULL, net_amount INTEGER NOT NULL,
  currency TEXT NOT NULL, source_event_id TEXT NOT NULL, source_position TEXT NOT NULL, sync_run_id TEXT,
  batch_id TEXT NOT NULL, coa_mapping_version INTEGER NOT NULL, response_hash TEXT, reverses TEXT,
  UNIQUE (broker_code, external_id)
) STRICT;
CREATE TABLE legs (
  group_id TEXT NOT NULL REFERENCES groups (group_id), line INTEGER NOT NULL,
  account_code TEXT NOT NULL REFERENCES accounts (code),
  debit INTEGER NOT NULL CHECK (debit >= 0), credit INTEGER NOT NULL CHECK (credit >= 0), currency TEXT NOT NULL,
  quantity TEXT, price TEXT, symbol TEXT, CHECK ((debit > 0) <> (credit > 0)), UNIQUE (group_id, line)
) STRICT;`;
const marks = (count: number): string => Array.from({ length: count }, () => '?').join(', ');

/** The yardstick: five statements a fill, foreign keys, CHECK, UNIQUE, STRICT; nothing checks the balance. */
async function obvious(path: string, groups: readonly LedgerGroup[]): Promise<number> {
  const db = openFile(path);
  db.exec(OBVIOUS);
  for (const { code } of DEFAULT_COA.accounts) db.prepare('INSERT INTO accounts VALUES (?)').run(code);
  const group = db.prepare(`INSERT INTO groups VALUES (${marks(23)})`);
  const leg = db.prepare(`INSERT INTO legs VALUES (${marks(9)})`);
  const insert = (g: LedgerGroup): void => {
    group.run(
      ...[g.groupId, g.fitid, 'SIM', g.externalId, g.trntype, g.action, g.datetimeUtc, g.description, g.strategy],
      ...[g.symbol, g.quantity, g.price, Number(g.commission), Number(g.fee), Number(g.netAmount), 'USD'],
      ...[g.sourceEventId, g.sourcePosition, g.syncRunId, g.batchId, g.mappingVersion, g.responseHash, g.reverses],
    );
    let line = 0;
    for (const { accountCode, debit, credit, quantity, price, symbol } of g.legs) {
      line += 1;
      leg.run(g.groupId, line, accountCode, Number(debit), Number(credit), 'USD', quantity, price, symbol);
    }
  };
  const speed = await rate(groups.length, () => {
    inCommits(db, groups.length, (from, to) => {
      groups.slice(from, to).forEach(insert);
    });
  });
  db.close();
  return speed;
}

export async function run(): Promise<BenchRow[]> {
  const dir = mkdtempSync(join(tmpdir(), 'bench-ledger-'));
  const events = fills();
  const outputs = posted(events);
  const groups = outputs.flatMap((output) => output.groups);
  const fresh = (name: string): string => {
    for (const end of ['', '-wal', '-shm']) rmSync(join(dir, `${name}.db${end}`), { force: true });
    return join(dir, `${name}.db`);
  };
  const groupsOnly = outputs.map((output): LedgerOutput => ({ ...output, opened: [], closures: [] }));
  const yardstick = (): Promise<number> => obvious(fresh('obvious'), groups);
  try {
    return [
      await compare('ledger: post groups of 4 legs, all constraints, 1000 a commit', '>= 1.5', {
        ours: () => ours(fresh('groups'), groupsOnly),
        yardstick,
      }),
      await compare('ledger: the same with lots and closures, which the yardstick does not write', 'none set', {
        ours: () => ours(fresh('ours'), outputs),
        yardstick,
      }),
      await compare('ledger: the same from events (rules, lots, ids, rows)', 'none set', {
        ours: () => oursFromEvents(fresh('events'), events),
        yardstick,
      }),
      await compare('ledger: the rules alone, against 200,000 fills a second', '>= 1', {
        ours: () =>
          rate(events.length, () => events.reduce((book, event) => applyToBook(book, event).book, initialBook(CODES))),
        yardstick: () => 200_000,
      }),
    ];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
