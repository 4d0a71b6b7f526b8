import { Decimal } from '../../kernel/decimal.js';
import type { GatewayMessage, WireOrder } from './messages.js';
import { gatewayTime } from './execution-time.js';
import { contractAt, numberAt, textAt, wholeAt, type Fields } from './fields.js';
import { unitsOf } from './symbols.js';

/** States of an order at the gateway. */
const STATUSES: ReadonlySet<string> = new Set([
  'ApiPending',
  'ApiCancelled',
  'PendingSubmit',
  'PendingCancel',
  'PreSubmitted',
  'Submitted',
  'Cancelled',
  'Filled',
  'Inactive',
]);

/** Rows have more fields with each version of the gateway; the state stands after this one in all of them. */
const STATUS_AFTER = 30;

/** From the end of a completed order: filled quantity, its time, the reason. */
const FILLED_BEFORE_TIME = 7;

function orderAt(fields: Fields, contractFrom: number): Omit<WireOrder, 'permId'> {
  const from = contractFrom + 11;
  const contract = contractAt(fields, contractFrom);
  const quantity = numberAt(fields, from + 1);
  return {
    contract,
    action: textAt(fields, from),
    quantity: quantity === undefined ? undefined : unitsOf(contract, quantity),
    orderType: textAt(fields, from + 2),
    limitPrice: numberAt(fields, from + 3),
    stopPrice: numberAt(fields, from + 4),
    account: textAt(fields, from + 7),
    orderRef: textAt(fields, from + 10),
    status: fields.find((each, at) => at > STATUS_AFTER && STATUSES.has(each)) ?? '',
  };
}

/** An order in the list of open ones, or the answer to one that was placed. */
export function readOpenOrder(fields: Fields): GatewayMessage | undefined {
  if (fields.length <= STATUS_AFTER) return undefined;
  return {
    kind: 'openOrder',
    orderId: wholeAt(fields, 1, 0),
    ...orderAt(fields, 2),
    clientId: wholeAt(fields, 24, 0),
    permId: textAt(fields, 25),
  };
}

/** A finished order of today. Its time and the fields next to it are found from the end: those before them differ by version. */
export function readCompletedOrder(fields: Fields): GatewayMessage | undefined {
  if (fields.length <= STATUS_AFTER) return undefined;
  const timeAt = fields.findLastIndex((each, at) => at > STATUS_AFTER && gatewayTime(each) !== undefined);
  const order = orderAt(fields, 1);
  return {
    kind: 'completedOrder',
    ...order,
    // gateways write nothing for the quantity of an order that was filled: it is unknown here
    quantity: order.quantity?.isZero() === true ? undefined : order.quantity,
    permId: textAt(fields, 23),
    filled: unitsOf(
      order.contract,
      (timeAt < 0 ? undefined : numberAt(fields, timeAt - FILLED_BEFORE_TIME)) ?? Decimal.ZERO,
    ),
    reason: timeAt < 0 ? '' : textAt(fields, timeAt + 1),
  };
}
