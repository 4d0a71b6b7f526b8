import { averagePrice, hasEnded } from '../exchange/exchange.js';
import type { EmulatedExecution, EmulatedOrder } from '../exchange/types.js';
import { optionOf, wireQuantity } from './option-names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import type { EpochMs } from '../../../src/kernel/time.js';

/** What may stand in a field of the wire. */
export type Field = string | number | boolean | Decimal | null | undefined;

/** A message: fields that each end in a zero byte, after their length. */
export function frame(fields: readonly Field[]): Buffer {
  const text = fields.map(fieldText);
  const body = Buffer.from(text.map((each) => `${each}\0`).join(''), 'utf8');
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length, 0);
  return Buffer.concat([head, body]);
}

function fieldText(field: Field): string {
  if (field === null || field === undefined) return '';
  if (typeof field === 'boolean') return field ? '1' : '0';
  return field instanceof Decimal ? field.shortText() : String(field);
}

const empty = (count: number): readonly Field[] => Array.from({ length: count }, () => '');

/** A time as a gateway in New York writes it. */
export function gatewayTime(at: EpochMs): string {
  const parts = new Map<string, string>(
    new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: 'America/New_York', hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
      ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
    })
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const part = (name: string): string => parts.get(name) ?? '';
  return `${part('year')}${part('month')}${part('day')} ${part('hour')}:${part('minute')}:${part('second')} US/Eastern`;
}

/** The number of a security: the same for the same symbol. */
export function conIdOf(symbol: string): number {
  return 1_000 + Buffer.from(symbol).reduce((sum, each) => (sum * 31 + each) % 1_000_000, 7);
}

/** How an order is known on the wire. */
export interface WireIds {
  readonly orderId: number;
  readonly clientId: number;
  readonly permId: number;
  readonly account: string;
}

const wireSymbol = (symbol: string): string => symbol.replace('.', ' ');

/** Security in rows: id, symbol, type, expiry, strike, right, multiplier, exchange, currency, local symbol, class. */
export function contract(symbol: string, exchange = 'SMART'): readonly Field[] {
  const option = optionOf(symbol);
  const name = wireSymbol(option?.underlying ?? symbol);
  if (option !== undefined) {
    const { underlying, expiry, strike, right } = option;
    const terms = [expiry, strike, right, 100, exchange, 'USD'];
    return [conIdOf(symbol), name, 'OPT', ...terms, localSymbolOf(symbol), underlying.replace('.', '')];
  }
  return [conIdOf(symbol), name, 'STK', '', 0, '', '', exchange, 'USD', name, name];
}

/** `SPY   260116P00500000`: six characters, date, right, strike in thousandths. */
function localSymbolOf(symbol: string): string {
  const option = optionOf(symbol);
  if (option === undefined) return wireSymbol(symbol);
  const { underlying, expiry, right, strike } = option;
  const thousandths = String(Decimal.parse(strike).toUnits(3)).padStart(8, '0');
  return `${underlying.replace('.', '').padEnd(6)}${expiry.slice(2)}${right}${thousandths}`;
}

const TYPES: Readonly<Record<EmulatedOrder['ask']['type'], string>> = {
  market: 'MKT',
  limit: 'LMT',
  stop: 'STP',
  stop_limit: 'STP LMT',
};

export function statusOf(order: EmulatedOrder): string {
  switch (order.state) {
    case 'pending':
      return 'PendingSubmit';
    case 'held':
      return 'PreSubmitted';
    case 'open':
    case 'partially_filled':
      return 'Submitted';
    case 'cancel_pending':
      return 'PendingCancel';
    case 'filled':
      return 'Filled';
    case 'rejected':
      return 'Inactive';
    case 'cancelled':
    case 'expired':
    case 'replaced':
      return 'Cancelled';
  }
}

const countOf = (symbol: string, shares: Decimal | null): Decimal | null =>
  shares === null ? null : wireQuantity(symbol, shares);

function order(emulated: EmulatedOrder, ids: WireIds): readonly Field[] {
  const { ask, quantity, limitPrice, stopPrice } = emulated;
  return [
    ...[
      ask.side === 'buy' ? 'BUY' : 'SELL',
      countOf(ask.symbol, quantity ?? ask.quantity),
      TYPES[ask.type],
      limitPrice ?? 0,
      stopPrice ?? 0,
    ],
    ...[ask.timeInForce, '', ids.account, '', 0, ask.clientId],
  ];
}

const isFrom =
  (version: number) =>
  (since: number, ...fields: readonly Field[]): readonly Field[] =>
    version >= since ? fields : [];

/** Between the ids of an order and its state: advisor, short sale, volatility, legs, scale, hedge, algo. */
function middle(version: number, kind: 'open' | 'completed'): readonly Field[] {
  const open = kind === 'open';
  return [
    ...[0, 0, 0, ''],
    ...(open ? [''] : []),
    // advisor: group, method, percentage, and the profile of old; model, good till
    ...['', '', ''],
    ...(version < 177 ? [''] : []),
    ...['', ''],
    // rule 80A, offset, firm; short sale
    ...['', '', '', 0, '', -1],
    ...(open ? [0] : []),
    // starting price, stock price, delta; range; size shown
    ...['', '', '', '', '', ''],
    ...(open ? [0, 0, 0, '', 3, 0, 0, ''] : [0, 0, '', 3]),
    ...(open ? [0] : []),
    // trigger; volatility
    ...[0, '', 0, '', '', 0, 0],
    // trail; in open orders basis points
    ...['', ''],
    ...(open ? ['', ''] : []),
    // legs, routing, scale, hedge
    ...['', 0, 0, 0, '', '', '', ''],
    ...(open ? [0] : []),
    // clearing, not held, delta neutral, algorithm, solicited
    ...['', 'IB', 0, 0, '', 0],
  ];
}

