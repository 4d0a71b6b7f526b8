import type { TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { invariant } from '../../kernel/errors.js';
import { centsToDecimal, NO_CENTS, roundToCents, type Cents } from '../../kernel/money.js';
import { addDays, parseUtcText, type UtcText } from '../../kernel/time.js';
import type { Position } from '../../events/event.js';
import { exchangeDateOf } from '../calendar/nyse.js';
import type { LotClosure, OpenLot } from './types.js';

/**
 * Tax lots (ACC-20). A lot is opened by one execution and has its id. Closing consumes lots in the order of the method:
 * each closure takes its half-even share of the remaining amount, the last one the whole rest, so no cent is lost.
 */

/** Order in which a closing execution consumes lots (setting LOT_METHOD). */
export type LotMethod = 'FIFO' | 'LIFO' | 'HIFO';
export type LotSide = OpenLot['side'];

/** All open lots. Immutable; only held symbols have a queue, so copies are as small as the portfolio. */
export interface LotBook {
  /** Key: side and symbol. Each queue is ordered by (openedAt, position, lotId), independent of the order of arrival. */
  readonly queues: ReadonlyMap<string, readonly OpenLot[]>;
}

export const NO_LOTS: LotBook = { queues: new Map() };

export interface CloseRequest {
  readonly symbol: TickerSymbol;
  /** Side of the closed lots: `long` for a sale, `short` for a cover. */
  readonly side: LotSide;
  /** Shares, above zero, at most those in the lots. */
  readonly quantity: Decimal;
  /** Proceeds of the sale, or cost of the cover, before commissions; never below zero. */
  readonly amount: Cents;
  readonly at: UtcText;
  /** Price of the execution, and the journal position of its report. */
  readonly price: Decimal;
  readonly position: Position;
  /** Execution id. */
  readonly closedBy: string;
}

/** Builds the text of a fault only when there is one, because these functions run for every fill. */
function broken(code: string, message: string): never {
  invariant(false, code, message);
}

function throwCrossing({ symbol, side, quantity, closedBy }: CloseRequest, open: Decimal): never {
  invariant(
    false,
    'CROSSES_ZERO',
    `execution ${closedBy} closes ${quantity.text()} ${side} shares of ${symbol}, ${open.text()} more than held`,
    { executionId: closedBy, symbol, side, quantity: quantity.text(), missing: open.text() },
  );
}

export function lotsOf(lots: LotBook, symbol: TickerSymbol, side: LotSide): readonly OpenLot[] {
  return lots.queues.get(keyOf(symbol, side)) ?? [];
}

/** All open lots by side and symbol, then in queue order; deterministic. */
export function allLots(lots: LotBook): readonly OpenLot[] {
  return [...lots.queues.keys()].sort().flatMap((key) => lots.queues.get(key) ?? []);
}

/** Shares held: above zero is long, below is short. */
export function netPosition(lots: LotBook, symbol: TickerSymbol): Decimal {
  return heldQuantity(lots, symbol, 'long').minus(heldQuantity(lots, symbol, 'short'));
}

/** Shares in the open lots of one side, zero or more. */
export function heldQuantity(lots: LotBook, symbol: TickerSymbol, side: LotSide): Decimal {
  return Decimal.sum(lotsOf(lots, symbol, side).map((lot) => lot.quantity));
}

/** Inserts a lot by (openedAt, position, lotId). Rejects a second open lot of the same execution. */
export function openLot(lots: LotBook, lot: OpenLot): LotBook {
  const { lotId, symbol, quantity, amount } = lot;
  if (quantity.sign() <= 0) broken('LOT_QUANTITY', `lot ${lotId} of ${symbol} has ${quantity.text()} shares`);
  if (amount < 0n) broken('LOT_AMOUNT', `lot ${lotId} of ${symbol} has ${amount} cents`);
  const queue = lotsOf(lots, symbol, lot.side);
  for (const other of queue) {
    if (other.lotId === lotId) broken('LOT_TWICE', `execution ${lotId} of ${symbol} is already booked`);
  }
  const place = queue.findLastIndex((other) => isBefore(other, lot)) + 1;
  return withQueue(lots, lot, queue.toSpliced(place, 0, lot));
}

/**
 * Closes shares against the lots in the order of the method. The amount of the execution is split over its closures by
 * quantity and adds up exactly. `firstLot` is closed before all others. Rejects more shares than the lots hold: an execution never crosses zero.
 */
export function closeLots(
  lots: LotBook,
  request: CloseRequest,
  method: LotMethod = 'FIFO',
  firstLot?: string,
): { readonly lots: LotBook; readonly closures: readonly LotClosure[] } {
  const { symbol, side, quantity, closedBy } = request;
  if (quantity.sign() <= 0) {
    broken('CLOSE_QUANTITY', `execution ${closedBy} of ${symbol} has ${quantity.text()} shares`);
  }
  if (request.amount < 0n) broken('CLOSE_AMOUNT', `execution ${closedBy} of ${symbol} has ${request.amount} cents`);
  const queue = lotsOf(lots, symbol, side);
  const closures: LotClosure[] = [];
  const rests = new Map<string, OpenLot | undefined>();
  let open = quantity;
  let given = NO_CENTS;
  for (const lot of inOrder(queue, method, firstLot)) {
    if (open.isZero()) break;
    const taken = takeFrom(lot, open);
    open = open.minus(taken.quantity);
    const givenSoFar = shareOf(request.amount, quantity.minus(open), quantity);
    closures.push(closureOf(lot, taken, (givenSoFar - given) as Cents, request));
    given = givenSoFar;
    rests.set(lot.lotId, taken.rest);
  }
  if (!open.isZero()) throwCrossing(request, open);
  const left = queue.flatMap((lot) => (rests.has(lot.lotId) ? (rests.get(lot.lotId) ?? []) : lot));
  return { lots: withQueue(lots, { symbol, side }, left), closures };
}

/** Restores the lots closed by a busted or corrected execution to their old positions. */
export function restoreLots(lots: LotBook, closures: readonly LotClosure[]): LotBook {
  let restored = lots;
  for (const closure of closures) {
    const { lotId, symbol, side, openedAt, openPrice: price, quantity, openAmount: amount } = closure;
    const position = closure.lotPosition;
    const since = closure.unknownSince === undefined ? {} : { unknownSince: closure.unknownSince };
    const queue = lotsOf(restored, symbol, side);
    const place = queue.findIndex((lot) => lot.lotId === lotId);
    const lot = queue[place];
    restored =
      lot === undefined
        ? openLot(restored, { lotId, symbol, side, openedAt, position, ...since, price, quantity, amount })
        : withQueue(restored, lot, queue.with(place, grown(lot, quantity, amount)));
  }
  return restored;
}

function grown(lot: OpenLot, quantity: Decimal, amount: Cents): OpenLot {
  return { ...lot, quantity: lot.quantity.plus(quantity), amount: (lot.amount + amount) as Cents };
}

/** The closure with inverted signs, which reverses it. */
export function takenBack(closure: LotClosure): LotClosure {
  const negated = (amount: Cents): Cents => -amount as Cents;
  return {
    ...closure,
    quantity: closure.quantity.negated(),
    openAmount: negated(closure.openAmount),
    closeAmount: negated(closure.closeAmount),
    gain: negated(closure.gain),
  };
}

/** All lots but those of one symbol and side. */
export function withoutLots(lots: LotBook, symbol: TickerSymbol, side: LotSide): LotBook {
  return withQueue(lots, { symbol, side }, []);
}

/** Removes a whole lot. Its closures must have been restored before. */
export function removeLot(lots: LotBook, lot: OpenLot): LotBook {
  const queue = lotsOf(lots, lot.symbol, lot.side);
  const found = queue.find((other) => other.lotId === lot.lotId);
  invariant(
    found !== undefined && found.quantity.equals(lot.quantity) && found.amount === lot.amount,
    'LOT_NOT_WHOLE',
    `lot ${lot.lotId} of ${lot.symbol} cannot be removed: parts of it are closed`,
  );
  return withQueue(
    lots,
    lot,
    queue.filter((other) => other !== found),
  );
}

/**
 * Short or long term by holding period in exchange dates: it begins on the day after the purchase, and is long from the
 * same day of the next year (Rev. Rul. 66-7). Bought on 10 March: from 11 March; on the last day of February: from
 * 1 March. Gains on shorts are always short term.
 */
export function termOf(side: LotSide, openedAt: UtcText, closedAt: UtcText): LotClosure['term'] {
  if (side === 'short') return 'short';
  const begins = addDays(exchangeDateOf(parseUtcText(openedAt)), 1);
  const longFrom = `${String(Number(begins.slice(0, 4)) + 1).padStart(4, '0')}${begins.slice(4)}`;
  return exchangeDateOf(parseUtcText(closedAt)) >= longFrom ? 'long' : 'short';
}

/** The share `part / whole` of an amount, half-even to the cent; exact when they are equal. */
export function shareOf(amount: Cents, part: Decimal, whole: Decimal): Cents {
  if (part.equals(whole)) return amount;
  return roundToCents(centsToDecimal(amount).times(part).divide(whole, { scale: 2, round: 'halfEven' }));
}

/** The queue in the order of the method, with a named lot before all others. */
function inOrder(queue: readonly OpenLot[], method: LotMethod, firstLot: string | undefined): readonly OpenLot[] {
  const order = LOT_ORDER[method](queue);
  const first = firstLot === undefined ? undefined : order.find((lot) => lot.lotId === firstLot);
  return first === undefined ? order : [first, ...order.filter((lot) => lot !== first)];
}

const LOT_ORDER: Readonly<Record<LotMethod, (queue: readonly OpenLot[]) => readonly OpenLot[]>> = {
  FIFO: (queue) => queue,
  LIFO: (queue) => queue.toReversed(),
  HIFO: highestCostFirst,
};

/** Highest cost per share first for longs, lowest proceeds first for shorts: the smallest gain. Ties: oldest first. */
function highestCostFirst(queue: readonly OpenLot[]): readonly OpenLot[] {
  return queue.toSorted((a, b) => {
    const left = centsToDecimal(a.amount).times(b.quantity);
    const right = centsToDecimal(b.amount).times(a.quantity);
    return a.side === 'long' ? right.compare(left) : left.compare(right);
  });
}

interface Taken {
  readonly quantity: Decimal;
  readonly amount: Cents;
  readonly rest: OpenLot | undefined;
}

function takeFrom(lot: OpenLot, wanted: Decimal): Taken {
  if (wanted.gte(lot.quantity)) return { quantity: lot.quantity, amount: lot.amount, rest: undefined };
  const amount = shareOf(lot.amount, wanted, lot.quantity);
  const rest = { ...lot, quantity: lot.quantity.minus(wanted), amount: (lot.amount - amount) as Cents };
  return { quantity: wanted, amount, rest };
}

function closureOf(lot: OpenLot, taken: Taken, closeAmount: Cents, request: CloseRequest): LotClosure {
  const gain = lot.side === 'long' ? closeAmount - taken.amount : taken.amount - closeAmount;
  return {
    lotId: lot.lotId,
    closedBy: request.closedBy,
    symbol: lot.symbol,
    side: lot.side,
    quantity: taken.quantity,
    openedAt: lot.openedAt,
    lotPosition: lot.position,
    ...(lot.unknownSince === undefined ? {} : { unknownSince: lot.unknownSince }),
    openPrice: lot.price,
    closedAt: request.at,
    closePrice: request.price,
    closePosition: request.position,
    openAmount: taken.amount,
    closeAmount,
    gain: gain as Cents,
    term: lot.unknownSince === true && lot.side === 'long' ? 'unknown' : termOf(lot.side, lot.openedAt, request.at),
  };
}

function isBefore(a: OpenLot, b: OpenLot): boolean {
  if (a.openedAt !== b.openedAt) return a.openedAt < b.openedAt;
  return a.position === b.position ? a.lotId < b.lotId : a.position < b.position;
}

function keyOf(symbol: TickerSymbol, side: LotSide): string {
  return `${side} ${symbol}`;
}

function withQueue(
  lots: LotBook,
  of: { readonly symbol: TickerSymbol; readonly side: LotSide },
  queue: readonly OpenLot[],
): LotBook {
  const queues = new Map(lots.queues);
  if (queue.length === 0) queues.delete(keyOf(of.symbol, of.side));
  else queues.set(keyOf(of.symbol, of.side), queue);
  return { queues };
}
