import type { Position } from '../events/event.js';
import type { Sha256Hex } from '../kernel/hash.js';
import type { UtcText } from '../kernel/time.js';

/** Folded state after an event. */
export interface Snapshot {
  readonly position: Position;
  /** Of the event at `position`: a journal that was put back or replaced has another one there. */
  readonly hash: Sha256Hex;
  /** Events folded. */
  readonly events: number;
  /** Recording time of the event at `position`. */
  readonly recordedAt: UtcText;
  /** Latest recording time of all events folded: the wall clock may have been set back in between. */
  readonly latestAt: UtcText;
  readonly state: string;
}

/**
 * Saved folds (JRN-31). Disposable: without a readable snapshot, queries only take longer.
 */
export interface Snapshots {
  /** The newest that has nothing after `position`, and nothing recorded after `time`. */
  newest(upTo: { readonly position: Position } | { readonly time: UtcText }): Snapshot | undefined;
  keep(snapshot: Snapshot): void;
  /** Nothing that was kept is of this journal. */
  forget(): void;
}
