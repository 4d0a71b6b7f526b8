import { applyToBook, initialBook, type AccountingBook } from '../../../src/domain/accounting/book.js';
import { netPosition } from '../../../src/domain/accounting/lots.js';
import type { LedgerGroup, LotClosure, OpenLot, ShareTransfer } from '../../../src/domain/accounting/types.js';
import type { RecordedEvent } from '../../../src/events/event.js';
import { parseSymbol } from '../../../src/events/names.js';
import { CODES } from '../../unit/support/fills.js';

/** The symbols that random histories trade. */
export const SYMBOLS = ['SPY', 'AIG', 'BRK.B'] as const;

/** What a sequence of events comes to. */
export interface Folded {
  readonly book: AccountingBook;
  readonly groups: readonly LedgerGroup[];
  readonly transfers: readonly ShareTransfer[];
  readonly closures: readonly LotClosure[];
  readonly opened: readonly OpenLot[];
}

/** Folds events into the books. */
export function fold(events: readonly RecordedEvent[], from = initialBook(CODES)): Folded {
  let book = from;
  const groups: LedgerGroup[] = [];
  const transfers: ShareTransfer[] = [];
  const closures: LotClosure[] = [];
  const opened: OpenLot[] = [];
  for (const event of events) {
    const applied = applyToBook(book, event);
    groups.push(...applied.groups);
    transfers.push(...applied.transfers);
    closures.push(...applied.closures);
    opened.push(...applied.opened);
    book = applied.book;
  }
  return { book, groups, transfers, closures, opened };
}

/** Sum of cents. */
export const sumOf = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, amount) => sum + amount, 0n);
/** Removes zero balances, which equal absent ones. */
export const reported = (book: AccountingBook): readonly (readonly [string, bigint])[] =>
  [...book.balances].filter(([, sum]) => sum !== 0n).sort(([a], [b]) => (a < b ? -1 : 1));
/** Shares held in each symbol of the walks. */
export const held = (book: AccountingBook): readonly string[] =>
  SYMBOLS.map((symbol) => netPosition(book.lots, parseSymbol(symbol)).shortText());
