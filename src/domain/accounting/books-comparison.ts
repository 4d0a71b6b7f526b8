import { canonicalSymbol, isSymbol, type TickerSymbol } from '../../events/names.js';
import type { EventData } from '../../events/event.js';
import { Decimal } from '../../kernel/decimal.js';
import { centsToDecimal, decimalToCents, roundToCents, type Cents } from '../../kernel/money.js';
import { reconcile } from './reconcile.js';

const CENT = Decimal.of(1, 2);
/** A smaller difference of shares is a rest of fractions. */
const DUST = Decimal.parse('0.01');
const LONGEST_NAME = 64;

/** What the books say of the account, in dollars and shares. */
export interface BooksFigures {
  readonly cash: Cents;
  readonly positions: ReadonlyMap<TickerSymbol, Decimal>;
}

/** A position as the broker writes it; negative is short. */
export interface BrokerHolding {
  readonly symbol: string;
  readonly quantity: Decimal;
  readonly averagePrice: Decimal;
}

/** What the broker says of the account. */
export interface BrokerFigures {
  readonly cash: Decimal;
  readonly positions: readonly BrokerHolding[];
}

/** A difference between books and broker. */
export interface Difference {
  /** What differs: the cash, a symbol, or a name that the books cannot hold. One difference a key. */
  readonly key: string;
  readonly subject: EventData<'BooksMismatchFound'>['subject'];
  readonly kind: EventData<'BooksMismatchFound'>['kind'];
  readonly symbol: TickerSymbol | null;
  /** The name at the broker of a position that the books cannot hold. */
  readonly brokerSymbol: string | null;
  readonly books: Decimal;
  readonly broker: Decimal;
  /** Broker less books, never zero. */
  readonly delta: Decimal;
  /** Average price a share at the broker; null for cash, and for what the broker does not hold. */
  readonly brokerPrice: Decimal | null;
}

/**
 * The one comparison of the books with the account at the broker, to the cent and share: cash first, then by symbol, then
 * the positions that the books cannot hold. Empty when both agree.
 */
export function differencesOf(books: BooksFigures, broker: BrokerFigures): readonly Difference[] {
  const held = broker.positions.map((position) => ({ ...position, symbol: canonicalSymbol(position.symbol) }));
  const bookable = held.filter(({ symbol }) => isSymbol(symbol));
  const ours = [...books.positions].map(([symbol, quantity]) => ({ symbol, quantity }));
  const findings = reconcile(
    { cash: books.cash, positions: ours },
    { cash: brokerCents(broker.cash, books.cash), positions: bookable },
  );
  const known = findings.map((found): Difference => {
    const { subject, symbol, ledger, delta } = found;
    return {
      ...{ subject, symbol, delta, books: ledger, broker: found.broker },
      key: symbol === null ? subject : `${subject}/${symbol}`,
      kind: symbol === null ? 'cash' : kindOf(ledger, found.broker),
      brokerSymbol: null,
      brokerPrice: bookable.find((position) => position.symbol === symbol)?.averagePrice ?? null,
    };
  });
  return [...known, ...unbookable(held.filter(({ symbol }) => !isSymbol(symbol)))];
}

/**
 * Cash of a broker in cents. One that charges parts of a cent has them in its cash: half a cent of what was executed since, and half
 * a cent of the opening balance, which the books began with in cents. Cash in whole cents never differs by less than one.
 */
export function brokerCents(cash: Decimal, books: Cents): Cents {
  const ours = centsToDecimal(books);
  return cash.minus(ours).abs().lt(CENT) ? decimalToCents(ours) : roundToCents(cash);
}

function kindOf(books: Decimal, broker: Decimal): Difference['kind'] {
  if (broker.minus(books).abs().lt(DUST)) return 'dust';
  if (books.isZero()) return 'unknown_position';
  if (broker.isZero()) return 'missing_position';
  return books.sign() === broker.sign() ? 'quantity' : 'opposite_side';
}

/** Positions whose names are no symbols of this program, such as options: rows of one name are summed. */
function unbookable(positions: readonly BrokerHolding[]): readonly Difference[] {
  const sums = new Map<string, BrokerHolding>();
  for (const position of positions) {
    const name = shownName(position.symbol);
    const quantity = (sums.get(name)?.quantity ?? Decimal.ZERO).plus(position.quantity);
    sums.set(name, { ...position, symbol: name, quantity });
  }
  return [...sums]
    .filter(([, { quantity }]) => !quantity.isZero())
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { quantity, averagePrice }]) => ({
      key: `name/${name}`,
      subject: 'position',
      kind: 'unbookable_symbol',
      symbol: null,
      brokerSymbol: name,
      books: Decimal.ZERO,
      broker: quantity,
      delta: quantity,
      brokerPrice: averagePrice,
    }));
}

/** A name of others in one line: what cannot be shown is replaced. */
function shownName(name: string): string {
  const shown = name.replace(/[^\u0020-\u007e]/g, '?').slice(0, LONGEST_NAME);
  return shown === '' ? '(no name)' : shown;
}
