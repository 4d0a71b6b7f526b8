import type { Refusals } from '../../../projections/kit/projection.js';
import type { Position } from '../../events/event.js';
import { parseUtcText, type UtcText } from '../../kernel/time.js';
import type { ProjectionStop } from '../../ports/projection-targets.js';
import type { ProjectionRunner } from './projection-runner.js';
import type { ProjectedJournal } from './run-projections.js';

/** The status of a projection against the head of the journal (JRN-25). */
export interface ProjectionStatus {
  readonly name: string;
  readonly version: number;
  readonly position: Position | null;
  readonly events: number;
  readonly lagEvents: number;
  /** Between its last event and the journal's last event, by their recording times. */
  readonly lagMs: number;
  readonly stopped: ProjectionStop | null;
  /** Events that it could not apply and left out. */
  readonly refusals: Refusals;
}

/** The status of each runner at the current head. */
export async function projectionStatuses(
  journal: ProjectedJournal,
  runners: readonly ProjectionRunner[],
): Promise<readonly ProjectionStatus[]> {
  const head = await journal.head();
  const [last] = await journal.readAll({ direction: 'backwards', limit: 1 });
  return runners.map(({ projection, checkpoint, stopped, refusals }) => ({
    name: projection.name,
    version: projection.version,
    position: checkpoint.position,
    events: checkpoint.events,
    lagEvents: Math.max(0, (head?.count ?? 0) - checkpoint.events),
    lagMs: last === undefined ? 0 : lagMs(last.recordedAt, checkpoint.recordedAt ?? null),
    stopped,
    refusals,
  }));
}

function lagMs(head: UtcText, reached: UtcText | null): number {
  return reached === null ? 0 : Math.max(0, parseUtcText(head) - parseUtcText(reached));
}
