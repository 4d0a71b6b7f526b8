import { Decimal } from '../../kernel/decimal.js';
import { dataError, type TradeBotError } from '../../kernel/errors.js';
import { LATEST_TIME } from '../../kernel/time.js';

/** What a member of a report must be. */
type MemberCheck = (value: unknown) => boolean;

const isText: MemberCheck = (value) => typeof value === 'string';
const isFigure: MemberCheck = (value) => value instanceof Decimal;
const isTime: MemberCheck = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= LATEST_TIME;
const isSide: MemberCheck = (value) => value === 'buy' || value === 'sell';

type Form = Readonly<Record<string, MemberCheck>>;

const ANY_REPORT: Form = {
  clientOrderId: isText,
  brokerOrderId: isText,
  at: isTime,
  rawSha256: isText,
};

const EXECUTION: Form = {
  executionId: isText,
  symbol: isText,
  side: isSide,
  quantity: isFigure,
  price: isFigure,
  commission: isFigure,
  fee: isFigure,
  filledAt: isTime,
};

const FORM_BY_KIND: ReadonlyMap<unknown, Form> = new Map<unknown, Form>([
  ['acknowledged', {}],
  ['rejected', { code: isText, message: isText }],
  ['filled', EXECUTION],
  ['corrected', { ...EXECUTION, correctsExecutionId: isText }],
  ['busted', { executionId: isText, reason: isText }],
  ['cancelled', { filledQuantity: isFigure, reason: isText }],
  ['expired', { filledQuantity: isFigure }],
]);

const ACTIVITY: Form = {
  activityId: isText,
  at: isTime,
  amount: isFigure,
  currency: (value) => value === undefined || isText(value),
  symbol: (value) => value === null || isText(value),
  reference: (value) => value === null || isText(value),
  description: isText,
  rawSha256: isText,
  reverses: (value) => value === undefined || isText(value),
};

const CONVERSION: Form = {
  activityId: isText,
  at: isTime,
  moves: (value) => Array.isArray(value) && value.length > 0 && value.every(isMove),
  description: isText,
  rawSha256: isText,
};

function isMove(value: unknown): boolean {
  const { symbol, quantity } = Object(value) as Readonly<Record<string, unknown>>;
  return isText(symbol) && isFigure(quantity);
}

/** Why a report on an order cannot be read: an unknown kind, or a member that is missing or is not what it should be. */
export function reportFault(report: { readonly kind: unknown }): TradeBotError | undefined {
  const form = FORM_BY_KIND.get(report.kind);
  if (form === undefined) return unreadable(`the kind of the report is ${shown(report.kind)}`);
  return formFault({ ...ANY_REPORT, ...form }, report);
}

/** Why a cash movement cannot be read. */
export function activityFault(activity: object): TradeBotError | undefined {
  return formFault(ACTIVITY, activity);
}

/** Why a replacement of shares cannot be read. */
export function conversionFault(activity: object): TradeBotError | undefined {
  return formFault(CONVERSION, activity);
}

/** Whether the kind of a report is one that the journal has a name for. */
export function isKnownKind(kind: unknown): boolean {
  return FORM_BY_KIND.has(kind);
}

function formFault(form: Form, report: object): TradeBotError | undefined {
  const members = report as Readonly<Record<string, unknown>>;
  const wrong = Object.keys(form).find((name) => form[name]?.(members[name]) === false);
  return wrong === undefined ? undefined : unreadable(`${wrong} is ${shown(members[wrong])}`);
}

function shown(value: unknown): string {
  if (value instanceof Decimal) return value.shortText();
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(String(value).slice(0, 100));
}

function unreadable(what: string): TradeBotError {
  return dataError({
    code: 'REPORT_UNREADABLE',
    message: `a report of the broker cannot be read: ${what}`,
    remedy: 'Ask the broker what it is, and book it with an adjusting entry.',
  });
}
