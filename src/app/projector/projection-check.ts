import type { Position } from '../../events/event.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import { runShadows, type RebuildProgress, type RebuiltProjection } from './build-projections.js';
import type { OpenProjections, Shadow } from './open-projections.js';
import { furthestPosition, type EventSource } from './run-projections.js';

/** The result of `check` for one projection. */
interface CheckedProjection {
  readonly name: string;
  readonly version: number;
  readonly ok: boolean;
  /** Over names and bytes of the rebuilt files. */
  readonly digest: Sha256Hex;
  readonly differences: readonly string[];
}

/** The result of `check` for all compared projections. */
export interface ProjectionCheck {
  readonly ok: boolean;
  /** The position at which both were compared; null for an empty journal. */
  readonly position: Position | null;
  readonly projections: readonly CheckedProjection[];
}

/** Projections to compare, with what is known of them. */
interface CheckOptions {
  readonly name: string;
  /** Projections that had to be built before the comparison: that counts as a difference. */
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
    await source.verify();
    open.openShadows(open.chosen(name), shadows);
    await runShadows(source, shadows, { upTo: position, onProgress });
    return comparedShadows(shadows, position, reasons);
  } finally {
    for (const { target } of shadows) target.discard();
    open.forgetShadows();
  }
}

/** Compares shadows that have come to `position` with the targets in use; `reasons` are of those that had to be built first. */
export function comparedShadows(
  shadows: readonly Shadow[],
  position: Position | null,
  reasons: ReadonlyMap<string, string> = new Map(),
): ProjectionCheck {
  const projections = shadows.map((shadow) => compared(shadow, reasons.get(shadow.runner.projection.name)));
  return { ok: projections.every((one) => one.ok), position, projections };
}

function compared({ runner, target }: Shadow, rebuiltFor: string | undefined): CheckedProjection {
  runner.renderNow();
  const { name, version } = runner.projection;
  const { digest, differences } = target.compare();
  const { stopped } = runner;
  const all = [
    ...(rebuiltFor === undefined ? [] : [`it had to be built first: ${rebuiltFor}`]),
    ...(stopped === null ? [] : [`it stops at position ${stopped.position}: ${stopped.reason}`]),
    ...differences,
  ];
  return { name, version, ok: all.length === 0, digest, differences: all };
}
