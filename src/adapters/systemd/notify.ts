import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { SerialQueue } from '../../app/journal/serial-queue.js';

export interface ServiceManagerOptions {
  /** NOTIFY_SOCKET: systemd's socket; undefined without systemd, and nothing is sent then. */
  readonly socket: string | undefined;
  /** WATCHDOG_USEC: systemd ends a service that is silent longer; undefined without a watchdog. Microseconds. */
  readonly watchdogUsec: number | undefined;
  /** The process of the service. */
  readonly pid: number;
  readonly path: string;
}

/** One message of sd_notify(3). */
export type ServiceWord =
  | { readonly word: 'ready' | 'stopping' | 'reloading' | 'watchdog' }
  | { readonly word: 'status'; readonly text: string };

const run = promisify(execFile);
const ANSWER_WITHIN_MS = 5_000;
const LONGEST_STATUS = 200;

/**
 * Reports the state of the service to the service manager (RUN-50). Node has no datagram sockets of the local kind, so
 * each message runs systemd-notify; messages go one after the other, and failures are only counted, because a service
 * must not depend on its monitor.
 */
export class ServiceManager {
  /** Messages that could not be sent. */
  failures = 0;
  readonly #queue = new SerialQueue();
  #waiting = 0;

  constructor(private readonly options: ServiceManagerOptions) {}

  get present(): boolean {
    return this.options.socket !== undefined;
  }

  /** Interval of `watchdog` messages: half of systemd's limit; undefined without a watchdog. */
  get pingEveryMs(): number | undefined {
    const { watchdogUsec } = this.options;
    return watchdogUsec === undefined || !this.present ? undefined : Math.floor(watchdogUsec / 2_000);
  }

  /** Resolves when it was sent, or could not be. */
  notify(word: ServiceWord): Promise<void> {
    // A manager that does not take words must not make a heap of processes.
    if (!this.present || this.#waiting > 10) return Promise.resolve();
    this.#waiting += 1;
    return this.#queue.run(() => this.#send(word)).finally(() => (this.#waiting -= 1));
  }

  async #send(word: ServiceWord): Promise<void> {
    const { socket = '', path, pid } = this.options;
    const options = { env: { NOTIFY_SOCKET: socket, PATH: path }, timeout: ANSWER_WITHIN_MS };
    try {
      await run('systemd-notify', [`--pid=${pid}`, argumentOf(word)], options);
    } catch {
      this.failures += 1;
    }
  }
}

function argumentOf(word: ServiceWord): string {
  switch (word.word) {
    case 'ready':
      return '--ready';
    case 'stopping':
      return 'STOPPING=1';
    case 'reloading':
      return 'RELOADING=1';
    case 'watchdog':
      return 'WATCHDOG=1';
    case 'status':
      return `--status=${word.text.replace(/[^\x20-\x7e]/g, ' ').slice(0, LONGEST_STATUS)}`;
  }
}
