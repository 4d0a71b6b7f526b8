import type { Position } from '../../events/event.js';
import type { ProjectionRunner } from './projection-runner.js';
import type { EventSource } from './run-projections.js';

/**
 * Compares all evidence on disk (seals, exports) with the events that it was made from, up to the checkpoint of its
 * projection, and writes what is missing, also files whose source came after their event. Nothing that exists is changed: see `differences` of the targets.
 */
export async function keepEvidence(
  { journal, pageSize }: EventSource,
  runners: readonly ProjectionRunner[],
): Promise<void> {
  for (const { projection, checkpoint, target } of runners) {
    const types = projection.keeps ?? projection.late?.types;
    if (types === undefined || checkpoint.position === null) continue;
    const end = checkpoint.position;
    const run = projection.late?.start() ?? projection.start(null);
    const filter = { types };
    for (let after: Position | undefined, more = true; more;) {
      const page = await journal.readAll({ filter, limit: pageSize, ...(after === undefined ? {} : { after }) });
      for (const event of page) if (event.position <= end) run.apply(event);
      after = page.at(-1)?.position;
      more = page.length === pageSize;
    }
    target.keep(run.keptFiles());
  }
}
