import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { renderCsv } from '../../../projections/exports/csv.js';
import { renderJson } from '../../../projections/exports/json.js';
import { renderOfx22 } from '../../../projections/exports/ofx22.js';
import type { StatementInput } from '../../../projections/exports/statement.js';
import type { Ledger } from '../../../projections/ledger/query.js';
import { ledgerProjection } from '../../../projections/ledger/ledger.js';
import { positionText } from '../../../src/adapters/journal-common/position.js';
import { openLedger } from '../../../src/adapters/ledger-reader/open-ledger.js';
import { statementSource } from '../../../src/composition/statement-source.js';
import { homePaths } from '../../../src/domain/home/home-paths.js';
import type { EventData, RecordedEvent } from '../../../src/events/event.js';
import type { TickerSymbol } from '../../../src/events/names.js';
import { Decimal, type DecimalText } from '../../../src/kernel/decimal.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { composeBotIdentity } from '../../../src/kernel/identity.js';
import type { UtcText } from '../../../src/kernel/time.js';
import { recorded } from '../support/events.js';
import { Broker, CODES, type FillWords } from '../support/fills.js';
import { project } from '../support/ledger-db.js';
import { readOfx } from '../support/ofx-reader.js';
import { parseCsv } from '../support/report-home.js';

const home = mkdtempSync(join(tmpdir(), 'statement-cases-'));
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

