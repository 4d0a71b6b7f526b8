import { isClientOrderId, parseClientOrderId } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import type { BrokerActivity } from '../../ports/account-queries.js';
import { executionOf } from './order-executions.js';
import { sideOf, type BookedExecution, type OrderBook } from './order-book.js';
import { shareSymbol } from './symbols.js';

/** The fills of today after an activity, oldest first; all of them when that one is of an earlier day. */
export function activitiesOf(book: OrderBook, after: string | null): readonly BrokerActivity[] {
  const all = book.standing().flatMap((each) => activityOf(book, each) ?? []);
  const at = after === null ? -1 : all.findIndex(({ activityId }) => activityId === after);
  return all.slice(at + 1);
}

function activityOf(book: OrderBook, { wire, at, rawSha256 }: BookedExecution): BrokerActivity | undefined {
  const symbol = shareSymbol(wire.contract);
  const side = sideOf(wire.side);
  if (symbol === undefined || side === undefined) return undefined;
  const { id } = executionOf(wire.execId);
  return {
    kind: 'fill',
    activityId: id,
    at,
    update: {
      ...{ kind: 'filled', at, rawSha256, executionId: id, symbol, side },
      clientOrderId: isClientOrderId(wire.orderRef) ? wire.orderRef : parseClientOrderId(`outside-${wire.permId}`),
      brokerOrderId: wire.permId,
      ...{ quantity: wire.quantity, price: wire.price, filledAt: at },
      ...{ commission: book.charges.get(wire.execId) ?? Decimal.ZERO, fee: Decimal.ZERO },
    },
  };
}
