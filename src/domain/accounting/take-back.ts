import type { EventData } from '../../events/event.js';
import { Decimal } from '../../kernel/decimal.js';
import { dataError } from '../../kernel/errors.js';
import { naturalKeyId } from '../../kernel/hash.js';
import type { UtcText } from '../../kernel/time.js';
import {
  bookFill,
  effectOf,
  execute,
  executed,
  nameOf,
  postingsFrom,
  type Booked,
  type EndedNames,
  type Executed,
  type Postings,
  type TradeBooks,
} from './book-fill.js';
import { addExecution, executionSince, replaced, type Execution, type ExecutionKey, type Since } from './executions.js';
import { removeLot, restoreLots, takenBack, type LotBook } from './lots.js';
import { postReversal } from './posting/reversal.js';
import type { PostingSource } from './posting/source.js';
import type { FillData, TradeNaming } from './posting/trade.js';
import { reverseTransfer } from './posting/transfer.js';
import type { LotClosure, OpenLot } from './types.js';

/** More than brokers bust in many years; the oldest is forgotten first. */
const MOST_ENDED = 10_000;

/** What a busted or replaced execution was, for books that no longer have it. */
export type OriginalFill = NonNullable<EventData<'OrderFillBusted'>['original']>;

/** A bust or a correction of an execution. */
export interface TakeBackRequest extends ExecutionKey {
  readonly at: UtcText;
  /** Reason given by the broker. */
  readonly reason: string;
  /** The corrected execution; absent for a bust. */
  readonly instead?: FillData;
  readonly original: OriginalFill | undefined;
}

/**
 * Books a bust or a correction: the books are those of a broker report that was right the first time. What was booked in
 * the symbol since is applied again, and posted again where its lots or gains change. An execution that is too old for
 * that is taken back by an opposite entry of today.
 */
export function takeBack(books: TradeBooks, source: PostingSource, request: TakeBackRequest): Booked {
  // an event with the original says that its order's execution is forgotten: one of another order is not it
  const since = executionSince(books.executions, request, request.original === undefined);
  if (since !== undefined) return bookedOtherwise(books, source, { ...request, ...since });
  // its shares are others now: an opposite execution of today would have the wrong number
  if (request.original === undefined || books.converted.has(request.symbol)) throw unknownExecution(request);
  return takenBackToday(books, source, { ...request, original: request.original });
}

type Replay = TakeBackRequest & Since;

/** A later execution of the symbol, and what it is when the books are right from the start. */
interface Rebooked {
  readonly was: Execution;
  readonly is: Executed;
}

function bookedOtherwise(books: TradeBooks, source: PostingSource, replay: Replay): Booked {
  const { execution, later, all, instead, at } = replay;
  const before = [execution, ...later].reduceRight(withoutEffect, books.lots);
  const { lotMethod } = books;
  const replacement =
    instead === undefined
      ? undefined
      : execute({ lots: before, lotMethod }, source, replacementOf(books, replay, instead));
  let lots = replacement?.lots ?? before;
  const changed: Rebooked[] = [];
  for (const was of later) {
    const effect = effectOf(lots, lotMethod, was);
    lots = effect.lots;
    if (hasSameEffect(was, effect)) continue;
    const note = ` (booked again without ${execution.fill.executionId})`;
    const again = { revision: was.postingNote.revision + 1, datetimeUtc: at, note };
    changed.push({ was, is: executed(source, { ...was, note: again }, effect) });
  }
  const undone = [execution, ...changed.map(({ was }) => was)].toReversed();
  const done = [...(replacement === undefined ? [] : [replacement]), ...changed.map(({ is }) => is)];
  const changes = new Map<Execution, Execution | undefined>([[execution, replacement?.execution]]);
  for (const { was, is } of changed) changes.set(was, is.execution);
  const back = undone.map((each) => reversals(source, each, replay));
  return {
    groups: [...back, ...done].flatMap(({ groups }) => groups),
    transfers: [...back, ...done].flatMap(({ transfers }) => transfers),
    closures: [
      ...undone.flatMap(({ closures }) => closures.map(takenBack)),
      ...done.flatMap(({ closures }) => closures),
    ],
    opened: done.flatMap(({ opened }) => opened),
    withdrawn: undone.flatMap(({ opened }): readonly OpenLot[] => (opened === null ? [] : [opened])),
    lots,
    executions: replaced(all, changes),
    ended: withEnded(books.ended, execution.name, execution.postingNote.revision + 1),
  };
}

function withoutEffect(lots: LotBook, { opened, closures }: Execution): LotBook {
  return restoreLots(opened === null ? lots : removeLot(lots, opened), closures);
}

/** A correction under the same id is the next revision of the execution that it corrects. */
function replacementOf(books: TradeBooks, { execution, at }: Replay, fill: FillData): Parameters<typeof execute>[2] {
  const sameId = fill.executionId === execution.fill.executionId;
  const name = sameId ? execution.name : nameOf(books, fill);
  const revision = sameId ? execution.postingNote.revision + 1 : (books.ended.get(name) ?? 0);
  const note = { revision, datetimeUtc: at, note: ` (corrects ${execution.fill.executionId})` };
  return { fill, name, place: execution.place, note };
}

