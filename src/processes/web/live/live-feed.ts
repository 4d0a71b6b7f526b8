import type { ServerResponse } from 'node:http';
import type { EventType, Position, RecordedEvent } from '../../../events/event.js';
import type { Journal } from '../../../ports/journal.js';
import { foldAddress, LOOPBACK_SOURCE, sourceOf } from '../../../domain/access/address.js';
import { Problem } from '../common/problem.js';
import type { WebLog } from '../common/web-log.js';
import { Backlog, type SentEvent } from './backlog.js';
import { liveViewOf, LIVE_TYPES } from './live-view.js';

export { LIVE_TYPES };

export interface LiveFeedOptions {
  readonly log: WebLog;
  readonly read: (options: NonNullable<Parameters<Journal['readAll']>[0]>) => Promise<readonly RecordedEvent[]>;
}

/** Who listens. */
export interface Listener {
  /** Of the session or token that it came with: it ends with it. */
  readonly ref: string;
  readonly userId: string;
  readonly isAdmin: boolean;
  /** Network address. */
  readonly address: string;
  /** Whether the list of the journal shows events of this type to this user. */
  readonly sees: (type: EventType) => boolean;
}

interface LiveRow {
  readonly stream: string;
  readonly actor: string;
}

interface Client extends Listener {
  readonly response: ServerResponse;
  /** By performance.now(). */
  readonly since: number;
  /** Null while it catches up: what comes meanwhile waits here. */
  waiting: SentEvent[] | null;
}

const MOST_CLIENTS = 64;
/** Places that are kept for admins. */
const ADMIN_CLIENTS = 16;
const MOST_OF_USER = 8;
/** Of one address; not of this machine, where all users may be. */
const MOST_OF_ADDRESS = 32;
/** What may lie in a socket that nobody reads before the client is dropped. */
const MOST_UNSENT_BYTES = 256 * 1_024;
const MOST_WAITING = 1_000;
const MOST_RESUMED = 500;
/** A page shows within 3 s that its line is dead: it hears something each second. */
const HEARTBEAT_MS = 1_000;
/** Milliseconds after which a client that lost the line connects again; the start of each stream. */
const RETRY = 'retry: 2000\n\n';
export const STREAM_HEADERS = [
  ['Content-Type', 'text/event-stream; charset=utf-8'],
  ['Cache-Control', 'no-store'],
  ['X-Accel-Buffering', 'no'],
] as const;
/** Then the client reconnects and is authenticated again. */
const LONGEST_MS = 60 * 60 * 1_000;

/**
 * Server-sent events of what happens in the journal: `id` is the position, so that a browser that lost the line resumes
 * where it was. A client that is too slow or too far behind gets `reset` or is disconnected: it reads the state again.
 */
export class LiveFeed {
  readonly #clients = new Set<Client>();
  readonly #backlog = new Backlog(MOST_RESUMED, RETRY);
  #heart: NodeJS.Timeout | undefined;

  constructor(private readonly options: LiveFeedOptions) {}

  get clients(): number {
    return this.#clients.size;
  }

