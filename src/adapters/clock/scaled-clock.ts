import { epochMs, type Clock, type EpochMs } from '../../kernel/time.js';

export interface ClockScale {
  /** Epoch milliseconds that the clock shows when the machine shows `wallStart`. */
  readonly virtualStart: number;
  readonly wallStart: number;
  /** Seconds of the simulated world per second of the machine. */
  readonly speed: number;
}

/** Time of a simulated world that runs faster or slower than the machine's; identical in every process of one scale. */
export class ScaledClock implements Clock {
  constructor(
    private readonly scale: ClockScale,
    private readonly wall: Clock,
  ) {}

  now(): EpochMs {
    const { virtualStart, wallStart, speed } = this.scale;
    return epochMs(Math.floor(virtualStart + (this.wall.now() - wallStart) * speed));
  }
}
