import { PERFORMANCE_TYPES, PerformanceFold, type Performance } from '../../domain/performance/performance-fold.js';
import type { Position } from '../../events/event.js';
import type { Journal } from '../../ports/journal.js';
import { SerialQueue } from '../journal/serial-queue.js';

const PAGE = 1_000;

/**
 * What closed positions made, now or up to a position. The fold up to the head is kept, so a question reads only what
 * came since the last one; one of the past is folded from the start.
 */
export class PerformanceReader {
  readonly #queue = new SerialQueue();
  #fold = new PerformanceFold();
  #after: Position | undefined;

  constructor(private readonly journal: Pick<Journal, 'readAll'>) {}

  read(upTo: Position | undefined): Promise<Performance> {
    return this.#queue.run(async () => {
      if (upTo === undefined) {
        this.#after = await this.#take(this.#fold, this.#after, undefined);
        return this.#fold.view();
      }
      const past = new PerformanceFold();
      await this.#take(past, undefined, upTo);
      return past.view();
    });
  }

  /** The last event that was taken. Half a page that could not be read leaves the kept fold as it was. */
  async #take(
    fold: PerformanceFold,
    from: Position | undefined,
    upTo: Position | undefined,
  ): Promise<Position | undefined> {
    let after = from;
    for (;;) {
      const events = await this.journal.readAll({
        ...{ limit: PAGE, filter: { types: PERFORMANCE_TYPES } },
        ...(after === undefined ? {} : { after }),
      });
      for (const event of events) {
        if (upTo !== undefined && event.position > upTo) return after;
        fold.take(event);
        after = event.position;
        if (fold === this.#fold) this.#after = after;
      }
      if (events.length < PAGE) return after;
    }
  }
}
