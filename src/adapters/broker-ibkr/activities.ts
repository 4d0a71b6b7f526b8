import { isClientOrderId, parseClientOrderId } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { MINUTE_MS, type EpochMs } from '../../kernel/time.js';
import type { BrokerActivity } from '../../ports/account-queries.js';
import { executionOf } from './order-executions.js';
import { sideOf, type BookedExecution, type OrderBook } from './order-book.js';
import { shareSymbol } from './symbols.js';

/** A fill is listed without its charge when that is not known after this time: it may be in other money, or never come. */
const CHARGE_WAIT_MS = MINUTE_MS;

/**
 * The fills of today after an activity, oldest first; all of them when that one is of an earlier day. They end before a fill that
 * waits for its charge: it is listed once.
 */
export function activitiesOf(book: OrderBook, after: string | null, now: EpochMs): readonly BrokerActivity[] {
  const standing = book.standing();
  const waiting = standing.findIndex(
    ({ wire, at }) => !book.charges.has(wire.execId) && Math.abs(now - at) < CHARGE_WAIT_MS,
  );
  const listed = waiting < 0 ? standing : standing.slice(0, waiting);
  const all = listed.flatMap((each) => activityOf(book, each) ?? []);
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
