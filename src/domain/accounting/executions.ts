import type { Position } from '../../events/event.js';
import type { TickerSymbol } from '../../events/names.js';
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
  readonly postingNote: PostingNote;
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

/**
 * An execution and its dependents: those that closed its lot, and recursively those that closed a lot opened by one of
 * them. Newest first, the order of reversal.
 */
export function withDependents(
  executions: Executions,
  executionId: string,
  symbol: TickerSymbol,
): readonly Execution[] | undefined {
  const ofSymbol = newestFirst(executions).filter((execution) => execution.fill.symbol === symbol);
  const start = ofSymbol.findIndex((execution) => execution.fill.executionId === executionId);
  if (start < 0) return undefined;
  const ids = new Set([executionId]);
  const found = ofSymbol.slice(0, start + 1).reverse();
  const resting = found.filter((execution) => {
    const rests = execution.closures.some((closure) => ids.has(closure.lotId));
    if (rests) ids.add(execution.fill.executionId);
    return rests || execution.fill.executionId === executionId;
  });
  return resting.reverse();
}

export function without(executions: Executions, gone: readonly Execution[]): Executions {
  const ids = new Set(gone.map((execution) => execution.fill.executionId));
  return executionsOf(
    newestFirst(executions)
      .filter((execution) => !ids.has(execution.fill.executionId))
      .reverse(),
  );
}
