import type { Brand } from '../kernel/brand.js';
import type { DecimalText } from '../kernel/decimal.js';
import { configError } from '../kernel/errors.js';

/** A ticker in capitals, such as `AAPL` or `BRK.B`. */
export type TickerSymbol = Brand<string, 'TickerSymbol'>;
/** `open`, `mid`, `close`, or the name of a strategy that a user added. */
export type StrategyName = Brand<string, 'StrategyName'>;
/** `<bot>-<yyyymmdd>-<seq>`: our own order id, durable before the order is sent (TRD-50). */
export type ClientOrderId = Brand<string, 'ClientOrderId'>;
/** Figures of a reason: name to exact decimal text or a code; display text is built at the edge. */
export type Figures = Readonly<Record<string, DecimalText | string>>;

const SYMBOL_SHAPE = /^[A-Z][A-Z0-9.]{0,15}$/;
const STRATEGY_SHAPE = /^[a-z][a-z0-9-]{0,31}$/;
const CLIENT_ORDER_ID_SHAPE = /^[A-Za-z0-9][A-Za-z0-9_-]{0,95}$/;

export function isSymbol(text: string): text is TickerSymbol {
  return SYMBOL_SHAPE.test(text);
}

export function parseSymbol(text: string): TickerSymbol {
  if (isSymbol(text)) return text;
  throw configError({
    code: 'BAD_SYMBOL',
    message: `"${text.slice(0, 40)}" is not a ticker symbol`,
    remedy: 'Use capitals, digits and dots, such as SPY or BRK.B.',
  });
}

/**
 * The symbol as this program writes it: brokers write a class of shares as BRK.B, BRK-B, BRK/B or `BRK B`, and it is one
 * security. Other texts stay as they are.
 */
export function canonicalSymbol(symbol: string): TickerSymbol {
  return symbol.replace(/^([A-Z][A-Z0-9]*)[-/ ]([A-Z0-9]+)$/, '$1.$2') as TickerSymbol;
}

export function parseStrategyName(text: string): StrategyName {
  if (!STRATEGY_SHAPE.test(text)) {
    throw configError({
      code: 'BAD_STRATEGY_NAME',
      message: `"${text.slice(0, 40)}" is not a strategy name`,
      remedy: 'Use small letters, digits and dashes, such as open.',
    });
  }
  return text as StrategyName;
}

/** Whether a text can be an order id of this program; brokers report orders of others too, under any id. */
export function isClientOrderId(text: string): text is ClientOrderId {
  return CLIENT_ORDER_ID_SHAPE.test(text);
}

export function parseClientOrderId(text: string): ClientOrderId {
  if (!isClientOrderId(text)) {
    throw configError({
      code: 'BAD_CLIENT_ORDER_ID',
      message: `"${text.slice(0, 60)}" is not a client order id`,
      remedy: 'Use up to 96 letters, digits, dashes and underscores.',
    });
  }
  return text;
}
