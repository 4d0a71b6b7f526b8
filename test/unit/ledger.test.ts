import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { coaProjection } from '../../projections/coa/coa.js';
import { floatLedgerProjection } from '../../projections/float-ledger/float-ledger.js';
import type { Projection } from '../../projections/kit/projection.js';
import { ledgerProjection } from '../../projections/ledger/ledger.js';
import { openLedger } from '../../src/adapters/ledger-reader/open-ledger.js';
import { sumOfLegs } from '../support/legs.js';
import { applyToBook, initialBook } from '../../src/domain/accounting/book.js';
import { DEFAULT_COA } from '../../src/domain/accounting/coa.js';
import { DEFAULT_MAPPING } from '../../src/domain/accounting/mapping.js';
import { floatDeviation, isNewDeviation } from '../../src/domain/float/float.js';
import type { EventData, RecordedEvent } from '../../src/events/event.js';
import { parseSymbol } from '../../src/events/names.js';
import { Decimal, type DecimalText } from '../../src/kernel/decimal.js';
import { sha256Hex } from '../../src/kernel/hash.js';
import type { DateText, UtcText } from '../../src/kernel/time.js';
import { recorded } from './support/events.js';
import { Broker, CODES, type FillWords } from './support/fills.js';
import { project, txOver } from './support/ledger-db.js';

const dir = mkdtempSync(join(tmpdir(), 'ledger-'));
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});
let files = 0;
const newFile = (): string => join(dir, `${(files += 1)}.db`);

const FILLS: readonly FillWords[] = [
  { id: 'E1', does: 'open_long', shares: '100', price: '10.00', commission: '0.35', at: '2013-09-30T14:00:00.001Z' },
  { id: 'E2', does: 'close_long', shares: '40', price: '11.00', commission: '0.35', at: '2013-09-30T15:00:00.001Z' },
  { id: 'E3', does: 'open_short', shares: '10.5', price: '50.00', symbol: 'AIG', at: '2013-10-07T14:00:00.001Z' },
  { id: 'E4', does: 'close_long', shares: '60', price: '9.00', fee: '0.02', at: '2013-10-07T14:30:00.001Z' },
];

function day(): readonly RecordedEvent[] {
  const broker = new Broker();
  return [broker.opening('100000.00'), ...FILLS.map((words) => broker.filled(words)), broker.busted('E4')];
}

function booked(events: readonly RecordedEvent[] = day(), batch?: number): string {
  const path = newFile();
  project(path, ledgerProjection({ path, codes: CODES }), events, batch);
  return path;
}

function dividend(activityId: string, broker: Broker): RecordedEvent<'BrokerActivityImported'> {
  const data: EventData<'BrokerActivityImported'> = {
    activityId,
    activityType: 'dividend',
    amount: '3.10' as DecimalText,
    symbol: parseSymbol('SPY'),
    adjustmentId: null,
    happenedAt: '2013-10-07T16:00:00.000Z' as UtcText,
    description: 'dividend',
    rawSha256: sha256Hex('dividend'),
  };
  return recorded('BrokerActivityImported', data, { at: data.happenedAt, position: (broker.position += 1) });
}

