import grpc from '@grpc/grpc-js';
import type { Server, ServerDuplexStream, ServerReadableStream, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import gossipGrpc from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import type { ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import featuresGrpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import featuresPb from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type { Empty } from '@eventstore/db-client/generated/shared_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type {
  AppendReq,
  AppendResp,
  BatchAppendReq,
  BatchAppendResp,
  DeleteReq,
  DeleteResp,
  TombstoneReq,
  TombstoneResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import { takeAppend, takeBatchAppends, type ArrivedAppend } from './append-calls.js';
import { gossipOf, type ClusterView } from './cluster.js';
import { Line } from './line.js';
import { confirmationAnswer, deleteAnswer, expectedOf, nameOf, tombstoneAnswer } from './messages.js';
import { ReadCalls, readStreamOf, type ReadCall } from './read-calls.js';
import * as refusals from './refusals.js';
import { MAX_APPEND_EVENTS, MAX_APPEND_SIZE, type Refusal } from './refusals.js';
import { mayDo, userOf, type Deed, type DoubleUser } from './rights.js';
import { DoubleStore } from './store.js';

/** The fault of the next call of a kind. `applied` faults do the work before they fail. */
export type Fault =
  | 'unavailable'
  | 'applied, then unavailable'
  | 'applied, then silent'
  | 'applied, then deadline'
  | 'silent'
  | 'not leader'
  | 'not ready'
  | 'denied'
  | 'unauthenticated'
  | 'too large'
  | 'deadline'
  | 'aborted'
  /** Of a batch append: the refusal is answered twice. */
  | 'denied twice'
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
  /** Serves TLS with this certificate; `caFile` is put into the URL. PEM texts. */
  readonly tls?: { readonly certificate: string; readonly privateKey: string; readonly caFile?: string };
}

type Kind = 'append' | 'read' | 'subscribe';

/** A call, as far as its headers are of interest. */
type Headed = Pick<ServerReadableStream<unknown, unknown>, 'metadata'>;

const { status } = grpc;

/**
 * A server of the EventStoreDB protocol inside the test process: real gRPC on the service definitions that the client
 * ships, the server's rules of idempotency, limits, metadata, deletion and rights, and faults on demand.
 */
export class EsdbDouble {
  readonly store: DoubleStore;
  /** Calls so far by kind. */
  readonly calls = { append: 0, read: 0, subscribe: 0 };
  /** How long a filtered read looks through events of others before it sends anything. */
  searchMs = 0;
  /** Refusals that were answered again. */
  secondAnswers = 0;
  /** Who may log in; nobody here is a server without users, where everybody may do everything. */
  readonly users: DoubleUser[] = [];
  /** The user whom a connection without TLS acts for, because the client sends no password there. */
  plainUser: string | undefined;
  /** Every append is refused. */
  diskFull = false;
  version = '23.10.6.0';
  readonly #options: DoubleOptions;
  readonly #faults: { readonly kind: Kind; readonly fault: Fault }[] = [];
  readonly #server: Server;
  readonly #reads: ReadCalls;
  readonly #cluster: ClusterView;
  #line = new Line(0);
  #innerPort = 0;
  #port = 0;
  /** The work of calls that arrived while the server was frozen. */
  #frozen: (() => void)[] | undefined;
  #answerTwice = false;

  private constructor(options: DoubleOptions) {
    this.#options = options;
    this.store = options.store ?? new DoubleStore();
    this.#cluster = options.cluster ?? { ports: [], leader: null };
    const { streamPositions = true, oddPositions = false } = options;
    this.#reads = new ReadCalls(this.store, { streamPositions, oddPositions });
    this.#server = new grpc.Server();
    this.#server.addService(streamsGrpc.StreamsService, {
      read: (call: ReadCall) => this.#whenAwake(() => this.#read(call)),
      append: (call: ServerReadableStream<AppendReq, AppendResp>, done: sendUnaryData<AppendResp>) =>
        takeAppend(call, done, (append) => this.#whenAwake(() => this.#append(append))),
      batchAppend: (call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>) =>
        takeBatchAppends(
          call,
          () => this.#takeTwice(),
          (append) => this.#whenAwake(() => this.#append(append)),
        ),
      delete: (call: ServerUnaryCall<DeleteReq, DeleteResp>, done: sendUnaryData<DeleteResp>) =>
        this.#whenAwake(() => this.#delete(call, done)),
      tombstone: (call: ServerUnaryCall<TombstoneReq, TombstoneResp>, done: sendUnaryData<TombstoneResp>) =>
        this.#whenAwake(() => this.#tombstone(call, done)),
    });
    this.#server.addService(featuresGrpc.ServerFeaturesService, {
      getSupportedMethods: (_call: ServerUnaryCall<Empty, SupportedMethods>, done: sendUnaryData<SupportedMethods>) =>
        this.#whenAwake(() => this.#features(done)),
    });
    this.#server.addService(gossipGrpc.GossipService, {
      read: (_call: ServerUnaryCall<Empty, ClusterInfo>, done: sendUnaryData<ClusterInfo>) =>
        this.#whenAwake(() => done(null, gossipOf(this.#cluster))),
    });
  }

  static async start(options: DoubleOptions = {}): Promise<EsdbDouble> {
    const double = new EsdbDouble(options);
    const credentials =
      options.tls === undefined
        ? grpc.ServerCredentials.createInsecure()
        : grpc.ServerCredentials.createSsl(null, [
            { cert_chain: Buffer.from(options.tls.certificate), private_key: Buffer.from(options.tls.privateKey) },
          ]);
    double.#innerPort = await new Promise<number>((resolve, reject) => {
      double.#server.bindAsync('127.0.0.1:0', credentials, (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
    double.#line = new Line(double.#innerPort);
    double.#port = await double.#line.listen(0);
    double.#cluster.ports.push(double.#port);
    if (options.cluster === undefined) double.leader = double.#port;
    return double;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    const { tls } = this.#options;
    const address = `esdb://127.0.0.1:${this.#port}`;
    if (tls === undefined) return `${address}?tls=false`;
    return tls.caFile === undefined ? `${address}?tls=true` : `${address}?tls=true&tlsCAFile=${tls.caFile}`;
  }

  /** Bytes on the wire so far, from clients and to them. */
  get bytes(): { readonly received: number; readonly sent: number } {
    return this.#line.bytes;
  }

  /** The port of the node that leads; null for a cluster without a leader, which takes no calls. */
  get leader(): number | null {
    return this.#cluster.leader;
  }

  set leader(port: number | null) {
    this.#cluster.leader = port;
  }

  /** The next call of this kind fails so; several wait in line. */
  failNext(kind: Kind, ...faults: readonly Fault[]): void {
    for (const fault of faults) this.#faults.push({ kind, fault });
  }

  /** Forgets the failures that no call has met. */
  clearFaults(): void {
    this.#faults.length = 0;
  }

  /** Breaks every line; the server continues to listen. */
  dropConnections(): void {
    this.#server.drain(`127.0.0.1:${this.#innerPort}`, 0);
  }

  /** The open subscriptions stay silent from now on, as seen after a change of leader. */
  muteSubscriptions(): void {
    this.#reads.mute();
  }

  /** A stopped process: connections and calls are taken, and nothing is answered. */
  freeze(): void {
    this.#frozen ??= [];
    this.#line.freeze();
  }

  /** What was sent to the frozen server is carried out, and its answers arrive late. */
  thaw(): void {
    const work = this.#frozen ?? [];
    this.#frozen = undefined;
    for (const carryOut of work) carryOut();
    this.#line.thaw();
  }

  /** Kills the server: its port is closed, its data stay; what a frozen one had not carried out is lost. */
  async halt(): Promise<void> {
    this.#frozen = undefined;
    await this.#line.close();
    this.store.forgetRecent();
  }

  /** Starts the killed server at its port; `loseLast` is how many of the last events were not on its disk. */
  async resume({ loseLast = 0 }: { readonly loseLast?: number } = {}): Promise<void> {
    if (loseLast > 0) this.store.loseLast(loseLast);
    await this.#line.listen(this.#port);
  }

  stop(): void {
    this.#frozen = undefined;
    void this.#line.close();
    this.#server.forceShutdown();
  }

  #whenAwake(work: () => void): void {
    if (this.#frozen === undefined) work();
    else this.#frozen.push(work);
  }

  #takeTwice(): (() => void) | undefined {
    const twice = this.#answerTwice;
    this.#answerTwice = false;
    return twice ? () => (this.secondAnswers += 1) : undefined;
  }

  /** The fault of this call, or why the server refuses it; appends and bounded reads of the journal ask for the leader. */
  #takeFault(kind: Kind, call: Headed): Fault | undefined {
    this.calls[kind] += 1;
    if (this.leader === null) return 'not ready';
    if (call.metadata.get('requires-leader')[0] === 'true' && this.leader !== this.#port) return 'not leader';
    const at = this.#faults.findIndex((waiting) => waiting.kind === kind);
    return at < 0 ? undefined : this.#faults.splice(at, 1)[0]?.fault;
  }

  #refusalByRights(call: Headed, deed: Deed, stream: string): Refusal | undefined {
    if (this.users.length === 0) return undefined;
    const header = call.metadata.get('authorization')[0]?.toString();
    const plain = this.users.find(({ name }) => name === this.plainUser);
    const user = header === undefined ? plain : userOf(this.users, header);
    if (user === 'refused') return refusals.unauthenticated();
    return mayDo(this.store, user, deed, stream) ? undefined : refusals.denied();
  }

  #features(done: sendUnaryData<SupportedMethods>): void {
    if (this.#options.batchAppend !== true) {
      done({ code: status.UNIMPLEMENTED });
      return;
    }
    const method = new featuresPb.SupportedMethod();
    method.setServiceName('event_store.client.streams.Streams');
    method.setMethodName('batchappend');
    const methods = new featuresPb.SupportedMethods();
    methods.setEventStoreServerVersion(this.version);
    methods.setMethodsList([method]);
    done(null, methods);
  }

  #append(append: ArrivedAppend): void {
    const { call, name, events, expected, answer, refuse } = append;
    const fault = this.#takeFault('append', call);
    this.#answerTwice = fault === 'denied twice';
    if (fault === 'silent') return;
    const refusal = this.#refusalOf(append, fault);
    if (refusal !== undefined) {
      refuse(refusal);
      return;
    }
    const outcome = this.store.append(name, events, expected);
    if (fault === 'applied, then silent') return;
    if (fault !== undefined) refuse(this.#refusal(fault));
    else if (outcome.kind === 'deleted') refuse(refusals.streamDeleted(name));
    else if (this.#options.oddPositions !== true || !('position' in outcome)) answer(outcome);
    else answer({ ...outcome, position: outcome.position + 1n });
  }

  /** Why an append is refused before it is applied. */
  #refusalOf({ call, name, events }: ArrivedAppend, fault: Fault | undefined): Refusal | undefined {
    const size = events.reduce((sum, event) => sum + event.data.length + event.metadata.length, 0);
    if (size > MAX_APPEND_SIZE || events.length > MAX_APPEND_EVENTS) return refusals.tooLarge();
    if (fault !== undefined && !fault.startsWith('applied')) return this.#refusal(fault);
    return this.#refusalByRights(call, 'w', name) ?? (this.diskFull ? refusals.diskFull() : undefined);
  }

  #read(call: ReadCall): void {
    const options = call.request.getOptions();
    if (options === undefined) return void call.emit('error', refusals.badRequest());
    const subscription = options.hasSubscription();
    const fault = this.#takeFault(subscription ? 'subscribe' : 'read', call);
    if (fault === 'silent') return undefined;
    if (fault === 'confirmed, then silent') return void call.write(confirmationAnswer('silent'));
    if (fault !== undefined && fault !== 'broken off') return void call.emit('error', this.#refusal(fault));
    const refusal = this.#refusalByRights(call, 'r', readStreamOf(options));
    if (refusal !== undefined) return void call.emit('error', refusal);
    const answer = (): void => {
      if (subscription) this.#reads.subscribe(call, options, fault === 'broken off');
      else if (!call.cancelled) this.#reads.read(call, options, fault === 'broken off');
    };
    if (this.searchMs > 0 && !subscription && options.hasFilter()) setTimeout(answer, this.searchMs).unref();
    else answer();
  }

  #delete(call: ServerUnaryCall<DeleteReq, DeleteResp>, done: sendUnaryData<DeleteResp>): void {
    const refusal = this.#refusalOfDelete(call, call.request.getOptions());
    if (refusal !== undefined) {
      done(refusal);
      return;
    }
    this.store.softDelete(nameOf(call.request.getOptions()?.getStreamIdentifier()));
    done(null, deleteAnswer(this.store.log.at(-1)?.position ?? 0n));
  }

  #tombstone(call: ServerUnaryCall<TombstoneReq, TombstoneResp>, done: sendUnaryData<TombstoneResp>): void {
    const refusal = this.#refusalOfDelete(call, call.request.getOptions());
    if (refusal !== undefined) {
      done(refusal);
      return;
    }
    this.store.tombstone(nameOf(call.request.getOptions()?.getStreamIdentifier()));
    done(null, tombstoneAnswer(this.store.log.at(-1)?.position ?? 0n));
  }

  #refusalOfDelete(call: Headed, options: DeleteReq.Options | TombstoneReq.Options | undefined): Refusal | undefined {
    if (options === undefined) return refusals.badRequest();
    if (this.leader === null) return refusals.notReady();
    const name = nameOf(options.getStreamIdentifier());
    const refusal = this.#refusalByRights(call, 'd', name);
    if (refusal !== undefined) return refusal;
    if (this.store.view(name) === 'deleted') return refusals.streamDeleted(name);
    const expected = expectedOf(options);
    const last = this.store.stream(name)?.at(-1)?.revision ?? null;
    const fits =
      expected === 'any' ||
      (expected === 'noStream' ? last === null : expected === 'streamExists' ? last !== null : expected === last);
    return fits ? undefined : refusals.wrongVersion(name, String(expected), last);
  }

  #refusal(fault: Fault): Refusal {
    switch (fault) {
      case 'not leader':
        return refusals.notLeader(this.leader ?? this.#port);
      case 'not ready':
        return refusals.notReady();
      case 'denied':
      case 'denied twice':
        return refusals.denied();
      case 'unauthenticated':
        return refusals.unauthenticated();
      case 'too large':
        return refusals.tooLarge();
      case 'deadline':
      case 'applied, then deadline':
        return refusals.deadline();
      case 'aborted':
        return refusals.aborted();
      default:
        return refusals.unavailable();
    }
  }
}
