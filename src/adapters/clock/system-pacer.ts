import { uptime } from 'node:os';
import { clockJump, type ClockReading, type JumpKind } from '../../domain/schedule/clock-jump.js';
import { SECOND_MS, type Clock, type EpochMs } from '../../kernel/time.js';
import type { Pacer } from '../../ports/pacer.js';
import { ScaledClock, type ClockScale } from './scaled-clock.js';
import { SystemClock } from './system-clock.js';

/** A jump of the clock, in the time of the pacer. */
export interface ClockJump {
  readonly kind: JumpKind;
  readonly from: EpochMs;
  readonly to: EpochMs;
}

export interface SystemPacerOptions {
  /** When left out: the time of the machine. */
  readonly scale?: ClockScale;
  readonly onJump?: (jump: ClockJump) => void;
  /** The machine's clocks; for tests. */
  readonly read?: () => ClockReading;
}

/** No timer is longer: a set clock, or a machine that slept, is noticed within it. */
const LONGEST_PIECE_MS = SECOND_MS;

interface Waiter {
  readonly at: EpochMs;
  readonly done: (result: 'reached' | 'woken') => void;
}

/** Waits by the machine's timers, at any speed (RUN-28). A wait is made of short pieces, each of which reads the clock. */
export class SystemPacer implements Pacer {
  readonly #clock: Clock;
  readonly #speed: number;
  readonly #read: () => ClockReading;
  readonly #onJump: ((jump: ClockJump) => void) | undefined;
  #seen: ClockReading;
  #seenAt: EpochMs;
  #waiter: Waiter | undefined;
  #timer: NodeJS.Timeout | undefined;
  #woken = false;

  constructor(options: SystemPacerOptions = {}) {
    const read = options.read ?? readMachine;
    const wall: Clock = options.read === undefined ? new SystemClock() : { now: () => read().wall as EpochMs };
    this.#read = read;
    this.#clock = options.scale === undefined ? wall : new ScaledClock(options.scale, wall);
    this.#speed = options.scale?.speed ?? 1;
    this.#onJump = options.onJump;
    this.#seen = read();
    this.#seenAt = this.#clock.now();
  }

  now(): EpochMs {
    return this.#clock.now();
  }

  elapsedMs(): number {
    return this.#read().monotonic * this.#speed;
  }

  /** Always lets the event loop turn, so that commands get in while late minutes are played without a wait. */
  until(at: EpochMs): Promise<'reached' | 'woken'> {
    this.#look();
    return new Promise((done) => {
      this.#waiter = { at, done };
      this.#arm();
    });
  }

  wake(): void {
    this.#woken = true;
    if (this.#waiter !== undefined) this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const waiter = this.#waiter;
    if (waiter === undefined) return;
    const remaining = (waiter.at - this.now()) / this.#speed;
    if (this.#woken || remaining <= 0) setImmediate(() => this.#finish(waiter));
    else this.#timer = setTimeout(() => this.#piece(), Math.min(LONGEST_PIECE_MS, Math.max(1, Math.ceil(remaining))));
  }

  #piece(): void {
    this.#look();
    this.#arm();
  }

  #finish(waiter: Waiter): void {
    // Woken twice before the loop turned.
    if (this.#waiter !== waiter) return;
    this.#waiter = undefined;
    const result = this.#woken ? 'woken' : 'reached';
    this.#woken = false;
    waiter.done(result);
  }

  #look(): void {
    const seen = this.#read();
    const at = this.now();
    const kind = clockJump(this.#seen, seen);
    const from = this.#seenAt;
    this.#seen = seen;
    this.#seenAt = at;
    if (kind !== undefined) this.#onJump?.({ kind, from, to: at });
  }
}

const MACHINE = new SystemClock();

function readMachine(): ClockReading {
  return { wall: MACHINE.now(), monotonic: performance.now(), sinceBoot: uptime() * SECOND_MS };
}
