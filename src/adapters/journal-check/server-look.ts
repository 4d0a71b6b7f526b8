import { randomUUID } from 'node:crypto';
import { ANY, BACKWARDS, END, jsonEvent, type EventStoreDBClient, type ResolvedEvent } from '@eventstore/db-client';
import gossipGrpc from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossipPb from '@eventstore/db-client/generated/gossip_pb.js';
import type { ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import type { CallFact, JournalFacts, MemberFact } from '../../domain/journal-check/facts.js';
import type { Trouble } from '../../domain/journal-check/troubles.js';
import type { Clock } from '../../kernel/time.js';
import { RunningTimer } from '../clock/running-timer.js';
import type { ConnectionUrl } from '../journal-esdb/connection-url.js';
import { NoAnswerError, reasonOf, troubleOf } from '../journal-esdb/trouble-of.js';

export interface ServerLookOptions {
  readonly client: EventStoreDBClient;
  readonly url: ConnectionUrl;
  /** The stream that the probe is written to; none of a bot. */
  readonly probeStream: string;
  readonly clock: Clock;
  /** How long each call may take. */
  readonly limitMs: number;
}

type Seen = Pick<
  JournalFacts,
  'product' | 'version' | 'members' | 'readAll' | 'write' | 'readBack' | 'metadata' | 'clock'
>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Events that the server keeps of the probes. */
const KEPT_PROBES = 20;
/** The call that finds another leader makes the client reconnect; the next one reaches it. */
const ATTEMPTS = 2;

/** Troubles after which further calls would only wait again. */
const ENDING: readonly Trouble[] = ['silent', 'login', 'unreachable', 'refused', 'unresolved', 'starting'];

/** Asks the server for everything that a bot needs of it, one call after the other. Never throws. */
export class ServerLook {
  readonly #options: ServerLookOptions;

  constructor(options: ServerLookOptions) {
    this.#options = options;
  }

  async look(): Promise<Seen> {
    const seen: Mutable<Seen> = {};
    seen.product = await this.#features((version) => (seen.version = version));
    if (isEnd(seen.product)) return seen;
    seen.members = await this.#members();
    const readAll = await this.#readAll();
    if (!readAll.ok && readAll.trouble === 'otherProduct') return { ...seen, product: readAll };
    seen.readAll = readAll;
    if (isEnd(readAll)) return seen;
    return { ...seen, ...(await this.#probe()) };
  }

  /** A call with its limit; a denied one is a trouble of its own. */
  async call<T>(
    work: (client: EventStoreDBClient) => Promise<T>,
    denied: Trouble,
    take?: (answer: T) => void,
  ): Promise<CallFact> {
    const { client, url, limitMs } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await within(work(client), limitMs);
        take?.(answer);
        return { ok: true };
      } catch (error) {
        const trouble = troubleOf(error);
        if (attempt < ATTEMPTS && (trouble === 'noLeader' || trouble === 'unreachable')) continue;
        const detail = trouble === 'silent' ? `within ${limitMs / 1_000} s` : reasonOf(error, url);
        return { ok: false, trouble: trouble === 'denied' ? denied : trouble, detail };
      }
    }
  }

  /** User and password go with every call that reads or writes. */
  get login(): { readonly credentials?: { readonly username: string; readonly password: string } } {
    const { credentials } = this.#options.url;
    return credentials === undefined ? {} : { credentials };
  }

  #features(take: (version: string | undefined) => void): Promise<CallFact> {
    return this.call(
      (client) => client['capabilities'],
      'denied',
      ({ serverVersion }) => take(/^\d+(\.\d+)+/.exec(serverVersion)?.[0]),
    );
  }

  /** Undefined when the server does not describe its nodes: a proxy or a rule of access may stand between. */
  async #members(): Promise<readonly MemberFact[] | undefined> {
    let members: readonly MemberFact[] | undefined;
    await this.call(
      (client) => client['execute'](gossipGrpc.GossipClient, 'gossip', (gossip) => gossipOf(gossip)),
      'denied',
      (info) => (members = info.getMembersList().map(memberOf)),
    );
    return members;
  }

  #readAll(): Promise<CallFact> {
    return this.call(async (client) => {
      const found = client.readAll({ direction: BACKWARDS, maxCount: 1, requiresLeader: true, ...this.login });
      return lastOf(found);
    }, 'readDenied');
  }

  async #probe(): Promise<Partial<Seen>> {
    const { probeStream, clock } = this.#options;
    const id = randomUUID();
    const event = jsonEvent({ id, type: 'JournalChecked', data: { by: 'tradebot' } });
    let before = clock.now();
    const write = await this.call((client) => {
      before = clock.now();
      return client.appendToStream(probeStream, event, { expectedRevision: ANY, requiresLeader: true, ...this.login });
    }, 'writeDenied');
    if (!write.ok) return { write: write.trouble === 'silent' ? { ...write, trouble: 'writeSilent' } : write };
    const exactTo = Math.ceil((clock.now() - before) / 2);
    let created: Date | undefined;
    const readBack = await this.call(
      (client) => this.#written(client, id),
      'streamReadDenied',
      (found) => (created = found),
    );
    if (isEnd(readBack)) return { write, readBack };
    const metadata = await this.call(
      (client) =>
        client.setStreamMetadata(probeStream, { maxCount: KEPT_PROBES }, { requiresLeader: true, ...this.login }),
      'metadataDenied',
    );
    return {
      write,
      readBack,
      metadata,
      ...(created === undefined ? {} : { clock: { aheadMs: created.getTime() - before - exactTo, exactTo } }),
    };
  }

  /** When the server recorded the probe. Others may probe at the same time. */
  async #written(client: EventStoreDBClient, id: string): Promise<Date | undefined> {
    const found = client.readStream(this.#options.probeStream, {
      direction: BACKWARDS,
      fromRevision: END,
      maxCount: KEPT_PROBES,
      requiresLeader: true,
      ...this.login,
    });
    const written = await lastOf(found, ({ event }) => event?.id === id);
    if (written === undefined) throw new Error('the event that was just written is not in its stream');
    return written.event?.created;
  }
}

