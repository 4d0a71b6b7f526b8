import { connect, type Socket } from 'node:net';

/** What is asked, again and again. */
export interface Target {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Status that each answer must have. */
  readonly status: number;
  /** For a stream that stays open: the answer is whole after so many bytes, and its connection ends. */
  readonly streamBytes?: number;
}

export interface Load {
  /** Requests a second. */
  readonly rate: number;
  readonly p99Ms: number;
}

const HEAD_END = '\r\n\r\n';

/** Asks `count` times over `connections` lines that are kept open, each with one request at a time. */
export async function load(target: Target, count: number, connections: number): Promise<Load> {
  const times: number[] = [];
  let left = count;
  const start = performance.now();
  const work = async (): Promise<void> => {
    let line = new Line(target.port);
    while (left > 0) {
      left -= 1;
      const asked = performance.now();
      const status = await line.ask(target);
      times.push(performance.now() - asked);
      if (status !== target.status) throw new Error(`${target.path} answered ${status}, not ${target.status}`);
      if (target.streamBytes !== undefined) {
        line.end();
        line = new Line(target.port);
      }
    }
    line.end();
  };
  await Promise.all(Array.from({ length: connections }, work));
  const seconds = (performance.now() - start) / 1_000;
  times.sort((a, b) => a - b);
  return { rate: count / seconds, p99Ms: times[Math.floor(times.length * 0.99)] ?? Number.NaN };
}

/** One connection; it reads no more of an answer than it needs to know its end, so that the client costs little. */
class Line {
  readonly #socket: Socket;
  #text = '';
  #answered: ((status: number) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;
  #streamBytes: number | undefined;

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (chunk: string) => this.#take(chunk));
    this.#socket.on('error', (error) => this.#failed?.(error));
    this.#socket.on('close', () => this.#failed?.(new Error('the connection was closed')));
  }

  ask({ port, path, headers, streamBytes }: Target): Promise<number> {
    this.#text = '';
    this.#streamBytes = streamBytes;
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return new Promise((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
      this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${lines.join('')}\r\n`);
    });
  }

  end(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  #take(chunk: string): void {
    this.#text += chunk;
    const head = this.#text.indexOf(HEAD_END);
    if (head < 0) return;
    const status = Number(this.#text.slice(9, 12));
    if (status === 304 || this.#isWhole(head)) this.#answered?.(status);
  }

  #isWhole(head: number): boolean {
    const body = this.#text.length - head - HEAD_END.length;
    if (this.#streamBytes !== undefined) return body >= this.#streamBytes;
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#text.slice(0, head))?.[1];
    return length === undefined ? this.#text.endsWith(`0${HEAD_END}`) : body >= Number(length);
  }
}
