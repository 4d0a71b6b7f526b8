import type { Checkpoint, FileText, Projection, ProjectionRun } from '../../projections/kit/projection.js';
import type { Position } from '../events/event.js';
import type { Sha256Hex } from '../kernel/hash.js';

/** Reason why a projection stopped (JRN-24). */
export interface ProjectionStop {
  readonly position: Position;
  readonly type: string;
  readonly reason: string;
}

/** The files of one projection, open for writing. Synchronous: a batch is whole or not there. */
export interface OpenTarget {
  readonly checkpoint: Checkpoint;
  /** Rows, lines, files and checkpoint together; a throw leaves all of it as it was. Does not clear the run. */
  commit(run: ProjectionRun, checkpoint: Checkpoint, files: readonly FileText[]): void;
  /** Brings a database into the form in which equal content is equal bytes: one file without a journal file next to it (P5). */
  publish(): void;
  close(): void;
}

/** Comparison of a target in use with one rebuilt from the same events. */
export interface TargetComparison {
  /** Over names under the home and bytes of everything that the new one has. */
  readonly digest: Sha256Hex;
  /** One sentence for each file that differs, in order; empty when there is none. */
  readonly differences: readonly string[];
}

/** A new target under other names, next to the one in use. */
export interface ShadowTarget extends OpenTarget {
  /** Compares file by file, databases in their published form: the one in use must be published and at the same event. */
  compare(): TargetComparison;
  /** Replaces the target in use; a crash can only delay this. Both are closed afterwards. */
  promote(): void;
  /** Deletes the new target. */
  discard(): void;
}

/** `rebuild`: there is no usable target, for the given reason; rebuild it from the first event. */
export type OpenResult =
  { readonly state: 'ready'; readonly target: OpenTarget } | { readonly state: 'rebuild'; readonly reason: string };

/** Output targets of projections. */
export interface ProjectionTargets {
  /** Opens a target: completes work interrupted by a crash, and truncates logs to their checkpoint. */
  open(projection: Projection): OpenResult;
  openShadow(projection: Projection): ShadowTarget;
  /** Records for other processes that a projection stopped; null when it continues. */
  recordStop(name: string, stop: ProjectionStop | null): void;
  stops(): ReadonlyMap<string, ProjectionStop>;
  close(): void;
}

/** Code of the error that a target throws when its disk is full, failing or read-only: no fault of the event at hand. */
export const OUTPUT_NOT_WRITABLE = 'OUTPUT_NOT_WRITABLE';

/** Thrown through the projector and its targets unhandled: the process must die at this step (crash tests). */
export class PowerCut extends Error {
  constructor(readonly step: string) {
    super(`power cut at ${step}`);
  }
}
