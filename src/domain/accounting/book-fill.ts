import { Decimal } from '../../kernel/decimal.js';
import { dataError, invariant } from '../../kernel/errors.js';
import { addCents, NO_CENTS, roundToCents, type Cents } from '../../kernel/money.js';
import type { AccountingBook } from './book.js';
import {
  addExecution,
  executionSince,
  isBooked,
  isNameOfOtherOrder,
  type Execution,
  type Executions,
  type PostingNote,
} from './executions.js';
import {
  closeLots,
  heldQuantity,
  lotsOf,
  openLot,
  shareOf,
  type CloseRequest,
  type LotBook,
  type LotMethod,
  type LotSide,
} from './lots.js';
import type { PostingSource } from './posting/source.js';
import { tradeTransfer } from './posting/transfer.js';
import { notionalOf, postTrade, type FillData, type TradeKind, type TradePart } from './posting/trade.js';
import type { Position } from '../../events/event.js';
import type { LedgerGroup, LotClosure, OpenLot, ShareTransfer } from './types.js';

/** Changes of the books by one event; absent members did not change. */
export interface Booked {
  readonly groups: readonly LedgerGroup[];
  readonly transfers?: readonly ShareTransfer[];
  readonly closures?: readonly LotClosure[];
  readonly opened?: readonly OpenLot[];
  readonly withdrawn?: readonly OpenLot[];
  readonly lots?: LotBook;
  readonly executions?: Executions;
  readonly ended?: EndedNames;
  readonly converted?: AccountingBook['converted'];
}

/** By the name of an execution that was busted or replaced: the revision that its next booking has. */
export type EndedNames = ReadonlyMap<string, number>;

/** The part of the books that executions change. */
export type TradeBooks = Pick<AccountingBook, 'lots' | 'lotMethod' | 'executions' | 'ended' | 'converted'>;

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
 * Books an execution by the open lots, as the broker's account does: it closes those of the other side, and opens one
 * with the rest. An execution that was busted and is booked again under its id gets the next revision.
 */
export function bookFill(books: TradeBooks, source: PostingSource, fill: FillData): Booked {
  requireSide(fill);
  requireNew(books.executions, fill);
  const name = nameOf(books, fill);
  const revision = books.ended.get(name) ?? 0;
  const note = { revision, datetimeUtc: fill.filledAt, note: '' };
  const booked = execute(books, source, { fill, name, place: source.position, note });
  return { ...booked, executions: addExecution(books.executions, booked.execution) };
}

/** The broker's id; with the order when another order has an execution of this id. */
export function nameOf({ executions, lots }: TradeBooks, fill: FillData): string {
  const { executionId, clientOrderId, symbol } = fill;
  const isTaken =
    isNameOfOtherOrder(executions, executionId, clientOrderId) ||
    (hasLot(lots, symbol, executionId) && executionSince(executions, fill)?.execution.name !== executionId);
  return isTaken ? `${executionId}@${clientOrderId}` : executionId;
}

function hasLot(lots: LotBook, symbol: FillData['symbol'], lotId: string): boolean {
  return (['long', 'short'] as const).some((side) => lotsOf(lots, symbol, side).some((lot) => lot.lotId === lotId));
}

function requireSide({ side, positionEffect, symbol, executionId }: FillData): void {
  const buys = positionEffect === 'open_long' || positionEffect === 'close_short';
  if (buys === (side === 'buy')) return;
  invariant(
    false,
    'SIDE_AND_EFFECT',
    `execution ${executionId} of ${symbol} is a ${side} with the position effect ${positionEffect}`,
  );
}

/** As the ledger file refuses it: an execution of an order is booked once, until it is busted. */
function requireNew(executions: Executions, fill: FillData): void {
  if (!isBooked(executions, fill)) return;
  throw dataError({
    code: 'EXECUTION_TWICE',
    message: `execution ${fill.executionId} of order ${fill.clientOrderId} is in the books already`,
    remedy: 'Nothing is to be done when it is the same execution; book another one with tradebot adjust.',
  });
}

/** The plan by the lots: close the open lots of the other side, then open with the rest. */
function netPlan(lots: LotBook, fill: FillData): Plan {
  const quantity = Decimal.parse(fill.quantity);
  const closes = Decimal.min(quantity, heldQuantity(lots, fill.symbol, SIDES[fill.side].closed));
  return { closes, opens: quantity.minus(closes) };
}

/** An execution under its name in the books. */
export interface NamedFill {
  readonly fill: FillData;
  readonly name: string;
  /** Its place among executions of one time. */
  readonly place: Position;
  /** The lot that it closes before all others. */
  readonly firstLot?: string;
}

