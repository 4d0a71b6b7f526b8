import { Decimal } from '../kernel/decimal.js';
import { roundToCents } from '../kernel/money.js';
import { currentVersion, type EventData, type EventType } from './event.js';
import { EVENT_SCHEMAS, SHARED_PATTERNS } from './generated/schemas.js';

/** Why an event is not appended: a JSON pointer into its data, and what should be there. */
export interface Refusal {
  readonly pointer: string;
  readonly expected: string;
}

/** The largest figure of an event, in dollars, shares or anything else: its cents still fit the 64 bits of a database. */
export const LARGEST_FIGURE = Decimal.parse('90000000000000000');

/** The largest float, and the largest adjustment of it, in dollars: float less equity still fits 64 bits of cents. */
export const LARGEST_FLOAT = Decimal.parse('1000000000000000');

/** What `Decimal.parse` reads. */
const MOST_DECIMALS = 18;
const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;
const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** True for a day of the calendar such as 2026-11-20; false for 2026-02-30. */
export function isRealDate(text: string): boolean {
  return ISO_DATE.test(text) && isRealTime(`${text}T00:00:00.000Z`);
}

/** True for a moment such as 2026-11-20T14:30:00.123Z; false for the 13th month, the 30th of February or hour 24. */
export function isRealTime(text: string): boolean {
  if (!ISO_TIME.test(text)) return false;
  const part = (from: number, to: number): number => Number(text.slice(from, to));
  const [month, day] = [part(5, 7), part(8, 10)];
  if (month < 1 || month > 12 || day < 1 || day > daysOf(part(0, 4), month)) return false;
  return part(11, 13) < 24 && part(14, 16) < 60 && part(17, 19) < 60;
}

/** Days of a month, 1 for January. */
function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** What a value must be; undefined when it is that. */
type ValueCheck = (value: unknown) => string | undefined;
type DataCheck = (value: unknown, pointer: string) => Refusal | undefined;

const isFigure: ValueCheck = (value) => {
  const text = String(value);
  if ((text.split('.')[1] ?? '').length > MOST_DECIMALS) return `must have at most ${MOST_DECIMALS} decimals`;
  const digits = text.replace('-', '').split('.')[0] ?? '';
  const fits = digits.length <= 17 && Decimal.parse(text).abs().lte(LARGEST_FIGURE);
  return fits ? undefined : `must be between -${LARGEST_FIGURE.text()} and ${LARGEST_FIGURE.text()}`;
};

const isTime: ValueCheck = (value) =>
  isRealTime(String(value)) ? undefined : 'must be a real time in UTC such as 2026-11-20T14:30:00.123Z';

const isDate: ValueCheck = (value) =>
  isRealDate(String(value)) ? undefined : 'must be a day of the calendar such as 2026-11-20';

const isWhole: ValueCheck = (value) =>
  Number.isSafeInteger(value) ? undefined : `must be a whole number of at most ${Number.MAX_SAFE_INTEGER}`;

const CHECK_BY_PATTERN: ReadonlyMap<string, ValueCheck> = new Map([
  [SHARED_PATTERNS.decimal, isFigure],
  [SHARED_PATTERNS.positive, isFigure],
  [SHARED_PATTERNS.notNegative, isFigure],
  [SHARED_PATTERNS.notZero, isFigure],
  [SHARED_PATTERNS.money, isFigure],
  [SHARED_PATTERNS.utc, isTime],
  [SHARED_PATTERNS.date, isDate],
]);

interface SchemaNode {
  readonly type?: string;
  readonly pattern?: string;
  readonly anyOf?: readonly SchemaNode[];
  readonly items?: SchemaNode;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
}

/** A check of everything in a schema that is a figure, a time or a day; undefined when there is nothing of the kind. */
function checkOf(schema: SchemaNode): DataCheck | undefined {
  if (schema.anyOf !== undefined) {
    const options = schema.anyOf.map(checkOf).filter((check) => check !== undefined);
    const [only] = options;
    return only === undefined ? undefined : (value, pointer) => (value === null ? undefined : only(value, pointer));
  }
  if (schema.items !== undefined) return arrayCheck(schema.items);
  if (schema.properties !== undefined) return objectCheck(schema.properties);
  const valueCheck = schema.type === 'integer' ? isWhole : CHECK_BY_PATTERN.get(schema.pattern ?? '');
  if (valueCheck === undefined) return undefined;
  return (value, pointer) => {
    const expected = value === undefined ? undefined : valueCheck(value);
    return expected === undefined ? undefined : { pointer, expected };
  };
}

