import type { TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { dataError, invariant } from '../../kernel/errors.js';
import { naturalKeyId } from '../../kernel/hash.js';
import { addCents, NO_CENTS, roundToCents, type Cents } from '../../kernel/money.js';
import type { UtcText } from '../../kernel/time.js';
import type { AccountingBook } from './book.js';
import {
  addExecution,
  withDependents,
  without,
  type Execution,
  type Executions,
  type PostingNote,
} from './executions.js';
import {
  closeLots,
  heldQuantity,
  lotsOf,
  openLot,
  removeLot,
  restoreLots,
  shareOf,
  takenBack,
  type CloseRequest,
  type LotBook,
  type LotSide,
} from './lots.js';
import { postReversal } from './posting/reversal.js';
import type { BookCodes } from './book-codes.js';
import type { PostingSource } from './posting/source.js';
import { notionalOf, postTrade, type FillData, type TradeKind, type TradePart } from './posting/trade.js';
import type { LedgerGroup, LotClosure, OpenLot } from './types.js';

/** Changes of the books by one event; absent members did not change. */
export interface Booked {
  readonly groups: readonly LedgerGroup[];
  readonly closures?: readonly LotClosure[];
  readonly opened?: readonly OpenLot[];
  readonly withdrawn?: readonly OpenLot[];
  readonly lots?: LotBook;
  readonly executions?: Executions;
  readonly disturbed?: ReadonlySet<TickerSymbol>;
}

type Books = Pick<AccountingBook, 'lots' | 'lotMethod' | 'executions' | 'disturbed'>;

/** Shares of an execution that close open lots, and shares that open new ones. */
interface Plan {
  readonly closes: Decimal;
  readonly opens: Decimal;
}

/** Side of the lots that a buy or a sale closes and opens. */
const SIDES = {
  buy: { closed: 'short', closing: 'buy_to_cover', opened: 'long', opening: 'buy_to_open' },
  sell: { closed: 'long', closing: 'sell_to_close', opened: 'short', opening: 'sell_short' },
} as const satisfies Readonly<
  Record<FillData['side'], { closed: LotSide; closing: TradeKind; opened: LotSide; opening: TradeKind }>
>;

/**
 * Books an execution by the position effect of its order; in a symbol disturbed by a bust or correction, by the open
 * lots. Rejects a fill that would cross zero.
 */
export function bookFill(books: Books, source: PostingSource, fill: FillData): Booked {
  const plan = books.disturbed.has(fill.symbol) ? netPlan(books.lots, fill) : orderedPlan(books.lots, fill);
  const postingNote = { revision: 0, datetimeUtc: fill.filledAt, note: '' };
  return undisturbedWhenFlat(books, fill.symbol, execute(books, source, { fill, plan, postingNote }));
}

export interface TakeBackRequest {
  readonly executionId: string;
  readonly symbol: TickerSymbol;
  readonly at: UtcText;
  /** Reason given by the broker. */
  readonly reason: string;
  /** The corrected execution; absent for a bust. */
  readonly instead?: FillData;
}

/**
 * Books a bust or a correction: reverses the execution and its dependents, newest first, books the corrected execution,
 * then books the dependents again. The balances equal those of a broker report that was right the first time.
 */
export function takeBack(books: Books, source: PostingSource, request: TakeBackRequest): Booked {
  const undone = withDependents(books.executions, request.executionId, request.symbol);
  if (undone === undefined) throw unknownExecution(request);
  const steps = new Steps(books, source);
  for (const execution of undone) steps.undo(execution, request);
  const gone = undone.at(-1);
  invariant(gone !== undefined, 'TAKE_BACK_EMPTY', `no execution was reversed for ${request.executionId}`);
  if (request.instead !== undefined) {
    const revision = request.instead.executionId === request.executionId ? gone.postingNote.revision + 1 : 0;
    steps.redo(request.instead, { revision, datetimeUtc: request.at, note: ` (corrects ${request.executionId})` });
  }
  for (const { fill, postingNote } of undone.slice(0, -1).reverse()) {
    const note = ` (booked again without ${request.executionId})`;
    steps.redo(fill, { revision: postingNote.revision + 1, datetimeUtc: request.at, note });
  }
  return undisturbedWhenFlat(
    { ...books, disturbed: new Set([...books.disturbed, request.symbol]) },
    request.symbol,
    steps.result(),
  );
}

/** Accumulates the bookings of one event. */
class Steps {
  #books: Books;
  readonly #groups: LedgerGroup[] = [];
  readonly #closures: LotClosure[] = [];
  readonly #opened: OpenLot[] = [];
  readonly #withdrawn: OpenLot[] = [];

  constructor(
    books: Books,
    readonly source: PostingSource,
  ) {
    this.#books = books;
  }

  undo(execution: Execution, request: TakeBackRequest): void {
    const { fill, closures, opened, postingNote } = execution;
    const suffix = `${fill.executionId}:${postingNote.revision}:back`;
    const groups = groupsOf(this.source.codes, execution);
    for (const [index, group] of groups.toReversed().entries()) {
      const name = `${suffix}${index === 0 ? '' : `:${index}`}`;
      const note = `Taken back, ${request.reason}`;
      const naming = { part: name, externalId: name, datetimeUtc: request.at, note, responseHash: null };
      this.#groups.push(postReversal(this.source, group, naming));
    }
    const lots = opened === null ? this.#books.lots : removeLot(this.#books.lots, opened);
    if (opened !== null) this.#withdrawn.push(opened);
    this.#closures.push(...closures.map(takenBack));
    this.#books = {
      ...this.#books,
      lots: restoreLots(lots, closures),
      executions: without(this.#books.executions, [execution]),
    };
  }

  redo(fill: FillData, postingNote: PostingNote): void {
    const plan = netPlan(this.#books.lots, fill);
    const booked = execute(this.#books, this.source, { fill, plan, postingNote });
    this.#groups.push(...booked.groups);
    this.#closures.push(...booked.closures);
    this.#opened.push(...booked.opened);
    this.#books = { ...this.#books, lots: booked.lots, executions: booked.executions };
  }

  result(): Booked {
    const { lots, executions } = this.#books;
    return {
      groups: this.#groups,
      closures: this.#closures,
      opened: this.#opened,
      withdrawn: this.#withdrawn,
      lots,
      executions,
    };
  }
}

/** The plan by the order: it either opens or closes, and the open lots must allow it. */
function orderedPlan(lots: LotBook, fill: FillData): Plan {
  const { side, positionEffect, symbol, executionId } = fill;
  const buys = positionEffect === 'open_long' || positionEffect === 'close_short';
  if (buys !== (side === 'buy')) {
    invariant(
      false,
      'SIDE_AND_EFFECT',
      `execution ${executionId} of ${symbol} is a ${side} with the position effect ${positionEffect}`,
    );
  }
  const quantity = Decimal.parse(fill.quantity);
  if (positionEffect === 'close_long' || positionEffect === 'close_short') {
    return { closes: quantity, opens: Decimal.ZERO };
  }
  const { closed } = SIDES[side];
  if (lotsOf(lots, symbol, closed).length > 0) {
    const message = `execution ${executionId} would ${positionEffect} ${symbol} while ${closed} shares are open`;
    invariant(false, 'CROSSES_ZERO', message);
  }
  return { closes: Decimal.ZERO, opens: quantity };
}

/** The plan by the lots: close the open lots of the other side, then open with the rest. */
function netPlan(lots: LotBook, fill: FillData): Plan {
  const quantity = Decimal.parse(fill.quantity);
  const closes = Decimal.min(quantity, heldQuantity(lots, fill.symbol, SIDES[fill.side].closed));
  return { closes, opens: quantity.minus(closes) };
}

interface Execute {
  readonly fill: FillData;
  readonly plan: Plan;
  readonly postingNote: PostingNote;
}

type Executed = Booked & Required<Pick<Booked, 'closures' | 'opened' | 'lots' | 'executions'>>;

/** Updates the lots, then builds the groups that follow from them. */
function execute(books: Books, source: PostingSource, { fill, plan, postingNote }: Execute): Executed {
  const { closes, opens } = plan;
  const notional = notionalOf(fill);
  let { lots } = books;
  let closures: readonly LotClosure[] = [];
  let left = notional;
  if (!closes.isZero()) {
    const amount = opens.isZero() ? notional : shareOf(notional, closes, closes.plus(opens));
    ({ lots, closures } = closeLots(lots, closeRequest(fill, closes, amount), books.lotMethod));
    left = (notional - amount) as Cents;
  }
  let opened: OpenLot | null = null;
  if (!opens.isZero()) {
    opened = lotOf(fill, SIDES[fill.side].opened, opens, left);
    lots = openLot(lots, opened);
  }
  const { eventId, position, mapping } = source;
  const execution: Execution = { fill, postingNote, eventId, position, mapping, closures, opened };
  return {
    lots,
    groups: groupsFrom(source, execution),
    closures,
    opened: opened === null ? [] : [opened],
    executions: addExecution(books.executions, execution),
  };
}

/** Rebuilds the groups of an execution exactly as they were posted. */
function groupsOf(codes: BookCodes, execution: Execution): readonly LedgerGroup[] {
  const { eventId, position, mapping } = execution;
  return groupsFrom({ codes, mapping, eventId, position, batchId: naturalKeyId('batch', eventId) }, execution);
}

/** One group per side of zero, with the charges in the first. */
function groupsFrom(source: PostingSource, { fill, postingNote, closures, opened }: Execution): readonly LedgerGroup[] {
  const kinds = SIDES[fill.side];
  const groups: LedgerGroup[] = [];
  if (closures.length > 0) {
    let quantity = Decimal.ZERO;
    let notional = NO_CENTS;
    for (const closure of closures) {
      quantity = quantity.plus(closure.quantity);
      notional = addCents(notional, closure.closeAmount);
    }
    post(groups, source, { fill, postingNote, kind: kinds.closing, quantity, notional, closures, first: true });
  }
  if (opened !== null) {
    const { quantity, amount: notional } = opened;
    const first = closures.length === 0;
    post(groups, source, { fill, postingNote, kind: kinds.opening, quantity, notional, closures: [], first });
  }
  return groups;
}

interface Part {
  readonly fill: FillData;
  readonly postingNote: PostingNote;
  readonly kind: TradeKind;
  readonly quantity: Decimal;
  readonly notional: Cents;
  readonly closures: readonly LotClosure[];
  /** The first part carries the charges of the execution. */
  readonly first: boolean;
}

function post(groups: LedgerGroup[], source: PostingSource, part: Part): void {
  const { fill, postingNote, kind, quantity, notional, closures, first } = part;
  const again = postingNote.revision === 0 ? '' : `:${postingNote.revision}`;
  const externalId = `${fill.executionId}${again}${first ? '' : ':rest'}`;
  const trade: TradePart = {
    kind,
    quantity,
    price: Decimal.parse(fill.price),
    notional,
    commission: first ? roundToCents(Decimal.parse(fill.commission)) : NO_CENTS,
    fee: first ? roundToCents(Decimal.parse(fill.fee)) : NO_CENTS,
    closures,
  };
  const { datetimeUtc, note } = postingNote;
  const group = postTrade(source, fill, trade, { part: externalId, externalId, datetimeUtc, note });
  if (group !== undefined) groups.push(group);
}

function closeRequest(fill: FillData, quantity: Decimal, amount: Cents): CloseRequest {
  const { symbol, side, filledAt, executionId } = fill;
  return { symbol, side: SIDES[side].closed, quantity, amount, at: filledAt, closedBy: executionId };
}

function lotOf(fill: FillData, side: LotSide, quantity: Decimal, amount: Cents): OpenLot {
  const { executionId: lotId, symbol, filledAt: openedAt } = fill;
  return { lotId, symbol, side, openedAt, price: Decimal.parse(fill.price), quantity, amount };
}

function undisturbedWhenFlat(books: Books, symbol: TickerSymbol, booked: Booked): Booked {
  if (!books.disturbed.has(symbol)) return booked;
  const lots = booked.lots ?? books.lots;
  const flat = lotsOf(lots, symbol, 'long').length === 0 && lotsOf(lots, symbol, 'short').length === 0;
  if (!flat) return { ...booked, disturbed: books.disturbed };
  return { ...booked, disturbed: new Set([...books.disturbed].filter((other) => other !== symbol)) };
}

function unknownExecution(request: TakeBackRequest): Error {
  return dataError({
    code: 'EXECUTION_UNKNOWN',
    message: `execution ${request.executionId} of ${request.symbol} cannot be reversed: it is not in the books or is too old`,
    remedy: 'Check the order in the journal and book the difference with an adjusting entry.',
    details: { executionId: request.executionId, symbol: request.symbol },
  });
}
