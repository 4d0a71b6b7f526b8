import type { ServerWritableStream } from '@grpc/grpc-js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import {
  caughtUpAnswer,
  checkpointAnswer,
  confirmationAnswer,
  eventAnswer,
  filterOf,
  nameOf,
  notFoundAnswer,
} from './messages.js';
import { streamDeleted, unavailable } from './refusals.js';
import type { DoubleStore, StoredRecord } from './store.js';

export type ReadCall = ServerWritableStream<ReadReq, ReadResp>;

export interface ReadOptions {
  /** False as in older servers: a read of a stream returns no positions. */
  readonly streamPositions: boolean;
  /** Reads of streams have other positions than the log. */
  readonly oddPositions: boolean;
}

/** The name of the stream that a call reads; `$all` is the log. */
export function readStreamOf(options: ReadReq.Options): string {
  const stream = options.getStream();
  return stream === undefined ? '$all' : nameOf(stream.getStreamIdentifier());
}

/** Answers reads and subscriptions from a store. */
export class ReadCalls {
  readonly #store: DoubleStore;
  readonly #options: ReadOptions;
  readonly #subscriptions = new Set<() => void>();
  #count = 0;

  constructor(store: DoubleStore, options: ReadOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** The open subscriptions deliver nothing more and do not end. */
  mute(): void {
    for (const silence of this.#subscriptions) silence();
    this.#subscriptions.clear();
  }

  /** With `breakOff` the line breaks after half of the answers. */
  read(call: ReadCall, options: ReadReq.Options, breakOff: boolean): void {
    const answers = this.#answers(options);
    if (answers === 'deleted') {
      call.emit('error', streamDeleted(readStreamOf(options)));
      return;
    }
    for (const answer of breakOff ? answers.slice(0, Math.ceil(answers.length / 2)) : answers) call.write(answer);
    if (breakOff) call.emit('error', unavailable());
    else call.end();
  }

  /** Exclusive of its position. With `breakOff` the line breaks after half of what there is. */
  subscribe(call: ReadCall, options: ReadReq.Options, breakOff: boolean): void {
    const store = this.#store;
    const passes = filterOf(options);
    const checkpoints = checkpointEvery(options);
    const position = options.getAll()?.getPosition();
    let next = position === undefined ? 0 : this.#store.indexAt(BigInt(position.getCommitPosition()) + 1n);
    const half = next + Math.ceil((store.size - next) / 2);
    this.#count += 1;
    call.write(confirmationAnswer(`subscription-${this.#count}`));
    const pump = (): void => {
      // What was lost in a restart is gone for the subscribers too.
      next = Math.min(next, store.size);
      for (; next < store.size && !call.cancelled; next += 1) {
        const record = store.passing(next, passes);
        if (record !== undefined) call.write(eventAnswer(record, true));
        else if (checkpoints !== undefined && next % checkpoints === 0) {
          call.write(checkpointAnswer(store.positionAt(next) ?? 0n));
        }
        if (breakOff && next + 1 >= half) {
          call.emit('error', unavailable());
          return;
        }
      }
    };
    pump();
    const end = store.positionAt(store.size - 1);
    // A filtered subscription reports how far it has read before it says that it has caught up.
    if (checkpoints !== undefined && end !== undefined) call.write(checkpointAnswer(end));
    call.write(caughtUpAnswer());
    const unwatch = this.#store.watch(pump);
    const silence = (): void => {
      unwatch();
    };
    this.#subscriptions.add(silence);
    call.on('cancelled', () => {
      unwatch();
      this.#subscriptions.delete(silence);
    });
  }

  #answers(options: ReadReq.Options): readonly ReadResp[] | 'deleted' {
    const count = Number(options.getCount());
    const backwards = options.getReadDirection() === streamsPb.ReadReq.Options.ReadDirection.BACKWARDS;
    const of = options.getStream();
    if (of === undefined) {
      return this.#logRead(options, backwards, count).map((record) => eventAnswer(record, true));
    }
    const name = nameOf(of.getStreamIdentifier());
    const visible = this.#store.view(name);
    if (visible === 'deleted') return visible;
    if (visible === 'not found') return [notFoundAnswer(name)];
    const first = visible[0]?.revision ?? 0;
    const from = of.hasRevision() ? Number(of.getRevision()) : of.hasEnd() ? Number.MAX_SAFE_INTEGER : 0;
    const at = Math.min(Math.max(from - first, backwards ? -1 : 0), visible.length - (backwards ? 1 : 0));
    const records = backwards
      ? visible.slice(Math.max(0, at + 1 - count), at + 1).reverse()
      : visible.slice(at, at + count);
    const { streamPositions, oddPositions } = this.#options;
    return records.map((record) =>
      eventAnswer(oddPositions ? { ...record, position: record.position + 1n } : record, streamPositions),
    );
  }

  /** Forwards from a position on, that one included; backwards from before it. */
  #logRead(options: ReadReq.Options, backwards: boolean, count: number): readonly StoredRecord[] {
    const all = options.getAll();
    const passes = filterOf(options);
    const { size } = this.#store;
    const position = all?.getPosition();
    const at = position === undefined ? undefined : this.#store.indexAt(BigInt(position.getCommitPosition()));
    const found: StoredRecord[] = [];
    let index = backwards
      ? (at ?? (all?.hasStart() === true ? 0 : size)) - 1
      : (at ?? (all?.hasEnd() === true ? size : 0));
    for (; index >= 0 && index < size && found.length < count; index += backwards ? -1 : 1) {
      const record = this.#store.passing(index, passes);
      if (record !== undefined) found.push(record);
    }
    return found;
  }
}

/** How many events a filtered subscription looks at before it reports its position; undefined without a filter. */
function checkpointEvery(options: ReadReq.Options): number | undefined {
  const filter = options.getFilter();
  return filter === undefined
    ? undefined
    : Math.max(1, filter.getMax()) * Math.max(1, filter.getCheckpointintervalmultiplier());
}
