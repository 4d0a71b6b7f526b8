import { connect, createServer, type Server, type Socket } from 'node:net';

interface Pair {
  readonly outside: Socket;
  readonly inside: Socket;
  /** What the server answered while it was frozen. */
  held: Buffer[];
}

/**
 * The port on which clients find the double: it hands their bytes to the server inside, counts them, and can behave as
 * the machine of a server does that is frozen, killed or started again at the same address.
 */
export class Line {
  /** Bytes on the wire, from clients and to them. */
  readonly bytes = { received: 0, sent: 0 };
  readonly #inside: number;
  readonly #pairs = new Set<Pair>();
  #server: Server | undefined;
  #frozen = false;

  constructor(insidePort: number) {
    this.#inside = insidePort;
  }

  /** Listens; `port` 0 takes any. Resolves with the port. */
  async listen(port: number): Promise<number> {
    const server = createServer((outside) => this.#accept(outside));
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  /** From now on connections and bytes are taken, and nothing is answered, not even a ping. */
  freeze(): void {
    this.#frozen = true;
  }

  thaw(): void {
    this.#frozen = false;
    for (const pair of this.#pairs) {
      for (const chunk of pair.held.splice(0)) pair.outside.write(chunk);
    }
  }

  /** Ends every connection and listens no more: the process is gone. */
  close(): Promise<void> {
    this.#frozen = false;
    const server = this.#server;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
    for (const pair of [...this.#pairs]) this.#end(pair);
    return closed;
  }

  #accept(outside: Socket): void {
    const inside = connect(this.#inside, '127.0.0.1');
    const pair: Pair = { outside, inside, held: [] };
    this.#pairs.add(pair);
    outside.setNoDelay(true);
    inside.setNoDelay(true);
    outside.on('data', (chunk: Buffer) => {
      this.bytes.received += chunk.length;
      if (!inside.write(chunk)) outside.pause();
    });
    inside.on('drain', () => outside.resume());
    inside.on('data', (chunk: Buffer) => {
      this.bytes.sent += chunk.length;
      if (this.#frozen) pair.held.push(chunk);
      else if (!outside.write(chunk)) inside.pause();
    });
    outside.on('drain', () => inside.resume());
    for (const socket of [outside, inside]) {
      socket.on('error', () => this.#end(pair));
      socket.on('close', () => this.#end(pair));
    }
  }

  #end(pair: Pair): void {
    this.#pairs.delete(pair);
    pair.outside.destroy();
    pair.inside.destroy();
  }
}
