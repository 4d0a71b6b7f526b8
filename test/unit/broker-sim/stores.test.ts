import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteSimStore } from '../../../src/adapters/broker-sim/sqlite-store.js';
import { MemorySimStore, type SimStore } from '../../../src/adapters/broker-sim/store.js';
import { parseClientOrderId, parseSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { epochMs, parseDateText } from '../../../src/kernel/time.js';
import type { BrokerActivity } from '../../../src/ports/account-queries.js';

const dir = mkdtempSync(join(tmpdir(), 'sim-stores-'));
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

const CLOSING = { cash: Decimal.parse('10.00'), holdings: [] };
const DAYS = ['2026-01-06', '2026-01-07', '2026-01-08'].map(parseDateText);

function fill(activityId: string): BrokerActivity {
  const at = epochMs(1);
  const update = {
    kind: 'filled' as const,
    at,
    clientOrderId: parseClientOrderId(`B-${activityId}`),
    brokerOrderId: 'O',
    executionId: activityId,
    symbol: parseSymbol('SPY'),
    side: 'buy' as const,
    quantity: Decimal.ONE,
    price: Decimal.parse('1.50'),
    commission: Decimal.ZERO,
    fee: Decimal.ZERO,
    filledAt: at,
    rawSha256: sha256Hex(activityId),
  };
  return { kind: 'fill', activityId, at, update };
}

function deposit(activityId: string): BrokerActivity {
  const description = 'incoming transfer';
  return {
    kind: 'deposit',
    activityId,
    at: epochMs(1),
    amount: Decimal.parse('5.00'),
    symbol: null,
    reference: null,
    description,
    rawSha256: sha256Hex(activityId),
  };
}

/** Three days with two fills and a deposit each, named by day and number. */
function filled<T extends SimStore>(store: T): T {
  for (const date of DAYS) {
    store.beginDay(date, CLOSING, null);
    const activities = [fill(`${date}-1`), deposit(`${date}-2`), fill(`${date}-3`)];
    store.endDay(date, { closing: CLOSING, orders: [], activities });
  }
  return store;
}

const STORES: readonly (readonly [string, () => SimStore])[] = [
  ['in memory', () => new MemorySimStore()],
  ['in a file', () => new SqliteSimStore(join(dir, `${Math.trunc(performance.now() * 1_000)}.db`))],
];

describe.each(STORES)('records of the simulated broker %s', (_, make) => {
  const ids = (store: SimStore, query: Partial<Parameters<SimStore['activities']>[0]>): readonly string[] =>
    store
      .activities({ after: null, limit: 100, without: null, which: 'all', ...query })
      .map((each) => each.activityId.slice('2026-01-'.length));

  test('all records, or only cash movements, in pages and without a day', () => {
    const store = filled(make());
    const second = DAYS[1]!;
    expect(ids(store, {})).toEqual(['06-1', '06-2', '06-3', '07-1', '07-2', '07-3', '08-1', '08-2', '08-3']);
    expect(ids(store, { which: 'cash' })).toEqual(['06-2', '07-2', '08-2']);
    expect(ids(store, { which: 'cash', limit: 2 })).toEqual(['06-2', '07-2']);
    expect(ids(store, { which: 'cash', after: '2026-01-06-2' })).toEqual(['07-2', '08-2']);
    expect(ids(store, { which: 'cash', without: second })).toEqual(['06-2', '08-2']);
    expect(ids(store, { after: '2026-01-07-1', limit: 3 })).toEqual(['07-2', '07-3', '08-1']);
    store.close();
  });

  test('a cash movement after the close belongs to its day, and a repeated end of day keeps the later end', () => {
    const store = filled(make());
    const last = DAYS[2]!;
    const request = {
      kind: 'transfer' as const,
      at: epochMs(9),
      reference: 'R',
      amount: Decimal.ONE,
      direction: 'in' as const,
    };
    store.amendDay(last, { request, closing: CLOSING, activity: deposit('2026-01-08-4') });
    expect(ids(store, { which: 'cash', after: '2026-01-07-2' })).toEqual(['08-2', '08-4']);
    store.endDay(last, { closing: CLOSING, orders: [], activities: [fill('2026-01-08-5')] });
    expect(ids(store, { after: '2026-01-07-3' })).toEqual(['08-5']);
    expect(store.lastDay()).toEqual({ date: last, opening: CLOSING, closing: CLOSING });
    store.close();
  });
});
