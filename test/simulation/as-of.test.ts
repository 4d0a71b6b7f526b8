import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EMBEDDED } from '../../src/domain/config/journal-address.js';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { marketOf } from './support/market.js';
import { openHome, type OpenedHome } from '../../src/adapters/home/home.js';
import { SqliteSnapshots } from '../../src/adapters/snapshots/sqlite-snapshots.js';
import { asOf, type AsOfView, type Moment } from '../../src/app/as-of/as-of.js';
import { bookFigures, ledgerAgrees } from '../../src/app/as-of/figures.js';
import { openLedger } from '../../src/adapters/ledger-reader/open-ledger.js';
import { Decimal } from '../../src/kernel/decimal.js';
import type { Position } from '../../src/events/event.js';
import { parseDateText, type UtcText } from '../../src/kernel/time.js';
import { parseSettings } from '../../src/domain/config/settings.js';
import { statusDefinition, type StatusDefinition } from '../../projections/status/status.js';
import { openRuntime, type EngineRuntime } from '../../src/composition/engine-runtime.js';
import { homeProjections } from '../../src/composition/home-projections.js';
import { openDays } from '../../src/app/day/open-days.js';
import { runDays } from '../../src/composition/run-days.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { BOTH_WAYS } from './support/days.js';
import { STRATEGY_NAMES } from '../../src/domain/config/configured-strategies.js';

