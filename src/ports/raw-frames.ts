import type { Sha256Hex } from '../kernel/hash.js';

/** What a broker, a feed or a provider sent, as it came. */
export interface RawFrame {
  /** Who sent it, such as ALPACA. */
  readonly source: string;
  /** The way it came: a request line or the name of a stream. It has no secret. */
  readonly channel: string;
  readonly text: string;
}

/**
 * Keeps the evidence of what events were made from: an event has the digest, the frame is found by it. It never throws and
 * is never waited for, because a full disk must not stop a fill; what could not be kept is counted by the adapter of the port.
 */
export interface RawFrames {
  /** The digest of the kept text in UTF-8. */
  keep(frame: RawFrame): Sha256Hex;
}
