import type { Decimal } from '../../kernel/decimal.js';
import type { WireContract } from './messages.js';
import { wireDecimal, wireInteger } from './wire-text.js';

/** The fields of a message, read by position. */
export type Fields = readonly string[];

/** A text; empty where the message has no such field. */
export const textAt = (fields: Fields, at: number): string => fields[at] ?? '';
/** An exact number; undefined where there is none. */
export const numberAt = (fields: Fields, at: number): Decimal | undefined => wireDecimal(fields[at]);
/** A whole number; `without` where there is none. */
export const wholeAt = (fields: Fields, at: number, without = -1): number => wireInteger(fields[at]) ?? without;

/** The security of a row whose fields begin at `at`: id, symbol, type, expiry, strike, right, multiplier, ..., currency, local symbol. */
export function contractAt(fields: Fields, at: number): WireContract {
  return {
    conId: wholeAt(fields, at, 0),
    symbol: textAt(fields, at + 1),
    secType: textAt(fields, at + 2),
    expiry: textAt(fields, at + 3),
    strike: numberAt(fields, at + 4),
    right: textAt(fields, at + 5),
    multiplier: numberAt(fields, at + 6),
    currency: textAt(fields, at + 8),
    localSymbol: textAt(fields, at + 9),
    tradingClass: textAt(fields, at + 10),
  };
}