function hasSameEffect(was: Execution, is: Pick<Execution, 'closures' | 'opened'>): boolean {
  return (
    was.closures.length === is.closures.length &&
    was.closures.every((closure, index) => isSameClosure(closure, is.closures[index])) &&
    isSameLot(was.opened, is.opened)
  );
}

function isSameClosure(a: LotClosure, b: LotClosure | undefined): boolean {
  return (
    a.lotId === b?.lotId &&
    a.side === b.side &&
    a.quantity.equals(b.quantity) &&
    a.openAmount === b.openAmount &&
    a.closeAmount === b.closeAmount
  );
}

function isSameLot(a: OpenLot | null, b: OpenLot | null): boolean {
  if (a === null || b === null) return a === b;
  return a.side === b.side && a.quantity.equals(b.quantity) && a.amount === b.amount;
}

/** Mirrors the groups and transfers of an execution, the last first. */
function reversals(source: PostingSource, execution: Execution, request: TakeBackRequest): Postings {
  const { name: id, postingNote, eventId, position, mapping } = execution;
  const batchId = naturalKeyId('batch', eventId);
  const was = postingsFrom({ codes: source.codes, mapping, eventId, position, batchId }, execution);
  const naming = (what: string, index: number): TradeNaming => {
    const name = `${id}:${postingNote.revision}:${what}${index === 0 ? '' : `:${index}`}`;
    return { part: name, externalId: name, datetimeUtc: request.at, note: `Taken back, ${request.reason}` };
  };
  return {
    groups: was.groups
      .toReversed()
      .map((group, index) => postReversal(source, group, { ...naming('back', index), responseHash: null })),
    transfers: was.transfers
      .toReversed()
      .map((transfer, index) => reverseTransfer(source, transfer, naming('shares_back', index))),
  };
}

/**
 * Takes back an execution that the books have forgotten: the shares, the cash and the charges by an opposite execution of
 * today, against its own lot first. Cash and shares are right at once; a gain of closed years is corrected today.
 */
function takenBackToday(
  books: TradeBooks,
  source: PostingSource,
  request: TakeBackRequest & { readonly original: OriginalFill },
): Booked {
  const { executionId, original, instead, at, reason } = request;
  const revision = books.ended.get(executionId) ?? 0;
  const name = `${executionId}:${revision}:back`;
  const fill = { ...oppositeOf(request), executionId: name };
  const note = {
    revision: 0,
    datetimeUtc: at,
    note: ` (takes back ${executionId} of ${original.filledAt}: ${reason})`,
  };
  const place = source.position;
  const back = execute(books, source, { fill, name, place, note, firstLot: executionId });
  const after: TradeBooks = {
    ...books,
    lots: back.lots,
    executions: addExecution(books.executions, back.execution),
    ended: withEnded(books.ended, executionId, revision + 1),
  };
  const right = instead === undefined ? undefined : bookFill(after, source, instead);
  return {
    groups: [...back.groups, ...(right?.groups ?? [])],
    transfers: [...back.transfers, ...(right?.transfers ?? [])],
    closures: [...back.closures, ...(right?.closures ?? [])],
    opened: [...back.opened, ...(right?.opened ?? [])],
    lots: right?.lots ?? after.lots,
    executions: right?.executions ?? after.executions,
    ended: after.ended,
  };
}

function oppositeOf(request: TakeBackRequest & { readonly original: OriginalFill }): FillData {
  const { executionId, clientOrderId, symbol, original, at } = request;
  const { brokerOrderId, strategy, positionId, side, quantity, price, commission, fee, rawSha256 } = original;
  const buys = side === 'sell';
  return {
    clientOrderId,
    brokerOrderId,
    executionId,
    strategy,
    positionId,
    symbol,
    side: buys ? 'buy' : 'sell',
    positionEffect: buys ? 'close_short' : 'close_long',
    quantity,
    price,
    commission: Decimal.parse(commission).negated().shortText(2),
    fee: Decimal.parse(fee).negated().shortText(2),
    currency: 'USD',
    filledAt: at,
    rawSha256,
  };
}

function withEnded(ended: EndedNames, name: string, revision: number): EndedNames {
  const next = new Map(ended);
  next.delete(name);
  next.set(name, revision);
  const [oldest] = next.keys();
  if (next.size > MOST_ENDED && oldest !== undefined) next.delete(oldest);
  return next;
}

function unknownExecution(request: TakeBackRequest): Error {
  return dataError({
    code: 'EXECUTION_UNKNOWN',
    message: `execution ${request.executionId} of ${request.symbol} cannot be reversed: it is not in the books`,
    remedy: 'Check the order in the journal and book the difference with an adjusting entry.',
    details: { executionId: request.executionId, symbol: request.symbol },
  });
}