const PARTS = { entityCode: 'TEST', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' };
const EVERY = 25;

/** What a reader saw in the middle of the run. */
interface Seen {
  readonly position: Position;
  readonly recordedAt: UtcText;
  readonly status: string;
  readonly cash: bigint;
  readonly positions: readonly string[];
  readonly trialBalance: unknown;
}

let home: OpenedHome;
let runtime: EngineRuntime;
let status: StatusDefinition;
let others: readonly string[];
const seen: Seen[] = [];

function only<T>(items: readonly T[]): T {
  const [first] = items;
  if (first === undefined || items.length !== 1) throw new Error(`${items.length} instead of one`);
  return first;
}

async function look(): Promise<void> {
  const [last] = await runtime.journal.readAll({ direction: 'backwards', limit: 1 });
  if (last === undefined || seen.at(-1)?.position === last.position) return;
  const ledger = openLedger(home.paths.output.ledgerDb);
  seen.push({
    position: last.position,
    recordedAt: last.recordedAt,
    status: readFileSync(home.paths.output.statusJson, 'utf8'),
    cash: ledger.cash(),
    positions: [...ledger.positions()].map(([symbol, quantity]) => `${symbol} ${quantity.shortText()}`).sort(),
    trialBalance: ledger.trialBalance(),
  });
  ledger.close();
}

/** A run whose reader looks after every append and every catch-up. */
function watched(inner: EngineRuntime): EngineRuntime {
  const after = <T extends object>(target: T, methods: readonly string[], then: () => Promise<unknown>): T =>
    new Proxy(target, {
      get(object, key): unknown {
        const value: unknown = Reflect.get(object, key, object);
        if (typeof value !== 'function') return value;
        if (!methods.includes(String(key))) return value.bind(object) as unknown;
        return async (...args: readonly unknown[]) => {
          const result: unknown = await Reflect.apply(value, object, args);
          await then();
          return result;
        };
      },
    });
  const projector = after(inner.projector, ['catchUp'], look);
  const appends = [
    'append',
    'decide',
    'decideOnNewest',
    'appendIfUnchanged',
    'tryAppend',
    'tryAppendAll',
    'changeBotState',
  ];
  return { ...inner, projector, appender: after(inner.appender, appends, () => projector.catchUp()) };
}

beforeAll(async () => {
  home = openHome({ dir: temporaryHome(), identity: PARTS, create: true, version: 'test' });
  const { paths, identity, identityParts } = home;
  runtime = watched(await openRuntime({ paths, identity, identityParts, versionTag: 'test', address: EMBEDDED }));
  const all = homeProjections({ ...runtime, identityParts });
  status = statusDefinition(paths, { codes: runtime.codes, lotMethod: 'FIFO', strategies: STRATEGY_NAMES });
  others = all.map(({ name }) => name).filter((name) => name !== 'status');
  const settings = parseSettings(BOTH_WAYS);
  const feed = marketOf(1);
  await runDays(runtime, {
    days: openDays({ feed, settings, from: parseDateText('2026-01-06'), days: 2 }),
    settings,
    brokerSeed: 1,
    openingCash: Decimal.parse('100000.00'),
    onProgress: () => undefined,
  });
});

afterAll(async () => {
  await runtime.close();
  removeTemporaryHomes();
});

const ask = (moment: Moment, snapshots = freshSnapshots()): Promise<AsOfView> =>
  asOf({ journal: runtime.journal, status, others, snapshots, snapshotEvery: EVERY }, moment);

let made = 0;
function freshSnapshots(): SqliteSnapshots {
  made += 1;
  return new SqliteSnapshots({ path: `${home.paths.home}/snapshots-${made}.db`, fold: 'status/test' });
}

function expectSeen(view: AsOfView, then: Seen): void {
  expect(view.position).toBe(then.position);
  expect(view.recordedAt).toBe(then.recordedAt);
  expect(view.statusText).toBe(then.status);
  const { cash, positions, trialBalance } = bookFigures(view.state.book);
  expect(cash).toBe(then.cash);
  expect(positions.map(({ symbol, quantity }) => `${symbol} ${quantity.shortText()}`)).toEqual(then.positions);
  expect(trialBalance).toEqual(then.trialBalance);
}

describe('as-of equals what a live reader saw (JRN-31)', () => {
  test('at every observed position: status to the byte, cash, shares, trial balance', async () => {
    expect(seen.length).toBeGreaterThan(250);
    expect(new Set(seen.map(({ cash }) => cash)).size).toBeGreaterThan(15);
    expect(seen.some(({ positions }) => positions.length >= 2)).toBe(true);
    const snapshots = freshSnapshots();
    for (const then of seen) expectSeen(await ask({ position: then.position }, snapshots), then);
    snapshots.close();
  });

  test('by time: everything recorded up to that time and nothing later', async () => {
    const snapshots = freshSnapshots();
    const last = seen.filter((then, index) => then.recordedAt !== seen[index + 1]?.recordedAt);
    for (const then of last) expectSeen(await ask({ time: then.recordedAt }, snapshots), then);
    snapshots.close();
  });

  test('the ledger file gives the same for every past position', async () => {
    const ledger = openLedger(home.paths.output.ledgerDb);
    for (const { position } of seen.filter((_, index) => index % 5 === 0)) {
      const { state } = await ask({ position });
      expect(ledgerAgrees(state.book, ledger, position)).toBe(true);
    }
    const later = { ...(await ask({ position: only(seen.slice(-1)).position })).state.book, balances: new Map() };
    expect(ledgerAgrees(later, ledger, only(seen.slice(-1)).position)).toBe(false);
    ledger.close();
  });

  test('before the first event there is nothing; a future position is refused', async () => {
    const view = await ask({ time: '2026-01-06T14:29:59.999Z' as UtcText });
    expect([view.position, view.events, view.state.book.balances.size]).toEqual([null, 0, 0]);
    await expect(ask({ position: '9999999999999999' as Position })).rejects.toMatchObject({ code: 'POSITION_AHEAD' });
  });
});

describe('snapshots are optional', () => {
  test('answers are equal with snapshots, and without them', async () => {
    const path = `${home.paths.home}/snapshots-kept.db`;
    const open = (): SqliteSnapshots => new SqliteSnapshots({ path, fold: 'status/test' });
    const then = only(seen.slice(-1));
    const first = open();
    expectSeen(await ask({ position: then.position }, first), then);
    expect(first.newest({ position: then.position })?.events).toBeGreaterThanOrEqual(EVERY);
    first.close();
    const again = open();
    expectSeen(await ask({ position: then.position }, again), then);
    again.close();
    rmSync(path);
    const reopened = open();
    expectSeen(await ask({ position: then.position }, reopened), then);
    reopened.close();
  });

  test('snapshots that are damaged or of another journal are ignored', async () => {
    const then = only(seen.slice(-1));
    const snapshots = freshSnapshots();
    const { position, recordedAt } = only(seen.slice(100, 101));
    const [event] = await runtime.journal.readAll({ limit: 1 });
    const kept = { position, events: 100, recordedAt, latestAt: recordedAt, state: '{}' };
    snapshots.keep({ ...kept, hash: 'f'.repeat(64) as never });
    expectSeen(await ask({ position: then.position }, snapshots), then);
    snapshots.forget();
    const first = { ...kept, position: event?.position ?? position, hash: event?.hash ?? ('f' as never) };
    snapshots.keep({ ...first, state: 'neither books nor body' });
    expectSeen(await ask({ position: then.position }, snapshots), then);
    snapshots.close();
    const path = `${home.paths.home}/snapshots-damaged.db`;
    writeFileSync(path, 'no database at all, but long enough to be taken for one at first sight'.repeat(20));
    const damaged = new SqliteSnapshots({ path, fold: 'status/test' });
    expectSeen(await ask({ position: then.position }, damaged), then);
    damaged.close();
  });

  test('snapshots of another fold version are left alone', () => {
    const path = `${home.paths.home}/snapshots-version.db`;
    const { position, recordedAt } = only(seen.slice(10, 11));
    const one = new SqliteSnapshots({ path, fold: 'status/1' });
    one.keep({ position, hash: 'a'.repeat(64) as never, events: 1, recordedAt, latestAt: recordedAt, state: '{}' });
    const two = new SqliteSnapshots({ path, fold: 'status/2' });
    expect(one.newest({ position })).toBeDefined();
    expect(two.newest({ position })).toBeUndefined();
    one.close();
    two.close();
  });
});
