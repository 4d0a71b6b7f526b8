import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { NextFunction, Request, Response } from 'express';
import { foldAddress, sourceOf } from '../../domain/access/address.js';

export interface ConnectionLimits {
  /** Of all sources together. */
  readonly most: number;
  /** Of one source. */
  readonly mostOfSource: number;
  /** Longest time for the head of a request, from the connection or the last response. Milliseconds. */
  readonly headMs: number;
  /** Longest time for the body. Milliseconds. */
  readonly bodyMs: number;
}

/** A response takes longer only when its reader is slow, or when it is a stream. */
const SLOW_READER_MS = 120_000;
const LOOK_MS = 1_000;
/** Requests of one connection that wait for their responses. No browser sends the next one before; one in transit is no fault. */
const MOST_AHEAD = 4;

interface Connection {
  readonly socket: Socket;
  readonly source: string;
  /** What the server waits for. */
  phase: 'head' | 'body' | 'response';
  /** The responses that are not sent yet, in order. */
  readonly responses: Set<ServerResponse>;
  /** When the phase began, by performance.now(). */
  since: number;
}

/**
 * The open connections of a server. Where there are too many, the oldest that has sent no whole request is closed in the place
 * of the new one: who holds connections half open never keeps out who sends a request. One that sends many requests ahead of
 * their responses is closed: a thousand fit in one packet, and all would be worked on before anybody else's.
 */
export class Connections {
  /** By address and port of the other end; oldest first. */
  readonly #open = new Map<string, Connection>();
  readonly #ofSource = new Map<string, number>();
  /** By the socket that requests come by, once the first one has. */
  readonly #bySocket = new WeakMap<Socket, Connection>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly limits: ConnectionLimits,
    private readonly now: () => number = () => performance.now(),
  ) {}

  watch(server: Server): void {
    server.on('connection', (socket: Socket) => this.#admit(socket));
    // before the application
    server.prependListener('request', (request: IncomingMessage, response: ServerResponse) =>
      this.#follow(request, response),
    );
    server.on('close', () => clearInterval(this.#timer));
    this.#timer = setInterval(() => this.#cutOff(), LOOK_MS);
    this.#timer.unref();
  }

  #admit(socket: Socket): void {
    const source = sourceOf(foldAddress(socket.remoteAddress ?? ''));
    const key = keyOf(socket);
    if (!this.#makeRoom(source)) {
      socket.destroy();
      return;
    }
    this.#ofSource.set(source, (this.#ofSource.get(source) ?? 0) + 1);
    this.#open.set(key, { socket, source, phase: 'head', responses: new Set(), since: this.now() });
    socket.once('close', () => this.#forget(key, socket));
  }

  #makeRoom(source: string): boolean {
    const own = (this.#ofSource.get(source) ?? 0) >= this.limits.mostOfSource;
    if (!own && this.#open.size < this.limits.most) return true;
    const all = [...this.#open.values()];
    const victim = this.#victimOf(own ? all.filter((one) => one.source === source) : all);
    if (victim === undefined) return false;
    this.#close(victim);
    return true;
  }

  #forget(key: string, socket: Socket): void {
    const found = this.#open.get(key);
    if (found?.socket !== socket) return;
    this.#open.delete(key);
    const left = (this.#ofSource.get(found.source) ?? 1) - 1;
    if (left > 0) this.#ofSource.set(found.source, left);
    else this.#ofSource.delete(found.source);
  }

  /** Who has sent no whole request, then who reads no response. */
  #victimOf(crowded: readonly Connection[]): Connection | undefined {
    const oldest = (some: readonly Connection[]): Connection | undefined =>
      some.reduce<Connection | undefined>(
        (first, one) => (first === undefined || one.since < first.since ? one : first),
        undefined,
      );
    const slow = (one: Connection): boolean =>
      one.phase === 'response' && this.now() - one.since > SLOW_READER_MS && ![...one.responses].some(isStream);
    return oldest(crowded.filter(({ phase }) => phase === 'head' || phase === 'body')) ?? oldest(crowded.filter(slow));
  }

  #follow(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#connectionOf(request.socket);
    if (connection === undefined) return;
    if (connection.responses.size >= MOST_AHEAD) {
      request.socket.destroy();
      this.#close(connection);
      return;
    }
    connection.responses.add(response);
    const enter = (phase: Connection['phase']): void => {
      connection.phase = phase;
      connection.since = this.now();
    };
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
    const isWhole = encoding === undefined && (length === undefined || Number(length) === 0);
    enter(isWhole ? 'response' : 'body');
    if (!isWhole) {
      request.once('end', () => {
        if (connection.phase === 'body') enter('response');
      });
    }
    response.on('close', () => {
      connection.responses.delete(response);
      if (connection.responses.size === 0) enter('head');
    });
  }

  #connectionOf(socket: Socket): Connection | undefined {
    const known = this.#bySocket.get(socket);
    if (known !== undefined) return known;
    const found = this.#open.get(keyOf(socket));
    if (found !== undefined) this.#bySocket.set(socket, found);
    return found;
  }

  #cutOff(): void {
    const { headMs, bodyMs } = this.limits;
    for (const connection of [...this.#open.values()]) {
      const { phase, since } = connection;
      const age = this.now() - since;
      if ((phase === 'head' && age > headMs) || (phase === 'body' && age > bodyMs)) this.#close(connection);
    }
  }

  #close({ socket }: Connection): void {
    this.#forget(keyOf(socket), socket);
    socket.destroy();
  }
}

/** Works on no request of a connection that is closed already. */
export function onlyOpenConnections(request: Request, response: Response, next: NextFunction): void {
  if (request.socket.destroyed) response.destroy();
  else next();
}

/** An endless response is no slow reader. */
function isStream(response: ServerResponse): boolean {
  return String(response.getHeader('Content-Type') ?? '').startsWith('text/event-stream');
}

/** The same for a socket and for the TLS that runs over it. */
function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? ''} ${remotePort ?? 0}`;
}
