import type { StreamName } from '../../events/event.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import { StreamCourse, type ForeignRun } from './stream-course.js';

/** What an append must know about its stream: the end of the chain, and the revision of each id. */
export interface StreamState {
  /** Of the last event, by any writer; -1 for an absent stream. */
  readonly revision: number;
  /** Of our last event. */
  readonly ownRevision: number;
  readonly hash: Sha256Hex;
  /** Every id of our events up to `revision`. */
  readonly ids: ReadonlyMap<string, number>;
  /** Foreign events at the end that nobody has acknowledged. */
  readonly run: ForeignRun | undefined;
}

class Kept implements StreamState {
  readonly ids = new Map<string, number>();

  constructor(readonly course: StreamCourse) {}

  get revision(): number {
    return this.course.revision;
  }

  get ownRevision(): number {
    return this.course.ownRevision;
  }

  get hash(): Sha256Hex {
    return this.course.hash;
  }

  get run(): ForeignRun | undefined {
    return this.course.run;
  }
}

const KEPT_STREAMS = 8_192;
const KEPT_IDS = 400_000;

/**
 * Streams as this process last read them. Events never change, so the cache stays true; it can only be behind. Bounded:
 * the least recently used stream is dropped first, and read again at the next write to it.
 */
export class StreamStates {
  readonly #kept = new Map<StreamName, Kept>();
  #ids = 0;

  constructor(private readonly identity: string) {}

  get(stream: StreamName): StreamState | undefined {
    return this.#kept.get(stream);
  }

  /** The course of a stream from its first event on, for what is read of it. */
  course(stream: StreamName): StreamCourse {
    return this.#use(stream).course;
  }

  /** Adds ids of events that the course has taken. */
  learn(stream: StreamName, ids: readonly { readonly id: string; readonly revision: number }[]): StreamState {
    const state = this.#use(stream);
    for (const { id, revision } of ids) state.ids.set(id, revision);
    this.#ids += ids.length;
    this.#forgetOldest(stream);
    return state;
  }

  /** Adds events that this process has appended. */
  extend(
    stream: StreamName,
    events: readonly { readonly id: string; readonly revision: number; readonly hash: Sha256Hex }[],
  ): StreamState {
    this.#use(stream).course.appended(events);
    return this.learn(stream, events);
  }

  forget(stream: StreamName): void {
    this.#ids -= this.#kept.get(stream)?.ids.size ?? 0;
    this.#kept.delete(stream);
  }

  #use(stream: StreamName): Kept {
    const state = this.#kept.get(stream) ?? new Kept(new StreamCourse(stream, this.identity, true));
    this.#kept.delete(stream);
    this.#kept.set(stream, state);
    return state;
  }

  #forgetOldest(current: StreamName): void {
    for (const stream of this.#kept.keys()) {
      if (this.#kept.size <= KEPT_STREAMS && this.#ids <= KEPT_IDS) return;
      if (stream !== current) this.forget(stream);
    }
  }
}
