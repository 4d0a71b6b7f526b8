import { historyOf, type Order } from '../../domain/orders/order.js';
import { toUtcText } from '../../kernel/time.js';
import type { BrokerUpdate } from '../../ports/order-entry.js';

/** Busts and corrections are rare; what is beyond is found by the comparison of the books. */
const MOST_EARLY = 200;

type Change = Extract<BrokerUpdate, { readonly kind: 'busted' | 'corrected' }>;

/**
 * Busts and corrections that come before the booking that they change, whose report is late: they wait for it in this process. After
 * a crash every order is asked for.
 */
export class EarlyReports {
  readonly #kept: Change[] = [];

  /** Keeps a report that changes a booking which the order does not have yet: the first one of its execution, or the next. */
  keep(order: Order, update: BrokerUpdate): void {
    if (update.kind !== 'busted' && update.kind !== 'corrected') return;
    if (order.executions.has(changedBy(update)) || this.#kept.includes(update)) return;
    const { bookings, endedAt } = historyOf(order, changedBy(update));
    if (bookings.length > 0 && (endedAt === null || toUtcText(update.at) <= endedAt)) return;
    this.#kept.push(update);
    if (this.#kept.length > MOST_EARLY) this.#kept.shift();
  }

  /** Those whose execution the order has now. */
  take(order: Order | undefined): readonly BrokerUpdate[] {
    if (order === undefined || this.#kept.length === 0) return [];
    const isDue = (report: Change): boolean =>
      report.clientOrderId === order.intent.clientOrderId && order.executions.has(changedBy(report));
    const due = this.#kept.filter(isDue);
    if (due.length > 0) this.#kept.splice(0, this.#kept.length, ...this.#kept.filter((report) => !isDue(report)));
    return due;
  }
}

function changedBy(report: Change): string {
  return report.kind === 'busted' ? report.executionId : report.correctsExecutionId;
}
