import { Decimal } from '../../kernel/decimal.js';
import type { ConfiguredStrategy } from './configured-strategies.js';
import { clockTimeFromText, clockTimeText, type ClockTime } from '../calendar/clock-time.js';

export type SettingGroup =
  | 'general'
  | 'broker'
  | 'journal'
  | 'risk'
  | 'defense'
  | 'trailing'
  | 'filters'
  | 'schedule'
  | ConfiguredStrategy
  | `strategy ${string}`
  | 'enhancements'
  | 'float'
  | 'research'
  | 'universe'
  | 'holdings'
  | 'access'
  | 'alerts'
  | 'health'
  | 'hub';

/** Description and behaviour of a setting. */
export interface SettingMeta {
  readonly group: SettingGroup;
  readonly label: string;
  readonly help: string;
  /** `fraction`, `%`, `USD`, `min`, `s`, `ms`, `shares`, ... or empty. */
  readonly unit: string;
  /** hot: applied during a session; cold: locked while a session is open (RUN-30). */
  readonly change: 'hot' | 'cold';
  /** A secret never appears in faults, logs, digests or descriptions. */
  readonly secret: boolean;
  /** Valid texts of a secret that may be described all the same; left out: the default alone. */
  readonly shows?: (text: string) => boolean;
  /** False while its feature does not exist; the help says so. */
  readonly takesEffect: boolean;
  /** True for a key that a released version did not have: a home of that version takes the default. */
  readonly addedLater: boolean;
  /** Key whose value applies while this one is empty. */
  readonly inherits?: string;
}

/** A setting: everything that code, faults and the settings page need (CFG-5). */
export interface SettingSpec<T> extends SettingMeta {
  readonly kind:
    'boolean' | 'count' | 'number' | 'decimal' | 'choice' | 'clock-time' | 'list' | 'name' | 'text' | 'url';
  readonly default: T;
  /** Allowed values in words, as the end of a sentence "must be ...". */
  readonly mustBe: string;
  /** All allowed values, where they can be listed; a list takes several of them. */
  readonly choices?: readonly string[];
  /** Returns undefined when the text is not a valid value. */
  parse(text: string): T | undefined;
  format(value: T): string;
}

export type SettingInit = Omit<SettingMeta, 'group' | 'secret' | 'change' | 'unit' | 'takesEffect' | 'addedLater'> &
  Partial<Pick<SettingMeta, 'change' | 'secret' | 'unit' | 'takesEffect' | 'addedLater'>>;

function meta(group: SettingGroup, init: SettingInit): SettingMeta {
  return { group, change: 'cold', secret: false, unit: '', takesEffect: true, addedLater: false, ...init };
}

const NUMBER_SHAPE = /^-?\d{1,15}(\.\d{1,9})?$/;

function decimalIn(text: string, min: Decimal, max: Decimal): Decimal | undefined {
  if (!NUMBER_SHAPE.test(text)) return undefined;
  const value = Decimal.parse(text);
  return value.gte(min) && value.lte(max) ? value : undefined;
}

/** Builders for the settings of one group, one per kind of value. */
export function kindsOf(group: SettingGroup) {
  return { ...simpleKinds(group), ...composedKinds(group), ...strategyKinds(group), ...textKinds(group) };
}

function simpleKinds(group: SettingGroup) {
  return {
    flag: (value: boolean, init: SettingInit): SettingSpec<boolean> => ({
      ...meta(group, init),
      kind: 'boolean',
      default: value,
      choices: ['true', 'false'],
      mustBe: 'true or false',
      parse: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
      format: String,
    }),
    count: (value: number, min: number, max: number, init: SettingInit): SettingSpec<number> => ({
      ...meta(group, init),
      kind: 'count',
      default: value,
      mustBe: `a whole number from ${min} to ${max}`,
      parse: (text) => {
        const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
        return number >= min && number <= max ? number : undefined;
      },
      format: String,
    }),
    number: (value: number, min: number, max: number, init: SettingInit): SettingSpec<number> => ({
      ...meta(group, init),
      kind: 'number',
      default: value,
      mustBe: `a number from ${min} to ${max}`,
      parse: (text) => {
        const number = NUMBER_SHAPE.test(text) ? Number(text) : Number.NaN;
        return number >= min && number <= max ? number : undefined;
      },
      format: String,
    }),
    decimal: (value: string, min: string, max: string, init: SettingInit): SettingSpec<Decimal> => ({
      ...meta(group, init),
      kind: 'decimal',
      default: Decimal.parse(value),
      mustBe: `a decimal from ${min} to ${max}`,
      parse: (text) => decimalIn(text, Decimal.parse(min), Decimal.parse(max)),
      format: (decimal) => decimal.shortText(),
    }),
    choice: <const C extends readonly [string, ...string[]]>(
      choices: C,
      init: SettingInit,
    ): SettingSpec<C[number]> => ({
      ...meta(group, init),
      kind: 'choice',
      default: choices[0],
      choices,
      mustBe: choices.length === 1 ? choices[0] : `one of ${choices.join(', ')}`,
      parse: (text) => choices.find((choice) => choice === text),
      format: (choice) => choice,
    }),
  };
}