const PARTS = { entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' };
const identity = composeBotIdentity(PARTS);
const RANGE = { from: '2013-10-04T20:00:00.000Z' as UtcText, to: '2013-10-07T20:00:00.000Z' as UtcText };
let homes = 0;

/** The statement of the events after `after` (0 for all) up to `upTo` (their last); `instead` replaces parts of the ledger. */
function statement(
  events: readonly RecordedEvent[],
  after = 0,
  upTo = events.length,
  instead: PropertyDescriptorMap = {},
): StatementInput {
  const paths = homePaths(join(home, String((homes += 1))), identity);
  mkdirSync(dirname(paths.output.ledgerDb), { recursive: true });
  project(paths.output.ledgerDb, ledgerProjection({ path: paths.output.ledgerDb, codes: CODES }), events);
  const ledger = (): Ledger => Object.create(openLedger(paths.output.ledgerDb), instead) as Ledger;
  const source = statementSource({ paths, identity, identityParts: PARTS, codes: CODES, openLedger: ledger });
  const entries = { after: after === 0 ? null : positionText(after), upTo: positionText(upTo) };
  return source({ range: RANGE, entries });
}

const buy = (id: string, shares: string, price: string, more: Partial<FillWords> = {}): FillWords => ({
  ...{ id, does: 'open_long', shares, price },
  ...more,
});
const sell = (id: string, shares: string, price: string, more: Partial<FillWords> = {}): FillWords => ({
  ...buy(id, shares, price, more),
  does: 'close_long',
});

function free(broker: Broker): RecordedEvent<'OpeningBalancesRecorded'> {
  const basis = {
    cost: '0.00' as DecimalText,
    basis: 'COST',
    acquiredAt: '2012-01-03T15:00:00.000Z' as UtcText,
  } as const;
  return broker.opening('1000.00', [{ symbol: 'FREE' as TickerSymbol, quantity: '10' as DecimalText, ...basis }]);
}

/** Shares by symbol as the rows of a CSV move them. */
function csvUnits(text: string): ReadonlyMap<string, string> {
  const units = new Map<string, Decimal>();
  for (const { symbol = '', quantity = '', debit, account_code: account } of parseCsv(text)) {
    if (quantity === '') continue;
    const shares = Decimal.parse(quantity);
    const moved = account === '' || debit !== '0.00' ? shares : shares.negated();
    units.set(symbol, (units.get(symbol) ?? Decimal.ZERO).plus(moved));
  }
  return new Map([...units].map(([symbol, shares]) => [symbol, shares.shortText()]));
}

async function ofxUnits(text: string): Promise<ReadonlyMap<string, string>> {
  const units = new Map<string, Decimal>();
  for (const { symbol, units: moved } of (await readOfx(text)).transactions) {
    if (symbol === null || moved === null) continue;
    units.set(symbol, (units.get(symbol) ?? Decimal.ZERO).plus(Decimal.parse(moved)));
  }
  return new Map([...units].map(([symbol, shares]) => [symbol, shares.shortText()]));
}

describe('average cost is that of the open lots', () => {
  test('shares that were sold do not count', () => {
    const broker = new Broker();
    const fills = [buy('E1', '100', '10.00'), sell('E2', '100', '12.00'), buy('E3', '100', '20.00')];
    const input = statement([broker.opening('10000.00'), ...fills.map((words) => broker.filled(words))]);
    expect(input.positions.map(({ averageCost, unitPrice }) => [averageCost, unitPrice])).toEqual([['20.00', '20.00']]);
    expect(renderOfx22(input)).toContain('Average cost 20.00');
  });

  test('a sale of a part takes the first lot', () => {
    const broker = new Broker();
    const fills = [buy('E1', '10', '10.00'), buy('E2', '10', '20.00'), sell('E3', '15', '30.00')];
    const [held] = statement(fills.map((words) => broker.filled(words))).positions;
    expect([held?.quantity, held?.averageCost, held?.unitPrice]).toEqual(['5', '20.00', '30.00']);
  });

  test('a short position has its proceeds, and a position that turned has those since it turned', () => {
    const broker = new Broker();
    const fills = [buy('E1', '10', '10.00'), sell('E2', '25', '12.00')];
    const [held] = statement(fills.map((words) => broker.filled(words))).positions;
    expect([held?.side, held?.quantity, held?.averageCost]).toEqual(['short', '15', '12.00']);
  });

  test('after a bust neither cost nor price is that of the busted execution', () => {
    const broker = new Broker();
    const at = (minute: number): string => `2013-10-07T14:0${minute}:00.001Z`;
    const fills = [buy('E1', '10', '10.00', { at: at(1) }), buy('E2', '10', '99.00', { at: at(2) })];
    const input = statement([...fills.map((words) => broker.filled(words)), broker.busted('E2')]);
    expect(
      input.positions.map(({ quantity, averageCost, unitPrice, priceAsOf }) => [
        quantity,
        averageCost,
        unitPrice,
        priceAsOf,
      ]),
    ).toEqual([['10', '10.00', '10.00', at(1)]]);
  });
});

describe('shares without a cent are on every statement', () => {
  test('an opening position of no cost, a sale of a part of it, and a buy of dust', async () => {
    const broker = new Broker();
    const fills = [buy('E1', '0.000001', '12.00', { symbol: 'DUST' }), sell('E2', '4', '12.00', { symbol: 'FREE' })];
    const input = statement([free(broker), ...fills.map((words) => broker.filled(words))]);
    const expected = new Map([
      ['FREE', '6'],
      ['DUST', '0.000001'],
    ]);
    expect(new Map(input.positions.map(({ symbol, quantity }) => [symbol, quantity]))).toEqual(expected);
    expect(await ofxUnits(renderOfx22(input))).toEqual(expected);
    expect(csvUnits(renderCsv(input))).toEqual(expected);
    const dust = input.positions.find(({ symbol }) => symbol === 'DUST');
    expect([dust?.unitPrice, dust?.priceAsOf]).toEqual(['12.00', '2013-10-07T14:00:00.001Z']);
    const { transactions } = await readOfx(renderOfx22(input));
    expect(transactions.filter(({ tag }) => tag === 'TRANSFER').map(({ symbol, type }) => [symbol, type])).toEqual([
      ['FREE', 'IN'],
      ['DUST', 'IN'],
    ]);
    const books = JSON.parse(renderJson(input)) as { transfers: readonly { symbol: string; quantity: string }[] };
    expect(books.transfers.map(({ symbol, quantity }) => [symbol, quantity])).toEqual([
      ['FREE', '10'],
      ['DUST', '0.000001'],
    ]);
  });

  test('dust that is busted goes out again, under an id of its own', async () => {
    const broker = new Broker();
    const dust = broker.filled(buy('E1', '0.000001', '12.00', { symbol: 'DUST' }));
    const input = statement([free(broker), dust, broker.busted('E1', 'DUST')]);
    expect(await ofxUnits(renderOfx22(input))).toEqual(
      new Map([
        ['FREE', '10'],
        ['DUST', '0'],
      ]),
    );
    expect(new Set(input.transfers.map(({ fitid }) => fitid)).size).toBe(3);
    expect(input.positions.map(({ symbol }) => symbol)).toEqual(['FREE']);
  });

  test('dust that crosses zero, short dust, and a trade of which only the commission is worth a cent', async () => {
    const broker = new Broker();
    const fills = [
      buy('E1', '0.001', '1.00', { symbol: 'AAA' }),
      sell('E2', '0.003', '1.00', { symbol: 'AAA' }),
      buy('E3', '0.001', '1.00', { symbol: 'BBB', commission: '0.35' }),
      sell('E4', '2', '0.001', { symbol: 'CCC' }),
    ];
    const input = statement([broker.opening('10.00'), ...fills.map((words) => broker.filled(words))]);
    const expected = new Map([
      ['AAA', '-0.002'],
      ['BBB', '0.001'],
      ['CCC', '-2'],
    ]);
    expect(await ofxUnits(renderOfx22(input))).toEqual(expected);
    expect(csvUnits(renderCsv(input))).toEqual(expected);
    expect(input.positions.map(({ symbol, side }) => [symbol, side])).toEqual([
      ['AAA', 'short'],
      ['BBB', 'long'],
      ['CCC', 'short'],
    ]);
  });

  test('a statement that lost a transfer is refused', () => {
    const broker = new Broker();
    const events = [broker.filled(buy('E1', '0.000001', '12.00', { symbol: 'DUST' }))];
    expect(() => statement(events, 0, 1, { shareTransfers: { value: () => [] } })).toThrow(
      expect.objectContaining({ code: 'EXPORT_UNITS_MISMATCH' }),
    );
  });
});

describe('statements follow each other by position', () => {
  function late(position: number): RecordedEvent<'BrokerActivityImported'> {
    const data: EventData<'BrokerActivityImported'> = {
      activityId: 'A-6',
      activityType: 'dividend',
      amount: '25.00' as DecimalText,
      symbol: 'SPY' as TickerSymbol,
      adjustmentId: null,
      happenedAt: '2013-10-03T20:30:00.000Z' as UtcText,
      description: 'late dividend',
      rawSha256: sha256Hex('late'),
    };
    return recorded('BrokerActivityImported', data, { at: '2013-10-07T14:00:00.000Z', position });
  }

  test('a dividend of an earlier day is on the statement in which it was booked', () => {
    const broker = new Broker();
    const events = [broker.opening('1000.00'), broker.filled(buy('E1', '1', '10.00')), late(3)];
    const [first, second] = [statement(events, 0, 2), statement(events, 2, 3)];
    expect([first.cash, second.cash]).toEqual([99_000n, 101_500n]);
    expect(second.groups.map(({ trntype }) => trntype)).toEqual(['DIVIDEND']);
    expect(second.openingBalances.find(({ accountCode }) => accountCode === '1030')?.balance).toBe(first.cash);
    expect([first.asOf, second.asOf]).toEqual([RANGE.to, RANGE.to]);
  });

  test('a bust on a later statement takes the shares out there, and leaves the earlier one as it was', async () => {
    const broker = new Broker();
    const events = [broker.opening('1000.00'), broker.filled(buy('E1', '1', '10.00')), broker.busted('E1')];
    const [first, second] = [statement(events, 0, 2), statement(events, 2, 3)];
    expect([first.positions.length, second.positions.length]).toEqual([1, 0]);
    expect([...(await ofxUnits(renderOfx22(second))).values()]).toEqual(['-1']);
    expect(second.reversedGroups?.map(({ fitid }) => fitid)).toEqual([first.groups.at(-1)?.fitid]);
  });
});
