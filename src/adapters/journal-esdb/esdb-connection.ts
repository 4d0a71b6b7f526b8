import { setTimeout as pause } from 'node:timers/promises';
import type { AppendResult as ServerAppend, EventData, EventStoreDBClient } from '@eventstore/db-client';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { ConnectionUrl } from './connection-url.js';
import { closeClient, openClient } from './esdb-client.js';
import { failureOf, journalErrorOf } from './esdb-errors.js';
import type { EsdbRecord } from './event-record.js';
import { ReadSilence } from './read-silence.js';
import { readRequest, recordOf, subscribeRequest, type AllSpec, type ReadSpec } from './read-request.js';
import { NoAnswerError } from './trouble-of.js';

export interface ConnectionOptions {
  readonly url: ConnectionUrl;
  /** The prefix of every stream of this bot. */
  readonly prefix: string;
  /** How long a call may take without any answer. */
  readonly callTimeoutMs: number;
  /** The total number of attempts of a call, and the first pause between them; it doubles up to MAX_PAUSE_MS. */
  readonly attempts: number;
  readonly pauseMs: number;
}

/** The answers of a subscription or read: an async iterable that can be cancelled. */
export type Answers = AsyncIterable<ReadResp> & { cancel(): void };

const MAX_PAUSE_MS = 2_000;
/** The server's own deadline should expire before our watchdog. */
const WATCHDOG_GRACE_MS = 500;

/** The most halves of the time of a call by which an attempt of a filtered read is prolonged: ten minutes for a bot. */
const MOST_PROLONGATIONS = 120;

/**
 * One client to one server or cluster. The client drops its channel when the connection breaks or the node is not the
 * leader, and opens another for the next call, but it never repeats a call. This class does, a bounded number of times.
 */
export class EsdbConnection {
  readonly url: ConnectionUrl;
  readonly attempts: number;
  readonly callTimeoutMs: number;
  readonly #options: ConnectionOptions;
  #client: EventStoreDBClient;

  constructor(options: ConnectionOptions) {
    this.url = options.url;
    this.attempts = options.attempts;
    this.callTimeoutMs = options.callTimeoutMs;
    this.#options = options;
    this.#client = openClient(this.url);
  }

  /** Runs `work` until it answers, fails permanently, or has used all attempts. `give` makes the error. */
  async retried<T>(work: () => Promise<T>, give: (error: unknown) => Error): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        if (failureOf(error) !== 'transient' || attempt >= this.#options.attempts) throw give(error);
      }
      await pause(this.pauseAfter(attempt));
    }
  }

  pauseAfter(attempt: number): number {
    return Math.min(this.#options.pauseMs * 2 ** Math.min(attempt - 1, 20), MAX_PAUSE_MS);
  }

  /** All events of a bounded read; none for an absent stream. */
  async read(spec: ReadSpec): Promise<readonly EsdbRecord[]> {
    const got: EsdbRecord[] = [];
    const isFiltered = spec.of === 'all' && spec.filter !== undefined;
    let attempts = 0;
    await this.retried(
      async () => {
        // A filter is no index: the server may look through events of others for long before it has something to send.
        // A call that was lost looks the same, so the first attempt is short, and each has twice the time of the last.
        let left = isFiltered ? Math.min(2 * (2 ** attempts - 1), MOST_PROLONGATIONS) : 0;
        attempts += 1;
        const rest = continued(spec, got);
        if (rest.count > 0) await this.#readOnce(rest, got, () => left-- > 0);
      },
      (error) => journalErrorOf(error, this.url, spec.of === 'all' ? 'a read of $all' : `a read of ${spec.stream}`),
    );
    return got;
  }

  /** Never completes; its errors are the client's. Cancel it when done. */
  async follow(spec: AllSpec): Promise<Answers> {
    return this.#answers(subscribeRequest(spec), false);
  }

  /**
   * One attempt. Errors are the client's: `wrong-revision` is an answer; after a transient error the outcome is
   * unknown. Rejects with NoAnswerError when neither came in time.
   */
  async append(stream: string, events: readonly EventData[], expected: number | 'noStream'): Promise<ServerAppend> {
    const client = this.#client;
    const { callTimeoutMs } = this;
    const done = client.appendToStream(stream, [...events], {
      expectedRevision: expected === 'noStream' ? 'no_stream' : BigInt(expected),
      deadline: callTimeoutMs,
      requiresLeader: true,
      ...(this.url.credentials === undefined ? {} : { credentials: this.url.credentials }),
    });
    let watchdog: NodeJS.Timeout | undefined;
    // A plain timer: an aborted wait would make an error with its stack for each append.
    const silence = new Promise<never>((_resolve, reject) => {
      const ms = callTimeoutMs + WATCHDOG_GRACE_MS;
      watchdog = setTimeout(() => reject(new NoAnswerError(`no answer within ${ms} ms`)), ms);
    });
    try {
      return await Promise.race([done, silence]);
    } catch (error) {
      if (error instanceof NoAnswerError) this.#replace(client);
      throw error;
    } finally {
      clearTimeout(watchdog);
    }
  }

  /** Cancels all running calls. */
  async close(): Promise<void> {
    await closeClient(this.#client);
  }

  /** Gives up a connection on which an append hangs: the client shares one between all appends. */
  #replace(client: EventStoreDBClient): void {
    if (client !== this.#client) return;
    this.#client = openClient(this.url);
    void closeClient(client);
  }

  /** One attempt, which adds to `got` what it brings: the next one continues from there. */
  async #readOnce(spec: ReadSpec, got: EsdbRecord[], prolongs: () => boolean = () => false): Promise<void> {
    const answers = await this.#answers(readRequest(spec), true);
    const silence = new ReadSilence({
      limitMs: this.callTimeoutMs,
      giveUp: () => answers.cancel(),
      isSearching: () => this.#isAnswering(prolongs),
    });
    try {
      for await (const answer of answers) {
        silence.broken();
        if (answer.hasStreamNotFound()) return;
        const record = recordOf(answer, this.#options.prefix);
        if (record !== undefined) got.push(record);
      }
    } finally {
      silence.end();
      answers.cancel();
    }
  }

  /** Whether the server answers another call while it searches for what a filtered read asks. */
  async #isAnswering(prolongs: () => boolean): Promise<boolean> {
    if (!prolongs()) return false;
    await this.#readOnce({ of: 'all', from: 'end', backwards: true, count: 1 }, []);
    return true;
  }

  /** The client's internals are protected; the exact version is pinned, and the compiler checks these names. */
  async #answers(request: ReadReq, requiresLeader: boolean): Promise<Answers> {
    const client = this.#client;
    const { credentials } = this.url;
    const open = client['GRPCStreamCreator'](streamsGrpc.StreamsClient, 'read', (streams) =>
      streams.read(
        request,
        ...client['callArguments'](
          { requiresLeader, ...(credentials === undefined ? {} : { credentials }) },
          { deadline: Infinity },
        ),
      ),
    );
    return (await open()) as Answers;
  }
}

/** What is left to read after a part of it has come, which it completes. The events of a stream are all read again. */
function continued(spec: ReadSpec, got: EsdbRecord[]): ReadSpec {
  // The server begins a forward read with the event at the position itself.
  const last = spec.backwards ? got.at(-1) : got.pop();
  if (spec.of === 'stream' || last?.position === null || last?.position === undefined) {
    got.length = 0;
    return spec;
  }
  return { ...spec, from: last.position, count: spec.count - got.length };
}