/** Reads to the end: a call that is left in the middle would hold up the end of the client. */
async function lastOf(
  found: AsyncIterable<ResolvedEvent>,
  fits: (event: ResolvedEvent) => boolean = () => true,
): Promise<ResolvedEvent | undefined> {
  let last: ResolvedEvent | undefined;
  for await (const one of found) if (fits(one)) last = one;
  return last;
}

/** Whether further calls are useless. */
function isEnd(fact: CallFact): boolean {
  return !fact.ok && ENDING.includes(fact.trouble);
}

function gossipOf(gossip: InstanceType<typeof gossipGrpc.GossipClient>): Promise<ClusterInfo> {
  return new Promise((resolve, reject) => {
    gossip.read(new sharedPb.Empty(), (error, info) => (error === null ? resolve(info) : reject(error)));
  });
}

const { VNodeState } = gossipPb.MemberInfo;
const STATES = new Map(Object.entries(VNodeState).map(([name, state]) => [state, name.toLowerCase()] as const));

function memberOf(member: ReturnType<ClusterInfo['getMembersList']>[number]): MemberFact {
  const at = member.getHttpEndPoint();
  return {
    at: at === undefined ? 'a node' : `${at.getAddress()}:${at.getPort()}`,
    state: STATES.get(member.getState()) ?? 'unknown',
    alive: member.getIsAlive(),
  };
}

/** Some calls of the client have no limit of their own. */
async function within<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: RunningTimer | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = new RunningTimer(limitMs, () => reject(new NoAnswerError(`no answer within ${limitMs} ms`)));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    timer?.cancel();
  }
}
