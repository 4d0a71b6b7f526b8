/**
 * What is heard from each second is taken for dead after so long: by then a second sign is late as well. A dead connection, and
 * market data whose state is not known any more, must be shown within 3 s.
 */
const SILENCE_MS = 2_500;

/** Timers of the browser; a test drives its own. */
export interface Timers {
  readonly start: (then: () => void, ms: number) => unknown;
  readonly stop: (timer: unknown) => void;
}

const BROWSER: Timers = {
  start: (then, ms) => setTimeout(then, ms),
  stop: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

/** Calls `fallen` once nothing was heard for SILENCE_MS, from now on. */
export class Silence {
  #timer: unknown;

  constructor(
    private readonly fallen: () => void,
    private readonly timers: Timers = BROWSER,
  ) {
    this.heard();
  }

  /** Something was heard: the time begins again. */
  heard(): void {
    this.end();
    this.#timer = this.timers.start(this.fallen, SILENCE_MS);
  }

  end(): void {
    this.timers.stop(this.#timer);
  }
}
