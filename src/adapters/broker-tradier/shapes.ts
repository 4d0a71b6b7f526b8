import { Decimal } from '../../kernel/decimal.js';
import { brokerError, type TradeBotError } from '../../kernel/errors.js';
import { epochMs, type EpochMs } from '../../kernel/time.js';

/** An object of an answer; its numbers are exact decimals. */
export type Members = Readonly<Record<string, unknown>>;

/** What the broker writes where there is nothing: JSON that was made from XML has several spellings. */
function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === 'null' || value === '';
}

/** Whether a value is an object with members. */
export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Decimal);
}

/** An answer that cannot be read: it is never taken as empty. */
export function unreadable(what: string): TradeBotError {
  return brokerError('retry', {
    code: 'BROKER_ANSWER_UNREADABLE',
    message: `the answer of Tradier cannot be read: ${what}`,
    remedy: 'Ask again. If it stays so, compare the kept frame with the documentation of the broker.',
  });
}

/**
 * The items of a list such as `{"orders":{"order":[...]}}`: many are an array, one is the object itself, none is "null", null
 * or a missing root. @throws BrokerError BROKER_ANSWER_UNREADABLE for everything else.
 */
export function listOf(
  answer: unknown,
  root: string,
  item: string,
  others: readonly string[] = [],
): readonly Members[] {
  if (!isMembers(answer)) throw unreadable(`it is no object with "${root}"`);
  const strangers = Object.keys(answer).filter((name) => name !== root);
  const list = answer[root];
  if (list === undefined && strangers.length > 0)
    throw unreadable(`it has "${strangers.join('", "').slice(0, 80)}", but no "${root}"`);
  if (isNothing(list)) return [];
  if (!isMembers(list)) throw unreadable(`"${root}" is no object`);
  return itemsOf(list, root, item, others);
}

function itemsOf(list: Members, root: string, item: string, others: readonly string[]): readonly Members[] {
  const items = list[item];
  const unknown = Object.keys(list).filter((name) => name !== item && !others.includes(name));
  if (items === undefined && unknown.length > 0) throw unreadable(`"${root}" has no "${item}"`);
  if (isNothing(items)) return [];
  const all: readonly unknown[] = Array.isArray(items) ? items : [items];
  return all.map((one, n) => {
    if (!isMembers(one)) throw unreadable(`item ${n + 1} of "${root}" is no object`);
    return one;
  });
}

/** The object `root` of an answer. @throws BrokerError BROKER_ANSWER_UNREADABLE */
export function objectOf(answer: unknown, root: string): Members {
  const value = isMembers(answer) ? answer[root] : undefined;
  if (!isMembers(value)) throw unreadable(`it has no object "${root}"`);
  return value;
}

/** A text member; undefined where there is nothing. Numbers are written as they came. */
export function textOf(members: Members, name: string): string | undefined {
  const value = members[name];
  if (isNothing(value)) return undefined;
  if (value instanceof Decimal) return value.text();
  return typeof value === 'string' ? value : undefined;
}

/** A figure, written as a number or as text; undefined where there is nothing. @throws BrokerError BROKER_ANSWER_UNREADABLE */
export function figureOf(members: Members, name: string): Decimal | undefined {
  const value = members[name];
  if (isNothing(value)) return undefined;
  if (value instanceof Decimal) return value;
  if (typeof value === 'string' && /^-?\d{1,30}(?:\.\d{1,18})?$/.test(value)) return Decimal.parse(value);
  throw unreadable(`"${name}" is no number`);
}

/** A figure that an answer must have. @throws BrokerError BROKER_ANSWER_UNREADABLE */
export function neededFigure(members: Members, name: string): Decimal {
  const value = figureOf(members, name);
  if (value === undefined) throw unreadable(`"${name}" is missing`);
  return value;
}

/** A text that an answer must have. @throws BrokerError BROKER_ANSWER_UNREADABLE */
export function neededText(members: Members, name: string): string {
  const value = textOf(members, name);
  if (value === undefined) throw unreadable(`"${name}" is missing`);
  return value;
}

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

/** A time, as ISO text in UTC or as milliseconds; undefined for every other text. */
export function timeOf(members: Members, name: string): EpochMs | undefined {
  const text = textOf(members, name);
  if (text === undefined) return undefined;
  const ms = ISO_TIME.test(text) ? Date.parse(text) : /^\d{13}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : epochMs(ms);
}
