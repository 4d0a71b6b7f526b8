import grpc from '@grpc/grpc-js';
import type {
  Server,
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
} from '@grpc/grpc-js';
import gossipGrpc from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import type { ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import featuresGrpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import featuresPb from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type { Empty } from '@eventstore/db-client/generated/shared_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type {
  AppendReq,
  AppendResp,
  BatchAppendReq,
  BatchAppendResp,
  ReadReq,
  ReadResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import { gossipOf, type ClusterView } from './cluster.js';
import {
  appendAnswer,
  batchAnswer,
  caughtUpAnswer,
  checkpointAnswer,
  confirmationAnswer,
  eventAnswer,
  expectedOf,
  expectedOfBatch,
  filterOf,
  nameOf,
  notFoundAnswer,
  proposedOf,
} from './messages.js';
import { DoubleStore, type AppendOutcome, type Expected, type ProposedRecord, type StoredRecord } from './store.js';

/** The fault of the next call of a kind. `applied` faults do the work before they fail. */
export type Fault =
  | 'unavailable'
  | 'applied, then unavailable'
  | 'applied, then silent'
  | 'silent'
  | 'not leader'
  | 'denied'
  | 'unauthenticated'
  | 'too large'
  | 'broken off'
  | 'confirmed, then silent';

export interface DoubleOptions {
  /** Lists BatchAppend among the methods, as servers since 21.10 do; otherwise the client appends one by one. */
  readonly batchAppend?: boolean;
  /** False as in older servers: a read of a stream returns no positions. */
  readonly streamPositions?: boolean;
  /** Responses to appends and reads of streams have other positions than the log. */
  readonly oddPositions?: boolean;
  /** Of the nodes of one cluster, which share the data and this view of who leads. */
  readonly cluster?: ClusterView;
  readonly store?: DoubleStore;
}

const MAX_APPEND_SIZE = 1_048_576;
const MAX_APPEND_EVENTS = 4_095;
const CHECKPOINT_EVERY = 32;

interface Refusal {
  readonly code: number;
  readonly details: string;
  readonly metadata?: InstanceType<typeof grpc.Metadata>;
}

/**
 * A server of the EventStoreDB protocol inside the test process: real gRPC on the service definitions that the client
 * ships, the server's rules of idempotency and limits, and faults on demand.
 */
export class EsdbDouble {
  readonly store: DoubleStore;
  /** Calls so far by kind. */
  readonly calls = { append: 0, read: 0, subscribe: 0 };
  readonly #options: DoubleOptions;
  readonly #faults: { readonly kind: 'append' | 'read' | 'subscribe'; readonly fault: Fault }[] = [];
  readonly #server: Server;
  #port = 0;

  private constructor(options: DoubleOptions) {
    this.#options = options;
    this.store = options.store ?? new DoubleStore();
    this.#server = new grpc.Server();
    this.#server.addService(streamsGrpc.StreamsService, {
      read: (call: ServerWritableStream<ReadReq, ReadResp>) => this.#read(call),
      append: (call: ServerReadableStream<AppendReq, AppendResp>, done: sendUnaryData<AppendResp>) =>
        this.#append(call, done),
      batchAppend: (call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>) => this.#batchAppend(call),
      delete: unimplemented,
      tombstone: unimplemented,
    });
    this.#server.addService(featuresGrpc.ServerFeaturesService, {
      getSupportedMethods: (_call: ServerUnaryCall<Empty, SupportedMethods>, done: sendUnaryData<SupportedMethods>) =>
        this.#features(done),
    });
    this.#server.addService(gossipGrpc.GossipService, {
      read: (_call: ServerUnaryCall<Empty, ClusterInfo>, done: sendUnaryData<ClusterInfo>) =>
        done(null, gossipOf(options.cluster ?? { ports: [this.#port], leader: this.#port })),
    });
  }

  static async start(options: DoubleOptions = {}): Promise<EsdbDouble> {
    const double = new EsdbDouble(options);
    double.#port = await new Promise<number>((resolve, reject) => {
      double.#server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
    options.cluster?.ports.push(double.#port);
    return double;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `esdb://127.0.0.1:${this.#port}?tls=false`;
  }

  /** The next call of this kind fails so; several wait in line. */
  failNext(kind: 'append' | 'read' | 'subscribe', ...faults: readonly Fault[]): void {
    for (const fault of faults) this.#faults.push({ kind, fault });
  }

  /** Forgets the failures that no call has met. */
  clearFaults(): void {
    this.#faults.length = 0;
  }

  /** Breaks every line; the server continues to listen. */
  dropConnections(): void {
    this.#server.drain(`127.0.0.1:${this.#port}`, 0);
  }

  stop(): void {
    this.#server.forceShutdown();
  }

  /** Appends and bounded reads ask for the leader, subscriptions are content with any node. */
  #takeFault(kind: 'append' | 'read' | 'subscribe'): Fault | undefined {
    this.calls[kind] += 1;
    const { cluster } = this.#options;
    if (kind !== 'subscribe' && cluster !== undefined && cluster.leader !== this.#port) return 'not leader';
    const at = this.#faults.findIndex((waiting) => waiting.kind === kind);
    return at < 0 ? undefined : this.#faults.splice(at, 1)[0]?.fault;
  }

  #features(done: sendUnaryData<SupportedMethods>): void {
    if (this.#options.batchAppend !== true) {
      done({ code: grpc.status.UNIMPLEMENTED });
      return;
    }
    const method = new featuresPb.SupportedMethod();
    method.setServiceName('event_store.client.streams.Streams');
    method.setMethodName('batchappend');
    const methods = new featuresPb.SupportedMethods();
    methods.setEventStoreServerVersion('22.10.0.0');
    methods.setMethodsList([method]);
    done(null, methods);
  }

  #append(call: ServerReadableStream<AppendReq, AppendResp>, done: sendUnaryData<AppendResp>): void {
    let name = '';
    let expected: Expected = 'any';
    const events: ProposedRecord[] = [];
    call.on('data', (request: AppendReq) => {
      const options = request.getOptions();
      const proposed = request.getProposedMessage();
      if (options !== undefined) {
        name = nameOf(options.getStreamIdentifier());
        expected = expectedOf(options);
      }
      if (proposed !== undefined) events.push(proposedOf(proposed));
    });
    const apply = (): void => {
      if (call.cancelled) return;
      this.#apply(name, events, expected, {
        answer: (outcome) => done(null, appendAnswer(this.#odd(outcome))),
        refuse: (refusal) => done(refusal),
      });
    };
    // what was broken off half-way ends too, and only then is known as cancelled: it is no append
    call.on('end', () => setImmediate(() => setImmediate(apply)));
  }

  #batchAppend(call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>): void {
    const open = new Map<string, { name: string; expected: Expected; events: ProposedRecord[] }>();
    call.on('data', (request: BatchAppendReq) => {
      const id = request.getCorrelationId()?.getString() ?? '';
      const options = request.getOptions();
      const batch = open.get(id) ?? {
        name: nameOf(options?.getStreamIdentifier()),
        expected: options === undefined ? 'any' : expectedOfBatch(options),
        events: [],
      };
      open.set(id, batch);
      for (const message of request.getProposedMessagesList()) batch.events.push(proposedOf(message));
      if (!request.getIsFinal()) return;
      open.delete(id);
      this.#apply(batch.name, batch.events, batch.expected, {
        answer: (outcome) => call.write(batchAnswer(request, batch.name, outcome)),
        refuse: (refusal) => call.emit('error', refusal),
      });
    });
    call.on('end', () => call.end());
  }

  #apply(
    name: string,
    events: readonly ProposedRecord[],
    expected: Expected,
    to: { readonly answer: (outcome: AppendOutcome) => void; readonly refuse: (refusal: Refusal) => void },
  ): void {
    const fault = this.#takeFault('append');
    const size = events.reduce((sum, event) => sum + event.data.length + event.metadata.length, 0);
    if (fault === 'too large' || size > MAX_APPEND_SIZE || events.length > MAX_APPEND_EVENTS) {
      to.refuse(tooLarge());
      return;
    }
    if (fault === 'silent') return undefined;
    if (fault !== undefined && !fault.startsWith('applied')) {
      to.refuse(this.#refusal(fault));
      return;
    }
    const outcome = this.store.append(name, events, expected);
    if (fault === 'applied, then silent') return undefined;
    if (fault !== undefined) {
      to.refuse(this.#refusal(fault));
      return;
    }
    to.answer(outcome);
  }

  #read(call: ServerWritableStream<ReadReq, ReadResp>): void {
    const options = call.request.getOptions();
    if (options === undefined) return void call.emit('error', { code: grpc.status.INVALID_ARGUMENT });
    const subscription = options.hasSubscription();
    const fault = this.#takeFault(subscription ? 'subscribe' : 'read');
    if (fault === 'silent') return undefined;
    if (fault === 'confirmed, then silent') return void call.write(confirmationAnswer('silent'));
    if (fault !== undefined && fault !== 'broken off') return void call.emit('error', this.#refusal(fault));
    if (subscription) {
      this.#subscription(call, options, fault === 'broken off');
      return;
    }
    const answers = this.#readAnswers(options);
    if (fault === 'broken off') {
      for (const answer of answers.slice(0, Math.ceil(answers.length / 2))) call.write(answer);
      return void call.emit('error', this.#refusal('unavailable'));
    }
    for (const answer of answers) call.write(answer);
    call.end();
  }

  #readAnswers(options: ReadReq.Options): readonly ReadResp[] {
    const count = Number(options.getCount());
    const backwards = options.getReadDirection() === streamsPb.ReadReq.Options.ReadDirection.BACKWARDS;
    const of = options.getStream();
    if (of === undefined) {
      const records = this.#logRead(options, backwards).slice(0, count);
      return records.map((record) => eventAnswer(record, true));
    }
    const name = nameOf(of.getStreamIdentifier());
    const stored = this.store.stream(name);
    if (stored === undefined) return [notFoundAnswer(name)];
    const from = of.hasRevision() ? Number(of.getRevision()) : of.hasEnd() ? stored.length - 1 : 0;
    const records = backwards ? stored.slice(0, from + 1).reverse() : stored.slice(from);
    const positions = this.#options.streamPositions !== false;
    return records.slice(0, count).map((record) => eventAnswer(this.#odd(record), positions));
  }

  #odd<T extends object>(reported: T): T {
    if (this.#options.oddPositions !== true || !('position' in reported)) return reported;
    return { ...reported, position: (reported.position as bigint) + 1n };
  }

  /** Forwards from a position on, that one included; backwards from before it. */
  #logRead(options: ReadReq.Options, backwards: boolean): readonly StoredRecord[] {
    const all = options.getAll();
    const passes = filterOf(options);
    const { log } = this.store;
    const position = all?.getPosition();
    const at = position === undefined ? undefined : this.store.indexAt(BigInt(position.getCommitPosition()));
    const records = backwards
      ? log.slice(0, at ?? (all?.hasStart() === true ? 0 : log.length)).reverse()
      : log.slice(at ?? (all?.hasEnd() === true ? log.length : 0));
    return records.filter((record) => passes(record.stream));
  }

  /** Exclusive of its position. With `breakOff` the line breaks after half of what there is. */
  #subscription(call: ServerWritableStream<ReadReq, ReadResp>, options: ReadReq.Options, breakOff: boolean): void {
    const { log } = this.store;
    const passes = filterOf(options);
    const position = options.getAll()?.getPosition();
    let next = position === undefined ? 0 : this.store.indexAt(BigInt(position.getCommitPosition()) + 1n);
    const half = next + Math.ceil((log.length - next) / 2);
    call.write(confirmationAnswer(`subscription-${this.calls.subscribe}`));
    const pump = (): void => {
      for (; next < log.length && !call.cancelled; next += 1) {
        const record = log[next];
        if (record !== undefined && passes(record.stream)) call.write(eventAnswer(record, true));
        else if (record !== undefined && next % CHECKPOINT_EVERY === 0) call.write(checkpointAnswer(record.position));
        if (breakOff && next >= half) {
          leave();
          return void call.emit('error', this.#refusal('unavailable'));
        }
      }
    };
    const leave = this.store.watch(pump);
    call.on('cancelled', leave);
    pump();
    call.write(caughtUpAnswer());
  }

  #refusal(fault: Fault): Refusal {
    const metadata = new grpc.Metadata();
    switch (fault) {
      case 'not leader':
        metadata.set('exception', 'not-leader');
        metadata.set('leader-endpoint-host', '127.0.0.1');
        metadata.set('leader-endpoint-port', String(this.#options.cluster?.leader ?? this.#port));
        return { code: grpc.status.NOT_FOUND, details: 'Leader info available', metadata };
      case 'denied':
        metadata.set('exception', 'access-denied');
        return { code: grpc.status.PERMISSION_DENIED, details: 'Access Denied', metadata };
      case 'unauthenticated':
        return { code: grpc.status.UNAUTHENTICATED, details: 'Unauthenticated' };
      default:
        return { code: grpc.status.UNAVAILABLE, details: 'Server Is Too Busy' };
    }
  }
}

function tooLarge(): Refusal {
  const metadata = new grpc.Metadata();
  metadata.set('exception', 'maximum-append-size-exceeded');
  metadata.set('maximum-append-size', String(MAX_APPEND_SIZE));
  const details = `Maximum Append Size of ${MAX_APPEND_SIZE} Exceeded.`;
  return { code: grpc.status.INVALID_ARGUMENT, details, metadata };
}

function unimplemented(_call: unknown, done: (error: Refusal) => void): void {
  done({ code: grpc.status.UNIMPLEMENTED, details: 'not part of the double' });
}
