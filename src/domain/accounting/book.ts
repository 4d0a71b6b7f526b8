import type { EventData, Position, RecordedEvent } from '../../events/event.js';
import { canonicalSymbol } from '../../events/names.js';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { Decimal } from '../../kernel/decimal.js';
import { dataError, invariant } from '../../kernel/errors.js';
import { naturalKeyId } from '../../kernel/hash.js';
import { addCents, NO_CENTS, roundToCents, type Cents } from '../../kernel/money.js';
import { addLegs, balanceOfAll, NO_BALANCES, type Balances } from './balances.js';
import { bookAdjustment } from './adjustment.js';
import { bookFill, type Booked, type EndedNames } from './book-fill.js';
import { bookConversion, type ConvertedSymbols } from './convert-shares.js';
import { takeBack } from './take-back.js';
import { DEFAULT_COA, requireGoodCoa, type Coa } from './coa.js';
import { fillOfForeign } from './foreign-fill.js';
import { NO_EXECUTIONS, type Executions } from './executions.js';
import { NO_LOTS, openLot, type LotBook, type LotMethod } from './lots.js';
import { chargesOf } from './figures.js';
import { cashAccountsWith, DEFAULT_MAPPING, Mapping, requireGoodMapping } from './mapping.js';
import { accountsInRole } from './roles.js';
import { isMapped, postActivity, postFloat, postOpening } from './posting/activity.js';
import type { BookCodes } from './book-codes.js';
import type { PostingSource } from './posting/source.js';
import type { LedgerGroup, LotClosure, OpenLot, ShareTransfer } from './types.js';

const MOST_PENDING = 10_000;

/** A broker activity without a mapping rule; posted when a table with such a rule takes effect. */
export type PendingActivity = Pick<RecordedEvent<'BrokerActivityImported'>, 'id' | 'position' | 'data'>;

/**
 * State of the books after an event: only what posting the next event needs, not the history. Immutable, with structure
 * shared between states.
 */
export interface AccountingBook {
  readonly codes: BookCodes;
  readonly lotMethod: LotMethod;
  readonly coa: Coa;
  readonly mapping: Mapping;
  /** Broker cash accounts: those of the mapping, and earlier ones with postings. */
  readonly cashAccounts: readonly string[];
  readonly balances: Balances;
  /** Gains less losses of all closed positions, before fees. */
  readonly realized: Cents;
  /** All broker charges so far. */
  readonly fees: Cents;
  readonly lots: LotBook;
  readonly executions: Executions;
  readonly pending: readonly PendingActivity[];
  /** Executions that were busted or replaced, and may be booked again under their id. */
  readonly ended: EndedNames;
  /** Symbols whose shares a split or a change of symbol replaced: earlier executions have other numbers. */
  readonly converted: ConvertedSymbols;
  /** Whether opening balances were booked; they are booked once (ACC-63). */
  readonly opened: boolean;
}

/** Result of one event. All lists are empty for an event without postings. */
export interface Applied {
  readonly book: AccountingBook;
  /** Balanced groups, in posting order. */
  readonly groups: readonly LedgerGroup[];
  /** Shares that moved without a cent. */
  readonly transfers: readonly ShareTransfer[];
  /** Closures of lots, and reversed closures (negated). */
  readonly closures: readonly LotClosure[];
  readonly opened: readonly OpenLot[];
  /** Lots that a bust or correction removed, as they were opened. */
  readonly withdrawn: readonly OpenLot[];
}

export function initialBook(codes: BookCodes, lotMethod: LotMethod = 'FIFO'): AccountingBook {
  return {
    codes,
    lotMethod,
    coa: DEFAULT_COA,
    mapping: new Mapping(DEFAULT_MAPPING),
    cashAccounts: accountsInRole('cash', DEFAULT_MAPPING.rules),
    balances: NO_BALANCES,
    realized: NO_CENTS,
    fees: NO_CENTS,
    lots: NO_LOTS,
    executions: NO_EXECUTIONS,
    pending: [],
    ended: new Map(),
    converted: new Map(),
    opened: false,
  };
}

/** Folds an event into the books, and ignores events that do not concern them. Deterministic. */
export function applyToBook(book: AccountingBook, event: RecordedEvent): Applied {
  switch (event.type) {
    case 'OrderFilled':
      return settled(book, bookFill(book, sourceOf(book, event), event.data));
    case 'OrderFillBusted':
      return settled(
        book,
        takeBack(book, sourceOf(book, event), { ...event.data, at: event.occurredAt, original: event.data.original }),
      );
    case 'OrderFillCorrected': {
      const { correctsExecutionId: executionId, clientOrderId, symbol, original } = event.data;
      const corrects = { executionId, clientOrderId, symbol, original };
      const request = { ...corrects, at: event.occurredAt, reason: 'corrected', instead: event.data };
      return settled(book, takeBack(book, sourceOf(book, event), request));
    }
    case 'ForeignFillBooked':
      return settled(book, bookFill(book, sourceOf(book, event), fillOfForeign(event.data)));
    case 'ForeignFillBusted': {
      const { orderName: clientOrderId, executionId, symbol, reason } = event.data;
      const request = { clientOrderId, executionId, symbol, reason, at: event.occurredAt, original: undefined };
      return settled(book, takeBack(book, sourceOf(book, event), request));
    }
    case 'SharesConverted':
      return settled(book, bookConversion(book, sourceOf(book, event), event.data));
    case 'OpeningBalancesRecorded':
      return applyOpening(book, event);
    case 'AdjustmentBooked':
      return settled(book, bookAdjustment(book, sourceOf(book, event), event.data));
    case 'FloatAdjusted': {
      const group = postFloat(sourceOf(book, event), event);
      return settled(book, { groups: group === undefined ? [] : [group] });
    }
    case 'BrokerActivityImported':
      return applyActivity(book, event);
    case 'CoaChanged':
      requireGoodCoa(event.data.accounts);
      return unmoved({ ...book, coa: event.data });
    case 'CoaMappingChanged':
      return applyMapping(book, event.data);
    default:
      return unmoved(book);
  }
}

