import { afterAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { renderBeancount } from '../../projections/exports/beancount.js';
import { renderCsv } from '../../projections/exports/csv.js';
import { renderHledger } from '../../projections/exports/hledger.js';
import { renderOfx22 } from '../../projections/exports/ofx22.js';
import type { StatementInput } from '../../projections/exports/statement.js';
import { statementTransactions } from '../../projections/exports/transactions.js';
import { ledgerProjection } from '../../projections/ledger/ledger.js';
import { positionText } from '../../src/adapters/journal-common/position.js';
import { statementSource } from '../../src/composition/statement-source.js';
import { applyToBook, initialBook } from '../../src/domain/accounting/book.js';
import { allLots } from '../../src/domain/accounting/lots.js';
import { homePaths } from '../../src/domain/home/home-paths.js';
import type { EventData, RecordedEvent } from '../../src/events/event.js';
import { parseSymbol } from '../../src/events/names.js';
import type { DecimalText } from '../../src/kernel/decimal.js';
import { composeBotIdentity } from '../../src/kernel/identity.js';
import type { UtcText } from '../../src/kernel/time.js';
import { sumOfLegs } from '../support/legs.js';
import { Broker, CODES } from './support/fills.js';
import { recorded, ZEROS } from './support/events.js';
import { project } from './support/ledger-db.js';

const home = mkdtempSync(join(tmpdir(), 'converted-'));
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

/** A broker whose account goes through splits and changes of symbol. */
class SplittingBroker extends Broker {
  converted(symbol: string, before: string, newSymbol: string, after: string): RecordedEvent {
    const data: EventData<'SharesConverted'> = {
      activityId: `${symbol}-${newSymbol}`,
      kind: symbol === newSymbol ? 'split' : 'symbol_change',
      symbol: parseSymbol(symbol),
      newSymbol: parseSymbol(newSymbol),
      sharesBefore: before as DecimalText,
      sharesAfter: after as DecimalText,
      positions: [],
      othersAfter: '0' as DecimalText,
      happenedAt: '2013-10-08T10:00:00.000Z' as UtcText,
      description: '',
      rawSha256: ZEROS,
    };
    return recorded('SharesConverted', data, { at: data.happenedAt, position: (this.position += 1) });
  }
}

/** A long position that is split with a rest, a short one that is split in reverse, one of no cost, and one that is renamed. */
function history(): readonly RecordedEvent[] {
  const broker = new SplittingBroker();
  const bought = { does: 'open_long', at: '2013-10-07T14:00:00.001Z' } as const;
  const held = { symbol: parseSymbol('FREE'), quantity: '8', cost: '0.00', basis: 'COST', acquiredAt: null } as const;
  return [
    broker.opening('100000.00', [{ ...held, quantity: '8' as DecimalText, cost: '0.00' as DecimalText }]),
    broker.filled({ ...bought, id: 'E1', shares: '10', price: '90.00', symbol: 'SPY' }),
    broker.filled({ ...bought, id: 'E2', shares: '5', price: '91.00', symbol: 'SPY', at: '2013-10-07T15:00:00.001Z' }),
    broker.filled({ ...bought, id: 'E3', does: 'open_short', shares: '30', price: '2.00', symbol: 'SHRT' }),
    broker.filled({ ...bought, id: 'E4', shares: '7', price: '50.00', symbol: 'OLD' }),
    broker.converted('SPY', '15', 'SPY', '22.5'),
    broker.converted('SHRT', '-30', 'SHRT', '-3'),
    broker.converted('FREE', '8', 'FREE', '4'),
    broker.converted('OLD', '7', 'NEW', '7'),
    broker.filled({
      id: 'E5',
      does: 'close_long',
      shares: '22.5',
      price: '60.00',
      symbol: 'SPY',
      at: '2013-10-08T14:00:00.001Z',
    }),
    broker.filled({
      id: 'E6',
      does: 'close_short',
      shares: '3',
      price: '19.00',
      symbol: 'SHRT',
      at: '2013-10-08T14:00:00.001Z',
    }),
  ];
}

/** The statement of a bot after the first events of a history. */
function statementOf(botId: string, events: readonly RecordedEvent[], upTo: number): StatementInput {
  const parts = { entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId };
  const identity = composeBotIdentity(parts);
  const paths = homePaths(home, identity);
  const path = paths.output.ledgerDb;
  mkdirSync(dirname(path), { recursive: true });
  if (!existsSync(path)) project(path, ledgerProjection({ path, codes: CODES }), events);
  const source = statementSource({ paths, identity, identityParts: parts, codes: CODES });
  const range = { from: '2013-10-04T20:00:00.000Z' as UtcText, to: '2013-10-08T20:00:00.000Z' as UtcText };
  return source({ range, entries: { after: null, upTo: positionText(upTo) } });
}

describe('shares that the broker replaced (TRD-4)', () => {
  test('gains are those of the cost before, every group balances, and cash does not move', () => {
    let book = initialBook(CODES);
    const gains: (readonly [string, bigint])[] = [];
    for (const event of history()) {
      const cash = book.balances.get('1030');
      const applied = applyToBook(book, event);
      book = applied.book;
      for (const { legs } of applied.groups) expect(sumOfLegs(legs)).toBe(0n);
      if (event.type === 'SharesConverted') expect(book.balances.get('1030')).toBe(cash);
      gains.push(...applied.closures.map(({ closedBy, gain }) => [closedBy, gain] as const));
    }
    // 22.5 at 60 is 1,350: 900 of it for 900, 450 for 455; 3 at 19 is 57 for 60
    expect(gains).toEqual([
      ['E5', 0n],
      ['E5', -5_00n],
      ['E6', 3_00n],
    ]);
    expect(allLots(book.lots).map(({ symbol, quantity, amount }) => [symbol, quantity.shortText(), amount])).toEqual([
      ['FREE', '4', 0n],
      ['NEW', '7', 350_00n],
    ]);
  });

  test('a position that was sold in part before a split has a price of the shares after it', () => {
    const broker = new SplittingBroker();
    const sold = { does: 'close_long', symbol: 'SPY', shares: '1' } as const;
    const events = [
      broker.opening('100000.00', []),
      broker.filled({
        ...sold,
        does: 'open_long',
        id: 'E1',
        shares: '10',
        price: '90.00',
        at: '2013-10-07T14:00:00.001Z',
      }),
      broker.filled({ ...sold, id: 'E2', shares: '4', price: '100.00', at: '2013-10-07T15:00:00.001Z' }),
      broker.converted('SPY', '6', 'SPY', '12'),
      broker.filled({ ...sold, id: 'E3', price: '52.00', at: '2013-10-08T14:00:00.001Z' }),
    ];
    const priceAt = (upTo: number): readonly string[] =>
      statementOf('B02', events, upTo).positions.map(({ unitPrice }) => unitPrice);
    expect([5, 4, 3].map((upTo) => priceAt(upTo))).toEqual([['52.00'], ['45.00'], ['100.00']]);
  });

  test('ledger file, statement, OFX and the text formats have the shares before and after', () => {
    const statement = statementOf('B01', history(), 9);
    expect(
      statement.positions.map(({ symbol, side, quantity, averageCost }) => [symbol, side, quantity, averageCost]),
    ).toEqual([
      ['FREE', 'long', '4', '0.00'],
      ['NEW', 'long', '7', '50.00'],
      ['SHRT', 'short', '3', '20.00'],
      ['SPY', 'long', '22.5', '60.222222'],
    ]);
    const replaced = statementTransactions(statement).flatMap((each) => {
      if (each.kind === 'split')
        return [`${each.symbol} ${each.oldUnits.text()} ${each.newUnits.text()} ${each.position}`];
      return each.kind === 'transfer' ? [`${each.symbol} ${each.action} ${each.units.text()} ${each.averageCost}`] : [];
    });
    expect(replaced).toEqual([
      'FREE IN 8 0.00',
      'SPY 15 22.5 LONG',
      'SHRT 30 3 SHORT',
      'FREE OUT -8 0.00',
      'FREE IN 4 0.00',
      'OLD OUT -7 50.00',
      'NEW IN 7 50.00',
    ]);
    const ofx = renderOfx22(statement);
    expect(ofx).toContain(
      '<OLDUNITS>15</OLDUNITS><NEWUNITS>22.5</NEWUNITS><NUMERATOR>3</NUMERATOR><DENOMINATOR>2</DENOMINATOR></SPLIT>',
    );
    expect(ofx).toContain('<NUMERATOR>1</NUMERATOR><DENOMINATOR>10</DENOMINATOR></SPLIT>');
    for (const render of [renderCsv, renderHledger, renderBeancount])
      expect(render(statement)).toContain('15 SPY became 22.5 SPY');
  });
});
