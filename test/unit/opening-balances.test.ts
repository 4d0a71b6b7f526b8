import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { renderHledger } from '../../projections/exports/hledger.js';
import { renderOfx22 } from '../../projections/exports/ofx22.js';
import { statementTransactions } from '../../projections/exports/transactions.js';
import { ledgerProjection } from '../../projections/ledger/ledger.js';
import { positionText } from '../../src/adapters/journal-common/position.js';
import type { StatementPeriod } from '../../src/app/exports/statement-periods.js';
import { statementSource } from '../../src/composition/statement-source.js';
import { applyToBook, bookCash, initialBook } from '../../src/domain/accounting/book.js';
import { parseBook, serializeBook } from '../../src/domain/accounting/book-codec.js';
import { allLots } from '../../src/domain/accounting/lots.js';
import { homePaths } from '../../src/domain/home/home-paths.js';
import { refusalOf } from '../../src/events/acceptance.js';
import type { EventData, RecordedEvent } from '../../src/events/event.js';
import { canonicalSymbol, type TickerSymbol } from '../../src/events/names.js';
import type { DecimalText } from '../../src/kernel/decimal.js';
import { composeBotIdentity } from '../../src/kernel/identity.js';
import type { UtcText } from '../../src/kernel/time.js';
import { sumOfLegs } from '../support/legs.js';
import { Broker, CODES } from './support/fills.js';
import { project } from './support/ledger-db.js';

const home = mkdtempSync(join(tmpdir(), 'opening-'));
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

type Position = EventData<'OpeningBalancesRecorded'>['positions'][number];

function held(symbol: string, quantity: string, cost: string, acquiredAt: string | null = null): Position {
  const figures = { quantity: quantity as DecimalText, cost: cost as DecimalText };
  return { symbol: symbol as TickerSymbol, ...figures, basis: 'COST', acquiredAt: acquiredAt as UtcText | null };
}

/** An account that is short and holds a class of shares, then covers the short and sells some of the shares. */
function history(): readonly RecordedEvent[] {
  const broker = new Broker();
  const at = '2013-10-07T14:00:00.001Z';
  return [
    broker.opening('100000.00', [held('SHRT', '-10', '-100.00'), held('BRK-B', '10', '1000.00')]),
    broker.filled({ id: 'E1', does: 'close_short', shares: '4', price: '8.00', symbol: 'SHRT', at }),
    broker.filled({ id: 'E2', does: 'close_long', shares: '3', price: '120.00', symbol: 'BRK.B', at }),
  ];
}

describe('an account that is not empty when the books are opened', () => {
  test('a short position is a liability, a class of shares has one symbol, and both have lots', () => {
    const [opening] = history();
    const { book, groups } = applyToBook(initialBook(CODES), opening ?? history()[0]!);
    expect(
      allLots(book.lots).map(({ symbol, side, quantity, amount }) => [symbol, side, quantity.text(), amount]),
    ).toEqual([
      ['BRK.B', 'long', '10', 1000_00n],
      ['SHRT', 'short', '10', 100_00n],
    ]);
    for (const group of groups) expect(sumOfLegs(group.legs)).toBe(0n);
    expect([book.balances.get('2110'), book.balances.get('1111'), bookCash(book)]).toEqual([
      -100_00n,
      1000_00n,
      100_000_00n,
    ]);
    expect(groups.map(({ description }) => description)).toEqual([
      'Opening cash',
      'Opening short position 10 SHRT (holding period unknown)',
      'Opening position 10 BRK.B (holding period unknown)',
    ]);
  });

  test('a gain of shares that are held since an unknown time is neither short nor long term', () => {
    let book = initialBook(CODES);
    const terms: (readonly [string, string, bigint])[] = [];
    for (const event of history()) {
      const applied = applyToBook(parseBook(serializeBook(book)), event);
      terms.push(...applied.closures.map(({ symbol, term, gain }) => [symbol, term, gain] as const));
      book = applied.book;
    }
    expect(terms).toEqual([
      ['SHRT', 'short', 8_00n],
      ['BRK.B', 'unknown', 60_00n],
    ]);
    const busted = applyToBook(book, { ...new Broker().busted('E2', 'BRK.B'), position: positionText(9) });
    expect(busted.closures.map(({ term, gain }) => [term, gain])).toEqual([['unknown', -60_00n]]);
    expect(allLots(busted.book.lots).every(({ unknownSince }) => unknownSince === true)).toBe(true);
  });

  test('ledger file, statement, OFX and hledger have both positions', () => {
    const parts = { entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' };
    const identity = composeBotIdentity(parts);
    const paths = homePaths(home, identity);
    const path = paths.output.ledgerDb;
    mkdirSync(dirname(path), { recursive: true });
    project(path, ledgerProjection({ path, codes: CODES }), history());
    const db = new Database(path, { readonly: true });
    expect(db.prepare('SELECT symbol, term FROM lot_closures ORDER BY n').all()).toEqual([
      { symbol: 'SHRT', term: 'short' },
      { symbol: 'BRK.B', term: 'unknown' },
    ]);
    db.close();
    const source = statementSource({ paths, identity, identityParts: parts, codes: CODES });
    const range = { from: '2013-10-04T20:00:00.000Z' as UtcText, to: '2013-10-07T20:00:00.000Z' as UtcText };
    const period = (after: StatementPeriod['entries']['after'], upTo: number): StatementPeriod => ({
      range,
      entries: { after, upTo: positionText(upTo) },
    });
    const opening = source(period(null, 1));
    const moved = statementTransactions(opening).flatMap((each) => (each.kind === 'transfer' ? [each] : []));
    expect(moved.map(({ symbol, position, action, units }) => [symbol, position, action, units.text()])).toEqual([
      ['SHRT', 'SHORT', 'IN', '-10'],
      ['BRK.B', 'LONG', 'IN', '10'],
    ]);
    const after = source(period(positionText(1), 3));
    expect(
      after.positions.map(({ symbol, side, quantity, averageCost }) => [symbol, side, quantity, averageCost]),
    ).toEqual([
      ['BRK.B', 'long', '7', '100.00'],
      ['SHRT', 'short', '6', '10.00'],
    ]);
    expect(renderOfx22(after)).toContain('<POSTYPE>SHORT');
    expect(renderHledger(opening)).toContain('SHRT');
  });

  test('a position of no shares is refused, and a class of shares is one symbol however it is written', () => {
    expect(
      refusalOf('OpeningBalancesRecorded', {
        asOf: '2013-10-07T13:30:00.000Z',
        cash: '1.00',
        positions: [held('SHRT', '-10', '-100.00')],
      }),
    ).toBeUndefined();
    expect(['BRK.B', 'BRK-B', 'BRK/B', 'BRK B', 'SPY'].map(canonicalSymbol)).toEqual([
      'BRK.B',
      'BRK.B',
      'BRK.B',
      'BRK.B',
      'SPY',
    ]);
  });
});
