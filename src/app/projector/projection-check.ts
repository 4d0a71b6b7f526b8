import type { Position } from '../../events/event.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import { runShadows, type RebuildProgress, type RebuiltProjection } from './build-projections.js';
import type { OpenProjections, Shadow } from './open-projections.js';
import { furthestPosition, type EventSource } from './run-projections.js';

/** What `check` found of one projection. */
interface CheckedProjection {
  readonly name: string;
  readonly version: number;
  readonly ok: boolean;
  /** Over names and bytes of what the journal gives. */
  readonly digest: Sha256Hex;
  readonly differences: readonly string[];
}

/** What `check` found of all that it compared. */
export interface ProjectionCheck {
  readonly ok: boolean;
  /** Where both stood when they were compared; null for an empty journal. */
  readonly position: Position | null;
  readonly projections: readonly CheckedProjection[];
}

/** Which projections to compare, and what is known of them. */
interface CheckOptions {
  readonly name: string;
  /** Those that had to be built before they could be compared: that counts as a difference. */
  readonly rebuilt: readonly RebuiltProjection[];
  readonly onProgress?: RebuildProgress | undefined;
}

/** Builds shadows next to the targets in use, up to the same position, and compares the bytes. */
export async function checkProjections(
  open: OpenProjections,
  source: EventSource,
  { name, rebuilt, onProgress }: CheckOptions,
): Promise<ProjectionCheck> {
  const reasons = new Map(rebuilt.map((one) => [one.name, one.reason]));
  const position = furthestPosition(open.runners());
  const shadows: Shadow[] = [];
  try {
    open.openShadows(open.chosen(name), shadows);
    await runShadows(source, shadows, { upTo: position, onProgress });
    const projections = shadows.map((shadow) => compared(shadow, reasons.get(shadow.runner.projection.name)));
    return { ok: projections.every((one) => one.ok), position, projections };
  } finally {
    for (const { target } of shadows) target.discard();
    open.forgetShadows();
  }
}

function compared({ runner, target }: Shadow, rebuiltFor: string | undefined): CheckedProjection {
  runner.renderNow();
  const { name, version } = runner.projection;
  const { digest, differences } = target.compare();
  const { stopped } = runner;
  const all = [
    ...(rebuiltFor === undefined ? [] : [`it was built just now: ${rebuiltFor}`]),
    ...(stopped === null ? [] : [`it stops at position ${stopped.position}: ${stopped.reason}`]),
    ...differences,
  ];
  return { name, version, ok: all.length === 0, digest, differences: all };
}
