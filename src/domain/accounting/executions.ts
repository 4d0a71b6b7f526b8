import type { Position } from '../../events/event.js';
import type { TickerSymbol } from '../../events/names.js';
import type { Uuid } from '../../kernel/hash.js';
import type { UtcText } from '../../kernel/time.js';
import type { Mapping } from './mapping.js';
import type { FillData } from './posting/trade.js';
import type { LotClosure, OpenLot } from './types.js';

/** How an execution is posted: which revision of it, at which time, with which note. */
export interface PostingNote {
  /** How often it was booked anew because an earlier execution was taken back. */
  readonly revision: number;
  readonly datetimeUtc: UtcText;
  readonly note: string;
}

/**
 * One booked execution: all that its groups follow from, so that a bust or a correction can make them again and turn
 * them round. The groups themselves are not kept.
 */
export interface Execution {
  readonly fill: FillData;
  readonly postingNote: PostingNote;
  /** The event that booked it, and the table that was in force. */
  readonly eventId: Uuid;
  readonly position: Position;
  readonly mapping: Mapping;
  readonly closures: readonly LotClosure[];
  readonly opened: OpenLot | null;
}

/**
 * The latest executions, newest first. Immutable: a cell costs nothing to add, so folding a fill copies nothing.
 * Between RETAINED and twice as many are kept: brokers take an execution back on its own day or the next.
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
 * The execution and everything that rests on it: those that closed its lot, and in turn those that closed a lot which
 * one of these opened. Newest first: the order in which they are taken back.
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
