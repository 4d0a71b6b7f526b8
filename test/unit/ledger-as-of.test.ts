import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { ledgerProjection } from '../../projections/ledger/ledger.js';
import type { Ledger } from '../../projections/ledger/query.js';
import { openLedger } from '../../src/adapters/ledger-reader/open-ledger.js';
import type { Balances } from '../../src/domain/accounting/balances.js';
import { applyToBook, initialBook } from '../../src/domain/accounting/book.js';
import type { Position, RecordedEvent } from '../../src/events/event.js';
import { Broker, CODES } from './support/fills.js';
import { project } from './support/ledger-db.js';

const FILLS = 2_600;
const dir = mkdtempSync(join(tmpdir(), 'ledger-as-of-'));
const path = join(dir, 'ledger.db');
const events: RecordedEvent[] = [];
/** Balances after each event, by the rules alone. */
const truth = new Map<Position, Balances>();
let ledger: Ledger;

beforeAll(() => {
  const broker = new Broker();
  let book = initialBook(CODES);
  events.push(broker.opening('1000000.00'));
  for (let n = 0; n < FILLS; n += 1) {
    const does = n % 2 === 0 ? 'open_long' : 'close_long';
    const price = `${100 + (n % 7)}.${10 + (n % 80)}`;
    const fill = {
      id: `E${n}`,
      does,
      shares: '10',
      price,
      symbol: ['SPY', 'AIG'][(n >> 1) % 2] ?? 'SPY',
      commission: '0.35',
    } as const;
    events.push(broker.filled(fill));
  }
  for (const event of events) {
    book = applyToBook(book, event).book;
    truth.set(event.position, book.balances);
  }
  project(path, ledgerProjection({ path, codes: CODES }), events, 700);
  ledger = openLedger(path);
});
afterAll(() => {
  ledger.close();
  rmSync(dir, { recursive: true, force: true });
});

