import type { NewEvent, StreamName } from '../events/event.js';
import type { UtcText } from '../kernel/time.js';

/** Events of one stream that wait for the journal, with the revision that they follow. */
export interface SpooledBatch {
  readonly stream: StreamName;
  readonly expectedRevision: number | 'noStream';
  readonly events: readonly NewEvent[];
}

/**
 * What the engine records while the journal is away, in order. Everything in it belongs into the journal: adding it there is
 * repeated without harm until `clear`.
 */
export interface OutageSpool {
  /** Time of the first write without an answer; undefined when nothing waits. */
  readonly since: UtcText | undefined;
  /** All that was kept, oldest first. */
  readonly batches: readonly SpooledBatch[];
  /** Begins an outage, unless one lasts. Throws like `add`. */
  begin(since: UtcText): void;
  /**
   * Durable when it returns. Throws JournalError `JOURNAL_STALLED` (stop) when the disk or its own limit refuses it: then
   * nothing of the batch is kept.
   */
  add(batch: SpooledBatch): void;
  /** The journal has everything. */
  clear(): void;
}
