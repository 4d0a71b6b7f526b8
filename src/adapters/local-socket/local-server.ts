import { chmodSync, statSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { TradeBotError } from '../../kernel/errors.js';
import { RunningTimer } from '../clock/running-timer.js';
import { FrameReader, frameOf } from './frames.js';
import { ALIVE_EVERY_MS, kindOf, LARGEST_REQUEST_BYTES, type FromClient, type FromServer } from './protocol.js';
import { prepareSocketPlace, reachablePath, unusable, type ReachablePath, type SocketPaths } from './socket-place.js';

export interface LocalServerOptions {
  readonly paths: SocketPaths;
  readonly pid: number;
  /** Answers a request; what it throws ends the connection without an answer. */
  readonly answer: (request: unknown) => Promise<unknown>;
  /** What a connection was ended for, or `answer` threw. */
  readonly onFault: (error: unknown) => void;
  readonly timing?: Partial<LocalServerTiming>;
}

export interface LocalServerTiming {
  /** Time for a client to send its request, and to take its answer. */
  readonly clientMs: number;
  /** Pause after the socket could not be made. */
  readonly againMs: number;
}

const TIMING: LocalServerTiming = { clientMs: 10_000, againMs: 10_000 };
const MOST_CONNECTIONS = 32;
/** Connections that the system keeps while this process is busy. */
const BACKLOG = 128;
const TURNS_TO_READ = 2;

interface Open {
  readonly server: Server;
  readonly place: ReachablePath;
  readonly inode: number;
}

/** The socket of a main that holds the lock of its home. Call `look` each second: it makes the socket, and again when it is gone. */
export class LocalServer {
  readonly #timing: LocalServerTiming;
  /** With the work for each that asked. */
  readonly #connections = new Map<Socket, Promise<void> | undefined>();
  #open: Open | undefined;
  #fault: TradeBotError | undefined;
  #triedAt = Number.NEGATIVE_INFINITY;
  #opening: Promise<void> | undefined;
  #closed = false;

  constructor(private readonly options: LocalServerOptions) {
    this.#timing = { ...TIMING, ...options.timing };
  }

  /** Why no command can reach this process now; undefined while they can. */
  get fault(): TradeBotError | undefined {
    return this.#fault;
  }

  /** Resolves when the socket is there, or is known not to be. */
  async look(): Promise<void> {
    if (this.#opening !== undefined) return this.#opening;
    if (this.#closed || this.#isThere()) return;
    if (performance.now() - this.#triedAt < this.#timing.againMs) return;
    this.#opening = this.#make();
    await this.#opening;
    this.#opening = undefined;
  }

  /** Takes no more requests; those that are worked on get their answer within `withinMs`. */
  async close(withinMs: number): Promise<void> {
    this.#closed = true;
    await this.#opening;
    this.#shut();
    for (const [socket, work] of this.#connections) if (work === undefined) socket.destroy();
    const works = [...this.#connections.values()].filter((work) => work !== undefined);
    await new Promise<void>((resolve) => {
      const late = new RunningTimer(withinMs, () => {
        for (const socket of this.#connections.keys()) socket.destroy();
        resolve();
      });
      void Promise.all(works).finally(() => {
        late.cancel();
        resolve();
      });
    });
  }

  #isThere(): boolean {
    if (this.#open === undefined) return false;
    return statSync(this.options.paths.file, { throwIfNoEntry: false })?.ino === this.#open.inode;
  }

  async #make(): Promise<void> {
    this.#triedAt = performance.now();
    this.#shut();
    const { paths } = this.options;
    let place: ReachablePath | undefined;
    try {
      prepareSocketPlace(paths);
      place = reachablePath(paths);
      const server = createServer((socket) => this.#connected(socket));
      await listening(server, place.path);
      chmodSync(paths.file, 0o600);
      server.on('error', (error) => this.options.onFault(error));
      this.#open = { server, place, inode: statSync(paths.file).ino };
      this.#fault = undefined;
    } catch (error) {
      place?.free();
      this.#fault = unusable(paths.file, error);
      this.options.onFault(this.#fault);
    }
  }

  #shut(): void {
    const open = this.#open;
    this.#open = undefined;
    // closing removes the socket by its path
    open?.server.close();
    open?.place.free();
  }

  #connected(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    if (this.#closed || this.#connections.size >= MOST_CONNECTIONS) {
      socket.destroy();
      return;
    }
    this.#connections.set(socket, undefined);
    const waits = new RunningTimer(this.#timing.clientMs, () => socket.destroy());
    socket.on('close', () => {
      waits.cancel();
      this.#connections.delete(socket);
    });
    const reader = new FrameReader(LARGEST_REQUEST_BYTES);
    socket.on('data', (chunk) => {
      try {
        for (const frame of reader.push(chunk)) this.#take(socket, frame, waits);
      } catch (error) {
        this.options.onFault(error);
        socket.destroy();
      }
    });
    send(socket, { kind: 'hello', pid: this.options.pid });
  }

  #take(socket: Socket, frame: unknown, waits: RunningTimer): void {
    // a second request, or what no command of ours says
    if (this.#connections.get(socket) !== undefined || kindOf(frame) !== 'request') {
      socket.destroy();
      return;
    }
    waits.cancel();
    this.#connections.set(socket, this.#work(socket, (frame as FromClient).request));
  }

  async #work(socket: Socket, request: unknown): Promise<void> {
    // after a pause of this process the end of a client that gave up is there to be read, too
    for (let turn = 0; turn < TURNS_TO_READ; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    if (socket.destroyed || socket.readableEnded) return;
    const alive = setInterval(() => send(socket, { kind: 'alive' }), ALIVE_EVERY_MS);
    socket.on('close', () => clearInterval(alive));
    try {
      send(socket, { kind: 'answer', answer: await this.options.answer(request) });
      socket.end();
      const taken = new RunningTimer(this.#timing.clientMs, () => socket.destroy());
      socket.on('close', () => taken.cancel());
    } catch (error) {
      this.options.onFault(error);
      socket.destroy();
    } finally {
      clearInterval(alive);
    }
  }
}

/** A client that reads nothing gets no more signs of life. */
function send(socket: Socket, frame: FromServer): void {
  if (socket.destroyed || (frame.kind === 'alive' && socket.writableLength > 0)) return;
  socket.write(frameOf(frame));
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
