import { Decimal } from '../../kernel/decimal.js';
import { contractAt, numberAt, textAt, wholeAt, type Fields } from './fields.js';
import { readContractDetails } from './read-contract.js';
import { readHistoricalBars, readOptionParameters, readTickByTick } from './read-market.js';
import { readCompletedOrder, readOpenOrder } from './read-order.js';
import type { GatewayMessage } from './messages.js';
import { securitySymbol, unitsOf, unitsOfOne } from './symbols.js';
import { wireInteger } from './wire-text.js';

/** The lowest version whose layouts are read here. */
export const LEAST_SERVER_VERSION = 164;
/** The highest one that the client library writes: above 200 the vendor speaks another protocol. */
export const MOST_SERVER_VERSION = 193;

type Reader = (fields: Fields, version: number) => GatewayMessage | undefined;

const READERS: Readonly<Record<string, Reader>> = {
  '1': (f) => ({
    kind: 'tickPrice',
    reqId: wholeAt(f, 2),
    tick: wholeAt(f, 3),
    price: numberAt(f, 4),
    size: numberAt(f, 5),
  }),
  '2': (f) => ({ kind: 'tickSize', reqId: wholeAt(f, 2), tick: wholeAt(f, 3), size: numberAt(f, 4) }),
  '3': (f) => ({
    kind: 'orderStatus',
    orderId: wholeAt(f, 1),
    status: textAt(f, 2),
    filled: numberAt(f, 3) ?? Decimal.ZERO,
    permId: textAt(f, 6),
    clientId: wholeAt(f, 9),
    whyHeld: textAt(f, 10),
  }),
  '4': (f) => ({ kind: 'error', id: wholeAt(f, 2), code: wholeAt(f, 3), text: textAt(f, 4) }),
  '5': readOpenOrder,
  '9': (f) => (wireInteger(f[2]) === undefined ? undefined : { kind: 'nextValidId', id: wholeAt(f, 2) }),
  '10': readContractDetails,
  '11': readExecution,
  '15': (f) => ({
    kind: 'managedAccounts',
    accounts: textAt(f, 2)
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== ''),
  }),
  '17': readHistoricalBars,
  '21': (f) => ({
    kind: 'optionFigures',
    reqId: wholeAt(f, 1),
    tick: wholeAt(f, 2),
    impliedVolatility: numberAt(f, 4),
    underlying: numberAt(f, 11),
  }),
  '45': (f) => ({ kind: 'tickGeneric', reqId: wholeAt(f, 2), tick: wholeAt(f, 3), value: numberAt(f, 4) }),
  '46': (f) => ({ kind: 'tickString', reqId: wholeAt(f, 2), tick: wholeAt(f, 3), text: textAt(f, 4) }),
  '49': (f) => (wireInteger(f[2]) === undefined ? undefined : { kind: 'currentTime', seconds: wholeAt(f, 2) }),
  '50': (f) => ({
    kind: 'realTimeBar',
    reqId: wholeAt(f, 2),
    seconds: wholeAt(f, 3),
    bar: {
      time: textAt(f, 3),
      open: numberAt(f, 4),
      high: numberAt(f, 5),
      low: numberAt(f, 6),
      close: numberAt(f, 7),
      volume: numberAt(f, 8),
    },
  }),
  '52': (f) => ({ kind: 'contractsEnd', reqId: wholeAt(f, 2) }),
  '53': () => ({ kind: 'openOrderEnd' }),
  '55': (f) => ({ kind: 'executionsEnd', reqId: wholeAt(f, 2) }),
  '57': (f) => ({ kind: 'snapshotEnd', reqId: wholeAt(f, 2) }),
  '58': (f) => ({ kind: 'marketDataType', reqId: wholeAt(f, 2), type: wholeAt(f, 3) }),
  '59': readCommission,
  '61': readPosition,
  '62': () => ({ kind: 'positionsEnd' }),
  '63': (f) => ({
    kind: 'accountSummary',
    reqId: wholeAt(f, 2),
    account: textAt(f, 3),
    tag: textAt(f, 4),
    value: textAt(f, 5),
    currency: textAt(f, 6),
  }),
  '64': (f) => ({ kind: 'accountSummaryEnd', reqId: wholeAt(f, 2) }),
  '75': readOptionParameters,
  '76': (f) => ({ kind: 'optionParametersEnd', reqId: wholeAt(f, 1) }),
  '99': readTickByTick,
  '101': readCompletedOrder,
  '102': () => ({ kind: 'completedOrdersEnd' }),
};

/**
 * The message of a frame, read by position from its text, so that numbers stay exact and a field that is new at the end of a row does no
 * harm. A message without its necessary fields is `ignored`, never a guess.
 */
export function readMessage(fields: Fields, version: number): GatewayMessage {
  const type = textAt(fields, 0);
  return READERS[type]?.(fields, version) ?? { kind: 'ignored', type };
}

function readExecution(f: Fields): GatewayMessage | undefined {
  const quantity = numberAt(f, 19);
  const price = numberAt(f, 20);
  const execId = textAt(f, 14);
  if (quantity === undefined || price === undefined || execId === '') return undefined;
  const contract = contractAt(f, 3);
  return {
    kind: 'execution',
    reqId: wholeAt(f, 1),
    orderId: wholeAt(f, 2),
    contract,
    execId,
    time: textAt(f, 15),
    account: textAt(f, 16),
    side: textAt(f, 18),
    quantity: unitsOf(contract, quantity),
    price,
    permId: textAt(f, 21),
    clientId: wholeAt(f, 22),
    orderRef: textAt(f, 26),
  };
}

/** Minus one stands for a charge that is not known yet; a rebate is negative too, and is never exactly one dollar. */
const PENDING = Decimal.parse('-1');

function readCommission(f: Fields): GatewayMessage | undefined {
  const execId = textAt(f, 2);
  if (execId === '') return undefined;
  const amount = numberAt(f, 3);
  const pending = amount === undefined || amount.equals(PENDING);
  return { kind: 'commission', execId, amount: pending ? undefined : amount, currency: textAt(f, 4) };
}

/** Decimals of the average cost of a unit. */
const COST_SCALE = 8;

function readPosition(f: Fields): GatewayMessage | undefined {
  const quantity = numberAt(f, 14);
  if (quantity === undefined) return undefined;
  const contract = contractAt(f, 3);
  const each = unitsOfOne(securitySymbol(contract));
  return {
    kind: 'position',
    account: textAt(f, 2),
    contract,
    quantity: quantity.times(each),
    // that of a contract, with its charge
    averageCost: (numberAt(f, 15) ?? Decimal.ZERO).divide(each, { scale: COST_SCALE, round: 'halfEven' }),
  };
}
