import { brokerError, networkError, type TradeBotError } from '../../kernel/errors.js';
import type { EpochMs } from '../../kernel/time.js';
import type { BrokerAnswer } from '../broker-common/http-client.js';
import { retryAfterMs } from '../broker-common/retry-after.js';
import { isMembers, textOf } from './shapes.js';

/** What a verdict needs of an answer and its request. */
export interface Judged {
  readonly status: number;
  readonly text: string;
  readonly value: unknown;
  readonly method: string;
  readonly path: string;
  readonly what: string;
}

/** Words of a refusal for the rate, which comes with HTTP 429, 400 or a fault. */
const RATE_WORDS = /quota ?violation|rate limit/i;
const KEY_WORDS = /access token|api ?key/i;
const FINAL_WORDS = /finalized state/i;
const ACCOUNT_WORDS = /unauthorized account/i;
/** A path of one order. */
const ONE_ORDER = /\/orders\/[^/?]+(?:\?|$)/;
const LONGEST = 300;
const PAUSE_MS = 5_000;

/** The text of `{"fault":{"faultstring":...}}` with its code; undefined for other answers. */
function faultOf(value: unknown): string | undefined {
  const fault = isMembers(value) ? value['fault'] : undefined;
  if (!isMembers(fault)) return undefined;
  const detail = fault['detail'];
  const code = isMembers(detail) ? (textOf(detail, 'errorcode') ?? '') : '';
  return `${textOf(fault, 'faultstring') ?? 'a fault'} ${code}`.trim();
}

/** The texts of `{"errors":{"error":...}}`, which comes with HTTP 200 too; undefined for other answers. */
export function errorsOf(value: unknown): readonly string[] | undefined {
  const list = isMembers(value) ? value['errors'] : undefined;
  if (list === undefined) return undefined;
  const errors = isMembers(list) ? list['error'] : list;
  const all: readonly unknown[] = Array.isArray(errors) ? errors : [errors];
  return all.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
}

/** How long a refusal for the rate asks to wait: `Quota Violation: Expires <ms>`, or the reset in the headers. */
export function quotaWaitMs(answer: Pick<BrokerAnswer, 'text' | 'headers'>, now: EpochMs): number {
  const expires = /expires:?\s*(\d{10,13})/i.exec(answer.text)?.[1];
  const reset = expires ?? answer.headers['x-ratelimit-expiry'];
  return (reset === undefined ? undefined : retryAfterMs({ 'x-ratelimit-expiry': reset }, now)) ?? PAUSE_MS;
}

/** Whether an answer refuses a call for the rate. */
function isRateRefusal({ status, text, value }: Pick<Judged, 'status' | 'text' | 'value'>): boolean {
  if (status === 429) return true;
  return status >= 400 && RATE_WORDS.test(faultOf(value) ?? text.slice(0, LONGEST));
}

/**
 * The verdict of the broker's own words on an answer that is not 2xx; undefined leaves it to the common table. `clean` takes secrets
 * out of what the broker writes.
 */
export function verdictOn(judged: Judged, clean: (text: string) => string): TradeBotError | undefined {
  const { status, text, value, what, path } = judged;
  const fault = faultOf(value);
  const words = clean((fault ?? errorsOf(value)?.join('; ') ?? text).slice(0, LONGEST).trim());
  if (isRateRefusal(judged)) return rateRefused(what, words);
  if (fault !== undefined && KEY_WORDS.test(fault)) return keyRefused(what, words);
  if (status === 401 || status === 403) {
    if (!ACCOUNT_WORDS.test(text)) return keyRefused(what, words);
    return ONE_ORDER.test(path) ? orderUnknown(what) : accountRefused(what);
  }
  if (status === 404 && ONE_ORDER.test(path)) return orderUnknown(what);
  // a page of a gateway says nothing about the order
  const isPage = text.trimStart().startsWith('<');
  if (status >= 400 && status < 500 && status !== 408 && fault === undefined && !isPage) return refusedBy(what, words);
  return undefined;
}

function rateRefused(what: string, words: string): TradeBotError {
  return networkError('retry', {
    code: 'RATE_LIMITED',
    message: `TRADIER refused ${what} for the rate of calls: ${words}`,
    remedy: 'Nothing was done. It is sent again when the minute is over.',
  });
}

function keyRefused(what: string, words: string): TradeBotError {
  return brokerError('refuse', {
    code: 'BROKER_KEY_REFUSED',
    message: `TRADIER refused the access token at ${what}: ${words}`,
    remedy: 'Enter a valid token. Tokens of practice and live accounts are not interchangeable.',
  });
}

function accountRefused(what: string): TradeBotError {
  return brokerError('refuse', {
    code: 'BROKER_ACCOUNT_REFUSED',
    message: `TRADIER does not open this account for the access token (${what})`,
    remedy: 'Check BROKER_ACCOUNT_NUMBER, or leave it empty to use the only account of the token.',
  });
}

function orderUnknown(what: string): TradeBotError {
  return brokerError('refuse', {
    code: 'UNKNOWN_ORDER',
    message: `TRADIER has no such order (${what})`,
    remedy: 'Nothing was changed. It lists the orders of today and older ones that are open.',
  });
}

/** A refusal in the words of the broker; also of an order that has ended. */
export function refusedBy(what: string, words: string): TradeBotError {
  return brokerError('refuse', {
    code: FINAL_WORDS.test(words) ? 'ORDER_HAS_ENDED' : refusalCode(words),
    message: `TRADIER refused ${what}: ${words === '' ? 'no reason given' : words}`,
    remedy: 'Correct the request, or ask the broker what it means. Nothing was changed.',
  });
}

/** The code in the words of a refusal, such as InitialMargin; the words stay in the message. */
export function refusalCode(reason: string): string {
  const code = /\b([A-Z][a-z]+(?:[A-Z][a-z0-9]+)+)\b/.exec(reason)?.[1];
  return (code ?? 'BROKER_REJECTED').replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toUpperCase();
}
