import type { ErrorKind } from '../kernel/errors.js';
import type { UtcText } from '../kernel/time.js';

/** What a process knew of its own death, without secrets. */
export interface CrashNote {
  readonly at: UtcText;
  readonly process: string;
  readonly errorType: ErrorKind;
  readonly errorCode: string;
  readonly message: string;
  /** Empty when there is none: a fault that a person can mend. */
  readonly traceback: string;
}

/** Where a process leaves word when it can no longer journal (RUN-41). */
export interface CrashNotes {
  /** Never throws: there is nobody left to tell. Keeps the last twenty. */
  leave(note: CrashNote): void;
  /** All that was left, oldest first; empty when there is nothing, or nothing that can be read. */
  find(): readonly CrashNote[];
  /** To be called when what was found is in the journal. */
  drop(): void;
}
