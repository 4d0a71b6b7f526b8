import type { ClockReading, JumpKind } from '../../domain/schedule/clock-jump.js';
import { SECOND_MS, type Clock, type EpochMs } from '../../kernel/time.js';
import type { Pacer } from '../../ports/pacer.js';
import { ScaledClock, type ClockScale } from './scaled-clock.js';
import { SteadyClock } from './steady-clock.js';

/** A jump of the machine's clock, in the time of the pacer. */
export interface ClockJump {
  readonly kind: JumpKind;
  readonly from: EpochMs;
  readonly to: EpochMs;
}

export interface SystemPacerOptions {
  /** When left out: the time of the machine. */
  readonly scale?: ClockScale;
  readonly onJump?: (jump: ClockJump) => void;
  /** The time of the processes of this bot; left out: one of its own. */
  readonly steady?: SteadyClock;
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
  readonly #steady: SteadyClock;
  readonly #clock: Clock;
  readonly speed: number;
  #waiter: Waiter | undefined;
  #timer: NodeJS.Timeout | undefined;
  #woken = false;

  constructor({ steady, scale, read, onJump }: SystemPacerOptions = {}) {
    this.#steady = steady ?? new SteadyClock(read === undefined ? {} : { read });
    this.#clock = scale === undefined ? this.#steady : new ScaledClock(scale, this.#steady);
    this.speed = scale?.speed ?? 1;
    if (onJump === undefined) return;
    const shown = (wall: number): EpochMs => worldTime(wall as EpochMs, scale);
    this.#steady.onJump(({ kind, from, to }) => onJump({ kind, from: shown(from), to: shown(to) }));
  }

  now(): EpochMs {
    return this.#clock.now();
  }

  elapsedMs(): number {
    return this.#steady.elapsedMs() * this.speed;
  }

  /** Always lets the event loop turn, so that commands get in while late minutes are played without a wait. */
  until(at: EpochMs): Promise<'reached' | 'woken'> {
    this.#steady.look();
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
    const remaining = (waiter.at - this.now()) / this.speed;
    if (this.#woken || remaining <= 0) setImmediate(() => this.#finish(waiter));
    else this.#timer = setTimeout(() => this.#piece(), Math.min(LONGEST_PIECE_MS, Math.max(1, Math.ceil(remaining))));
  }

  #piece(): void {
    this.#steady.look();
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
}

function worldTime(wall: EpochMs, scale: ClockScale | undefined): EpochMs {
  return scale === undefined ? wall : new ScaledClock(scale, { now: () => wall }).now();
}
