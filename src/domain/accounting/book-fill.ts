import type { TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { dataError, invariant } from '../../kernel/errors.js';
import { NO_CENTS, roundToCents, type Cents } from '../../kernel/money.js';
import type { UtcText } from '../../kernel/time.js';
import type { AccountingBook } from './book.js';
import { addExecution, withDependents, without, type Execution, type Executions } from './executions.js';
import {
  closeLots,
  heldQuantity,
  netPosition,
  openLot,
  removeLot,
  restoreLots,
  shareOf,
  takenBack,
  type LotBook,
  type LotSide,
} from './lots.js';
import { notionalOf, postReversal, postTrade, type FillData, type PostingSource, type TradeKind } from './posting.js';
import type { LedgerGroup, LotClosure, OpenLot } from './types.js';

/** What an event did to the books; what is left out did not change. */
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

/** How much of an execution closes what is open, and how much opens on the other side of zero. */
interface Plan {
  readonly closing: { readonly side: LotSide; readonly kind: TradeKind; readonly quantity: Decimal };
  readonly opening: { readonly side: LotSide; readonly kind: TradeKind; readonly quantity: Decimal };
}

/** A first booking, or one that is done again after what it rested on was taken back. */
interface Telling {
  readonly revision: number;
  readonly datetimeUtc: UtcText;
  readonly note: string;
}

/**
 * An execution. What it does to the position is what the order said; where a bust or a correction has disturbed the
 * symbol, it is what the open lots say. A fill that would cross zero is refused.
 */
export function bookFill(books: Books, source: PostingSource, fill: FillData): Booked {
  const plan = books.disturbed.has(fill.symbol) ? netPlan(books.lots, fill) : orderedPlan(books.lots, fill);
  const telling = { revision: 0, datetimeUtc: fill.filledAt, note: '' };
  return undisturbedWhenFlat(books, fill.symbol, execute(books, source, { fill, plan, telling }));
}

export interface TakeBackRequest {
  readonly executionId: string;
  readonly symbol: TickerSymbol;
  readonly at: UtcText;
  /** The broker's words. */
  readonly reason: string;
  /** The execution as it should have been; none for a bust. */
  readonly instead?: FillData;
}

/**
 * A bust, or a correction: the execution and everything that rests on it are reversed, newest first; the corrected
 * execution is booked; then what rested on the old one is booked again against the lots that are left. The balances
 * come out as if the broker had told the right thing at once.
 */
export function takeBack(books: Books, source: PostingSource, request: TakeBackRequest): Booked {
  const undone = withDependents(books.executions, request.executionId, request.symbol);
  if (undone === undefined) throw unknownExecution(request);
  const steps = new Steps(books, source);
  for (const execution of undone) steps.undo(execution, request);
  const gone = undone.at(-1);
  invariant(gone !== undefined, 'TAKE_BACK_EMPTY', `nothing was taken back for ${request.executionId}`);
  if (request.instead !== undefined) {
    const revision = request.instead.executionId === request.executionId ? gone.revision + 1 : 0;
    steps.redo(request.instead, { revision, datetimeUtc: request.at, note: ` (corrects ${request.executionId})` });
  }
  for (const { fill, revision } of undone.slice(0, -1).reverse()) {
    const note = ` (booked again without ${request.executionId})`;
    steps.redo(fill, { revision: revision + 1, datetimeUtc: request.at, note });
  }
  return undisturbedWhenFlat(
    { ...books, disturbed: new Set([...books.disturbed, request.symbol]) },
    request.symbol,
    steps.result(),
  );
}

/** The running result of several bookings for one event. */
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
    const { executionId, groups, closures, opened, revision } = execution;
    const suffix = `${executionId}:${revision}:back`;
    for (const [index, group] of [...groups].reverse().entries()) {
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

  redo(fill: FillData, telling: Telling): void {
    const plan = netPlan(this.#books.lots, fill);
    const booked = execute(this.#books, this.source, { fill, plan, telling });
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

/** By the order: it opens or it closes, and the open lots must allow it. */
function orderedPlan(lots: LotBook, fill: FillData): Plan {
  const { side, positionEffect, symbol, executionId } = fill;
  const buys = positionEffect === 'open_long' || positionEffect === 'close_short';
  invariant(
    buys === (side === 'buy'),
    'SIDE_AND_EFFECT',
    `execution ${executionId} of ${symbol} is a ${side} that would ${positionEffect}`,
  );
  const opens = positionEffect === 'open_long' || positionEffect === 'open_short';
  const plan = emptyPlan(fill);
  const quantity = Decimal.parse(fill.quantity);
  if (!opens) return { ...plan, closing: { ...plan.closing, quantity } };
  invariant(
    heldQuantity(lots, symbol, plan.closing.side).isZero(),
    'CROSSES_ZERO',
    `execution ${executionId} would ${positionEffect} ${symbol} while ${plan.closing.side} shares of it are open`,
  );
  return { ...plan, opening: { ...plan.opening, quantity } };
}

/** By the lots: first it closes what is open on the other side, then it opens with the rest. */
function netPlan(lots: LotBook, fill: FillData): Plan {
  const plan = emptyPlan(fill);
  const quantity = Decimal.parse(fill.quantity);
  const closed = Decimal.min(quantity, heldQuantity(lots, fill.symbol, plan.closing.side));
  return {
    closing: { ...plan.closing, quantity: closed },
    opening: { ...plan.opening, quantity: quantity.minus(closed) },
  };
}

function emptyPlan(fill: FillData): Plan {
  const quantity = Decimal.ZERO;
  return fill.side === 'buy'
    ? {
        closing: { side: 'short', kind: 'buy_to_cover', quantity },
        opening: { side: 'long', kind: 'buy_to_open', quantity },
      }
    : {
        closing: { side: 'long', kind: 'sell_to_close', quantity },
        opening: { side: 'short', kind: 'sell_short', quantity },
      };
}

interface Execute {
  readonly fill: FillData;
  readonly plan: Plan;
  readonly telling: Telling;
}

type Executed = Booked & Required<Pick<Booked, 'closures' | 'opened' | 'lots' | 'executions'>>;

/** Lots, then the groups that follow from them: one group a side of zero, the charges with the first. */
function execute(books: Books, source: PostingSource, { fill, plan, telling }: Execute): Executed {
  const { closing, opening } = plan;
  const notional = notionalOf(fill);
  const closedNotional = closing.quantity.isZero()
    ? NO_CENTS
    : shareOf(notional, closing.quantity, Decimal.parse(fill.quantity));
  let { lots } = books;
  let closures: readonly LotClosure[] = [];
  const { symbol, executionId } = fill;
  if (!closing.quantity.isZero()) {
    const { side, quantity } = closing;
    const request = { symbol, side, quantity, amount: closedNotional, at: fill.filledAt, closedBy: executionId };
    ({ lots, closures } = closeLots(lots, request, books.lotMethod));
  }
  const openedNotional = (notional - closedNotional) as Cents;
  const opened = opening.quantity.isZero() ? null : lotOf(fill, opening, openedNotional);
  if (opened !== null) lots = openLot(lots, opened);
  const parts = [
    { ...closing, notional: closedNotional, closures },
    { ...opening, notional: openedNotional, closures: [] },
  ].filter((part) => !part.quantity.isZero());
  const groups = postParts(source, fill, telling, parts);
  const execution: Execution = { executionId, fill, revision: telling.revision, groups, closures, opened };
  const executions = addExecution(books.executions, execution);
  return { lots, groups, closures, opened: opened === null ? [] : [opened], executions };
}

interface Part {
  readonly kind: TradeKind;
  readonly quantity: Decimal;
  readonly notional: Cents;
  readonly closures: readonly LotClosure[];
}

function postParts(
  source: PostingSource,
  fill: FillData,
  telling: Telling,
  parts: readonly Part[],
): readonly LedgerGroup[] {
  const price = Decimal.parse(fill.price);
  const groups: LedgerGroup[] = [];
  for (const [index, part] of parts.entries()) {
    const again = telling.revision === 0 ? '' : `:${telling.revision}`;
    const externalId = `${fill.executionId}${again}${index === 0 ? '' : ':rest'}`;
    const commission = index === 0 ? roundToCents(Decimal.parse(fill.commission)) : NO_CENTS;
    const fee = index === 0 ? roundToCents(Decimal.parse(fill.fee)) : NO_CENTS;
    const { datetimeUtc, note } = telling;
    const naming = { part: externalId, externalId, datetimeUtc, note };
    const group = postTrade(source, fill, { ...part, price, commission, fee }, naming);
    if (group !== undefined) groups.push(group);
  }
  return groups;
}

function lotOf(fill: FillData, opening: Plan['opening'], amount: Cents): OpenLot {
  return {
    lotId: fill.executionId,
    symbol: fill.symbol,
    side: opening.side,
    openedAt: fill.filledAt,
    price: Decimal.parse(fill.price),
    quantity: opening.quantity,
    amount,
  };
}

function undisturbedWhenFlat(books: Books, symbol: TickerSymbol, booked: Booked): Booked {
  if (!books.disturbed.has(symbol)) return booked;
  const lots = booked.lots ?? books.lots;
  const flat = netPosition(lots, symbol).isZero() && heldQuantity(lots, symbol, 'long').isZero();
  if (!flat) return { ...booked, disturbed: books.disturbed };
  return { ...booked, disturbed: new Set([...books.disturbed].filter((other) => other !== symbol)) };
}

function unknownExecution(request: TakeBackRequest): Error {
  return dataError({
    code: 'EXECUTION_UNKNOWN',
    message: `execution ${request.executionId} of ${request.symbol} cannot be taken back: it is not in the books, or too old`,
    remedy: 'Check the order in the journal; book the difference by an adjusting entry.',
    details: { executionId: request.executionId, symbol: request.symbol },
  });
}
