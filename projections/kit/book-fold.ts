import { applyToBook, initialBook, type AccountingBook } from '../../src/domain/accounting/book.js';
import type { BookCodes } from '../../src/domain/accounting/book-codes.js';
import { parseBook, serializeBook } from '../../src/domain/accounting/book-codec.js';
import type { LotMethod } from '../../src/domain/accounting/lots.js';
import type { EventContext, RecordedEvent } from '../../src/events/event.js';
import type { Emit, Handler, Handlers, StateCodec } from './projection.js';

/** The identity of the books and their lot method. */
export interface BooksOptions {
  readonly codes: BookCodes;
  readonly lotMethod: LotMethod;
}

/** The event types that change the books, their chart or their mapping. */
export const BOOK_EVENTS = [
  'AdjustmentBooked',
  'BrokerActivityImported',
  'CoaChanged',
  'CoaMappingChanged',
  'FloatAdjusted',
  'ForeignFillBooked',
  'ForeignFillBusted',
  'OpeningBalancesRecorded',
  'OrderFillBusted',
  'OrderFillCorrected',
  'OrderFilled',
  'SharesConverted',
] as const;

/** One of the event types that change the books. */
export type BookEvent = (typeof BOOK_EVENTS)[number];

/** The handlers of a context without those of the books, which are the same in every fold of the books. */
export type HandlersBesideBooks<C extends EventContext, S, O> = Omit<Handlers<C, S, O>, BookEvent>;

type BookHandlers<S, O> = { readonly [T in BookEvent]: Handler<T, S, O> };

/** One handler for every event that changes the books, so that no two folds of them differ in what they read. */
export function bookHandlers<S, O>(
  handler: (state: S, event: RecordedEvent<BookEvent>, emit: Emit<O>) => S,
): BookHandlers<S, O> {
  return Object.fromEntries(BOOK_EVENTS.map((type) => [type, handler])) as BookHandlers<S, O>;
}

/** A state that contains the books. */
export interface WithBook {
  readonly book: AccountingBook;
}

/** The books before the first event. */
export function newBook({ codes, lotMethod }: BooksOptions): AccountingBook {
  return initialBook(codes, lotMethod);
}

/** The state with its books after an event, by the same rules as the ledger's. */
export function foldBook<S extends WithBook>(state: S, event: RecordedEvent): S {
  return { ...state, book: applyToBook(state.book, event).book };
}

/** A state with books as JSON: the books by their own codec, the rest as it is. */
export function bookStateCodec<S extends WithBook>(): StateCodec<S> {
  return {
    encode: ({ book, ...rest }) => `{"book":${serializeBook(book)},${JSON.stringify(rest).slice(1)}`,
    decode: (text) => {
      const { book, ...rest } = JSON.parse(text) as Omit<S, 'book'> & { readonly book: object };
      return { ...rest, book: parseBook(JSON.stringify(book)) } as unknown as S;
    },
  };
}
