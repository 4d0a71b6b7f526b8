import type { Position } from '../../events/event.js';
import { invariant } from '../../kernel/errors.js';
import type { Journal } from '../../ports/journal.js';
import type { ProjectionRunner } from './projection-runner.js';

/** The part of the journal that projections are made from. */
export type ProjectedJournal = Pick<Journal, 'head' | 'readAll'>;

/** Where events come from, and in what portions. */
export interface EventSource {
  readonly journal: ProjectedJournal;
  /** Events a page and a commit. */
  readonly pageSize: number;
  /** Awaited between pages. */
  readonly breathe: (() => Promise<unknown>) | undefined;
}

/** How far to run, in what portions, and whom to tell. */
interface RunOptions {
  /** No event after it is taken; the head when left out, null for nothing at all. */
  readonly upTo?: Position | null;
  readonly onPage?: (read: number) => void;
  /** Pages read and committed at once. */
  readonly pages?: number;
}

/**
 * Reads pages from the least checkpoint up to the head as it is now, or to `upTo`, and offers each event to all
 * runners. Returns how many events it read.
 */
export async function runProjections(
  { journal, pageSize, breathe }: EventSource,
  runners: readonly ProjectionRunner[],
  { upTo, onPage, pages = 1 }: RunOptions = {},
): Promise<number> {
  const end = upTo === undefined ? ((await journal.head())?.position ?? null) : upTo;
  let after = leastPosition(runners);
  let read = 0;
  while (end !== null && runners.length > 0 && (after === null || after < end)) {
    const page = await journal.readAll({ limit: pageSize * pages, ...(after === null ? {} : { after }) });
    const last = page.at(-1);
    invariant(
      last !== undefined,
      'JOURNAL_ENDS_EARLY',
      `the journal has no event after ${after ?? 'its start'}, its head says so`,
    );
    const wanted = upTo === undefined ? page : page.filter((event) => event.position <= end);
    for (const runner of runners) runner.take(wanted);
    read += page.length;
    after = last.position;
    onPage?.(read);
    await breathe?.();
  }
  return read;
}

/** Null: from the first event on. */
function leastPosition(runners: readonly ProjectionRunner[]): Position | null {
  let first: Position | null | undefined;
  for (const { checkpoint, stopped } of runners) {
    if (stopped !== null) continue;
    if (checkpoint.position === null) return null;
    if (first === undefined || first === null || checkpoint.position < first) first = checkpoint.position;
  }
  return first ?? null;
}

/** The position of the runner that is furthest; null before the first event. */
export function furthestPosition(runners: readonly ProjectionRunner[]): Position | null {
  let last: Position | null = null;
  for (const { checkpoint } of runners) {
    if (checkpoint.position !== null && (last === null || checkpoint.position > last)) last = checkpoint.position;
  }
  return last;
}
