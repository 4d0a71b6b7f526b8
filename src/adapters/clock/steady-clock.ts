import { uptime } from 'node:os';
import {
  believed,
  steadyAfter,
  type ClockReading,
  type SteadyTime,
  type WallJump,
} from '../../domain/schedule/clock-jump.js';
import { epochMs, SECOND_MS, type Clock, type EpochMs } from '../../kernel/time.js';
import { SystemClock } from './system-clock.js';

/** The time in use at one instant, for other processes of this machine. */
export interface ClockAnchor {
  readonly time: number;
  readonly monotonic: number;
  readonly sinceBoot: number;
}

export interface SteadyClockOptions {
  /** The machine's clocks; for tests. */
  readonly read?: () => ClockReading;
  /** The time that the process which started this one works with; left out: the machine's. */
  readonly anchor?: ClockAnchor | undefined;
}

type JumpHandler = (jump: WallJump & { readonly awayMs: number }) => void;

/**
 * The time of day that all processes of a bot share (RUN-27): the machine's, but a jump of it by much more than the time that
 * passed is not followed. Call `look` each second.
 */
export class SteadyClock implements Clock {
  readonly #read: () => ClockReading;
  readonly #monotonic: () => number;
  readonly #handlers: JumpHandler[] = [];
  #steady: SteadyTime;

  constructor({ read = readClocks, anchor }: SteadyClockOptions = {}) {
    this.#read = read;
    this.#monotonic = read === readClocks ? monotonicMs : () => read().monotonic;
    this.#steady = anchor === undefined ? believed(read()) : believed({ ...anchor, wall: anchor.time });
    this.look();
  }

  now(): EpochMs {
    const { time, read } = this.#steady;
    return epochMs(Math.floor(time + this.#monotonic() - read.monotonic));
  }

  /** Milliseconds of the machine's clock that nobody sets. */
  elapsedMs(): number {
    return this.#monotonic();
  }

  /** How far the machine's clock is ahead of the time in use; zero while it is believed. */
  get awayMs(): number {
    return this.#steady.awayMs;
  }

  get anchor(): ClockAnchor {
    const { monotonic, sinceBoot } = this.#read();
    const { time, read } = this.#steady;
    return { time: time + monotonic - read.monotonic, monotonic, sinceBoot };
  }

  /** Calls `handler` after each jump of the machine's clock from now on, believed or not. */
  onJump(handler: JumpHandler): void {
    // a start that kept this process busy is no jump
    this.look();
    this.#handlers.push(handler);
  }

  /** Compares the clocks. */
  look(): void {
    const { steady, jump } = steadyAfter(this.#steady, this.#read());
    this.#steady = steady;
    if (jump === undefined) return;
    for (const handler of this.#handlers) handler({ ...jump, awayMs: steady.awayMs });
  }

  /** A person or the broker has confirmed the machine's clock: it is the time in use from now on. */
  adopt(): void {
    this.#steady = believed(this.#read());
  }
}

const MACHINE = new SystemClock();

/** The machine's own, alike in all its processes. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}

/** The three clocks of this machine at this instant. */
export function readClocks(): ClockReading {
  return { wall: MACHINE.now(), monotonic: monotonicMs(), sinceBoot: uptime() * SECOND_MS };
}