describe('ledger database', () => {
  test('it returns the groups as posted', () => {
    let book = initialBook(CODES);
    const posted = day().flatMap((event) => {
      const applied = applyToBook(book, event);
      book = applied.book;
      return applied.groups;
    });
    const ledger = openLedger(booked());
    expect(ledger.groups()).toEqual(posted);
    expect(new Map([...ledger.balances()].filter(([, sum]) => sum !== 0n))).toEqual(
      new Map([...book.balances].filter(([, sum]) => sum !== 0n).sort(([a], [b]) => (a < b ? -1 : 1))),
    );
    expect(sumOfLegs(ledger.groups().flatMap((group) => group.legs))).toBe(0n);
    expect([...ledger.positions()].map(([symbol, shares]) => [symbol, shares.shortText()])).toEqual([
      ['AIG', '-10.5'],
      ['SPY', '60'],
    ]);
    expect(ledger.trialBalance().balanced).toBe(true);
    expect(ledger.integrity()).toMatchObject({ ok: true, groups: 6, sum: 0n });
    ledger.close();
  });

  test('it answers as of a position and as of a time', () => {
    const ledger = openLedger(booked());
    const { position } = day()[1]!;
    expect(ledger.cash({ position })).toBe(98_999_65n);
    expect([...ledger.positions({ position })].map(([, shares]) => shares.shortText())).toEqual(['100']);
    expect(ledger.cash({ at: '2013-09-30T15:00:00.001Z' as UtcText })).toBe(99_439_30n);
    expect(ledger.groups({ from: '2013-10-07T14:30:00.001Z' as UtcText }).map((group) => group.externalId)).toEqual([
      'E4',
      'E4:0:back',
    ]);
    ledger.close();
  });

  test('F14 realized by day, month, year and in total, from the legs alone', () => {
    const ledger = openLedger(booked(day().slice(0, -1)));
    const { today, month, year, total } = ledger.realized('2013-10-07' as DateText);
    expect(today).toEqual({ gains: -60_00n, fees: 2n, net: -60_02n });
    expect(month).toEqual(today);
    expect(year).toEqual({ gains: -20_00n, fees: 72n, net: -20_72n });
    expect(total).toEqual(year);
    expect(ledger.realized('2013-09-30' as DateText).today.gains).toBe(40_00n);
    ledger.close();
  });

  test('views have the fields of OFX: trades, ledger entries, batches', () => {
    const db = new Database(booked(), { readonly: true });
    const trades = db.prepare('SELECT trntype, symbol, action, quantity, account_code, bot_code FROM trades').all();
    expect(trades.slice(0, 2)).toEqual([
      { trntype: 'BUY', symbol: 'SPY', action: 'long', quantity: '100', account_code: '1111', bot_code: 'B01' },
      { trntype: 'SELL', symbol: 'SPY', action: 'long', quantity: '40', account_code: '1111', bot_code: 'B01' },
    ]);
    const [sums] = db
      .prepare('SELECT sum(debit) AS debit, sum(credit) AS credit, count(*) AS n FROM ledger_entries')
      .all();
    expect(sums).toMatchObject({ debit: (sums as { credit: number }).credit });
    const columns = db
      .prepare('SELECT * FROM ledger_entries LIMIT 1')
      .columns()
      .map((column) => column.name);
    expect(columns).toEqual(
      expect.arrayContaining(['fitid', 'dtposted', 'trntype', 'net_amount', 'group_id', 'entity_code', 'currency']),
    );
    const batches = db.prepare('SELECT row_count, commit_state FROM batches').all();
    expect(batches).toEqual(Array.from({ length: 6 }, () => ({ row_count: 1, commit_state: 'committed' })));
    db.close();
  });

  test('JRN-22 the same bytes however the events were batched', () => {
    const bytes = [1, 2, 5, 100].map((batch) => {
      const published = newFile();
      const db = new Database(booked(day(), batch));
      db.exec(`VACUUM INTO '${published}'`);
      db.close();
      return readFileSync(published).toString('base64');
    });
    expect(new Set(bytes).size).toBe(1);
  });

  test('F22 a failed batch leaves no row in any table and succeeds when repeated', () => {
    const path = newFile();
    const made = ledgerProjection({ path, codes: CODES });
    const db = new Database(path);
    db.exec(made.schemaSql);
    const counts = (): unknown =>
      db
        .prepare(
          'SELECT (SELECT count(*) FROM groups) + (SELECT count(*) FROM lots) + (SELECT count(*) FROM batches) AS n',
        )
        .get();
    const run = made.start(null);
    for (const event of day()) run.apply(event);
    const broken = db.transaction(() => {
      run.writeRows(txOver(db));
      db.exec("INSERT INTO groups (n, leg_amounts) VALUES (99, '[]')");
    });
    expect(() => {
      broken();
    }).toThrow('LEDGER_');
    expect(counts()).toEqual({ n: 0 });
    db.transaction(() => {
      run.writeRows(txOver(db));
    })();
    expect(counts()).toEqual({ n: 14 });
    expect(() => {
      db.transaction(() => {
        run.writeRows(txOver(db));
      })();
    }).toThrow('LEDGER_DUPLICATE');
    db.close();
  });

  test('an activity with the id of an execution is booked as well', () => {
    const broker = new Broker();
    const events = [
      broker.opening('100000.00'),
      broker.filled({ id: '1001', does: 'open_long', shares: '10', price: '20.00' }),
      dividend('1001', broker),
    ];
    const path = newFile();
    project(path, ledgerProjection({ path, codes: CODES }), events);
    const db = new Database(path, { readonly: true });
    const rows = db.prepare("SELECT trntype, net_amount FROM groups WHERE external_id = '1001' ORDER BY n").all();
    db.close();
    expect(rows).toEqual([
      { trntype: 'BUY', net_amount: -20_000 },
      { trntype: 'DIVIDEND', net_amount: 310 },
    ]);
  });

  test('a second activity of one id is refused', () => {
    const broker = new Broker();
    const events = [broker.opening('100000.00'), dividend('1001', broker), dividend('1001', broker)];
    const path = newFile();
    expect(() => {
      project(path, ledgerProjection({ path, codes: CODES }), events);
    }).toThrow('LEDGER_DUPLICATE');
  });

  test('a renamed account is a new row; a deactivated one accepts no more postings', () => {
    const broker = new Broker();
    const accounts = DEFAULT_COA.accounts.map((account) =>
      account.code === '1111'
        ? { ...account, name: 'Stock' }
        : account.code === '5010'
          ? { ...account, active: false }
          : account,
    );
    const chart = recorded('CoaChanged', { ...DEFAULT_COA, version: '1.1.0', accounts }, { position: 7 });
    const path = booked([...day(), chart]);
    const ledger = openLedger(path);
    expect(ledger.accounts().filter((account) => account.name === 'Stock' || !account.active)).toHaveLength(2);
    expect(ledger.accounts()).toHaveLength(DEFAULT_COA.accounts.length);
    ledger.close();
    broker.position = 8;
    const fill = broker.filled({ id: 'E9', does: 'open_long', shares: '1', price: '1.00', commission: '0.10' });
    expect(() => booked([...day(), chart, fill])).toThrow('LEDGER_ACCOUNT');
  });

  test('a file that is not a ledger is refused in one line', () => {
    expect(() => openLedger(join(dir, 'none.db'))).toThrow(expect.objectContaining({ code: 'LEDGER_UNREADABLE' }));
  });
});

