import { Presets, SingleBar } from 'cli-progress';
import type { Writable } from 'node:stream';
import { printable, printableLines } from '../../kernel/printable.js';

export interface Progress {
  readonly update: (done: number, total: number) => void;
  /** Removes the bar. */
  readonly stop: () => void;
}

export interface OutputOptions {
  /** Results only, safe to pipe. */
  readonly stdout: Writable;
  /** Progress, notes and errors. */
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly json: boolean;
}

/** A reader that has closed, and a terminal that has. */
const GONE: readonly string[] = ['EPIPE', 'EIO', 'ENXIO'];

/**
 * The output of a command, and the only way to a terminal: journaled and foreign text cannot steer it. A closed reader
 * (`| head`) is no error: the rest is dropped.
 */
export class Output {
  readonly json: boolean;
  readonly #stdout: Writable;
  readonly #stderr: OutputOptions['stderr'];
  #closed = false;
  #terminalLost: () => void = () => undefined;

  constructor(options: OutputOptions) {
    this.json = options.json;
    this.#stdout = options.stdout;
    this.#stderr = options.stderr;
    for (const stream of [options.stdout, options.stderr]) {
      stream.on('error', (error: NodeJS.ErrnoException) => {
        if (!GONE.includes(error.code ?? '')) throw error;
        if (stream === options.stdout) this.#closed = true;
        if (error.code !== 'EPIPE') this.#terminalLost();
      });
    }
  }

  /** True when the reader has closed: streaming commands can stop. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Calls `handler` when a terminal that is written to was closed. */
  onTerminalLost(handler: () => void): void {
    this.#terminalLost = handler;
  }

  /** Prints a line for people on stdout; prints nothing with --json. */
  say(text: string): void {
    if (!this.json) this.#write(`${printable(text)}\n`);
  }

  /** Prints the result for programs, one JSON value on one line; prints nothing without --json. */
  result(value: object): void {
    if (this.json) this.#write(`${printable(JSON.stringify(value))}\n`);
  }

  /** Prints whole lines of a stream; waits while the reader is slow. */
  async stream(text: string): Promise<void> {
    if (this.#closed || this.#stdout.write(printableLines(text))) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const name of ['drain', 'close', 'error']) this.#stdout.off(name, done);
        resolve();
      };
      for (const name of ['drain', 'close', 'error']) this.#stdout.on(name, done);
    });
  }

  /** Prints a line on stderr that is neither a result nor an error. */
  note(text: string): void {
    if (!this.json) this.#stderr.write(`${printable(text)}\n`);
  }

  error(text: string): void {
    this.#stderr.write(`${printableLines(text)}\n`);
  }

  /** A progress bar on a terminal; nothing in a pipe or with --json. */
  progress(title: string, unit: string): Progress {
    if (this.json || this.#stderr.isTTY !== true) return { update: () => undefined, stop: () => undefined };
    const bar = new SingleBar(
      {
        stream: this.#stderr,
        format: `${title} {bar} {percentage}% {value}/{total} ${unit}, {eta_formatted} left`,
        hideCursor: true,
        clearOnComplete: true,
      },
      Presets.shades_classic,
    );
    let started = false;
    return {
      update: (done, total) => {
        if (!started) bar.start(total, 0);
        started = true;
        bar.setTotal(total);
        bar.update(done);
      },
      stop: () => {
        if (started) bar.stop();
      },
    };
  }

  #write(text: string): void {
    if (!this.#closed) this.#stdout.write(text);
  }
}
