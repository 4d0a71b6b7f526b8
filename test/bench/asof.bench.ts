import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { statusDefinition } from '../../projections/status/status.js';
import { ledgerSchemaSql } from '../../projections/ledger/schema.js';
import { openLedger } from '../../src/adapters/ledger-reader/open-ledger.js';
import { SqliteSnapshots } from '../../src/adapters/snapshots/sqlite-snapshots.js';
import { asOf } from '../../src/app/as-of/as-of.js';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { epochMs, type UtcText } from '../../src/kernel/time.js';
import { streamName, type EventData, type Position } from '../../src/events/event.js';
import { parseStrategyName, parseSymbol } from '../../src/events/names.js';
import type { DecimalText } from '../../src/kernel/decimal.js';
import { homePaths } from '../../src/domain/home/home-paths.js';
import { SeededRandom } from '../../src/kernel/random.js';
import type { Snapshots } from '../../src/ports/snapshots.js';
import { BOT, Tape } from '../unit/support/events.js';
import { Broker, CODES } from '../unit/support/fills.js';
import type { BenchRow } from './bench.js';
import { STRATEGY_NAMES } from '../../src/domain/config/configured-strategies.js';

/** Groups of four legs; TRADEBOT_BENCH_LEGS asks for other sizes, such as 10000000 (minutes to make, some GB). */
const SIZES = (process.env['TRADEBOT_BENCH_LEGS'] ?? '200000,1000000').split(',').map(Number);
const LEGS_A_GROUP = 4;
const QUESTIONS = 400;
const GOAL_MS = 50;

/** Fills that open and close, so that shares, cash, fees and results all move; through every guard of the file. */
function makeLedger(path: string, groups: number): void {
  const db = new Database(path);
  db.pragma('journal_mode = OFF');
  db.pragma('synchronous = OFF');
  db.exec(ledgerSchemaSql(CODES));
  db.exec(`CREATE TABLE projection_checkpoint (name TEXT PRIMARY KEY, position TEXT)`);
  const insert = db.prepare(`
    INSERT INTO groups (n, group_id, fitid, broker_code, external_id, trntype, action, datetime_utc, description, symbol,
      quantity, price, commission, fee, net_amount, currency, source_event_id, source_position, source_recorded_utc,
      batch_id, coa_mapping_version, leg_amounts)
    WITH RECURSIVE seq(i) AS (VALUES (CAST(@from AS INTEGER)) UNION ALL SELECT i + 1 FROM seq WHERE i < @to)
    SELECT i, printf('%032d', i), printf('%064d', i), 'SIM', 'E' || i, 'BUY', 'long', '2013-10-07T14:00:00.000Z', 'x', 'SPY',
      '1', '1', 35, 0, -100, 'USD', printf('%032d', i), printf('%016d', i * 6), '2013-10-07T14:00:00.000Z',
      printf('%032d', i), 1,
      CASE WHEN i % 2 = 0 THEN '["1111",' || (100 + i % 977) || ',"1030",-' || (100 + i % 977) || ',"5010",35,"1030",-35]'
        ELSE '["1030",' || (55 + i % 977) || ',"1111",-' || (100 + i % 977) || ',"4060",10,"5010",35]' END
    FROM seq`);
  for (let from = 1; from <= groups; from += 50_000) insert.run({ from, to: Math.min(from + 49_999, groups) });
  db.close();
}

/** Times of the questions, shortest first, in microseconds. */
function timesOf(count: number, ask: (index: number) => unknown): readonly number[] {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const start = performance.now();
    ask(index);
    times.push((performance.now() - start) * 1_000);
  }
  return times.sort((a, b) => a - b);
}

const share = (times: readonly number[], part: number): number => times[Math.floor((times.length - 1) * part)] ?? 0;