const sorted = (balances: Balances | undefined): unknown => [...(balances ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
const place = (n: number): Position => String(n).padStart(16, '0') as Position;

describe('balances of any past position (JRN-31)', () => {
  test('balances before, at and after every stored row, and anywhere else, are those of that position', () => {
    const asked = [1, 2, 17, 999, 1_000, 1_001, 1_002, 1_500, 1_999, 2_000, 2_001, 2_345, FILLS, FILLS + 1];
    for (const n of asked) expect(sorted(ledger.balances({ position: place(n) }))).toEqual(sorted(truth.get(place(n))));
    expect(ledger.balances({ position: place(0) }).size).toBe(0);
    expect(sorted(ledger.balances({ position: place(999_999) }))).toEqual(sorted(ledger.balances()));
  });

  test('a late event counts from its booking on, whatever its own time', () => {
    const late = new Broker();
    const own = [
      late.opening('1000.00'),
      late.filled({ id: 'L1', does: 'open_long', shares: '1', price: '100.00', at: '2013-10-07T15:00:00.001Z' }),
      late.filled({ id: 'L2', does: 'open_long', shares: '1', price: '50.00', at: '2013-10-07T14:00:00.001Z' }),
    ];
    const file = join(dir, 'late.db');
    project(file, ledgerProjection({ path: file, codes: CODES }), own);
    const books = openLedger(file);
    expect([1, 2, 3].map((n) => books.cash({ position: place(n) }))).toEqual([100_000n, 90_000n, 85_000n]);
    books.close();
  });
});

describe('pages of entries', () => {
  type Query = Parameters<Ledger['page']>[0];
  /** Broker ids of all pages of a query, and how many entries each page looked at. */
  const through = (query: Partial<Query>, position?: Position) => {
    const ids: (string | null)[] = [];
    const examined: number[] = [];
    let after: Query['after'];
    for (let pages = 0; pages < 10_000; pages += 1) {
      const page = ledger.page({ order: 'newest', limit: 200, ...query, after }, position);
      ids.push(...page.groups.map(({ externalId }) => externalId));
      examined.push(page.examined);
      expect(page.all).toBeGreaterThanOrEqual(page.examined);
      if (page.next === null) return { ids, examined };
      after = page.next;
    }
    throw new Error('the pages never end');
  };
  const all = (): readonly (string | null)[] => ledger.groups().map(({ externalId }) => externalId);

  test('the pages of each order have each entry once', () => {
    expect(through({ order: 'oldest' }).ids).toEqual(all());
    expect(through({ order: 'newest' }).ids).toEqual(all().toReversed());
    expect(through({ order: 'newest', limit: 7 }).examined.slice(0, 2)).toEqual([7, 14]);
    const byAmount = (a: { netAmount: bigint }, b: { netAmount: bigint }): number => Number(b.netAmount - a.netAmount);
    const amounts = ledger.groups().toReversed().toSorted(byAmount);
    expect(through({ order: 'largest' }).ids).toEqual(amounts.map(({ externalId }) => externalId));
    const upwards = ledger.groups().toSorted((a, b) => -byAmount(a, b));
    expect(through({ order: 'smallest', limit: 7 }).ids).toEqual(upwards.map(({ externalId }) => externalId));
    const ofSpy = amounts.filter(({ symbol }) => symbol === 'SPY').map(({ externalId }) => externalId);
    for (const examine of [1n, 100n, 1_000n, 100_000n])
      expect(through({ order: 'largest', symbol: 'SPY', limit: 9, examine }).ids).toEqual(ofSpy);
    const none = through({ order: 'largest', symbol: 'NONE', examine: 1_000n });
    expect([none.ids, none.examined]).toEqual([[], [FILLS + 1, FILLS + 1, FILLS + 1]]);
  });

  test('a search looks at a bounded number of entries a page, and finds the same however small that is', () => {
    const ofSpy = ledger.groupsWith({ symbol: 'SPY' as never }).map(({ externalId }) => externalId);
    for (const examine of [1n, 100n, 1_000n, 100_000n])
      expect(through({ order: 'oldest', symbol: 'SPY', examine }).ids).toEqual(ofSpy);
    const none = through({ symbol: 'NONE', examine: 1_000n });
    expect([none.ids, none.examined]).toEqual([[], [1_000, 2_000, FILLS + 1]]);
    expect(through({ order: 'oldest', symbol: 'NONE', examine: 1_000n }).examined).toEqual([1_000, 2_000, FILLS + 1]);
  });

  test('filters by account, type, text and day are those of the entries; a part of a code is no account', () => {
    const where = (fits: (group: ReturnType<Ledger['groups']>[number]) => boolean): readonly (string | null)[] =>
      ledger
        .groups()
        .filter(fits)
        .map(({ externalId }) => externalId);
    const found = (filter: Partial<Query>): readonly (string | null)[] => through({ order: 'oldest', ...filter }).ids;
    const gains = where(({ legs }) => legs.some(({ accountCode }) => accountCode === '4060'));
    expect(gains.length).toBeGreaterThan(100);
    expect(found({ account: '4060' })).toEqual(gains);
    expect(found({ account: '060' })).toEqual([]);
    expect(found({ type: 'OPENING' })).toEqual([null]);
    expect(found({ text: 'SELL 10 aig', symbol: 'AIG' })).toEqual(
      where(({ trntype, symbol }) => trntype === 'SELL' && symbol === 'AIG'),
    );
    expect(found({ text: "'; DROP TABLE groups" })).toEqual([]);
    const days = { from: '2013-10-07', to: '2013-10-07' } as never;
    expect(found(days)).toEqual(where(({ datetimeUtc }) => datetimeUtc.startsWith('2013-10-07')));
    expect(found({ from: '2013-10-08' } as never)).toEqual([]);
  });

  test('as of a position there are the entries up to it', () => {
    const ids = through({ order: 'oldest' }, place(1_234)).ids;
    expect(ids).toEqual(all().slice(0, 1_234));
    expect(through({}, place(0)).ids).toEqual([]);
  });
});

describe('stored balances', () => {
  const notes = (file: string): readonly unknown[] => {
    const db = new Database(file, { readonly: true });
    const rows = db.prepare('SELECT n, balances FROM balance_marks ORDER BY n').all();
    db.close();
    return rows;
  };

  test('the file itself stores them with each thousandth group', () => {
    expect(notes(path)).toEqual([
      { n: 1_000, balances: expect.stringMatching(/^\{"1030":\d+,"1111":/) },
      { n: 2_000, balances: expect.stringMatching(/^\{"1030":\d+,"1111":/) },
    ]);
  });

  test('they are equal for any batch sizes', () => {
    const other = join(dir, 'other.db');
    project(other, ledgerProjection({ path: other, codes: CODES }), events, 333);
    expect(notes(other)).toEqual(notes(path));
  });

  test.each([
    ['another note of the same group', "INSERT INTO balance_marks VALUES (2000, '{}')"],
    ['a replaced note', "REPLACE INTO balance_marks VALUES (2000, '{}')"],
    ['a note of a group that is not there yet', "INSERT INTO balance_marks VALUES (3000, '{}')"],
    ['a note in between', "INSERT INTO balance_marks VALUES (1500, '{}')"],
    ['an altered note', `UPDATE balance_marks SET balances = '{"1030":0}' WHERE n = 1000`],
    ['a note less', 'DELETE FROM balance_marks WHERE n = 2000'],
  ])('they refuse %s', (_, sql) => {
    const before = readFileSync(path);
    const db = new Database(path);
    expect(() => db.exec(sql)).toThrow(/LEDGER_/);
    db.close();
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});
