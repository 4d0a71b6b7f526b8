import { isClientOrderId, parseClientOrderId } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { MINUTE_MS, type EpochMs } from '../../kernel/time.js';
import type { BrokerActivity, CashActivity } from '../../ports/account-queries.js';
import { executionOf } from './order-executions.js';
import { sideOf, type BookedExecution, type OrderBook } from './order-book.js';
import { securitySymbol } from './symbols.js';

/** A fill is listed without its charge when that is not known after this time: it may be in other money, or never come. */
const CHARGE_WAIT_MS = MINUTE_MS;

/**
 * The fills of today after an activity, oldest first, and the charges in other money; all of them when that one is of an earlier day.
 * They end before a fill that waits for its charge: it is listed once.
 */
export function activitiesOf(book: OrderBook, after: string | null, now: EpochMs): readonly BrokerActivity[] {
  const standing = book.standing();
  const waiting = standing.findIndex(
    ({ wire, at }) => !book.charges.has(wire.execId) && Math.abs(now - at) < CHARGE_WAIT_MS,
  );
  const listed = waiting < 0 ? standing : standing.slice(0, waiting);
  return listAfter([...listed.flatMap((each) => activityOf(book, each) ?? []), ...foreignCharges(book)], after);
}

/** The charges in money that the books do not have, after an activity: no other movement of cash is on this line. */
export function cashActivitiesOf(book: OrderBook, after: string | null): readonly BrokerActivity[] {
  return listAfter(foreignCharges(book), after);
}

function listAfter(all: readonly BrokerActivity[], after: string | null): readonly BrokerActivity[] {
  const at = after === null ? -1 : all.findIndex(({ activityId }) => activityId === after);
  return all.slice(at + 1);
}

function foreignCharges(book: OrderBook): readonly CashActivity[] {
  return [...book.foreignCharges.values()].flatMap(({ execId, amount, currency, rawSha256 }) => {
    const execution = book.executions.get(execId);
    if (execution === undefined) return [];
    return {
      ...{ kind: 'fee', activityId: `charge-${execId}`, at: execution.at, amount, currency, rawSha256 },
      ...{ symbol: null, reference: null, description: `charge of execution ${execId} in ${currency}` },
    };
  });
}

function activityOf(book: OrderBook, { wire, at, rawSha256 }: BookedExecution): BrokerActivity | undefined {
  const symbol = securitySymbol(wire.contract);
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
