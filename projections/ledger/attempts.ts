/** Writes that the ledger file must refuse from any connection (P3), each with its error code. */
export interface LedgerAttempt {
  readonly what: string;
  readonly sql: string;
  readonly refusedWith: string;
}

const COLUMNS = `n, group_id, fitid, broker_code, trntype, action, datetime_utc, description, commission, fee, net_amount,
  currency, source_event_id, source_position, source_recorded_utc, batch_id, coa_mapping_version, leg_amounts`;

const group = (legs: string): string => `INSERT INTO groups (${COLUMNS})
  SELECT coalesce(max(n), 0) + 1, 'build-check', printf('%064d', 0), 'CHECK', 'CASH', 'check', '2026-01-01T00:00:00.000Z',
    'attempt of the build check', 0, 0, 0, 'USD', 'build-check', '0', '2026-01-01T00:00:00.000Z', 'build-check', 1,
    ${legs} FROM groups`;

/** Code of an account of this file that takes postings. */
const postable = (index: number): string => `(SELECT code FROM accounts AS a
  WHERE active AND type <> 'control' AND n = (SELECT max(n) FROM accounts WHERE code = a.code)
  ORDER BY code LIMIT 1 OFFSET ${index})`;
const [ONE, OTHER] = [postable(0), postable(1)];

/** Run it in a transaction that is rolled back. */
export const LEDGER_ATTEMPTS: readonly LedgerAttempt[] = [
  {
    what: 'a group whose debits and credits differ',
    sql: group(`json_array(${ONE}, 100, ${OTHER}, -99)`),
    refusedWith: 'LEDGER_UNBALANCED',
  },
  { what: 'a group with one leg', sql: group(`json_array(${ONE}, 100)`), refusedWith: 'LEDGER_LEGS' },
  {
    what: 'a leg of an unknown account',
    sql: group(`json_array(${ONE}, 100, 'unknown', -100)`),
    refusedWith: 'LEDGER_ACCOUNT',
  },
  { what: 'a change of a row', sql: `UPDATE accounts SET name = 'x' WHERE n = 1`, refusedWith: 'LEDGER_UPDATE' },
  { what: 'the removal of a row', sql: 'DELETE FROM accounts WHERE n = 1', refusedWith: 'LEDGER_DELETE' },
  {
    what: 'an orphan leg',
    sql: `INSERT INTO legs (group_id, line, account_code, debit, credit) VALUES ('x', 1, 'any', 1, 0)`,
    refusedWith: 'view',
  },
];
