import { brokerError, networkError, type TradeBotError } from '../../kernel/errors.js';
import { Fields } from '../broker-common/fields.js';
import type { BrokerAnswer, BrokerRequest } from '../broker-common/http-client.js';

/** Alpaca uses one code for many reasons, so its words decide; the first that fits. */
const REASONS: readonly (readonly [RegExp, string, string])[] = [
  [/client_order_id must be unique/i, 'DUPLICATE_CLIENT_ORDER_ID', 'The order is asked for by its id.'],
  [/insufficient buying power/i, 'INSUFFICIENT_BUYING_POWER', 'Lower the size of orders, or add money.'],
  [/insufficient qty/i, 'INSUFFICIENT_POSITION', 'Another order holds the shares: see the open orders of the account.'],
  [/wash trade/i, 'WASH_TRADE', 'An open order on the other side would trade with this one: cancel it first.'],
  [/sub-penny/i, 'PRICE_INCREMENT', 'Prices from 1 dollar on have two decimals, below it four.'],
  [/fractional|fractionable/i, 'FRACTIONAL_NOT_SUPPORTED', 'Trade whole shares of this symbol.'],
  [
    /sold short|not shortable|shorting|borrow/i,
    'NOT_SHORTABLE',
    'Choose another symbol, or allow short sales in the account.',
  ],
  [/not tradable|not active|inactive/i, 'NOT_TRADABLE', 'Choose another symbol.'],
  [/halt/i, 'SYMBOL_HALTED', 'Wait until the exchange trades the symbol again.'],
  [
    /asset .*not found|could not find asset|invalid symbol/i,
    'UNKNOWN_SYMBOL',
    'Check the symbol; it may have been renamed.',
  ],
  [
    /account .*(blocked|suspended|restricted)|trading is blocked|not allowed to trade/i,
    'ACCOUNT_BLOCKED',
    'Ask Alpaca why the account may not trade.',
  ],
  [/market is closed|market hours|cannot be placed/i, 'MARKET_CLOSED', 'Wait until the exchange takes the order.'],
];
const KEY_WORDS = /access key|not authorized|unauthorized|forbidden\.?$|authentication/i;

/** The words of Alpaca, without control characters and of bounded length: they may repeat anything that was sent. */
export function messageOf(answer: BrokerAnswer): string {
  const fields = isObject(answer.value) ? Fields.of(answer.value, 'fault') : undefined;
  const text = fields?.has('message') === true ? String(fields.raw('message')) : `HTTP ${answer.status}`;
  return text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 300);
}

function codeOf(answer: BrokerAnswer): string {
  const fields = isObject(answer.value) ? Fields.of(answer.value, 'fault') : undefined;
  return fields?.has('code') === true
    ? String(fields.raw('code'))
        .replaceAll(/[^0-9A-Za-z]/g, '')
        .slice(0, 20)
    : String(answer.status);
}

/** The code of Alpaca for what it does not have. A 404 of a gateway before it has none. */
const NOT_FOUND = '40410000';

/** Whether a 404 is Alpaca's own word that it does not have what was asked for, and not that it has no such call. */
export function saysNotFound(answer: BrokerAnswer): boolean {
  return codeOf(answer) === NOT_FOUND && !/endpoint|route/i.test(messageOf(answer));
}

/** Whether Alpaca itself says of a cancel that the order has ended, or that it does not have it. */
export function hasEnded(answer: BrokerAnswer): boolean {
  return answer.status === 422 || (answer.status === 404 && saysNotFound(answer));
}

/** Whether a 404 is Alpaca's own word that nothing is held: a symbol that it does not know may be held under another name. */
export function saysNoPosition(answer: BrokerAnswer): boolean {
  return saysNotFound(answer) && /position does not exist/i.test(messageOf(answer));
}

/** A 404 that is not Alpaca's own: what was asked for is unknown, not absent. */
export function unclear404(answer: BrokerAnswer, what: string): TradeBotError {
  return networkError('retry', {
    code: 'NOT_FOUND_UNCLEAR',
    message: `ALPACA was asked for ${what}, and the answer HTTP 404 is not its own: ${messageOf(answer)}`,
    remedy: 'Ask again later. If it repeats, check BROKER_URL and what stands between this machine and the broker.',
  });
}

/** The fault of an answer that is not 2xx and that no table of HTTP explains. */
export function refusalOf(answer: BrokerAnswer, what: string): TradeBotError {
  const message = messageOf(answer);
  const [, code, remedy] = REASONS.find(([words]) => words.test(message)) ?? [
    undefined,
    `ALPACA_${codeOf(answer)}`,
    'Nothing was changed. Read the message of the broker.',
  ];
  return brokerError('refuse', { code, message: `ALPACA refused ${what}: ${message}`, remedy });
}

/** A key that is refused, whether Alpaca answers 401 or 403; undefined for any other answer. */
export function keyVerdict(answer: BrokerAnswer, request: BrokerRequest): TradeBotError | undefined {
  const { status } = answer;
  const words = KEY_WORDS.test(messageOf(answer));
  const isKey = status === 401 || (status === 403 && (request.effect === 'read' || words));
  if (!isKey) return undefined;
  return brokerError('refuse', {
    code: 'KEY_REFUSED',
    message: `ALPACA refused the key for ${request.what} (HTTP ${status})`,
    remedy: 'Paper and live accounts have different keys: enter those that belong to BROKER_URL, under secrets.',
  });
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
