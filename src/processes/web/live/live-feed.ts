import type { Response } from 'express';
import type { EventType, Position, RecordedEvent } from '../../../events/event.js';
import type { Journal } from '../../../ports/journal.js';
import { Problem } from '../common/problem.js';
import type { WebLog } from '../common/web-log.js';
import { liveViewOf, LIVE_TYPES } from './live-view.js';

export { LIVE_TYPES };

export interface LiveFeedOptions {
  readonly log: WebLog;
  readonly read: (options: NonNullable<Parameters<Journal['readAll']>[0]>) => Promise<readonly RecordedEvent[]>;
}

interface Client {
  readonly response: Response;
  /** Of the session or token that it came with: it ends with it. */
  readonly ref: string;
  /** By performance.now(). */
  readonly since: number;
  /** Null while it catches up: what comes meanwhile waits here. */
  waiting: RecordedEvent[] | null;
}

const MOST_CLIENTS = 64;
/** What may lie in a socket that nobody reads before the client is dropped. */
const MOST_UNSENT_BYTES = 256 * 1_024;
const MOST_WAITING = 1_000;
const MOST_RESUMED = 500;
const HEARTBEAT_MS = 15_000;
const RETRY_MS = 2_000;
/** Then the client reconnects and is authenticated again. */
const LONGEST_MS = 60 * 60 * 1_000;

/**
 * Server-sent events of what happens in the journal: `id` is the position, so that a browser that lost the line resumes
 * where it was. A client that is too slow or too far behind gets `reset` or is disconnected: it reads the state again.
 */
export class LiveFeed {
  readonly #clients = new Set<Client>();
  #heart: NodeJS.Timeout | undefined;

  constructor(private readonly options: LiveFeedOptions) {}

  get clients(): number {
    return this.#clients.size;
  }

  publish(event: RecordedEvent): void {
    for (const client of [...this.#clients]) {
      if (client.waiting === null) this.#send(client, textOf(event));
      else if (client.waiting.length < MOST_WAITING) client.waiting.push(event);
      else this.#drop(client);
    }
  }

  /** A session or token ended: so do its streams. */
  endOf(ref: string): void {
    for (const client of [...this.#clients]) if (client.ref === ref) this.#drop(client);
  }

  /**
   * Answers with the stream. `ref`: of the session or token that asks; `lastEventId`: the last position that the client has.
   * Throws a Problem 503 when it is full.
   */
  async attach(response: Response, ref: string, lastEventId: string | undefined): Promise<void> {
    if (this.#clients.size >= MOST_CLIENTS) throw full();
    const client: Client = { response, ref, since: performance.now(), waiting: [] };
    this.#clients.add(client);
    response.on('close', () => this.#forget(client));
    response.on('error', () => this.#forget(client));
    response.status(200).set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    });
    response.flushHeaders();
    this.#send(client, `retry: ${RETRY_MS}\n\n`);
    this.#heart ??= setInterval(() => this.#beat(), HEARTBEAT_MS);
    await this.#catchUp(client, lastEventId);
  }

  close(): void {
    for (const client of [...this.#clients]) this.#drop(client);
  }

  async #catchUp(client: Client, lastEventId: string | undefined): Promise<void> {
    const missed = lastEventId === undefined ? [] : await this.#missed(lastEventId);
    if (missed === undefined) this.#send(client, 'event: reset\ndata: {}\n\n');
    const sent = new Set((missed ?? []).map((event) => event.position));
    for (const event of missed ?? []) this.#send(client, textOf(event));
    const waiting = client.waiting ?? [];
    client.waiting = null;
    for (const event of waiting) if (!sent.has(event.position)) this.#send(client, textOf(event));
  }

  /** Undefined: too many, or not a position of this journal. */
  async #missed(lastEventId: string): Promise<readonly RecordedEvent[] | undefined> {
    if (!/^[0-9/]{1,60}$/.test(lastEventId)) return undefined;
    const after = lastEventId as Position;
    try {
      const found = await this.options.read({ after, limit: MOST_RESUMED + 1, filter: { types: LIVE_TYPES } });
      return found.length > MOST_RESUMED ? undefined : found;
    } catch {
      return undefined;
    }
  }

  #send(client: Client, text: string): void {
    const { response } = client;
    if (response.writableEnded || response.destroyed) return;
    response.write(text);
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

/** `type` is the event's name for EventSource.addEventListener. */
function textOf(event: RecordedEvent): string {
  const type: EventType = event.type;
  const data = JSON.stringify({ type, at: event.occurredAt, ...liveViewOf(event) });
  return `id: ${event.position}\nevent: ${type}\ndata: ${data}\n\n`;
}

function full(): Problem {
  return new Problem({
    status: 503,
    code: 'TOO_MANY_LISTENERS',
    detail: `${MOST_CLIENTS} listeners follow live already.`,
    remedy: 'Close a page of the bot, or ask again later.',
    headers: { 'Retry-After': '10' },
  });
}
