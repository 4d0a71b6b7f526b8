import Database from 'better-sqlite3';
import { LEDGER_PROBE, ledgerOver, type Bindings, type Ledger } from '../../../projections/ledger/query.js';
import { dataError } from '../../kernel/errors.js';

/** Opens a ledger file for reading only; a missing, damaged or foreign file is a DataError `LEDGER_UNREADABLE`. */
export function openLedger(path: string): Ledger {
  const db = probed(path);
  return ledgerOver({
    all: <Row>(sql: string, bindings: Bindings) => db.prepare<[Bindings], Row>(sql).all(bindings),
    close: () => {
      db.close();
    },
  });
}

function probed(path: string): Database.Database {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true });
    db.defaultSafeIntegers(true);
    db.prepare(LEDGER_PROBE).all();
    return db;
  } catch (cause) {
    db?.close();
    throw dataError({
      code: 'LEDGER_UNREADABLE',
      message: `the ledger ${path} is missing, damaged or not a ledger`,
      remedy: 'Run `tradebot rebuild ledger`: it is made again from the journal.',
      cause,
    });
  }
}
