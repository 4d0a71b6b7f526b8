import type { EvidenceNotes } from './evidence-notes.js';
import type { KitDb } from './kit-db.js';

/** Extensions of files that will replace the file without the extension. */
export const SHADOW = '.rebuild';
export const PUBLISH = '.publish';

/** Shared by the live and the shadow targets of one home. */
export interface TargetsContext {
  readonly kit: KitDb;
  readonly under: (path: string) => string;
  readonly onStep: (step: string) => void;
  readonly finishSwap: (name: string) => void;
  readonly shadowClosed: (name: string) => void;
  /** Shared by the targets of a projection, so that a rebuild leaves its findings to the target that it replaces. */
  readonly evidenceOf: (name: string) => EvidenceNotes;
  /** Runs `work` with the files of shadows where there are some, as their readers must see them. */
  readonly asShadow: <T>(work: () => T) => T;
  /** Size of a database's log, in bytes, beyond which the database is published to end it. */
  readonly longestLog: number;
}
