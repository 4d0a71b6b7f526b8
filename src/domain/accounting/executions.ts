import type { Position } from '../../events/event.js';
import type { ClientOrderId, TickerSymbol } from '../../events/names.js';
import type { Uuid } from '../../kernel/hash.js';
import type { UtcText } from '../../kernel/time.js';
import type { Mapping } from './mapping.js';
import type { FillData } from './posting/trade.js';
import type { LotClosure, OpenLot } from './types.js';

/** Revision, time and note with which an execution is posted. */
export interface PostingNote {
  /** Number of times it was booked again after the reversal of an earlier execution. */
  readonly revision: number;
  readonly datetimeUtc: UtcText;
  readonly note: string;
}

/**
 * A booked execution with everything needed to rebuild its groups, so a bust or correction can reverse them. The groups
 * themselves are not kept.
 */
export interface Execution {
  readonly fill: FillData;
  /** Its id in the books: the broker's, with the order when another order has an execution of the same id. */
  readonly name: string;
  readonly postingNote: PostingNote;
  /** Journal position of the broker's first report of it, which a correction or a rebooking keeps: its place in time. */
  readonly place: Position;
  /** Event that booked it; the mapping table in force then. */
  readonly eventId: Uuid;
  readonly position: Position;
  readonly mapping: Mapping;
  readonly closures: readonly LotClosure[];
  readonly opened: OpenLot | null;
}

/**
 * The latest executions, newest first, as an immutable list without copying. It keeps between RETAINED and twice as
 * many, because brokers bust or correct an execution on its own day or the next.
 */
export interface Executions {
  readonly newest: Cell | null;
  readonly count: number;
}
interface Cell {
  readonly execution: Execution;
  readonly older: Cell | null;
}

const RETAINED = 200;
export const NO_EXECUTIONS: Executions = { newest: null, count: 0 };

export function addExecution(executions: Executions, execution: Execution): Executions {
  const { newest, count } = executions;
  if (count < RETAINED * 2) return { newest: { execution, older: newest }, count: count + 1 };
  return executionsOf([
    ...newestFirst(executions)
      .slice(0, RETAINED - 1)
      .reverse(),
    execution,
  ]);
}

export function executionsOf(oldestFirst: readonly Execution[]): Executions {
  let newest: Cell | null = null;
  for (const execution of oldestFirst) newest = { execution, older: newest };
  return { newest, count: oldestFirst.length };
}

export function newestFirst(executions: Executions): readonly Execution[] {
  const all: Execution[] = [];
  for (let cell = executions.newest; cell !== null; cell = cell.older) all.push(cell.execution);
  return all;
}

/** An execution of the broker: its id is certain to be unique only within its order. */
export interface ExecutionKey {
  readonly executionId: string;
  readonly clientOrderId: ClientOrderId;
  readonly symbol: TickerSymbol;
}

/** An execution, what was booked in its symbol since, oldest first, and everything else in its old order. */
export interface Since {
  readonly execution: Execution;
  readonly later: readonly Execution[];
  readonly all: readonly Execution[];
}

/**
 * The retained execution of this id and order; undefined when it is not kept. `anyOrder` takes one of another order when
 * the order has none of this id.
 */
export function executionSince(executions: Executions, key: ExecutionKey, anyOrder = false): Since | undefined {
  const all = newestFirst(executions).toReversed();
  const ofId = all.filter(({ fill }) => fill.executionId === key.executionId && fill.symbol === key.symbol);
  const own = ofId.findLast(({ fill }) => fill.clientOrderId === key.clientOrderId);
  const execution = own ?? (anyOrder ? ofId.at(-1) : undefined);
  if (execution === undefined) return undefined;
  const later = all.slice(all.indexOf(execution) + 1).filter(({ fill }) => fill.symbol === key.symbol);
  return { execution, later, all };
}

/** Whether the books still have an execution and can reverse it exactly. */
export function isRetained(executions: Executions, key: ExecutionKey): boolean {
  return executionSince(executions, key) !== undefined;
}

/** Whether the order has an execution of this id among those that the books retain. */
export function isBooked(executions: Executions, { executionId, clientOrderId, symbol }: ExecutionKey): boolean {
  for (let cell = executions.newest; cell !== null; cell = cell.older) {
    const { fill } = cell.execution;
    if (fill.executionId === executionId && fill.clientOrderId === clientOrderId && fill.symbol === symbol) return true;
  }
  return false;
}

/** Whether an execution of another order has this name. */
export function isNameOfOtherOrder(executions: Executions, name: string, clientOrderId: ClientOrderId): boolean {
  for (let cell = executions.newest; cell !== null; cell = cell.older) {
    if (cell.execution.name === name && cell.execution.fill.clientOrderId !== clientOrderId) return true;
  }
  return false;
}

/** The list with other executions in the place of some; those without a replacement are left out. */
export function replaced(all: readonly Execution[], by: ReadonlyMap<Execution, Execution | undefined>): Executions {
  return executionsOf(all.flatMap((execution) => (by.has(execution) ? (by.get(execution) ?? []) : execution)));
}
