import { parseUtcText, DAY_MS, type UtcText } from '../../kernel/time.js';

/** A copy of the journal, as its manifest describes it. */
export interface KeptCopy {
  readonly name: string;
  readonly createdAt: UtcText;
  /** What was wrong with the journal; undefined for a copy of a whole one. */
  readonly findings?: readonly string[];
}

const DAYS = 7;
const WEEKS = 4;
const MONTHS = 12;

/**
 * Names of the copies to delete (OUT-6): the newest copy of each of the last 7 days, 4 weeks and 12 months is kept, and
 * always the newest of all, and the newest that was made from an undamaged journal.
 */
export function surplusCopies(copies: readonly KeptCopy[]): readonly string[] {
  const newestFirst = [...copies].sort((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0));
  const kept = new Set([
    ...newestOfEach(newestFirst, DAYS, ({ createdAt }) => createdAt.slice(0, 10)),
    ...newestOfEach(newestFirst, WEEKS, ({ createdAt }) => String(weekOf(createdAt))),
    ...newestOfEach(newestFirst, MONTHS, ({ createdAt }) => createdAt.slice(0, 7)),
    ...newestOfEach(
      newestFirst.filter(({ findings }) => findings === undefined),
      1,
      ({ name }) => name,
    ),
  ]);
  return newestFirst.map(({ name }) => name).filter((name) => !kept.has(name));
}

function newestOfEach(
  newestFirst: readonly KeptCopy[],
  periods: number,
  periodOf: (copy: KeptCopy) => string,
): readonly string[] {
  const newest = new Map<string, string>();
  for (const copy of newestFirst) {
    const period = periodOf(copy);
    if (!newest.has(period) && newest.size < periods) newest.set(period, copy.name);
  }
  return [...newest.values()];
}

/** Weeks since the Monday before the epoch, which was a Thursday. */
function weekOf(at: UtcText): number {
  return Math.floor((parseUtcText(at) / DAY_MS + 3) / 7);
}
