import type { RecordedEvent } from '../../src/events/event.js';
import { applyToBook, initialBook, type AccountingBook } from '../../src/domain/accounting/book.js';
import type { BookCodes } from '../../src/domain/accounting/book-codes.js';
import { parseBook, serializeBook } from '../../src/domain/accounting/book-codec.js';
import type { LotMethod } from '../../src/domain/accounting/lots.js';
import { bookHandlers, type BookEvent } from '../kit/book-fold.js';
import { ignore, projection, type Emit, type Handlers, type Projection } from '../kit/projection.js';
import { ledgerSchemaSql } from './schema.js';
import { writeLedger, type LedgerOutput } from './write.js';

export interface LedgerOptions {
  /** Of the database file. */
  readonly path: string;
  readonly codes: BookCodes;
  readonly lotMethod?: LotMethod;
}

/**
 * 2: stores balances every thousand groups. 3: stores the cash accounts. 4: broker ids are unique by kind. 5: the chart and
 * the cash accounts as of a position. 6: execution ids are unique within their order; the term
 * of a closure may be unknown. 7: its constraints hold for the integrity check of older SQLite.
 * 8: terms by exchange dates; shares that move without a cent; prices and places of executions.
 */
const VERSION = 9;

function post(book: AccountingBook, event: RecordedEvent<BookEvent>, emit: Emit<LedgerOutput>): AccountingBook {
  const applied = applyToBook(book, event);
  const { groups, transfers, closures, opened, withdrawn } = applied;
  const chart = event.type === 'CoaChanged' ? event.data : null;
  const { cashAccounts: codes, mapping } = applied.book;
  const sameCash = codes.join() === book.cashAccounts.join();
  const cash = sameCash ? null : { mappingVersion: mapping.table.version, codes };
  if (groups.length + closures.length + opened.length + withdrawn.length > 0 || chart !== null || cash !== null) {
    const { id: eventId, position, recordedAt } = event;
    const brokerCode = book.codes.broker;
    emit({ groups, transfers, closures, opened, withdrawn, brokerCode, eventId, position, recordedAt, chart, cash });
  }
  return applied.book;
}

const HANDLERS = {
  ...bookHandlers<AccountingBook, LedgerOutput>(post),
  ActivityUnmapped: ignore,
  BooksCompared: ignore,
  BooksMismatchFound: ignore,
  BooksMismatchResolved: ignore,
  BrokerFactRefused: ignore,
  ForeignOrderSeen: ignore,
  ReconciliationCompleted: ignore,
  ReconciliationMismatchFound: ignore,
  FloatDeviationDetected: ignore,
  FloatSnapshotTaken: ignore,
  OrderAcknowledged: ignore,
  OrderCancelRequested: ignore,
  OrderCancelled: ignore,
  OrderExpired: ignore,
  OrderIntended: ignore,
  OrderRejected: ignore,
  OrderReloaded: ignore,
  OrderResolved: ignore,
  OrderSubmitted: ignore,
  OrderUnresolved: ignore,
  TrailingStopMoved: ignore,
} satisfies Handlers<'accounting' | 'float' | 'orders', AccountingBook, LedgerOutput>;

/** The double-entry ledger: every posting event becomes balanced groups, in the transaction of its checkpoint. */
export function ledgerProjection({ path, codes, lotMethod }: LedgerOptions): Projection {
  return projection<'accounting' | 'float' | 'orders', AccountingBook, LedgerOutput>({
    name: 'ledger',
    version: VERSION,
    contexts: ['accounting', 'float', 'orders'],
    initial: () => initialBook(codes, lotMethod),
    codec: { encode: serializeBook, decode: parseBook },
    handlers: HANDLERS,
    database: { path, schemaSql: ledgerSchemaSql(codes), write: writeLedger },
  });
}
