import type { ErrorKind } from '../kernel/errors.js';
import type { UtcText } from '../kernel/time.js';

/** Facts of a crash noted by the process, without secrets. */
export interface CrashNote {
  readonly at: UtcText;
  readonly process: string;
  readonly errorType: ErrorKind;
  readonly errorCode: string;
  readonly message: string;
  /** Empty for an error that a user can fix. */
  readonly traceback: string;
}

/** Notes of a process that can no longer journal (RUN-41). */
export interface CrashNotes {
  /** Saves a note; never throws. Keeps the last twenty. */
  leave(note: CrashNote): void;
  /** All readable notes, oldest first. */
  find(): readonly CrashNote[];
  /** Deletes the notes; call it once they are in the journal. */
  drop(): void;
}
