import { parseClientOrderId, type ClientOrderId } from '../../events/names.js';
import { configError } from '../../kernel/errors.js';
import { sha256Hex } from '../../kernel/hash.js';
import type { BotIdentity } from '../../kernel/identity.js';

/** A kill without a journal: its key and what names each of its orders. */
export interface ClosingOrderName {
  /** Of the kill. */
  readonly key: string;
  readonly symbol: string;
  /** Of the orders of this symbol, from 1. */
  readonly number: number;
}

/** Characters of the key and of the digest in an id that names no symbol: 56 bits, so no two orders of a bot share one. */
const SHORT_KEY = 6;
const SHORT_DIGEST = 8;
const DIGEST = new RegExp(`^[0-9a-f]{${SHORT_DIGEST}}$`);
/** What follows the bot in its longest ids: `-<yyyymmdd>-<6 digits>`, and the short form of a closing order. */
const LONGEST_SUFFIX = Math.max('-20261130-999999'.length, '-G'.length + SHORT_KEY + SHORT_DIGEST);
/** The letters between the four codes of an identity. */
const SEPARATORS = 3;

/** `<bot>-<yyyymmdd>-<number>` (TRD-50). */
export function sessionOrderId(identity: BotIdentity, date: string, sequence: number): ClientOrderId {
  return parseClientOrderId(`${identity}-${date.replaceAll('-', '')}-${sequence}`);
}

/**
 * The id of a closing order of a kill without a journal, always the same for the same name: `<bot>-G<key>-<symbol>-<number>`, or
 * `<bot>-G<short key><digest>` where the broker takes no more than `limit` characters. Throws when that is too long too.
 */
export function closingOrderId(identity: BotIdentity, name: ClosingOrderName, limit: number): ClientOrderId {
  const { key, symbol, number } = name;
  const whole = `${longPrefix(identity, key)}${symbol.replaceAll(/[^A-Za-z0-9]/g, '_')}-${number}`;
  if (whole.length <= limit) return parseClientOrderId(whole);
  const digest = sha256Hex(`${key}/${symbol}/${number}`).slice(0, SHORT_DIGEST);
  const short = `${shortPrefix(identity, key)}${digest}`;
  if (short.length <= limit) return parseClientOrderId(short);
  throw configError({
    code: 'CLIENT_ORDER_ID_TOO_LONG',
    message: `the broker takes order ids of ${limit} characters, and ${short} has ${short.length}`,
    remedy: `Close ${symbol} at the broker by hand; ${shorterCodes(limit)}`,
  });
}

/** Whether an id is one that `closingOrderId` makes for this kill, in either form. */
export function isClosingOrderId(identity: BotIdentity, key: string, id: string): boolean {
  if (id.startsWith(longPrefix(identity, key))) return true;
  const short = shortPrefix(identity, key);
  return id.startsWith(short) && DIGEST.test(id.slice(short.length));
}

/** Whether an id is one that this bot, or a copy of it, gives to its orders. */
export function isOfThisBot(identity: string, clientOrderId: string | null): boolean {
  return clientOrderId?.startsWith(`${identity}-`) === true;
}

const BOT_ORDER = /^([A-Z0-9]{1,12}(?:_[A-Z0-9]{1,12}){3})-/;

/** What to do when two bots trade in one account. */
export const OTHER_BOT_REMEDY = 'Give each bot its own account and key, and stop one of the two until then.';

/** The other bot that gives this id to its orders; undefined for an id of this bot, or of no bot. */
export function anotherBotOf(identity: string, clientOrderId: string | null): string | undefined {
  const bot = BOT_ORDER.exec(clientOrderId ?? '')?.[1];
  return bot === identity ? undefined : bot;
}

/** Whether all ids of this bot fit into the `limit` of a broker. */
export function orderIdsFit(identity: BotIdentity, limit: number): boolean {
  return identity.length <= limit - LONGEST_SUFFIX;
}

/** What to do for a bot whose ids do not fit, as a sentence. */
export function shorterCodes(limit: number): string {
  const most = Math.max(0, limit - LONGEST_SUFFIX - SEPARATORS);
  return `set up a bot whose four codes have at most ${most} letters and digits together.`;
}

function longPrefix(identity: BotIdentity, key: string): string {
  return `${identity}-G${key}-`;
}

function shortPrefix(identity: BotIdentity, key: string): string {
  return `${identity}-G${key.slice(0, SHORT_KEY)}`;
}
