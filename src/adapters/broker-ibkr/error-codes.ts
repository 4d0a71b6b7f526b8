import { GATEWAY_READ_ONLY } from '../../domain/orders/account-refusals.js';

/** What an error with the id of an order says about that order. */
export type OrderVerdict =
  /** A remark: the order lives. */
  | 'notice'
  /** The order is cancelled, by us or by the broker. */
  | 'cancelled'
  /** The answer to a cancel: the order is not there, or ended before. */
  | 'cancel_answered'
  /** The id was used before: by this order, or by another one. */
  | 'id_used'
  /** The order was not taken, or is not taken any more. */
  | 'refused'
  /** Its meaning is not known: the lists of orders decide. */
  | 'unknown';

const CANCELLED = 202;
const ID_USED: ReadonlySet<number> = new Set([103, 104, 105]);
const CANCEL_ANSWERED: ReadonlySet<number> = new Set([135, 136, 161, 10_147, 10_148]);
/** Warnings outside their range: order held for a locate, order message, rounded prices, delayed data, time in force set by a preset. */
const NOTICES: ReadonlySet<number> = new Set([399, 404, 492, 10_090, 10_167, 10_185, 10_197, 10_349]);
/** Refusals that also end an order that the broker had taken. */
const ENDING: ReadonlySet<number> = new Set([200, 201, 203, 460]);
/** Ranges of refusals of an order at the door. */
const REFUSALS: readonly (readonly [number, number])[] = [
  [106, 160],
  [162, 499],
  [10_000, 10_399],
];

/** The meaning of an error about an order; `taken`: the broker had acknowledged it. */
export function orderVerdict(code: number, text: string, taken: boolean): OrderVerdict {
  if (code === CANCELLED) return 'cancelled';
  if (CANCEL_ANSWERED.has(code)) return 'cancel_answered';
  if (NOTICES.has(code) || (code >= 2_100 && code < 3_000) || text.startsWith('Warning:')) return 'notice';
  if (ID_USED.has(code)) return 'id_used';
  if (ENDING.has(code)) return 'refused';
  const refusal = REFUSALS.some(([from, to]) => code >= from && code <= to);
  return refusal && !taken ? 'refused' : 'unknown';
}

const INVALID_REQUEST = 321;

/** The code of an error for the rest of the program: a gateway whose API is set to read only has one of its own. */
export function errorCodeOf(code: number, text: string): string {
  return code === INVALID_REQUEST && /read-?only/i.test(text) ? GATEWAY_READ_ONLY : `IBKR_${code}`;
}
