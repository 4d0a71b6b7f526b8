import { Decimal } from '../../../src/kernel/decimal.js';
import type { OrderAsk } from '../exchange/types.js';
import { sharesOf, symbolOf } from './option-names.js';

const NAMES: Readonly<Record<string, string>> = {
  '1': 'marketData',
  '2': 'cancelMarketData',
  '3': 'placeOrder',
  '4': 'cancelOrder',
  '5': 'openOrders',
  '7': 'executions',
  '8': 'ids',
  '9': 'contractDetails',
  '16': 'allOpenOrders',
  '20': 'historicalData',
  '25': 'cancelHistoricalData',
  '49': 'currentTime',
  '50': 'realTimeBars',
  '51': 'cancelRealTimeBars',
  '58': 'globalCancel',
  '59': 'marketDataType',
  '61': 'positions',
  '62': 'accountSummary',
  '63': 'cancelAccountSummary',
  '64': 'cancelPositions',
  '71': 'startApi',
  '78': 'optionParameters',
  '97': 'tickByTick',
  '98': 'cancelTickByTick',
  '99': 'completedOrders',
};

/** The name of a request. */
export function nameOf(fields: readonly string[]): string {
  return NAMES[fields[0] ?? ''] ?? `request ${fields[0] ?? ''}`;
}

const decimalOrNull = (text: string | undefined): Decimal | null =>
  text === undefined || text === '' ? null : Decimal.parse(text);

/** The order that a request asks for. */
export function askOf(f: readonly string[]): OrderAsk {
  const types: Readonly<Record<string, OrderAsk['type']>> = {
    MKT: 'market',
    LMT: 'limit',
    STP: 'stop',
    'STP LMT': 'stop_limit',
  };
  const symbol = symbolOf(f.slice(3, 8));
  const count = decimalOrNull(f[17]);
  return {
    clientId: f[26] ?? '',
    symbol,
    side: f[16] === 'BUY' ? 'buy' : 'sell',
    quantity: count === null ? null : sharesOf(symbol, count),
    notional: null,
    type: types[f[18] ?? ''] ?? 'market',
    limitPrice: decimalOrNull(f[19]),
    stopPrice: decimalOrNull(f[20]),
    timeInForce: f[21] ?? 'DAY',
  };
}

/** Requests that a gateway whose API is set to read only refuses. */
const WRITES: readonly string[] = ['placeOrder', 'cancelOrder', 'globalCancel', 'openOrders', 'allOpenOrders'];
/** From this version on a cancel has no version field. */
const CANCEL_WITHOUT_VERSION = 192;

/** The error of a request at a gateway whose API is set to read only; undefined for one that it answers. */
export function readOnlyRefusal(
  name: string,
  [, first, second]: readonly string[],
  version: number,
): { readonly id: number; readonly code: number; readonly text: string } | undefined {
  if (!WRITES.includes(name)) return undefined;
  const cancelled = version >= CANCEL_WITHOUT_VERSION ? first : second;
  const id = { placeOrder: first, cancelOrder: cancelled }[name] ?? '-1';
  const text = "Error validating request.-'bH' : cause - The API interface is currently in Read-Only mode.";
  return { id: Number(id), code: 321, text };
}
