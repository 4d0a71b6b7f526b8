import type { RefusedEvent } from '../../projections/kit/projection.js';
import { readRefusals } from '../adapters/projection-targets/read-checkpoint.js';
import { refusedEventId } from '../domain/accounting/refused-event-id.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import type { Journal } from '../ports/journal.js';

const MOST_ADJUSTMENTS = 1_000_000;

/**
 * Events that the projections of a home left out and that no adjusting entry settles, each once. Only reads; not for a
 * process that has the databases of projections open.
 */
export async function unsettledRefusals(
  { output, storage }: HomePaths,
  journal: Pick<Journal, 'readAll'>,
): Promise<readonly RefusedEvent[]> {
  const refused = new Map(refusalsIn({ output, storage }).map((event) => [event.position, event]));
  if (refused.size === 0) return [];
  const filter = { types: ['AdjustmentBooked'] } as const;
  const entries = await journal.readAll({ limit: MOST_ADJUSTMENTS, filter });
  const settled = new Set(entries.flatMap((event) => (event.type === 'AdjustmentBooked' ? [event.data.settles] : [])));
  return [...refused.values()]
    .filter(({ position }) => !settled.has(refusedEventId(position)))
    .sort((one, other) => (one.position < other.position ? -1 : 1));
}

/** Ids of the events that the projections of a home left out, settled or not. Only reads, as `unsettledRefusals`. */
export function leftOutBy(paths: HomePaths): readonly string[] {
  return refusalsIn(paths).map(({ position }) => refusedEventId(position));
}

function refusalsIn({ output, storage }: Pick<HomePaths, 'output' | 'storage'>): readonly RefusedEvent[] {
  return [output.ledgerDb, output.coaDb, output.floatLedgerDb, storage.projectionsDb].flatMap(readRefusals);
}
