import type { EventData } from '../../events/event.js';
import type { ExportFormat } from '../../domain/home/home-paths.js';
import type { ProjectionCheck } from '../projector/projection-check.js';
import type { ProjectorReport } from '../projector/projector.js';

/*
 * What the commands show of a task, whether they did it themselves or the running bot did: each crosses a socket as JSON.
 */

/** Of `tradebot export`. */
export interface ExportFacts {
  readonly ok: boolean;
  readonly format: ExportFormat;
  readonly name: string;
  readonly sha256: string;
  readonly groups: number;
  /** False when an earlier export has the same content: it is named instead. */
  readonly made: boolean;
  readonly path: string;
  /** What differs between the evidence on disk and the journal. */
  readonly evidence: readonly string[];
  /** Only while a session of the range is open. */
  readonly openSession?: string;
  readonly upTo?: string;
}

/** Of `tradebot seal`. */
export interface SealFacts extends EventData<'JournalSealed'> {
  readonly ok: boolean;
  readonly made: boolean;
  readonly path: string;
  readonly publicKey: string | null;
  /** What became of the copy outside the home; left out when main makes it afterwards, or there is no directory. */
  readonly anchored?: string;
  readonly evidence?: readonly string[];
}

/** Of `tradebot rebuild`. */
export type RebuildFacts = Pick<ProjectorReport, 'rebuilt' | 'projections' | 'evidence'>;

/** Of `tradebot rebuild --check`. */
export interface CheckFacts extends ProjectionCheck {
  readonly evidence: readonly string[];
}
