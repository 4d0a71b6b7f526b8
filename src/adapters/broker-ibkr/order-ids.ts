import { SECOND_MS, type Clock } from '../../kernel/time.js';

/** Ids of orders: the gateway may count from a lower one again after a restart, and must never see one twice. */
export interface OrderIds {
  /** The highest id that may have been used; 0 when none was. */
  highest(): number;
  /** Notes an id before an order is sent under it. */
  use(id: number): void;
}

/** Before any session that is traded or replayed, and late enough for ids to stay below those of questions until 2047. */
const FIRST_SECOND = Date.UTC(2000, 0, 1) / SECOND_MS;

/**
 * Ids that rise over restarts without a file: the first of a process is at least the seconds since 2000, and fewer orders are placed than
 * seconds pass. A clock that was set back is found by the gateway, which refuses an id that it knows.
 */
export class ClockOrderIds implements OrderIds {
  readonly #floor: number;
  #highest = 0;

  constructor(clock: Clock) {
    this.#floor = Math.max(Math.floor(clock.now() / SECOND_MS) - FIRST_SECOND, 0);
  }

  highest(): number {
    return Math.max(this.#floor, this.#highest);
  }

  use(id: number): void {
    this.#highest = Math.max(this.#highest, id);
  }
}
