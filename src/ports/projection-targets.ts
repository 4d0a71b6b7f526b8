import type { Checkpoint, FileText, Projection, ProjectionRun } from '../../projections/kit/projection.js';
import type { Position } from '../events/event.js';
import type { Sha256Hex } from '../kernel/hash.js';

/** Why a projection does not go on (JRN-24). */
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
  /** Brings a database into the form in which equal content is equal bytes: one file, no journal beside it (P5). */
  publish(): void;
  close(): void;
}

/** How a target in use stands against one that was made anew from the same events. */
export interface TargetComparison {
  /** Over names under the home and bytes of everything that the new one has. */
  readonly digest: Sha256Hex;
  /** One sentence for each file that differs, in order; empty when there is none. */
  readonly differences: readonly string[];
}

/** A new target under other names, beside the one that is in use. */
export interface ShadowTarget extends OpenTarget {
  /** Compares file by file, databases in their published form: the one in use must be published and at the same event. */
  compare(): TargetComparison;
  /** Takes the place of the one in use, in a way that a crash can only delay. Both are closed afterwards. */
  promote(): void;
  /** Gives it up. */
  discard(): void;
}

/** `rebuild`: nothing usable is there, for the reason told; build it anew from the first event. */
export type OpenResult =
  { readonly state: 'ready'; readonly target: OpenTarget } | { readonly state: 'rebuild'; readonly reason: string };

/** Where projections put what they make. */
export interface ProjectionTargets {
  /** Ends what a crash had left half done, cuts logs back to their checkpoint. */
  open(projection: Projection): OpenResult;
  openShadow(projection: Projection): ShadowTarget;
  /** Keeps for other processes that a projection stopped; null when it goes on. */
  recordStop(name: string, stop: ProjectionStop | null): void;
  stops(): ReadonlyMap<string, ProjectionStop>;
  close(): void;
}

/** Code of the error that a target throws when its disk is full, failing or read-only: no fault of the event at hand. */
export const OUTPUT_NOT_WRITABLE = 'OUTPUT_NOT_WRITABLE';

/** Thrown through the projector and its targets untouched: the process is to die at this very step (crash tests). */
export class PowerCut extends Error {
  constructor(readonly step: string) {
    super(`power cut at ${step}`);
  }
}