function composedKinds(group: SettingGroup) {
  return {
    clockTime: (value: ClockTime, init: SettingInit): SettingSpec<ClockTime> => ({
      ...meta(group, init),
      kind: 'clock-time',
      default: value,
      mustBe: 'HH:MM[:SS] in UTC, or with a zone such as 09:30@America/New_York',
      parse: clockTimeFromText,
      format: clockTimeText,
    }),
    decimals: (value: readonly string[], init: SettingInit): SettingSpec<readonly Decimal[]> => ({
      ...meta(group, init),
      kind: 'list',
      default: value.map((text) => Decimal.parse(text)),
      mustBe: 'a list of fractions above 0 and up to 1, such as 0.4,0.3,0.3',
      parse: (text) => {
        const items = text.split(',').map((item) => decimalIn(item.trim(), Decimal.ZERO, Decimal.ONE));
        return items.every((item) => item !== undefined && item.sign() > 0) ? (items as readonly Decimal[]) : undefined;
      },
      format: (items) => items.map((item) => item.shortText()).join(','),
    }),
    choices: <const C extends readonly string[]>(all: C, init: SettingInit): SettingSpec<readonly C[number][]> => ({
      ...meta(group, init),
      kind: 'list',
      default: [...all],
      choices: all,
      mustBe: `a list of ${all.join(', ')}, each at most once`,
      parse: (text) => listOf(text, all),
      format: (items) => items.join(','),
    }),
  };
}

function strategyKinds(group: SettingGroup) {
  return {
    /** Names of strategies of the program, and of own ones, which only the home knows. */
    strategies: (
      all: readonly string[],
      isOwn: (name: string) => boolean,
      init: SettingInit,
    ): SettingSpec<readonly string[]> => ({
      ...meta(group, init),
      kind: 'list',
      default: [...all],
      choices: all,
      mustBe: `a list of ${all.join(', ')} or names of own strategies, each at most once`,
      parse: (text) => {
        const names = text.split(',').map((name) => name.trim());
        const known = names.every((name) => all.includes(name) || isOwn(name));
        return known && new Set(names).size === names.length ? names : undefined;
      },
      format: (names) => names.join(','),
    }),
    /** Empty, or the name of a strategy of the program or of an own one. */
    strategyOrEmpty: (
      all: readonly string[],
      isOwn: (name: string) => boolean,
      init: SettingInit,
    ): SettingSpec<string> => ({
      ...meta(group, init),
      kind: 'name',
      default: '',
      choices: ['', ...all],
      mustBe: `empty, one of ${all.join(', ')}, or the name of an own strategy`,
      parse: (text) => (text === '' || all.includes(text) || isOwn(text) ? text : undefined),
      format: (name) => name,
    }),
  };
}

function textKinds(group: SettingGroup) {
  return {
    /** The default, or a URL with one of the schemes (`esdb` for `esdb://...`), which may contain a password. */
    url: (value: string, schemes: readonly string[], init: SettingInit): SettingSpec<string> => ({
      ...meta(group, { secret: true, ...init }),
      kind: 'url',
      default: value,
      mustBe: `${value === '' ? 'empty' : value} or a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
      parse: (text) => (text === value || isUrlOf(text, schemes) ? text : undefined),
      format: (text) => text,
    }),
    /** Empty, or a text of the given shape. */
    text: (value: string, shape: RegExp, mustBe: string, init: SettingInit): SettingSpec<string> => ({
      ...meta(group, init),
      kind: 'text',
      default: value,
      mustBe: value === '' ? `empty, or ${mustBe}` : mustBe,
      parse: (text) => (text === value || shape.test(text) ? text : undefined),
      format: (text) => text,
    }),
    timeZone: (value: string, init: SettingInit): SettingSpec<string> => ({
      ...meta(group, init),
      kind: 'text',
      default: value,
      mustBe: 'a time zone name, such as America/New_York',
      parse: (text) => (text !== '' && clockTimeFromText(`12:00@${text}`) !== undefined ? text : undefined),
      format: (text) => text,
    }),
    symbols: (value: readonly string[], init: SettingInit): SettingSpec<readonly string[]> => ({
      ...meta(group, init),
      kind: 'list',
      default: value,
      mustBe: `1 to ${MOST_SYMBOLS} ticker symbols, such as SPY,AAPL, each at most once`,
      parse: symbolsOf,
      format: (items) => items.join(','),
    }),
    /** Empty, or a clock time. */
    clockTimeOrEmpty: (init: SettingInit): SettingSpec<ClockTime | null> => ({
      ...meta(group, init),
      kind: 'clock-time',
      default: null,
      mustBe: 'empty, or HH:MM[:SS] in UTC, or with a zone such as 09:30@America/New_York',
      parse: (text) => (text === '' ? null : clockTimeFromText(text)),
      format: (time) => (time === null ? '' : clockTimeText(time)),
    }),
  };
}

const MOST_SYMBOLS = 50;
const SYMBOL = /^[A-Z][A-Z0-9.]{0,9}$/;

function symbolsOf(text: string): readonly string[] | undefined {
  const items = text.split(',').map((item) => item.trim());
  const good = items.length <= MOST_SYMBOLS && new Set(items).size === items.length;
  return good && items.every((item) => SYMBOL.test(item)) ? items : undefined;
}

const URL_LIMIT = 2_000;

function isUrlOf(text: string, schemes: readonly string[]): boolean {
  const rest = schemes.find((scheme) => text.startsWith(`${scheme}://`) && text.length > scheme.length + 3);
  return rest !== undefined && text.length <= URL_LIMIT && !/\s/.test(text);
}

function listOf<C extends readonly string[]>(text: string, all: C): readonly C[number][] | undefined {
  const items: C[number][] = [];
  for (const part of text.split(',')) {
    const item = all.find((choice) => choice === part.trim());
    if (item === undefined || items.includes(item)) return undefined;
    items.push(item);
  }
  return items;
}

/** Whether a text of a setting must not be described or recorded. */
export function isHidden(spec: SettingSpec<unknown>, text: string): boolean {
  if (!spec.secret || text === spec.format(spec.default)) return false;
  return spec.parse(text) === undefined || spec.shows?.(text) !== true;
}
