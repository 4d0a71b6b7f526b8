import { SECOND_MS, plusMs, type EpochMs } from '../../kernel/time.js';
import { invariant } from '../../kernel/errors.js';

/** No event ties with market data, which comes on whole seconds: such an event moves a millisecond later. */
export function offWholeSecond(at: EpochMs): EpochMs {
  return at % SECOND_MS === 0 ? plusMs(at, 1) : at;
}

export interface Happening {
  readonly at: EpochMs;
  /** Breaks ties by subject, never by the time of planning: a replay plans in another order. */
  readonly key: string;
  readonly run: (at: EpochMs) => void;
}

/** More than any day can plan; above it something plans without end. */
const MAX_PLANNED = 100_000;

/** The due events of the exchange, earliest first. */
export class Agenda {
  private readonly items: Happening[] = [];

  plan(item: Happening): void {
    invariant(this.items.length < MAX_PLANNED, 'SIM_AGENDA_FULL', `more than ${MAX_PLANNED} happenings are planned`);
    let low = 0;
    let high = this.items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.items[middle];
      if (other !== undefined && precedes(item, other)) high = middle;
      else low = middle + 1;
    }
    this.items.splice(low, 0, item);
  }

  head(): Happening | undefined {
    return this.items[0];
  }

  take(): Happening | undefined {
    return this.items.shift();
  }

  clear(): void {
    this.items.length = 0;
  }
}

function precedes(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.key < b.key);
}