function applyOpening(book: AccountingBook, event: RecordedEvent<'OpeningBalancesRecorded'>): Applied {
  invariant(!book.opened, 'OPENING_TWICE', 'opening balances were recorded twice');
  const opened = openingLots(event.data, event.position);
  let lots = book.lots;
  for (const lot of opened) lots = openLot(lots, lot);
  const postings = postOpening(sourceOf(book, event), event.data, opened);
  return settled({ ...book, opened: true }, { lots, opened, ...postings });
}

/** One lot for each position; a broker that lists a security twice, as BRK.B and BRK-B, gives two. */
function openingLots({ positions, asOf }: EventData<'OpeningBalancesRecorded'>, place: Position): readonly OpenLot[] {
  const seen = new Set<string>();
  return positions.map((position) => {
    const symbol = canonicalSymbol(position.symbol);
    const quantity = Decimal.parse(position.quantity);
    const cost = Decimal.parse(position.cost).abs();
    const name = seen.has(symbol) ? position.symbol : symbol;
    seen.add(symbol);
    return {
      lotId: `opening/${name}`,
      symbol,
      side: quantity.sign() < 0 ? 'short' : 'long',
      openedAt: position.acquiredAt ?? asOf,
      position: place,
      ...(position.acquiredAt === null ? { unknownSince: true as const } : {}),
      price: cost.divide(quantity.abs(), { scale: 6, round: 'halfEven' }),
      quantity: quantity.abs(),
      amount: roundToCents(cost),
    };
  });
}

function applyActivity(book: AccountingBook, event: RecordedEvent<'BrokerActivityImported'>): Applied {
  if (!isMapped(book.mapping, event.data)) {
    invariant(book.pending.length < MOST_PENDING, 'PENDING_FULL', `${MOST_PENDING} activities wait for a mapping rule`);
    const { id, position, data } = event;
    return unmoved({ ...book, pending: [...book.pending, { id, position, data }] });
  }
  const group = postActivity(sourceOf(book, event), event.data);
  return settled(book, { groups: group === undefined ? [] : [group] });
}

/** Applies a new table and posts the pending activities that it maps. */
function applyMapping(book: AccountingBook, table: EventData<'CoaMappingChanged'>): Applied {
  const cash = { accounts: book.cashAccounts, isPosted: (code: string) => book.balances.has(code) };
  requireGoodMapping(table, book.coa.accounts, cash);
  const current = book.mapping.table;
  const isAgain = table.version === current.version && canonicalJson(table.rules) === canonicalJson(current.rules);
  if (table.version <= current.version && !isAgain) {
    throw dataError({
      code: 'MAPPING_VERSION_BACK',
      message: `mapping version ${table.version} is not above the current version ${current.version}`,
      remedy: 'Record the table again with a higher version.',
    });
  }
  const mapping = new Mapping(table);
  const ready = book.pending.filter((activity) => isMapped(mapping, activity.data));
  const pending = book.pending.filter((activity) => !isMapped(mapping, activity.data));
  const next = { ...book, mapping, cashAccounts: cashAccountsWith(table, cash), pending };
  const groups = ready
    .map((activity) => postActivity(sourceOf(next, activity), activity.data))
    .filter((group) => group !== undefined);
  return settled(next, { groups });
}

/** The source of a posting event, which is one batch of the ledger (ACC-7). */
function sourceOf(book: AccountingBook, event: Pick<RecordedEvent, 'id' | 'position'>): PostingSource {
  const { codes, mapping } = book;
  return { codes, mapping, eventId: event.id, position: event.position, batchId: naturalKeyId('batch', event.id) };
}

function settled(book: AccountingBook, booked: Booked): Applied {
  const { lots = book.lots, executions = book.executions, ended = book.ended, converted = book.converted } = booked;
  const { closures = [] } = booked;
  let { balances, realized, fees } = book;
  for (const group of booked.groups) {
    balances = addLegs(balances, group.legs);
    fees = addCents(fees, chargesOf(group));
  }
  for (const closure of closures) realized = addCents(realized, closure.gain);
  return {
    // field by field: a spread of the book would cost as much as the lots and legs of a fill
    book: {
      codes: book.codes,
      lotMethod: book.lotMethod,
      coa: book.coa,
      mapping: book.mapping,
      cashAccounts: book.cashAccounts,
      balances,
      realized,
      fees,
      lots,
      executions,
      pending: book.pending,
      ended,
      converted,
      opened: book.opened,
    },
    groups: booked.groups,
    transfers: booked.transfers ?? [],
    closures,
    opened: booked.opened ?? [],
    withdrawn: booked.withdrawn ?? [],
  };
}

function unmoved(book: AccountingBook): Applied {
  return { book, groups: [], transfers: [], closures: [], opened: [], withdrawn: [] };
}

/** Broker cash by the books. */
export function bookCash(book: Pick<AccountingBook, 'balances' | 'cashAccounts'>): Cents {
  return balanceOfAll(book.balances, book.cashAccounts);
}
