import type { Order } from '../../domain/orders/order.js';
import type { ClientOrderId } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { parseUtcText } from '../../kernel/time.js';
import type { EngineOptions } from './engine-options.js';
import type { BrokerOrder, ClosedPosition, OrderEntry } from '../../ports/order-entry.js';

/**
 * An order at the broker by its id. An exit of a kill that the broker does not know may have left in the call of an earlier process
 * that closes all positions: then it is the order of the broker that did what this one was to do.
 */
export async function findOrder(
  broker: Pick<OrderEntry, 'orderByClientId' | 'closingOrder'>,
  id: ClientOrderId,
  order: Order | undefined,
): Promise<BrokerOrder | undefined> {
  const found = await broker.orderByClientId(id);
  const closed = found === undefined && order !== undefined ? closedPosition(order) : undefined;
  return closed === undefined ? found : broker.closingOrder?.(closed);
}

/** Asks for an order, and notes the question for as long as it has no answer. */
export async function askForOrder(
  { broker, clock, context: { memory } }: Pick<EngineOptions, 'broker' | 'clock' | 'context'>,
  id: ClientOrderId,
  order: Order | undefined,
): Promise<BrokerOrder | undefined> {
  memory.askedAt.set(id, clock.now());
  memory.asking.add(id);
  try {
    return await findOrder(broker, id, order);
  } finally {
    memory.asking.delete(id);
  }
}

/** What an exit of a kill closes; undefined for an order that never leaves with others. */
function closedPosition({ intent, intendedAt }: Order): ClosedPosition | undefined {
  const { clientOrderId, symbol, side, quantity, exitReason, orderType } = intent;
  if (exitReason !== 'kill' || orderType !== 'market' || quantity === null || intendedAt === null) return undefined;
  return { clientOrderId, symbol, side, quantity: Decimal.parse(quantity), since: parseUtcText(intendedAt) };
}
