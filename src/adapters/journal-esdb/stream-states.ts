import type { StreamName } from '../../events/event.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import { GENESIS_HASH } from '../event-codec/codec.js';

/** What an append must know about its stream: the end of the chain, and the revision of each id. */
export interface StreamState {
  /** Of the last event; -1 for an absent stream. */
  readonly revision: number;
  readonly hash: Sha256Hex;
  /** Every id of the stream up to `revision`. */
  readonly ids: ReadonlyMap<string, number>;
}

interface Kept {
  revision: number;
  hash: Sha256Hex;
  readonly ids: Map<string, number>;
}

const KEPT_STREAMS = 8_192;
const KEPT_IDS = 400_000;
const NOTHING: StreamState = { revision: -1, hash: GENESIS_HASH, ids: new Map() };

/**
 * Streams as this process last read them. Events never change, so the cache stays true; it can only be behind. Bounded:
 * the least recently used stream is dropped first, and read again at the next write to it.
 */
export class StreamStates {
  readonly #kept = new Map<StreamName, Kept>();
  #ids = 0;

  get(stream: StreamName): StreamState | undefined {
    return this.#kept.get(stream);
  }

  /** Adds the events after the known ones; `revision` of the first is the known one plus 1. */
  extend(
    stream: StreamName,
    events: readonly { readonly id: string; readonly revision: number; readonly hash: Sha256Hex }[],
  ): StreamState {
    const state = this.#kept.get(stream) ?? { revision: NOTHING.revision, hash: NOTHING.hash, ids: new Map() };
    this.#kept.delete(stream);
    this.#kept.set(stream, state);
    for (const { id, revision, hash } of events) {
      state.ids.set(id, revision);
      state.revision = revision;
      state.hash = hash;
    }
    this.#ids += events.length;
    this.#forgetOldest(stream);
    return state;
  }

  forget(stream: StreamName): void {
    this.#ids -= this.#kept.get(stream)?.ids.size ?? 0;
    this.#kept.delete(stream);
  }

  #forgetOldest(current: StreamName): void {
    for (const stream of this.#kept.keys()) {
      if (this.#kept.size <= KEPT_STREAMS && this.#ids <= KEPT_IDS) return;
      if (stream !== current) this.forget(stream);
    }
  }
}