describe('named scenarios of failures.md', () => {
  test('F20 wash sales: not flagged in this version; a sale over two lots is two closures', () => {
    const broker = new Broker();
    const path = booked([
      broker.filled({ id: 'B1', does: 'open_long', shares: '10', price: '10.00' }),
      broker.filled({ id: 'B2', does: 'open_long', shares: '10', price: '12.00' }),
      broker.filled({ id: 'S1', does: 'close_long', shares: '20', price: '9.00' }),
    ]);
    const db = new Database(path, { readonly: true });
    expect(db.prepare('SELECT lot_id, gain FROM lot_closures ORDER BY n').all()).toEqual([
      { lot_id: 'B1', gain: -10_00 },
      { lot_id: 'B2', gain: -30_00 },
    ]);
    db.close();
  });

  test('F16 a commission is booked once per execution, whatever the number of partial fills', () => {
    const broker = new Broker();
    const parts = ['1', '2', '3'].map((id) =>
      broker.filled({ id, does: 'open_long', shares: '10', price: '10.00', commission: '0.35' }),
    );
    const ledger = openLedger(booked(parts));
    expect(ledger.balances().get('5010')).toBe(1_05n);
    expect(ledger.cash()).toBe(-301_05n);
    ledger.close();
  });
});

/** The files of a projection after all events, by path. */
function filesOf(made: Projection, events: readonly RecordedEvent[]): ReadonlyMap<string, string> {
  const run = made.start(null);
  for (const event of events) run.apply(event);
  return new Map([...run.outputFiles(), ...run.stateFiles([])].map(({ path, text }) => [path, String(text)]));
}

