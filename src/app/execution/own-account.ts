import type { EngineState } from '../../domain/session/engine-state.js';
import type { OpenOrder } from '../../ports/order-entry.js';

/** Whether the journal has every open order of the account: one that it lacks is of a person, a program or a copy of the bot. */
export function isOwnAccount(open: readonly OpenOrder[], { orders }: Pick<EngineState, 'orders'>): boolean {
  return open.every(({ clientOrderId }) => clientOrderId !== null && orders.has(clientOrderId));
}
