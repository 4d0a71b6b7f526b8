import { afterAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ledgerProjection } from '../../projections/ledger/ledger.js';
import { openLedger } from '../../src/adapters/ledger-reader/open-ledger.js';
import type { RecordedEvent } from '../../src/events/event.js';
import { parseClientOrderId } from '../../src/events/names.js';
import { Broker, CODES } from './support/fills.js';
import { project } from './support/ledger-db.js';

const dir = mkdtempSync(join(tmpdir(), 'ledger-executions-'));
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

function booked(name: string, events: readonly RecordedEvent[]): ReturnType<typeof openLedger> {
  const path = join(dir, `${name}.db`);
  project(path, ledgerProjection({ path, codes: CODES }), events, 100);
  return openLedger(path);
}

const day = (n: number): string => new Date(Date.UTC(2013, 0, 1) + n * 3_600_000).toISOString();

test('the ledger file takes an execution that the broker cancels and books again under its id', () => {
  const broker = new Broker();
  const first = { id: '2001', does: 'open_long', shares: '5000', price: '0.32', commission: '6.00' } as const;
  const ledger = booked('rebooked', [
    broker.opening('100000.00'),
    broker.filled(first),
    broker.busted('2001'),
    broker.filled({ ...first, commission: '0.00', at: '2013-10-07T16:00:00.001Z' }),
  ]);
  expect([...ledger.positions()].map(([symbol, shares]) => [symbol, shares.text()])).toEqual([['SPY', '5000']]);
  expect(ledger.cash()).toBe(100_000_00n - 1600_00n);
  expect(ledger.integrity()).toMatchObject({ ok: true });
  ledger.close();
});

test('the ledger file takes an execution id that comes again on every day, also when the books have forgotten it', () => {
  const broker = new Broker();
  const events = Array.from({ length: 1_000 }, (_, n) => {
    const fill = broker.filled({
      id: `E${n % 250}`,
      does: n % 2 === 0 ? 'open_long' : 'close_long',
      shares: '1',
      price: '10.00',
      at: day(n),
    });
    return { ...fill, data: { ...fill.data, clientOrderId: parseClientOrderId(`B01-${n}`) } };
  });
  const ledger = booked('again', [broker.opening('1000.00'), ...events]);
  expect([...ledger.positions().values()].filter((quantity) => !quantity.isZero())).toEqual([]);
  expect(ledger.cash()).toBe(1000_00n);
  const groups = ledger.groups();
  expect(new Set(groups.map(({ fitid }) => fitid)).size).toBe(groups.length);
  ledger.close();
});
