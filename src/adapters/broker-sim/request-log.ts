import type { ClientOrderId } from '../../events/names.js';
import type { DateText, EpochMs } from '../../kernel/time.js';
import type { OrderRequest } from '../../ports/order-entry.js';
import type { SimRequest, SimStore } from './store.js';

/**
 * The requests of a session: each is durable before it counts, and those of an earlier process wait here until their
 * time comes again.
 */
export class RequestLog {
  private readonly waiting: SimRequest[];
  private readonly lost = new Set<string>();

  constructor(
    private readonly store: SimStore,
    readonly date: DateText,
  ) {
    this.waiting = [...store.requests(date)];
  }

  /** Time of the next request that waits to be replayed. */
  nextAt(): EpochMs | undefined {
    return this.waiting[0]?.at;
  }

  takeNext(): SimRequest | undefined {
    const next = this.waiting.shift();
    if (next !== undefined) this.note(next);
    return next;
  }

  /** Makes a new request durable. */
  add(request: SimRequest): void {
    this.store.append(this.date, request);
    this.note(request);
  }

  waitingOrder(clientOrderId: ClientOrderId): OrderRequest | undefined {
    for (const each of this.waiting) {
      if (each.kind === 'submit' && each.order.clientOrderId === clientOrderId) return each.order;
    }
    return undefined;
  }

  waitingTransfer(reference: string): Extract<SimRequest, { kind: 'transfer' }> | undefined {
    for (const each of this.waiting) if (each.kind === 'transfer' && each.reference === reference) return each;
    return undefined;
  }

  /** This very submit, at this very time, was lost before: it is lost again. */
  wasLost(clientOrderId: ClientOrderId, at: EpochMs): boolean {
    return this.lost.has(`${clientOrderId}@${at}`);
  }

  private note(request: SimRequest): void {
    if (request.kind === 'lost_submit') this.lost.add(`${request.order.clientOrderId}@${request.at}`);
  }
}