  publish(event: RecordedEvent): void {
    const sent = sentOf(event);
    this.#backlog.add(sent);
    let withRow: string | undefined;
    for (const client of [...this.#clients]) {
      if (client.waiting === null) {
        this.#send(client, client.sees(event.type) ? (withRow ??= sentOf(event, rowOf(event)).text) : sent.text);
      } else if (client.waiting.length < MOST_WAITING) client.waiting.push(sent);
      else this.#drop(client);
    }
  }

  /** A session or token ended: so do its streams. */
  endOf(ref: string): void {
    for (const client of [...this.#clients]) if (client.ref === ref) this.#drop(client);
  }

  /** The journal could not be followed: who resumes is answered from the journal itself. */
  distrust(): void {
    this.#backlog.forget();
  }

  /** Whether this user may have one more. */
  hasRoom(listener: Listener): boolean {
    return this.#crowd(listener) === undefined;
  }

  /**
   * Answers with the stream. `lastEventId`: the last position that the client has. Throws a Problem 503 when there is no place
   * for this user.
   */
  async attach(response: ServerResponse, listener: Listener, lastEventId: string | undefined): Promise<void> {
    const crowd = this.#crowd(listener);
    if (crowd !== undefined) throw crowd;
    const client: Client = { ...listener, response, since: performance.now(), waiting: [] };
    this.#clients.add(client);
    response.on('close', () => this.#forget(client));
    response.on('error', () => this.#forget(client));
    for (const [name, value] of STREAM_HEADERS) response.setHeader(name, value);
    response.writeHead(200);
    this.#heart ??= setInterval(() => this.#beat(), HEARTBEAT_MS);
    const start = lastEventId === undefined ? RETRY : this.#backlog.after(lastEventId);
    this.#send(client, start ?? RETRY);
    if (start === undefined && lastEventId !== undefined) await this.#catchUp(client, lastEventId);
    else client.waiting = null;
  }

  close(): void {
    for (const client of [...this.#clients]) this.#drop(client);
  }

  /** Why there is no place; undefined when there is one. */
  #crowd({ userId, isAdmin, address }: Listener): Problem | undefined {
    const all = [...this.#clients];
    if (all.filter((one) => one.userId === userId).length >= MOST_OF_USER) return full(MOST_OF_USER, 'of this user');
    const most = isAdmin ? MOST_CLIENTS : MOST_CLIENTS - ADMIN_CLIENTS;
    const counted = isAdmin ? all : all.filter((one) => !one.isAdmin);
    if (counted.length >= most) return full(most, isAdmin ? '' : 'who are no admins');
    const source = sourceOf(foldAddress(address));
    if (isAdmin || source === LOOPBACK_SOURCE) return undefined;
    const near = all.filter((one) => sourceOf(foldAddress(one.address)) === source);
    return near.length >= MOST_OF_ADDRESS ? full(MOST_OF_ADDRESS, 'at this address') : undefined;
  }

  async #catchUp(client: Client, lastEventId: string): Promise<void> {
    const missed = await this.#missed(lastEventId);
    if (missed === undefined) this.#send(client, 'event: reset\ndata: {}\n\n');
    else this.#backlog.learn(lastEventId, missed);
    const sent = new Set((missed ?? []).map(({ position }) => position));
    const waiting = (client.waiting ?? []).filter(({ position }) => !sent.has(position));
    client.waiting = null;
    const text = [...(missed ?? []), ...waiting].map((event) => event.text).join('');
    if (text !== '') this.#send(client, text);
  }

  /** Undefined: too many, or not a position of this journal. */
  async #missed(lastEventId: string): Promise<readonly SentEvent[] | undefined> {
    if (!/^[0-9/]{1,60}$/.test(lastEventId)) return undefined;
    const after = lastEventId as Position;
    try {
      const found = await this.options.read({ after, limit: MOST_RESUMED + 1, filter: { types: LIVE_TYPES } });
      return found.length > MOST_RESUMED ? undefined : found.map((event) => sentOf(event));
    } catch {
      return undefined;
    }
  }

  #send(client: Client, sent: string | Buffer): void {
    const { response } = client;
    if (response.writableEnded || response.destroyed) return;
    response.write(sent);
    if (response.writableLength > MOST_UNSENT_BYTES) this.#drop(client);
  }

  #drop(client: Client): void {
    this.#forget(client);
    client.response.end();
    if (client.response.writableLength > 0) client.response.destroy();
  }

  #forget(client: Client): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    clearInterval(this.#heart);
    this.#heart = undefined;
  }

  #beat(): void {
    const now = performance.now();
    for (const client of [...this.#clients]) {
      if (now - client.since > LONGEST_MS) this.#drop(client);
      else this.#send(client, ': still here\n\n');
    }
  }
}

/** What a list of the journal shows of an event besides: a page draws its row without asking for it. */
function rowOf({ stream, meta: { actor } }: RecordedEvent): LiveRow {
  return { stream, actor };
}

/** `type` is the event's name for EventSource.addEventListener. What is resumed has no row: the list is read again. */
function sentOf(event: RecordedEvent, row?: LiveRow): SentEvent {
  const type: EventType = event.type;
  const data = JSON.stringify({ type, at: event.occurredAt, ...row, ...liveViewOf(event) });
  return { position: event.position, text: `id: ${event.position}\nevent: ${type}\ndata: ${data}\n\n` };
}

function full(most: number, whose: string): Problem {
  return new Problem({
    status: 503,
    code: 'TOO_MANY_LISTENERS',
    detail: `${most} listeners ${whose === '' ? '' : `${whose} `}follow live already.`,
    remedy: 'Close a page of the bot, or ask again later.',
    headers: { 'Retry-After': '10' },
  });
}
