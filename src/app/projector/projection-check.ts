import type { Position } from '../../events/event.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { ShadowTarget } from '../../ports/projection-targets.js';
import type { ProjectionRunner } from './projection-runner.js';

/** A projection being made beside the one in use. */
export interface Shadow {
  readonly runner: ProjectionRunner;
  readonly target: ShadowTarget;
}

/** What `check` found of one projection. */
export interface CheckedProjection {
  readonly name: string;
  readonly version: number;
  readonly ok: boolean;
  /** Over names and bytes of what the journal gives. */
  readonly digest: Sha256Hex;
  readonly differences: readonly string[];
}

export interface ProjectionCheck {
  readonly ok: boolean;
  /** Where both stood when they were compared; null for an empty journal. */
  readonly position: Position | null;
  readonly projections: readonly CheckedProjection[];
}

/** `rebuiltFor`: why the target in use had to be built before it could be compared. */
export function compared({ runner, target }: Shadow, rebuiltFor: string | undefined): CheckedProjection {
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
