import type {
  Checkpoint,
  FileText,
  KeptFile,
  Projection,
  ProjectionRun,
  RefusedEvent,
  Refusals,
} from '../../projections/kit/projection.js';
import type { Position } from '../events/event.js';
import { TradeBotError } from '../kernel/errors.js';
import type { Sha256Hex } from '../kernel/hash.js';

/** Reason why a projection stopped (JRN-24). */
export interface ProjectionStop {
  readonly position: Position;
  readonly type: string;
  readonly reason: string;
}

/** The files of one projection, open for writing. Synchronous; each batch is atomic. */
export interface OpenTarget {
  readonly checkpoint: Checkpoint;
  /** Writes rows, lines, files and checkpoint atomically; an error changes nothing. Does not clear the run. */
  commit(run: ProjectionRun, checkpoint: Checkpoint, files: readonly FileText[]): void;
  /** Whether each of these files is there with this text. */
  shows(files: readonly FileText[]): boolean;
  /** Records an event that changed nothing, and the checkpoint after it, atomically. */
  refuse(refused: RefusedEvent, checkpoint: Checkpoint): void;
  refusals(): Refusals;
  /** Compares evidence with its files, writes those that are missing, and remembers what differs. */
  keep(files: readonly KeptFile[]): void;
  /** What differs between the evidence on disk and the journal, a sentence for each file. */
  differences(): readonly string[];
  /** Brings a database's file up to date, as far as no reader needs its log: a copy of the file alone is then whole. */
  settle(): void;
  /** Converts a database to canonical form: equal content, equal bytes, one file without a journal file (P5). */
  publish(): void;
  /** Runs `work`, in which `fileNow` gives the files that belong to this target: shadows for a shadow. */
  reading<T>(work: () => T): T;
  close(): void;
}

/** Comparison of a target in use with one rebuilt from the same events. */
export interface TargetComparison {
  /** Digest of the paths within the home and the bytes of all rebuilt files. */
  readonly digest: Sha256Hex;
  /** One sentence for each file that differs, in order; empty when all match. */
  readonly differences: readonly string[];
}

/** A rebuilt target under other names, next to the one in use. */
export interface ShadowTarget extends OpenTarget {
  /** Compares file by file, databases in canonical form; the target in use must be published and at the same event. */
  compare(): TargetComparison;
  /** Deletes the rebuilt target; does nothing once its swap is recorded. */
  discard(): void;
}

/** `rebuild`: no target is usable, for the given reason; rebuild it from the first event. */
export type OpenResult =
  { readonly state: 'ready'; readonly target: OpenTarget } | { readonly state: 'rebuild'; readonly reason: string };

/** Output targets of projections. */
export interface ProjectionTargets {
  /** Opens a target: completes work interrupted by a crash, and truncates logs to their checkpoint. */
  open(projection: Projection): OpenResult;
  openShadow(projection: Projection): ShadowTarget;
  /**
   * Records in one step that the open shadows of these projections replace the targets in use, and closes the shadows.
   * A failure or crash before that step keeps every old target; after it a crash can only delay the replacement.
   */
  recordSwap(projections: readonly Projection[]): void;
  /** Completes recorded swaps, also those of an earlier process; the targets that they replace must be closed. */
  finishSwaps(): void;
  /** Where a projection reads the file of another one: within `reading` of a shadow the other's shadow, if it has one. */
  fileNow(path: string): string;
  /** Records for other processes that a projection stopped; null when it continues. */
  recordStop(name: string, stop: ProjectionStop | null): void;
  stops(): ReadonlyMap<string, ProjectionStop>;
  close(): void;
}

/** Error code of a target whose disk is full, failing or read-only; the current event is not the cause. */
export const OUTPUT_NOT_WRITABLE = 'OUTPUT_NOT_WRITABLE';

/** Error code of a target that another program has locked; it passes when that program lets go. */
export const OUTPUT_LOCKED = 'OUTPUT_LOCKED';

/** Error code of rows that the guards of a database refuse: the event that makes them is the cause. */
export const ROWS_REFUSED = 'ROWS_REFUSED';

/** No event is to blame: the projection continues from its checkpoint once its files can be written. */
export function isOutputFault(error: unknown): error is TradeBotError {
  return error instanceof TradeBotError && (error.code === OUTPUT_NOT_WRITABLE || error.code === OUTPUT_LOCKED);
}

/** Thrown in crash tests and never caught by the projector or its targets: the process must die at this step. */
export class PowerCut extends Error {
  constructor(readonly step: string) {
    super(`power cut at ${step}`);
  }
}
