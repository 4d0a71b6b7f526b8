import { brokerError } from '../../kernel/errors.js';
import { Decimal } from '../../kernel/decimal.js';
import { epochMs, SECOND_MS, type EpochMs } from '../../kernel/time.js';
import type { BrokerAccount, BrokerPosition } from '../../ports/account-queries.js';
import type { OpenOrder } from '../../ports/order-entry.js';
import { isClientOrderId } from '../../events/names.js';
import type { MessageOf } from './messages.js';
import type { Question } from './questions.js';
import type { ListWithoutId } from './shared-list.js';
import { sideOf } from './order-book.js';
import { isPermanent } from './order-record.js';
import { securitySymbol, unitsOfOne } from './symbols.js';
import { wireDecimal } from './wire-text.js';

/** Open orders with the states that come with them. */
export function openOrdersList(): ListWithoutId<readonly OpenOrder[]> {
  const rows = new Map<string, MessageOf<'openOrder'>>();
  const states = new Map<string, MessageOf<'orderStatus'>>();
  const key = (permId: string, orderId: number): string => (isPermanent(permId) ? permId : `order-${orderId}`);
  return {
    what: 'the open orders',
    ask: (encoder) => encoder.reqAllOpenOrders(),
    row: (message) => {
      if (message.kind === 'openOrder') rows.set(key(message.permId, message.orderId), message);
      if (message.kind === 'orderStatus') states.set(key(message.permId, message.orderId), message);
    },
    end: 'openOrderEnd',
    answer: () => [...rows].flatMap(([id, row]) => openOrderOf(id, row, states.get(id))),
  };
}

const OPEN: ReadonlySet<string> = new Set([
  'ApiPending',
  'PendingSubmit',
  'PreSubmitted',
  'Submitted',
  'PendingCancel',
  '',
]);

function openOrderOf(
  id: string,
  row: MessageOf<'openOrder'>,
  state: MessageOf<'orderStatus'> | undefined,
): readonly OpenOrder[] {
  const status = state?.status ?? row.status;
  const side = sideOf(row.action);
  if (!OPEN.has(status) || side === undefined) return [];
  const held = state !== undefined && /child|trigger/i.test(state.whyHeld);
  const symbol = securitySymbol(row.contract);
  return [
    {
      clientOrderId: isClientOrderId(row.orderRef) ? row.orderRef : null,
      brokerOrderId: id,
      symbol: symbol ?? (row.contract.localSymbol || row.contract.symbol),
      side,
      quantity: row.quantity ?? null,
      filledQuantity: (state?.filled ?? Decimal.ZERO).times(unitsOfOne(symbol)),
      state: status === 'PendingCancel' ? 'cancel_pending' : held ? 'held' : 'working',
      placedAt: null,
    },
  ];
}

/** Positions in shares, options in units of their underlying. */
export function positionsList(account: string | undefined): ListWithoutId<readonly MessageOf<'position'>[]> {
  const rows = new Map<string, MessageOf<'position'>>();
  return {
    what: 'the positions',
    ask: (encoder) => encoder.reqPositions(),
    stop: (encoder) => encoder.cancelPositions(),
    row: (message) => {
      const ours = message.kind === 'position' && (account === undefined || message.account === account);
      if (ours) rows.set(`${message.account} ${message.contract.conId} ${message.contract.localSymbol}`, message);
    },
    end: 'positionsEnd',
    answer: () => [...rows.values()],
  };
}

export function positionsOf(rows: readonly MessageOf<'position'>[]): readonly BrokerPosition[] {
  return rows.flatMap(({ contract, quantity, averageCost }): readonly BrokerPosition[] => {
    const symbol = securitySymbol(contract);
    return symbol === undefined || quantity.isZero() ? [] : [{ symbol, quantity, averagePrice: averageCost }];
  });
}

/** Executions of today: they reach the order book as they come. */
export function executionsQuestion(): Question<'read'> {
  return {
    what: 'the executions of today',
    ask: (id) => (encoder) => encoder.reqExecutions(id, {}),
    take: (message, id) => (message.kind === 'executionsEnd' && message.reqId === id ? { answer: 'read' } : undefined),
  };
}

/** Orders that ended today: they reach the order book as they come. */
export function completedOrdersList(): ListWithoutId<'read'> {
  return {
    what: 'the completed orders of today',
    ask: (encoder) => encoder.reqCompletedOrders(false),
    row: () => undefined,
    end: 'completedOrdersEnd',
    answer: () => 'read',
  };
}

/** The time of the broker, in whole seconds. */
export function timeList(): ListWithoutId<EpochMs> {
  let seconds = 0;
  return {
    what: 'the time',
    ask: (encoder) => encoder.reqCurrentTime(),
    row: (message) => {
      if (message.kind === 'currentTime') seconds = message.seconds;
    },
    end: 'currentTime',
    answer: () => epochMs(seconds * SECOND_MS),
  };
}

const TAGS = 'TotalCashValue,BuyingPower,NetLiquidation,$LEDGER:USD';

/** Cash, buying power and equity in dollars. */
export function accountQuestion(account: string): Question<BrokerAccount> {
  const values = new Map<string, string>();
  return {
    what: 'the account',
    ask: (id) => (encoder) => encoder.reqAccountSummary(id, 'All', TAGS),
    stop: (id) => (encoder) => encoder.cancelAccountSummary(id),
    take: (message, id) => {
      if (message.kind === 'accountSummary' && message.reqId === id && message.account === account) {
        values.set(`${plainTag(message.tag)} ${message.currency}`, message.value);
      }
      if (message.kind !== 'accountSummaryEnd' || message.reqId !== id) return undefined;
      return { answer: accountOf(account, values) };
    },
  };
}

/** Gateways from 2026 on write the keys of the ledger with its name before them. */
function plainTag(tag: string): string {
  return tag.replace(/^\$LEDGER(?::[A-Z]+)?[-:]/, '');
}

function accountOf(accountId: string, values: ReadonlyMap<string, string>): BrokerAccount {
  const value = (...names: readonly string[]): Decimal | undefined =>
    names.map((name) => wireDecimal(values.get(`${name} USD`))).find((each) => each !== undefined);
  const cash = value('CashBalance', 'TotalCashBalance', 'TotalCashValue');
  const equity = value('NetLiquidation', 'NetLiquidationByCurrency');
  if (cash === undefined || equity === undefined) {
    throw brokerError('retry', {
      code: 'ACCOUNT_UNREADABLE',
      message: `the gateway sent no ${cash === undefined ? 'cash' : 'equity'} in USD for the account`,
      remedy: 'Check that the account number is right and that its base currency or one of its balances is USD.',
    });
  }
  return { accountId, cash, equity, buyingPower: value('BuyingPower') ?? cash };
}
