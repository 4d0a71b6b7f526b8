import { canonicalJson } from '../../kernel/canonical-json.js';
import { Decimal } from '../../kernel/decimal.js';
import { sha256Hex, type Sha256Hex } from '../../kernel/hash.js';
import { epochMs, type EpochMs } from '../../kernel/time.js';
import { isSymbol } from '../../events/names.js';
import type { CashActivity } from '../../ports/account-queries.js';
import { figureOf, isMembers, neededFigure, neededText, textOf, unreadable, type Members } from './shapes.js';
import { symbolOf } from './symbols.js';

const LONGEST_DESCRIPTION = 200;
const KEY_LENGTH = 20;

/**
 * The movements of cash in rows of the history, oldest first. A row has neither id nor time of day: it is known by its day, its whole
 * content and its number among equal rows. A trade is known from its order; only its charges are a movement here.
 */
export function cashActivities(rows: readonly Members[], rawSha256: Sha256Hex): readonly CashActivity[] {
  const times = new Map<string, number>();
  const activities = rows.flatMap((row) => {
    const key = sha256Hex(canonicalJson(plain(row))).slice(0, KEY_LENGTH);
    const ordinal = (times.get(key) ?? 0) + 1;
    times.set(key, ordinal);
    const activity = activityOf(row, `${key}-${ordinal}`, rawSha256);
    return activity === undefined ? [] : [activity];
  });
  return activities.sort((a, b) => a.at - b.at || (a.activityId < b.activityId ? -1 : 1));
}

/** The day of a row, from its time at midnight. @throws BrokerError BROKER_ANSWER_UNREADABLE */
function dayOf(row: Members): EpochMs {
  const text = neededText(row, 'date');
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(`${text.slice(0, 10)}T00:00:00.000Z`) : Number.NaN;
  if (Number.isNaN(ms)) throw unreadable(`"date" of the history is ${JSON.stringify(text.slice(0, 30))}`);
  return epochMs(ms);
}

function activityOf(row: Members, key: string, rawSha256: Sha256Hex): CashActivity | undefined {
  const type = neededText(row, 'type');
  const nested = row[type];
  const facts = isMembers(nested) ? nested : {};
  const amount = type === 'trade' ? chargesOf(row, facts).negated() : neededFigure(row, 'amount');
  if (amount.isZero()) return undefined;
  const at = dayOf(row);
  const symbol = symbolOf(textOf(facts, 'symbol') ?? '');
  const description = `${type}${type === 'trade' ? ' charges' : ''}: ${textOf(facts, 'description') ?? ''}`;
  return {
    kind: kindOf(type, amount),
    activityId: `${new Date(at).toISOString().slice(0, 10)}-${key}`,
    at,
    amount,
    symbol: isSymbol(symbol) ? symbol : null,
    reference: null,
    description: description.slice(0, LONGEST_DESCRIPTION),
    rawSha256,
  };
}

/** Charges of a trade: the cash moved by more than price times quantity, or the commission is named. */
function chargesOf(row: Members, facts: Members): Decimal {
  const price = figureOf(facts, 'price');
  const quantity = figureOf(facts, 'quantity');
  const commission = figureOf(facts, 'commission') ?? Decimal.ZERO;
  if (price === undefined || quantity === undefined) return commission;
  // a sale has a negative quantity and a positive amount
  const charges = price.times(quantity).negated().minus(neededFigure(row, 'amount')).rounded(2, 'halfEven');
  return charges.isZero() ? commission : charges;
}

/** The type gives the direction: an amount of the other sign is a movement of the other type. */
function kindOf(type: string, amount: Decimal): CashActivity['kind'] {
  const isIn = amount.sign() > 0;
  switch (type) {
    case 'dividend':
      return isIn ? 'dividend' : 'dividend_on_short';
    case 'interest':
      return isIn ? 'interest' : 'fee';
    case 'fee':
    case 'tax':
    case 'trade':
      return isIn ? 'interest' : 'fee';
    default:
      return isIn ? 'deposit' : 'withdrawal';
  }
}

/** A row as JSON has it, so that equal rows have equal texts. */
function plain(value: unknown): unknown {
  if (value instanceof Decimal) return value.shortText();
  if (Array.isArray(value)) return value.map(plain);
  if (isMembers(value)) return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
  return value ?? null;
}
