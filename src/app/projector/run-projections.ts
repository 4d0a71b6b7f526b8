import type { Position, RecordedEvent } from '../../events/event.js';
import { invariant } from '../../kernel/errors.js';
import type { TradeBotError } from '../../kernel/errors.js';
import type { Journal } from '../../ports/journal.js';
import { isOutputFault } from '../../ports/projection-targets.js';
import type { ProjectionRunner } from './projection-runner.js';

/** The part of the journal that projections read. */
export type ProjectedJournal = Pick<Journal, 'head' | 'readAll'>;

/** The source of events, and the size of its pages. */
export interface EventSource {
  readonly journal: ProjectedJournal;
  /** Events per page and commit. */
  readonly pageSize: number;
  /** Awaited between pages. */
  readonly breathe: (() => Promise<unknown>) | undefined;
  /** Awaited before a build; throws when the journal's chain is broken. */
  readonly verify: () => Promise<void>;
}

/** How far to run, in what portions, and the progress callback. */
interface RunOptions {
  /** The last event to take; the head when left out, null for none. */
  readonly upTo?: Position | null;
  readonly onPage?: (read: number) => void;
  /** Number of pages read and committed together. */
  readonly pages?: number;
  /** Reads of so many pages end the run, wherever it has come to. */
  readonly mostReads?: number;
}

/**
 * Reads pages from the lowest checkpoint up to the current head, or to `upTo`, and offers each event to all runners.
 * Returns the number of events read. A runner whose files cannot be written waits for the next run, and those that read
 * its files with it; the others continue, then its fault is thrown.
 */
export async function runProjections(
  { journal, pageSize, breathe }: EventSource,
  runners: readonly ProjectionRunner[],
  { upTo, onPage, pages = 1, mostReads = Infinity }: RunOptions = {},
): Promise<number> {
  const end = upTo === undefined ? ((await journal.head())?.position ?? null) : upTo;
  let after = leastPosition(runners);
  let read = 0;
  const held = new Map<string, TradeBotError>();
  for (let reads = 0; reads < mostReads && end !== null && (after === null || after < end); reads += 1) {
    if (runners.length === 0) break;
    const page = await journal.readAll({ limit: pageSize * pages, ...(after === null ? {} : { after }) });
    const last = page.at(-1);
    invariant(
      last !== undefined,
      'JOURNAL_ENDS_EARLY',
      `the journal has no event after ${after ?? 'its start'}, although its head is later`,
    );
    const wanted = upTo === undefined ? page : page.filter((event) => event.position <= end);
    for (const runner of runners) takeOrHold(runner, wanted, held);
    read += page.length;
    after = last.position;
    onPage?.(read);
    await breathe?.();
  }
  const [fault] = held.values();
  if (fault !== undefined) throw fault;
  return read;
}

function takeOrHold(runner: ProjectionRunner, page: readonly RecordedEvent[], held: Map<string, TradeBotError>): void {
  const { name, after } = runner.projection;
  const cause = held.get(name) ?? (after === 'all' ? undefined : after.map((other) => held.get(other)).find(Boolean));
  if (cause !== undefined) {
    held.set(name, cause);
    return;
  }
  try {
    runner.take(page);
  } catch (error) {
    if (!isOutputFault(error)) throw error;
    held.set(name, error);
  }
}

/** The position of the runner that is furthest behind and not stopped; null for one that has no event yet. */
export function leastPosition(runners: readonly ProjectionRunner[]): Position | null {
  let first: Position | null | undefined;
  for (const { checkpoint, stopped } of runners) {
    if (stopped !== null) continue;
    if (checkpoint.position === null) return null;
    if (first === undefined || first === null || checkpoint.position < first) first = checkpoint.position;
  }
  return first ?? null;
}

/** The position of the most advanced runner; null before the first event. */
export function furthestPosition(runners: readonly ProjectionRunner[]): Position | null {
  let last: Position | null = null;
  for (const { checkpoint } of runners) {
    if (checkpoint.position !== null && (last === null || checkpoint.position > last)) last = checkpoint.position;
  }
  return last;
}
