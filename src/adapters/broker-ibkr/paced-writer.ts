import { networkError, type TradeBotError } from '../../kernel/errors.js';
import type { Stopwatch } from '../../ports/stopwatch.js';
import { ProcessStopwatch } from '../clock/process-stopwatch.js';
import { RunningTimer } from '../clock/running-timer.js';

/** How many messages may go out in any second. */
export interface Pace {
  readonly perSecond: number;
  /** Of these so many are left for orders and cancels. */
  readonly reserved: number;
}

/** The vendor ends a connection that sends more than 50 messages a second. */
export const GATEWAY_PACE: Pace = { perSecond: 40, reserved: 15 };

const WINDOW_MS = 1_000;

const LOOK_EVERY_MS = 25;
/** More waiting messages than this are no traffic of a bot: the next one is refused. */
const MOST_WAITING = 5_000;

interface Waiting {
  readonly write: () => void;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Sends messages at the pace that the gateway allows; orders and cancels go before questions. */
export class PacedWriter {
  /** When the messages of the last second left: their number is counted, since a bucket lets twice as many pass within a second. */
  #left: number[] = [];
  #urgent: Waiting[] = [];
  #plain: Waiting[] = [];
  #timer: RunningTimer | undefined;
  #ended = false;

  constructor(
    private readonly pace: Pace = GATEWAY_PACE,
    private readonly stopwatch: Stopwatch = new ProcessStopwatch(),
  ) {}

  /** Resolves when the message was written; rejects (`retry`) when it certainly was not. */
  send(urgency: 'urgent' | 'plain', write: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const queue = urgency === 'urgent' ? this.#urgent : this.#plain;
      const refusal = this.#ended
        ? 'the connection to the gateway has ended'
        : queue.length >= MOST_WAITING
          ? `${MOST_WAITING} messages wait already`
          : undefined;
      if (refusal !== undefined) {
        reject(notSent(refusal));
        return;
      }
      queue.push({ write, resolve, reject });
      this.#drain();
    });
  }

  /** What still waits was not sent. */
  end(reason: string): void {
    this.#ended = true;
    this.#timer?.cancel();
    const waiting = [...this.#urgent.splice(0), ...this.#plain.splice(0)];
    for (const each of waiting) each.reject(notSent(reason));
  }

  #drain(): void {
    this.#timer?.cancel();
    const { perSecond, reserved } = this.pace;
    while (this.#urgent.length > 0 && this.#free(perSecond)) this.#write(this.#urgent);
    while (this.#plain.length > 0 && this.#urgent.length === 0 && this.#free(perSecond - reserved)) {
      this.#write(this.#plain);
    }
    if (this.#urgent.length + this.#plain.length > 0)
      this.#timer = new RunningTimer(LOOK_EVERY_MS, () => this.#drain());
  }

  #free(limit: number): boolean {
    const now = this.stopwatch.elapsedMs();
    while (this.#left[0] !== undefined && now - this.#left[0] >= WINDOW_MS) this.#left.shift();
    return this.#left.length < limit;
  }

  #write(queue: Waiting[]): void {
    const next = queue.shift();
    if (next === undefined) return;
    this.#left.push(this.stopwatch.elapsedMs());
    try {
      next.write();
      next.resolve();
    } catch (error) {
      next.reject(error instanceof Error ? error : notSent('it could not be written'));
    }
  }
}

/** A message that did not reach the gateway. */
export function notSent(reason: string): TradeBotError {
  return networkError('retry', {
    code: 'NOT_CONNECTED',
    message: `nothing was sent to the gateway: ${reason}`,
    remedy: 'The connection is made again by itself. Check that TWS or IB Gateway runs and is logged in.',
  });
}
