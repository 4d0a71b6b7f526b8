import type { Order } from '../../domain/orders/order.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { ClientOrderId, TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { networkError, TradeBotError } from '../../kernel/errors.js';
import type { Clock, EpochMs } from '../../kernel/time.js';
import type { AccountQueries } from '../../ports/account-queries.js';
import type { ClosedPosition, OpenOrder, OrderEntry } from '../../ports/order-entry.js';
import type { TradingContext } from '../../trading/context.js';
import type { EffectsGuard } from '../ownership/effects-guard.js';
import type { BrokerCalls } from './broker-calls.js';
import { brokerRequest } from './broker-request.js';
import { OrderCanceller } from './order-canceller.js';
import { isOwnAccount } from './own-account.js';

export interface OrderSenderDeps {
  readonly broker: OrderEntry & Pick<AccountQueries, 'positions'>;
  readonly effects: EffectsGuard;
  readonly calls: Pick<BrokerCalls, 'abandonsPending'>;
  readonly state: () => Pick<EngineState, 'liveOrders' | 'orders'>;
  readonly clock: Clock;
  readonly context: TradingContext;
}

/** Closing orders of a kill that go out together. */
interface Group {
  /** Those that have not joined the call yet: each joins once, and an order that is sent again leaves as a new send. */
  readonly waiting: Set<ClientOrderId>;
  readonly sent: Promise<'together' | 'apart'>;
}

/** With fewer closing orders one call each is as fast. */
const FEWEST_TOGETHER = 2;

/**
 * Sends orders. After a kill, a broker that closes all positions in one call closes them so, when every position and order of
 * the account is the bot's own: read at that moment, because a person may have traded in the account since.
 */
export class OrderSender {
  readonly #canceller: OrderCanceller;
  #group: Group | undefined;

  constructor(private readonly deps: OrderSenderDeps) {
    this.#canceller = new OrderCanceller(deps);
  }

  /** Resolves when the broker has taken the request; throws as `cancel`. */
  cancel(id: ClientOrderId): Promise<void> {
    return this.#canceller.cancel(id);
  }

  /** Resolves when the broker has the order; throws as `submit`. */
  async send(order: Order, kind: 'opens' | 'reduces'): Promise<void> {
    const { broker, effects } = this.deps;
    effects.refuseStale(kind);
    const group = this.#groupOf(order);
    if (group !== undefined) {
      if ((await group.sent) === 'together') return;
      effects.refuseStale(kind);
      if (!this.#isStillDue(order)) throw tooLate(order);
    }
    await broker.submit(brokerRequest(order.intent));
  }

  /** An order that was doubted meanwhile may have been sent again: what was prepared before must not leave any more. */
  #isStillDue({ intent, attempts }: Order): boolean {
    const order = this.deps.state().liveOrders.get(intent.clientOrderId);
    return order?.stage === 'intended' && order.attempts === attempts;
  }

  #groupOf({ intent }: Order): Group | undefined {
    const { broker, calls, context, state } = this.deps;
    if (!calls.abandonsPending || broker.closeAll === undefined || intent.exitReason !== 'kill') return undefined;
    if (this.#group?.waiting.delete(intent.clientOrderId) === true) return this.#group;
    const orders = [...state().liveOrders.values()].filter(
      (order) =>
        order.stage === 'intended' &&
        order.intent.exitReason === 'kill' &&
        (order.intent.clientOrderId === intent.clientOrderId || context.memory.unsent.has(order.intent.clientOrderId)),
    );
    if (orders.length < FEWEST_TOGETHER) return undefined;
    const waiting = new Set(orders.map((order) => order.intent.clientOrderId));
    waiting.delete(intent.clientOrderId);
    this.#group = { waiting, sent: this.#closeAll(orders) };
    return this.#group;
  }

  async #closeAll(orders: readonly Order[]): Promise<'together' | 'apart'> {
    const { broker, clock, effects } = this.deps;
    const open = await this.#openOrdersIfAllOurs(orders);
    if (open === undefined) return 'apart';
    effects.refuseStale('reduces');
    if (!orders.every((order) => this.#isStillDue(order))) return 'apart';
    // a cancel that fails leaves orders that are asked for one by one
    if (open.length > 0) await broker.cancelAll?.().catch(() => undefined);
    if (!orders.every((order) => this.#isStillDue(order))) return 'apart';
    try {
      await broker.closeAll?.(orders.map(({ intent }) => closedBy(intent, clock.now())));
      return 'together';
    } catch (error) {
      // nothing of it was carried out, and a kill waits for no second call
      if (error instanceof TradeBotError && ['refuse', 'retry'].includes(error.callerMust)) return 'apart';
      throw error;
    }
  }

  /**
   * The open orders of an account that holds exactly what the orders close, and no order of anybody else. Undefined when it holds
   * something else, or when that is not known.
   */
  async #openOrdersIfAllOurs(orders: readonly Order[]): Promise<readonly OpenOrder[] | undefined> {
    const { broker, state } = this.deps;
    const wanted = new Map(orders.map(({ intent }) => [intent.symbol, signedQuantity(intent)]));
    if (wanted.size !== orders.length) return undefined;
    try {
      const [positions, open] = await Promise.all([broker.positions(), broker.openOrders()]);
      const held = positions.filter(({ quantity }) => !quantity.isZero());
      const isSame = ({ symbol, quantity }: { readonly symbol: TickerSymbol; readonly quantity: Decimal }): boolean =>
        wanted.get(symbol)?.equals(quantity) === true;
      const isAllOurs = held.length === orders.length && held.every(isSame) && isOwnAccount(open, state());
      return isAllOurs ? open : undefined;
    } catch {
      return undefined;
    }
  }
}

function tooLate({ intent }: Order): TradeBotError {
  return networkError('retry', {
    code: 'SENT_TOO_LATE',
    message: `order ${intent.clientOrderId} did not leave: its time to be sent was over before the account was read`,
    remedy: 'It is sent again by itself.',
  });
}

/** What an exit closes from now on; its shares were compared with those of the account. */
function closedBy({ clientOrderId, symbol, side, quantity }: Order['intent'], since: EpochMs): ClosedPosition {
  return { clientOrderId, symbol, side, quantity: Decimal.parse(quantity ?? '0'), since };
}

/** The position that an exit closes: negative for a short one. */
function signedQuantity({ side, quantity }: Order['intent']): Decimal | undefined {
  if (quantity === null) return undefined;
  const shares = Decimal.parse(quantity);
  return side === 'sell' ? shares : shares.negated();
}
