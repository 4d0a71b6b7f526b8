import type { Account } from '../../domain/accounting/coa.js';
import { openToRead } from '../files/open-to-read.js';

interface Row extends Omit<Account, 'active'> {
  readonly active: number;
}

const IN_COA = 'SELECT code, name, type, parent, active FROM chart_of_accounts ORDER BY code';
/** The latest row of an account counts. */
const IN_LEDGER = `SELECT code, name, type, parent, active FROM accounts AS a
  WHERE n = (SELECT max(n) FROM accounts AS b WHERE b.code = a.code) ORDER BY code`;

export const chartInCoa = (path: string): readonly Account[] => chartIn(path, IN_COA);
export const chartInLedger = (path: string): readonly Account[] => chartIn(path, IN_LEDGER);

/** Throws SQLite's error for a foreign file. */
function chartIn(path: string, sql: string): readonly Account[] {
  const db = openToRead(path);
  try {
    const rows = db.prepare<[], Row>(sql).all();
    return rows.map((row) => ({ ...row, active: row.active === 1 }));
  } finally {
    db.close();
  }
}
