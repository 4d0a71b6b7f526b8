import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { coaProjection } from '../../projections/coa/coa.js';
import { floatLedgerProjection } from '../../projections/float-ledger/float-ledger.js';
import { DEFAULT_COA } from '../../src/domain/accounting/coa.js';
import type { DecimalText } from '../../src/kernel/decimal.js';
import { recorded } from '../unit/support/events.js';
import { project } from '../unit/support/ledger-db.js';

const dir = mkdtempSync(join(tmpdir(), 'append-only-'));
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

const floatDb = join(dir, 'float.db');
const adjustment = { adjustmentId: 'FA-1', amount: '1000.00' as DecimalText, reason: 'r' };
project(floatDb, floatLedgerProjection({ path: floatDb }), [
  recorded('FloatAdjusted', { ...adjustment, direction: 'inject', source: 'acknowledged-transfer' }),
]);

const coaDb = join(dir, 'coa.db');
const files = { coa: 'a', metadata: 'b', auditLog: 'c', mappingTable: 'd', mappingVersions: 'e' };
project(coaDb, coaProjection({ path: coaDb, entity: 'DEMO', jurisdiction: 'US', files }), [
  recorded('CoaChanged', { ...DEFAULT_COA, reason: 'first' }),
]);

/** A row like the first one, with another number and what else is altered. */
function copyOfFirst(verb: string, number: string): string {
  return `${verb} INTO adjustments SELECT ${number}, adjustment_id, direction, source, 1, float_after, reason, actor, at_utc,
    source_event_id, source_position FROM adjustments WHERE n = 1`;
}

const ATTACKS: readonly (readonly [string, string, string])[] = [
  ['UPDATE of an amount', floatDb, 'UPDATE adjustments SET amount = 1'],
  ['DELETE of an adjustment', floatDb, 'DELETE FROM adjustments'],
  ['REPLACE of a row', floatDb, copyOfFirst('REPLACE', '1')],
  ['REPLACE by the id of the adjustment', floatDb, copyOfFirst('REPLACE', '2')],
  ['INSERT OR IGNORE of a duplicate', floatDb, copyOfFirst('INSERT OR IGNORE', '2')],
  ['UPDATE of a version', coaDb, "UPDATE versions SET reason = 'x'"],
  ['DELETE of a version', coaDb, 'DELETE FROM versions'],
  ['UPDATE of an account', coaDb, "UPDATE accounts SET name = 'x'"],
  ['DELETE of an account', coaDb, 'DELETE FROM accounts'],
  [
    'REPLACE of an account',
    coaDb,
    "REPLACE INTO accounts SELECT version_n, code, 'x', type, parent, active FROM accounts",
  ],
  ['an account of a version to come', coaDb, "INSERT INTO accounts VALUES (2, '9999', 'x', 'asset', NULL, 1)"],
  ['a rule of a version to come', coaDb, "INSERT INTO mapping_rules VALUES (2, 1, 'e', 'p', '*', '1', '2')"],
];

describe('the float and COA databases only grow', () => {
  test.each(ATTACKS)('%s is refused', (_name, path, sql) => {
    for (const recursive of ['ON', 'OFF']) {
      const db = new Database(path);
      db.pragma(`recursive_triggers = ${recursive}`);
      expect(() => db.exec(sql)).toThrow('APPEND_ONLY');
      db.close();
    }
  });
});