/** What an execution does to the lots. */
export interface LotEffect {
  readonly lots: LotBook;
  readonly closures: readonly LotClosure[];
  readonly opened: OpenLot | null;
}

/** Applies an execution to the lots. */
export function effectOf(from: LotBook, method: LotMethod, named: NamedFill): LotEffect {
  const { fill, name, place, firstLot } = named;
  const { closes, opens } = netPlan(from, fill);
  const notional = notionalOf(fill);
  let lots = from;
  let closures: readonly LotClosure[] = [];
  let left = notional;
  if (!closes.isZero()) {
    const amount = opens.isZero() ? notional : shareOf(notional, closes, closes.plus(opens));
    ({ lots, closures } = closeLots(lots, closeRequest(named, { quantity: closes, amount }), method, firstLot));
    left = (notional - amount) as Cents;
  }
  if (opens.isZero()) return { lots, closures, opened: null };
  const { symbol, filledAt: openedAt } = fill;
  const side = SIDES[fill.side].opened;
  const opened = {
    lotId: name,
    symbol,
    side,
    openedAt,
    position: place,
    price: Decimal.parse(fill.price),
    quantity: opens,
    amount: left,
  };
  return { lots: openLot(lots, opened), closures, opened };
}

/** An execution that is booked: its lots and groups. */
export type Executed = Required<Pick<Booked, 'groups' | 'transfers' | 'closures' | 'opened' | 'lots'>> & {
  readonly execution: Execution;
};

/** Updates the lots, then builds the groups that follow from them. */
export function execute(
  { lots, lotMethod }: Pick<TradeBooks, 'lots' | 'lotMethod'>,
  source: PostingSource,
  named: NamedFill & { readonly note: PostingNote },
): Executed {
  return executed(source, named, effectOf(lots, lotMethod, named));
}

/** Books an execution whose effect on the lots is known. */
export function executed(
  source: PostingSource,
  { fill, name, place, note }: NamedFill & { readonly note: PostingNote },
  { lots, closures, opened }: LotEffect,
): Executed {
  const { eventId, position, mapping } = source;
  const execution: Execution = { fill, name, postingNote: note, place, eventId, position, mapping, closures, opened };
  const { groups, transfers } = postingsFrom(source, execution);
  return { lots, groups, transfers, closures, opened: opened === null ? [] : [opened], execution };
}

/** What an execution is in the books: groups, and transfers where no cent moves. */
export interface Postings {
  readonly groups: LedgerGroup[];
  readonly transfers: ShareTransfer[];
}

/** One group or transfer per side of zero, with the charges in the first. */
export function postingsFrom(source: PostingSource, execution: Execution): Postings {
  const { fill, closures, opened } = execution;
  const kinds = SIDES[fill.side];
  const postings: Postings = { groups: [], transfers: [] };
  if (closures.length > 0) {
    let quantity = Decimal.ZERO;
    let notional = NO_CENTS;
    for (const closure of closures) {
      quantity = quantity.plus(closure.quantity);
      notional = addCents(notional, closure.closeAmount);
    }
    post(postings, source, { execution, kind: kinds.closing, quantity, notional, closures, first: true });
  }
  if (opened !== null) {
    const { quantity, amount: notional } = opened;
    const first = closures.length === 0;
    post(postings, source, { execution, kind: kinds.opening, quantity, notional, closures: [], first });
  }
  return postings;
}

interface Part {
  readonly execution: Execution;
  readonly kind: TradeKind;
  readonly quantity: Decimal;
  readonly notional: Cents;
  readonly closures: readonly LotClosure[];
  /** The first part carries the charges of the execution. */
  readonly first: boolean;
}

function post(postings: Postings, source: PostingSource, part: Part): void {
  const { execution, kind, quantity, notional, closures, first } = part;
  const { fill, name, postingNote } = execution;
  const again = postingNote.revision === 0 ? '' : `:${postingNote.revision}`;
  const externalId = `${name}${again}${first ? '' : ':rest'}`;
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
  const naming = { part: externalId, externalId, datetimeUtc, note };
  const group = postTrade(source, fill, trade, naming);
  if (group === undefined) postings.transfers.push(tradeTransfer(source, fill, trade, naming));
  else postings.groups.push(group);
}

function closeRequest(
  { fill, name: closedBy, place: position }: NamedFill,
  { quantity, amount }: Pick<CloseRequest, 'quantity' | 'amount'>,
): CloseRequest {
  const { symbol, side, filledAt: at } = fill;
  const price = Decimal.parse(fill.price);
  return { symbol, side: SIDES[side].closed, quantity, amount, at, price, position, closedBy };
}
