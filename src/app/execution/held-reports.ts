import type { BrokerUpdate } from '../../ports/order-entry.js';
import type { EngineAppender } from '../journal/engine-appender.js';

/** Orders of others and of earlier sessions report little; the comparison of the books finds what is beyond. */
const MOST_HELD = 1_000;

/** Reports of orders that only the journal knows: they wait, in order, while it is away (RUN-42). */
export class HeldReports {
  readonly #held: BrokerUpdate[] = [];

  constructor(private readonly appender: Pick<EngineAppender, 'away' | 'state'>) {}

  /** True when the report waits; beyond the limit the oldest is dropped. */
  holds(update: BrokerUpdate): boolean {
    if (this.appender.away === undefined || !this.#needsJournal(update)) return false;
    this.hold(update);
    return true;
  }

  /** Keeps a report for which the journal could not be read. */
  hold(update: BrokerUpdate): void {
    this.#held.push(update);
    if (this.#held.length > MOST_HELD) this.#held.shift();
  }

  /** Those that waited, once the journal is back. */
  take(): readonly BrokerUpdate[] {
    return this.appender.away === undefined ? this.#held.splice(0) : [];
  }

  #needsJournal(update: BrokerUpdate): boolean {
    const { orders, positions } = this.appender.state;
    const order = orders.get(update.clientOrderId);
    return order === undefined || ('executionId' in update && !positions.has(order.intent.positionId));
  }
}
