import {
  isShared,
  NO_FOREIGN_ACCOUNT,
  reduceForeign,
  type ForeignAccount,
} from '../../src/domain/accounting/foreign-account.js';
import { anotherBotOf, OTHER_BOT_REMEDY } from '../../src/domain/orders/client-order-ids.js';
import type { RecordedEvent } from '../../src/events/event.js';
import { own } from '../kit/records.js';
import { critical, noted, warning, type FieldsOf, type FindingsOf, type StatusHandlers } from './status-part.js';
import type { StatusBody } from './status-state.js';

/** Orders and shares in the account that are not the bot's. */
export interface ForeignStatus {
  foreign: ForeignAccount;
}

/** Before the first event. */
export function newForeignStatus(): ForeignStatus {
  return { foreign: NO_FOREIGN_ACCOUNT };
}

/** Orders that other programs and persons placed. */
export const foreignHandlers: Pick<StatusHandlers<'accounting'>, 'ForeignOrderSeen'> = {
  ForeignOrderSeen: noted(noteForeign),
};

/** Applies an event to what others have in the account. */
export function noteForeign(body: StatusBody, event: RecordedEvent): void {
  body.foreign = reduceForeign(body.foreign, event);
}

/** What others have in the account; left out where nobody else trades it. */
export const foreignFields: FieldsOf = ({ body: { foreign } }) => {
  const { orders, shares } = foreign;
  if (!isShared(foreign)) return {};
  return {
    foreign_account: {
      shares: Object.entries(shares)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([symbol, quantity]) => ({ symbol, quantity })),
      orders: orders.map(
        ({ brokerOrderId, clientOrderId, symbol, side, quantity, filledQuantity, state, placedAt }) => ({
          broker_order_id: brokerOrderId,
          client_order_id: clientOrderId,
          ...{ symbol, side, quantity, state },
          filled_quantity: filledQuantity,
          placed_at: placedAt,
        }),
      ),
    },
  };
};

/** That somebody else trades the account too. */
export const foreignFindings: FindingsOf = ({ body: { foreign, identity } }) => {
  const shares = Object.entries(foreign.shares)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([symbol, quantity]) => `${symbol} ${quantity}`);
  const orders = foreign.orders.length;
  if (!isShared(foreign)) return [];
  const parts = [
    ...(orders === 0 ? [] : [`${orders} open ${orders === 1 ? 'order' : 'orders'}`]),
    ...(shares.length === 0 ? [] : [`shares of ${shares.join(', ')}`]),
  ];
  const text = `the account has ${parts.join(' and ')} that this bot did not trade`;
  const leaves = 'The bot leaves them as they are, also at a kill: close them at the broker.';
  const bots = otherBotsIn(foreign, identity ?? '');
  if (bots.length === 0) return [warning('FOREIGN_ACTIVITY', text, leaves)];
  return [
    critical('FOREIGN_ACTIVITY', `${text}: ${bots.join(', ')} trades there too`, `${OTHER_BOT_REMEDY} ${leaves}`),
  ];
};

/** The bots whose open orders or shares are in the account. */
function otherBotsIn({ orders, fills, shares }: ForeignAccount, identity: string): readonly string[] {
  const held = fills.filter(({ symbol }) => own(shares, symbol) !== undefined).map(({ orderName }) => orderName);
  const bots = [...orders.map(({ clientOrderId }) => clientOrderId), ...held].map((id) => anotherBotOf(identity, id));
  return [...new Set(bots.filter((bot) => bot !== undefined))].sort();
}