function arrayCheck(items: SchemaNode): DataCheck | undefined {
  const check = checkOf(items);
  if (check === undefined) return undefined;
  return (value, pointer) => {
    if (!Array.isArray(value)) return undefined;
    for (const [index, item] of value.entries()) {
      const refusal = check(item, `${pointer}/${index}`);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  };
}

function objectCheck(properties: Readonly<Record<string, SchemaNode>>): DataCheck | undefined {
  const checks = Object.entries(properties).flatMap(([name, schema]) => {
    const check = checkOf(schema);
    return check === undefined ? [] : [{ name, check }];
  });
  if (checks.length === 0) return undefined;
  return (value, pointer) => {
    if (typeof value !== 'object' || value === null) return undefined;
    const record = value as Readonly<Record<string, unknown>>;
    for (const { name, check } of checks) {
      const refusal = check(record[name], `${pointer}/${name}`);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  };
}

type RuleByType = { readonly [T in EventType]?: (data: EventData<T>) => Refusal | undefined };

/** Rules over several members, or for one member of one type. */
const RULES: RuleByType = {
  FloatAdjusted: ({ amount }) => floatAmount(amount) ?? wholeCent(amount),
  BrokerActivityImported: ({ activityType, amount }) =>
    activityType === 'deposit' || activityType === 'withdrawal' ? wholeCent(amount) : undefined,
  OrderFilled: (fill) => fillAmount(fill) ?? fillSide(fill),
  OrderFillCorrected: (fill) => fillAmount(fill) ?? fillSide(fill),
  ForeignFillBooked: (fill) => fillAmount(fill) ?? closedAmount(fill),
  AdjustmentBooked: ({ shares, cash }) => {
    const value = shares === null ? Decimal.ZERO : Decimal.parse(shares.quantity).times(Decimal.parse(shares.price));
    if (inRange(value.plus(Decimal.parse(cash).abs()))) return undefined;
    return { pointer: '/shares', expected: `must be worth at most ${LARGEST_FIGURE.text()} with the cash` };
  },
  OpeningBalancesRecorded: ({ cash, positions }) =>
    inRange(Decimal.sum([cash, ...positions.map(({ cost }) => cost)].map((text) => Decimal.parse(text).abs())))
      ? undefined
      : { pointer: '/positions', expected: `must cost at most ${LARGEST_FIGURE.text()} together with the cash` },
};

function floatAmount(amount: string): Refusal | undefined {
  if (Decimal.parse(amount).lte(LARGEST_FLOAT)) return undefined;
  return { pointer: '/amount', expected: `must be at most ${LARGEST_FLOAT.text()}` };
}

function wholeCent(amount: string): Refusal | undefined {
  if (roundToCents(Decimal.parse(amount)) > 0n) return undefined;
  return { pointer: '/amount', expected: 'must be at least a cent' };
}

function closedAmount({ quantity, positions }: EventData<'ForeignFillBooked'>): Refusal | undefined {
  const closed = Decimal.sum(positions.map((each) => Decimal.parse(each.quantity)));
  if (closed.lte(Decimal.parse(quantity))) return undefined;
  return { pointer: '/positions', expected: 'must close at most the shares of the execution' };
}

type Amounts = Pick<EventData<'OrderFilled'>, 'quantity' | 'price' | 'commission' | 'fee'>;

function fillAmount(fill: Amounts): Refusal | undefined {
  const [quantity, price, commission, fee] = [fill.quantity, fill.price, fill.commission, fill.fee].map((text) =>
    Decimal.parse(text).abs(),
  ) as [Decimal, Decimal, Decimal, Decimal];
  if (inRange(quantity.times(price).plus(commission).plus(fee))) return undefined;
  return { pointer: '/quantity', expected: `must be worth at most ${LARGEST_FIGURE.text()} with its charges` };
}

/** The books follow the position effect, which must be one of the side. */
function fillSide({
  side,
  positionEffect,
}: EventData<'OrderFilled'> | EventData<'OrderFillCorrected'>): Refusal | undefined {
  const buys = positionEffect === 'open_long' || positionEffect === 'close_short';
  if (buys === (side === 'buy')) return undefined;
  return { pointer: '/positionEffect', expected: `must be one of a ${side}` };
}

function inRange(amount: Decimal): boolean {
  return amount.abs().lte(LARGEST_FIGURE);
}

const compiled = new Map<EventType, DataCheck>();

/** Made on first use: a process pays for the types that it writes. */
function checkOfType(type: EventType): DataCheck {
  const known = compiled.get(type);
  if (known !== undefined) return known;
  const made = checkOf(EVENT_SCHEMAS[`${type}.v${currentVersion(type)}`] ?? {}) ?? (() => undefined);
  compiled.set(type, made);
  return made;
}

/**
 * The one judge of events beyond the shape that their schemas ask for: why data of this shape cannot be applied by every
 * fold and stored by every projection; undefined when it can. Released schemas never narrow, so the bounds are here.
 */
export function refusalOf(type: EventType, data: unknown): Refusal | undefined {
  const rule = RULES[type] as ((data: unknown) => Refusal | undefined) | undefined;
  return checkOfType(type)(data, '') ?? rule?.(data);
}
