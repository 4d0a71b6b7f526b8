import type { Database } from 'better-sqlite3';
import { LEDGER_PROBE, ledgerOver, type Bindings, type Ledger } from '../../../projections/ledger/query.js';
import { dataError, TradeBotError } from '../../kernel/errors.js';
import { OUTPUT_LOCKED } from '../../ports/projection-targets.js';
import { openToRead } from '../files/open-to-read.js';
import { causeText, isLock } from '../files/system-error.js';

/**
 * Opens a ledger file to read it. A missing, damaged or foreign file is DataError `LEDGER_UNREADABLE`; one that another
 * program has locked, then or in a later query, is DataError `OUTPUT_LOCKED` (retry).
 */
export function openLedger(path: string): Ledger {
  const db = probed(path);
  return ledgerOver({
    all: <Row>(sql: string, bindings: Bindings) => {
      try {
        return db.prepare<[Bindings], Row>(sql).all(bindings);
      } catch (cause) {
        throw isLock(cause) ? locked(path, cause) : cause;
      }
    },
    close: () => {
      db.close();
    },
  });
}

function probed(path: string): Database {
  let db: Database | undefined;
  try {
    db = openToRead(path);
    db.defaultSafeIntegers(true);
    db.prepare(LEDGER_PROBE).all();
    return db;
  } catch (cause) {
    db?.close();
    if (isLock(cause)) throw locked(path, cause);
    throw dataError({
      code: 'LEDGER_UNREADABLE',
      message: `the ledger ${path} is missing, damaged or not a ledger`,
      remedy: 'Run `tradebot rebuild ledger`: it is made again from the journal.',
      cause,
    });
  }
}

function locked(path: string, cause: unknown): TradeBotError {
  return new TradeBotError('DataError', 'retry', {
    code: OUTPUT_LOCKED,
    message: `another program has locked the ledger ${path}: ${causeText(cause)}`,
    remedy: 'Close the program that holds the lock, and try again.',
    cause,
  });
}