describe('chart of accounts', () => {
  const options = {
    path: '',
    entity: 'DEMO',
    jurisdiction: 'US',
    files: {
      coa: 'coa.json',
      metadata: 'coa_metadata.json',
      auditLog: 'coa_audit_log.json',
      mappingTable: 'coa_mapping_table.json',
      mappingVersions: 'mapping_versions',
    },
  };
  const renamed = DEFAULT_COA.accounts.map((account) =>
    account.code === '1111' ? { ...account, name: 'Stock' } : account,
  );
  const events = [
    recorded('CoaChanged', DEFAULT_COA, { position: 1 }),
    recorded('CoaMappingChanged', DEFAULT_MAPPING, { position: 2 }),
    recorded('CoaChanged', { ...DEFAULT_COA, version: '1.1.0', accounts: renamed, reason: 'rename' }, { position: 3 }),
  ];

  test('mirrors: the chart, its metadata, the audit log, the table and each version of it', () => {
    const made = filesOf(coaProjection(options), events);
    expect([...made.keys()].sort()).toEqual([
      ...['coa.json', 'coa_audit_log.json', 'coa_mapping_table.json', 'coa_metadata.json'],
      'mapping_versions/mapping_v1.json',
    ]);
    expect(JSON.parse(made.get('coa_metadata.json') ?? '')).toMatchObject({
      currency: 'USD',
      entity: 'DEMO',
      jurisdiction: 'US',
      version: '1.1.0',
      mapping_version: 1,
    });
    const audit = JSON.parse(made.get('coa_audit_log.json') ?? '') as readonly {
      readonly altered: readonly string[];
    }[];
    expect(audit.map((entry) => entry.altered)).toEqual([[], [], ['1111']]);
  });

  test('the database keeps every version complete', () => {
    const path = newFile();
    project(path, coaProjection({ ...options, path }), events);
    const db = new Database(path, { readonly: true });
    const names = db.prepare("SELECT version_n, name FROM accounts WHERE code = '1111' ORDER BY version_n").all();
    expect(names).toEqual([
      { version_n: 1, name: 'Broker Equities' },
      { version_n: 3, name: 'Stock' },
    ]);
    expect(db.prepare('SELECT count(*) AS n FROM mapping_table').get()).toEqual({ n: DEFAULT_MAPPING.rules.length });
    db.close();
  });
});

describe('float ledger', () => {
  const adjusted = (id: string, amount: string, direction: 'inject' | 'return', position: number): RecordedEvent =>
    recorded(
      'FloatAdjusted',
      { adjustmentId: id, amount: amount as DecimalText, direction, source: 'acknowledged-transfer', reason: 'r' },
      { position },
    );
  const snapshot = (equity: string, position: number): RecordedEvent => {
    const [float, dailyAllocation] = ['1000.00', '500.00'] as DecimalText[];
    const data = { float, dailyAllocation, cash: equity, equity } as Record<
      'float' | 'dailyAllocation' | 'cash' | 'equity',
      DecimalText
    >;
    return recorded('FloatSnapshotTaken', data, { position });
  };

  test('injections, returns, snapshots and drain points in cents', () => {
    const path = newFile();
    project(path, floatLedgerProjection({ path }), [
      adjusted('FA-1', '1000.00', 'inject', 1),
      ...['1000.00', '990.00', '995.00', '980.50'].map((equity, index) => snapshot(equity, index + 2)),
      adjusted('FA-2', '100.00', 'return', 6),
      snapshot('985.00', 7),
    ]);
    const db = new Database(path, { readonly: true });
    expect(db.prepare('SELECT float_after FROM adjustments ORDER BY n').all()).toEqual([
      { float_after: 1000_00 },
      { float_after: 900_00 },
    ]);
    expect(db.prepare('SELECT equity, drained FROM drain_points ORDER BY n').all()).toEqual([
      { equity: 1000_00, drained: 0 },
      { equity: 990_00, drained: 10_00 },
      { equity: 980_50, drained: 19_50 },
      { equity: 985_00, drained: -85_00 },
    ]);
    expect(db.prepare('SELECT adjustment_id FROM in_transit ORDER BY adjustment_id').all()).toHaveLength(2);
    db.close();
  });

  test('deviation is a share of the float, and a finding only above the threshold', () => {
    const tenth = Decimal.parse('0.1');
    const of = (equity: string): readonly [string, boolean] => {
      const { deviation, beyond } = floatDeviation(Decimal.of(1000), Decimal.parse(equity), tenth);
      return [deviation.text(), beyond];
    };
    expect([of('900'), of('899.99'), of('1100.01')]).toEqual([
      ['-0.100000', false],
      ['-0.100010', true],
      ['0.100010', true],
    ]);
    expect(floatDeviation(Decimal.ZERO, Decimal.of(5, 2), tenth).beyond).toBe(false);
  });

  test('a deviation is reported again when the float is another one, or when it has moved by more than the threshold', () => {
    const [float, threshold] = [Decimal.of(1000), Decimal.parse('0.1')];
    const reported = { float: '1000.00' as DecimalText, deviation: '9.0' as DecimalText };
    const isNew = (deviation: string, of = float): boolean =>
      isNewDeviation(Decimal.parse(deviation), reported, { float: of, threshold });
    expect([isNew('9.0'), isNew('9.1'), isNew('8.9'), isNew('9.100001'), isNew('8.8')]).toEqual([
      ...[false, false, false, true, true],
    ]);
    expect(isNew('9.0', Decimal.of(900))).toBe(true);
    expect(isNewDeviation(Decimal.parse('0.2'), undefined, { float, threshold })).toBe(true);
  });
});