/** Any account at a random position, against adding up all legs up to there. */
function balanceRows(dir: string, legs: number): readonly BenchRow[] {
  const groups = Math.floor(legs / LEGS_A_GROUP);
  const path = join(dir, `ledger-${legs}.db`);
  makeLedger(path, groups);
  const random = SeededRandom.of('asof', legs);
  const place = (): Position => String(random.integer(1, groups * 6)).padStart(16, '0') as Position;
  const ledger = openLedger(path);
  const ours = timesOf(QUESTIONS, (index) =>
    ledger.balances({ position: place() }).get(index % 2 === 0 ? '1030' : '5010'),
  );
  const plain = timesOf(3, () => ledger.balances({ position: place(), at: '9999-12-31T23:59:59.999Z' as UtcText }));
  ledger.close();
  const size = `${legs.toLocaleString('en-US')} legs, ${Math.round(statSync(path).size / 1e6)} MB`;
  rmSync(path);
  const row = (what: string, mine: number, goal: string): BenchRow => ({
    what: `asof: balance of an account at a past position, ${size}, ${what} in us, against the sum of all legs`,
    ours: mine,
    yardstick: share(plain, 0.5),
    ratio: mine / share(plain, 0.5),
    goal,
  });
  return [row('p50', share(ours, 0.5), 'none set'), row('p99', share(ours, 0.99), `< ${GOAL_MS * 1_000} us at 10 M`)];
}

const EVENTS = 50_000;
/** As a traded day has them. */
const MOVES_A_FILL = 13;
const MOVE: EventData<'TrailingStopMoved'> = {
  positionId: '2013-10-07/open/SPY/1',
  strategy: parseStrategyName('open'),
  symbol: parseSymbol('SPY'),
  side: 'long',
  stop: '48.53' as DecimalText,
  previousStop: null,
  extreme: '49.52' as DecimalText,
  basis: 'percent',
};

/** Books and status of a random position of a journal of fills: from the first event each time, and with snapshots. */
async function statusRows(dir: string): Promise<readonly BenchRow[]> {
  const broker = new Broker();
  const tape = new Tape();
  tape.events.push(broker.opening('1000000.00'));
  for (let n = 0; tape.events.length < EVENTS; n += 1) {
    const does = n % 2 === 0 ? 'open_long' : 'close_long';
    broker.position = tape.events.length;
    tape.events.push(broker.filled({ id: `E${n}`, does, shares: '10', price: '100.00', commission: '0.35' }));
    for (let moves = 0; moves < MOVES_A_FILL; moves += 1) tape.add('TrailingStopMoved', MOVE);
  }
  const journal = SqliteJournal.open({ path: join(dir, 'journal.db'), clock: new VirtualClock(epochMs(0)) });
  for (let from = 0; from < tape.events.length; from += 1_000) {
    await journal.append(streamName('bench'), tape.events.slice(from, from + 1_000), { expectedRevision: 'any' });
  }
  const status = statusDefinition(homePaths('/home', BOT), {
    codes: CODES,
    lotMethod: 'FIFO',
    strategies: STRATEGY_NAMES,
  });
  const random = SeededRandom.of('asof', 'status');
  const ask = async (snapshots: Snapshots): Promise<number> => {
    const position = String(random.integer(1, EVENTS)).padStart(16, '0') as Position;
    const start = performance.now();
    await asOf({ journal, status, others: [], snapshots }, { position });
    return (performance.now() - start) * 1_000;
  };
  const never: Snapshots = { newest: () => undefined, keep: () => undefined, forget: () => undefined };
  const kept = new SqliteSnapshots({ path: join(dir, 'snapshots.db'), fold: 'bench' });
  await asOf({ journal, status, others: [], snapshots: kept }, { time: '9999-12-31T23:59:59.999Z' as UtcText });
  const cold: number[] = [];
  const warm: number[] = [];
  for (let round = 0; round < 15; round += 1) {
    cold.push(await ask(never));
    warm.push(await ask(kept));
  }
  kept.close();
  await journal.close();
  const median = (times: number[]): number =>
    share(
      [...times].sort((a, b) => a - b),
      0.5,
    );
  const size = `${EVENTS.toLocaleString('en-US')} events, snapshot every 10,000`;
  const what = `asof: books and status at a past position, ${size}, p50 in us, against none kept`;
  return [{ what, ours: median(warm), yardstick: median(cold), ratio: median(warm) / median(cold), goal: 'none set' }];
}

export async function run(): Promise<BenchRow[]> {
  const dir = mkdtempSync(join(tmpdir(), 'bench-asof-'));
  try {
    return [...SIZES.flatMap((legs) => balanceRows(dir, legs)), ...(await statusRows(dir))];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
