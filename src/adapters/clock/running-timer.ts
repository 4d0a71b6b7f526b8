import type { Stopwatch } from '../../ports/stopwatch.js';
import { ProcessStopwatch } from './process-stopwatch.js';

const LONGEST_PIECE_MS = 1_000;
const PIECES = 8;
/** A piece that ends later by more than this: the process, or the machine, stood still. */
const STOOD_STILL_MS = 1_000;
/** What is watched stood still too, perhaps, and what it said is not read yet: so much remains after that, at least. */
const LEFT_AFTERWARDS_MS = 5_000;
/** A machine that stands still again and again does not put off the end for ever. */
const MOST_STANDSTILLS = 10;

/**
 * Calls `act` once, after `ms` milliseconds in which this process ran: the limit of a wait for somebody else. A time in which it
 * stood still does not count, and what arrived meanwhile is read first.
 */
export class RunningTimer {
  #leftMs = 0;
  #standstills = 0;
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  constructor(
    private readonly ms: number,
    private readonly act: () => void,
    private readonly stopwatch: Stopwatch = new ProcessStopwatch(),
  ) {
    this.restart();
  }

  /** Begins again with the whole time. */
  restart(): void {
    this.cancel();
    this.#leftMs = this.ms;
    this.#standstills = 0;
    this.#wait();
  }

  /** `act` is not called any more. */
  cancel(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
  }

  #wait(): void {
    const pieceMs = Math.min(this.#leftMs, LONGEST_PIECE_MS, Math.ceil(this.ms / PIECES));
    const from = this.stopwatch.elapsedMs();
    this.#timer = setTimeout(() => this.#passed(pieceMs, this.stopwatch.elapsedMs() - from), pieceMs);
  }

  #passed(pieceMs: number, passedMs: number): void {
    if (passedMs - pieceMs > STOOD_STILL_MS && this.#standstills < MOST_STANDSTILLS) {
      this.#standstills += 1;
      this.#leftMs = Math.max(this.#leftMs, Math.min(this.ms, LEFT_AFTERWARDS_MS));
    } else {
      // a busy machine takes processor time from both sides: a late piece counts twice at most
      this.#leftMs -= Math.min(Math.max(pieceMs, passedMs), 2 * pieceMs);
    }
    if (this.#leftMs > 0) this.#wait();
    else this.#turn = setImmediate(this.act);
  }
}
