import { Decimal } from '../../kernel/decimal.js';
import { TradeBotError } from '../../kernel/errors.js';
import type { EpochMs } from '../../kernel/time.js';
import { exactNumber } from './exact-json.js';
import { parseWireTime } from './wire-time.js';

const NUMBER_TEXT = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * The fields of one object of an answer. Only what is asked for is read: an unknown or missing field that nobody needs never fails
 * a read. @throws DataError FIELD_UNREADABLE (retry), which names the field: a gateway before the broker may have answered
 */
export class Fields {
  private constructor(
    private readonly members: Readonly<Record<string, unknown>>,
    /** What the object is, for messages: `order`, `account`. */
    readonly what: string,
  ) {}

  static of(value: unknown, what: string): Fields {
    if (!isObject(value)) throw unreadable(what, 'the whole', value, 'an object');
    return new Fields(value, what);
  }

  /** Each object of a list. */
  static listOf(value: unknown, what: string): readonly Fields[] {
    if (!Array.isArray(value)) throw unreadable(what, 'the whole', value, 'a list');
    return value.map((one: unknown) => Fields.of(one, what));
  }

  has(name: string): boolean {
    return this.members[name] !== undefined && this.members[name] !== null;
  }

  raw(name: string): unknown {
    return this.members[name];
  }

  names(): readonly string[] {
    return Object.keys(this.members);
  }

  /** A text; a number counts as its digits. */
  text(name: string): string {
    const value = this.members[name];
    if (typeof value === 'string') return value;
    if (value instanceof Decimal) return value.text();
    throw unreadable(this.what, name, value, 'a text');
  }

  textOr<T>(name: string, otherwise: T): string | T {
    return this.has(name) ? this.text(name) : otherwise;
  }

  /** A figure, whether it was sent as a number or as a text. */
  decimal(name: string): Decimal {
    const value = this.members[name];
    if (value instanceof Decimal) return value;
    if (typeof value === 'string' && NUMBER_TEXT.test(value)) return exactNumber(value);
    throw unreadable(this.what, name, value, 'a decimal number');
  }

  decimalOr<T>(name: string, otherwise: T): Decimal | T {
    return this.has(name) && this.members[name] !== '' ? this.decimal(name) : otherwise;
  }

  /** True only for the value true: a field that is missing or of another kind is not. */
  flag(name: string): boolean {
    const value = this.members[name];
    return value === true || value === 'true';
  }

  time(name: string): EpochMs {
    return parseWireTime(this.text(name));
  }

  timeOr<T>(name: string, otherwise: T): EpochMs | T {
    return this.has(name) && this.members[name] !== '' ? this.time(name) : otherwise;
  }

  object(name: string): Fields {
    return Fields.of(this.members[name], `${this.what}.${name}`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Decimal);
}

function unreadable(what: string, name: string, value: unknown, wanted: string): Error {
  return new TradeBotError('DataError', 'retry', {
    code: 'FIELD_UNREADABLE',
    message: `${what}: ${name} is ${kindOf(value).slice(0, 80)}, not ${wanted}`,
    remedy: 'If it repeats, the broker may have changed its interface: read its changelog, and update TradeBot.',
  });
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(value);
}
