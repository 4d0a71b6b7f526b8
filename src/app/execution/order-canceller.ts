import type { Order } from '../../domain/orders/order.js';
import type { ClientOrderId } from '../../events/names.js';
import { pacingTime } from '../../trading/context.js';
import { isOwnAccount } from './own-account.js';
import type { OrderSenderDeps } from './order-sender.js';

/** Cancels of a kill that leave together. */
interface Group {
  /** Those that have not joined the call yet. */
  readonly waiting: Set<ClientOrderId>;
  readonly sent: Promise<'together' | 'apart'>;
}

/** With fewer orders one call each is as fast. */
const FEWEST_TOGETHER = 2;

/**
 * Cancels orders. After a kill, a broker that cancels all orders in one call cancels them so, when every open order of the
 * account is the bot's own. What the call did not cancel is cancelled by itself.
 */
export class OrderCanceller {
  #group: Group | undefined;

  constructor(private readonly deps: OrderSenderDeps) {}

  /** Resolves when the broker has taken the request; throws as `cancel`. */
  async cancel(id: ClientOrderId): Promise<void> {
    const { broker, effects } = this.deps;
    effects.refuseStale('reduces');
    const group = this.#groupOf(id);
    if (group !== undefined && (await group.sent) === 'together') return;
    if (group !== undefined) effects.refuseStale('reduces');
    await broker.cancel(id);
  }

  #groupOf(id: ClientOrderId): Group | undefined {
    const { broker, calls, context, clock } = this.deps;
    if (this.#group?.waiting.delete(id) === true) return this.#group;
    // each leaves together once: one that lives on leaves by itself
    const leftBefore = context.memory.cancelledTogether.delete(id);
    if (leftBefore || !calls.abandonsPending || broker.cancelAll === undefined) return undefined;
    const ids = this.#unsentCancels(id);
    if (ids.length < FEWEST_TOGETHER && broker.closeAll === undefined) return undefined;
    for (const each of ids) context.memory.cancelledTogether.set(each, pacingTime(context, clock.now()));
    if (ids.length < FEWEST_TOGETHER) return undefined;
    this.#group = { waiting: new Set(ids.filter((each) => each !== id)), sent: this.#cancelAll(ids) };
    return this.#group;
  }

  /** Of the orders whose cancel is recorded, those for which none has left; the given one is leaving now. */
  #unsentCancels(id: ClientOrderId): readonly ClientOrderId[] {
    const { state, context } = this.deps;
    const isUnsent = ({ cancelRequested, intent }: Order): boolean =>
      cancelRequested && !context.memory.cancelSentAt.has(intent.clientOrderId);
    const others = [...state().liveOrders.values()].filter(isUnsent).map(({ intent }) => intent.clientOrderId);
    return [id, ...others.filter((other) => other !== id)];
  }

  async #cancelAll(ids: readonly ClientOrderId[]): Promise<'together' | 'apart'> {
    const { broker, effects, state, context } = this.deps;
    try {
      const isOwn = isOwnAccount(await broker.openOrders(), state());
      effects.refuseStale('reduces');
      // when the list came late each left by itself, and the closing orders that followed must live
      if (isOwn && ids.every((id) => context.memory.cancelledTogether.has(id))) {
        await broker.cancelAll?.();
        return 'together';
      }
    } catch {
      // a cancel may be repeated: each order is asked for by itself, whatever the call did
    }
    for (const id of ids) context.memory.cancelledTogether.delete(id);
    return 'apart';
  }
}
