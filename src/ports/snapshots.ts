import type { Position } from '../events/event.js';
import type { Sha256Hex } from '../kernel/hash.js';
import type { UtcText } from '../kernel/time.js';

/** Folded state after an event. */
export interface Snapshot {
  readonly position: Position;
  /** Hash of the event at `position`; differs in a journal that was restored or replaced. */
  readonly hash: Sha256Hex;
  /** Number of events folded. */
  readonly events: number;
  /** Recording time of the event at `position`. */
  readonly recordedAt: UtcText;
  /** Latest recording time of all events folded: the system clock may have been set back in between. */
  readonly latestAt: UtcText;
  readonly state: string;
}

/**
 * Saved folds (JRN-31). Disposable: without a readable snapshot, queries only take longer.
 */
export interface Snapshots {
  /** The newest snapshot without events after `position` or recorded after `time`. */
  newest(upTo: { readonly position: Position } | { readonly time: UtcText }): Snapshot | undefined;
  keep(snapshot: Snapshot): void;
  /** Deletes all snapshots, because they belong to another journal. */
  forget(): void;
}