/** The list row and the answer of an open order. */
export function openOrder(emulated: EmulatedOrder, ids: WireIds, version: number): readonly Field[] {
  const from = isFrom(version);
  return [
    ...[5, ids.orderId, ...contract(emulated.ask.symbol), ...order(emulated, ids), ids.clientId, ids.permId],
    ...middle(version, 'open'),
    // what-if, state, margins, commission, currency, warning
    ...[0, statusOf(emulated), ...empty(12), '', ''],
    // random sizes, conditions, adjusted stop, tier, cash quantity
    ...[0, 0, 0, '', '', '', '', '', '', '', 0, '', '', '', ''],
    // hedge price, container, discretionary, price management
    ...[0, 0, 0, 0],
    ...from(158, ''),
    ...from(160, ''),
    ...from(162, 0),
    ...from(170, '', '', '', '', ''),
    ...from(183, ''),
    ...from(184, 0),
    ...from(185, 0),
    ...from(189, 0),
    ...from(193, '', ''),
  ];
}

/** The list row of an order that has ended today. */
export function completedOrder(emulated: EmulatedOrder, ids: WireIds, version: number): readonly Field[] {
  const from = isFrom(version);
  const reason =
    emulated.state === 'filled'
      ? `Filled Size: ${wireQuantity(emulated.ask.symbol, emulated.filled).shortText()}`
      : emulated.reason;
  return [
    ...[101, ...contract(emulated.ask.symbol), ...order(emulated, ids), ids.permId],
    ...middle(version, 'completed'),
    // state; random sizes, conditions, trail and offset, cash quantity, hedge price, container
    ...[statusOf(emulated), 0, 0, 0, '', '', '', 0, 0],
    // cancelled on, filled, future, parent, shareholder, imbalance, routing, parent
    ...['', wireQuantity(emulated.ask.symbol, emulated.filled), '', 0, '', 0, 0, ''],
    ...[
      gatewayTime(emulated.updatedAt),
      emulated.state === 'expired' ? 'Order expired' : reason || 'Cancelled by Trader',
    ],
    ...from(170, '', '', '', '', ''),
    ...from(183, ''),
    ...from(184, 0),
  ];
}

export function orderStatus(emulated: EmulatedOrder, ids: WireIds, whyHeld = ''): readonly Field[] {
  const { filled } = emulated;
  const { symbol } = emulated.ask;
  const left =
    hasEnded(emulated) && emulated.state !== 'filled' ? Decimal.ZERO : (emulated.quantity ?? filled).minus(filled);
  return [
    ...[
      3,
      ids.orderId,
      statusOf(emulated),
      wireQuantity(symbol, filled),
      wireQuantity(symbol, left),
      averagePrice(emulated) ?? 0,
      ids.permId,
      0,
    ],
    ...[emulated.executions.at(-1)?.price ?? 0, ids.clientId, whyHeld, 0],
  ];
}

/** One execution; `request` is -1 when nobody asked. */
export function execution(
  emulated: EmulatedOrder,
  {
    id,
    time,
    ...done
  }: Pick<EmulatedExecution, 'quantity' | 'price' | 'cumulative'> & { readonly id: string; readonly time: string },
  ids: WireIds,
  { request, version }: { readonly request: number; readonly version: number },
): readonly Field[] {
  const { ask } = emulated;
  return [
    ...[11, request, ids.orderId, ...contract(ask.symbol), id, time, ids.account, 'ISLAND'],
    ...[
      ask.side === 'buy' ? 'BOT' : 'SLD',
      wireQuantity(ask.symbol, done.quantity),
      done.price,
      ids.permId,
      ids.clientId,
      0,
    ],
    ...[wireQuantity(ask.symbol, done.cumulative), averagePrice(emulated) ?? 0, ask.clientId, '', '', '', 2],
    ...isFrom(version)(178, 0),
  ];
}

/** A security by its details. */
export function contractDetails(
  request: number,
  {
    symbol,
    primary,
    step,
    conId,
  }: { readonly symbol: string; readonly primary: string; readonly step: string; readonly conId: number },
  version: number,
): readonly Field[] {
  const from = isFrom(version);
  const option = optionOf(symbol);
  const name = wireSymbol(option?.underlying ?? symbol);
  const terms = option === undefined ? [0, ''] : [option.strike, option.right];
  const names = option === undefined ? [name, 'NMS', name] : [localSymbolOf(symbol), 'IBUSOPT', name.replace(' ', '')];
  return [
    ...[
      10,
      request,
      name,
      option === undefined ? 'STK' : 'OPT',
      option === undefined ? '' : `${option.expiry}-16:00:00`,
    ],
    ...from(182, option?.expiry ?? ''),
    ...[...terms, 'SMART', 'USD', ...names, conId, '0.01', option === undefined ? '' : 100],
    ...['ACTIVETIM,LMT,MKT,STP', 'SMART,NYSE', 1, 0],
    ...[`${symbol} INC`, primary, '', 'Financial', '', '', 'US/Eastern', '', '', '', '', 0],
    // group; underlying; market rules; real expiry; stock type; sizes
    ...[1, '', '', '26', '', 'COMMON', step, step, 100],
    ...from(186, 0),
  ];
}
