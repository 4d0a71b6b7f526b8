import { balanceOfAll } from '../../domain/accounting/balances.js';
import { growsByDebit, type AccountType } from '../../domain/accounting/coa.js';
import { chargesOf, type LedgerFigures } from '../../domain/accounting/figures.js';
import type { LedgerGroup } from '../../domain/accounting/types.js';
import type { Position, RecordedEvent } from '../../events/event.js';
import type { TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { addCents, type Cents, moneyText, NO_CENTS, subtractCents } from '../../kernel/money.js';
import type { DateText } from '../../kernel/time.js';
import { eachEvent } from './chain.js';
import { figureAnswer, type Contribution, type ExplainParts, type Explanation, type Figure } from './explanation.js';
import { partsOfACent } from './parts-of-a-cent.js';
import { nothingKnown } from './refusals.js';
import type { BookFigure } from './question.js';

/** One posted amount, and where it comes from. */
interface Part {
  readonly at: string;
  readonly cents: Cents;
  readonly description: string;
  readonly subject: string;
  readonly eventId: string;
  readonly position: Position;
}

/** After its first event and up to the last one before the next session. */
interface Span {
  readonly after: Position;
  readonly upTo: Position | undefined;
}

type Parts = (ledger: ExplainParts['ledger']) => readonly Part[];

const FIGURES: Readonly<
  Record<
    BookFigure,
    { readonly formula: string; readonly value: (figures: LedgerFigures) => Cents; readonly parts: Parts }
  >
> = {
  equity: {
    formula: 'assets less liabilities in the books, positions at cost: the sum of what each posting added to them',
    value: ({ equity }) => equity,
    parts: byAccounts(['asset', 'liability'], 1n),
  },
  assets: {
    formula: 'the balances of all asset accounts: the sum of their debits less their credits',
    value: ({ assets }) => assets,
    parts: byAccounts(['asset'], 1n),
  },
  liabilities: {
    formula: 'the balances of all liability accounts: the sum of their credits less their debits',
    value: ({ liabilities }) => liabilities,
    parts: byAccounts(['liability'], -1n),
  },
  result: {
    formula: 'income less expenses in the books: gains, dividends and interest less losses, commissions and fees',
    value: ({ net }) => net,
    parts: byAccounts(['income', 'expense'], -1n),
  },
  trading: {
    formula:
      'gains less losses of all closed lots, less commissions, fees and other charges; without dividends and interest',
    value: ({ realized, fees }) => subtractCents(realized, fees),
    parts: (ledger) => inOrder([...closures(ledger), ...charges(ledger).map(negated)]),
  },
  realized: {
    formula: 'gains less losses of all closed lots, before fees: proceeds less cost of each closure',
    value: ({ realized }) => realized,
    parts: closures,
  },
  fees: {
    formula: 'commissions, fees and other charges of the broker, of each posting that has any',
    value: ({ fees }) => fees,
    parts: charges,
  },
};

/** A figure of the books with the postings that make it; with a date those since that session opened, until the next. */
export async function explainBooks(
  { journal, ledger }: ExplainParts,
  figure: BookFigure,
  date: DateText | undefined,
): Promise<Explanation> {
  const { formula, value: valueIn, parts } = FIGURES[figure];
  const span = date === undefined ? undefined : await spanOf(journal, date);
  const own = parts(ledger).filter(({ position }) => span === undefined || isWithin(position, span));
  const { value, contributions } = added(own);
  const inBooks = (position?: Position): Cents => valueIn(ledger.figures(position === undefined ? {} : { position }));
  const second = span === undefined ? inBooks() : subtractCents(inBooks(span.upTo), inBooks(span.after));
  const within = date === undefined ? [] : ['since the session opened, until the next one'];
  const parted =
    figure === 'fees' || figure === 'trading'
      ? await partsOfACent(journal, (at) => span === undefined || isWithin(at, span))
      : undefined;
  return figureAnswer({
    name: date === undefined ? figure : `${figure} of ${date}`,
    value: moneyText(value),
    formula: [formula, ...within, ...(parted === undefined ? [] : [parted])].join('; '),
    contributions,
    agrees: second === value,
  });
}

/** The balance of one account on the side that it grows on, or of several together as debits less credits. */
export function explainBalance({ ledger }: ExplainParts, codes: readonly string[]): Explanation {
  const name = codes.map((code) => nameOf(ledger, code)).join(', ');
  const types = ledger.accounts().flatMap(({ code, type }) => (codes.includes(code) ? [type] : []));
  const sign = types.some(growsByDebit) ? 1n : -1n;
  const { value, contributions } = added(
    ledger.groupsWith({ accounts: codes }).map((group) => partOf(group, (onAccounts(group, codes) * sign) as Cents)),
  );
  const [plus, minus] = sign === 1n ? ['debits', 'credits'] : ['credits', 'debits'];
  return figureAnswer({
    name,
    value: moneyText(value),
    formula: `the sum of all ${plus} less all ${minus} on the account`,
    contributions,
    agrees: balanceOfAll(ledger.balances(), codes) * sign === value,
  });
}

/** A sum of the trial balance: the accounts with a balance on this side. */
export function explainSide({ ledger }: ExplainParts, side: 'debits' | 'credits'): Explanation {
  const sign = side === 'debits' ? 1n : -1n;
  const own = [...ledger.balances()].sort(([a], [b]) => (a < b ? -1 : 1)).filter(([, cents]) => cents * sign > 0n);
  return figureAnswer({
    name: `${side} of the trial balance`,
    formula: `the balances of all accounts whose ${side} are larger; both sides have the same sum`,
    ...sumOf(own.map(([code, cents]) => [nameOf(ledger, code), (cents * sign) as Cents, `account:${code}`])),
    agrees: null,
  });
}

/** What open positions cost, long or short: the capital at work. */
export function explainAtWork({ ledger }: ExplainParts): Explanation {
  const costs = [...ledger.positions().keys()].sort().map((symbol) => {
    const moves = ledger.groupsWith({ symbol }).map((group) => onSymbol(group, symbol));
    const cost = addCents(NO_CENTS, ...moves);
    return [`cost of ${symbol}`, (cost < 0n ? -cost : cost) as Cents, `cost:${symbol}`] as const;
  });
  return figureAnswer({
    name: 'capital at work',
    formula:
      'what the open positions cost at the prices of their fills; of a short position its proceeds. The session cap is ' +
      'checked before an entry, at the price of its signal: fills at worse prices can take the cost above it',
    ...sumOf(costs),
    agrees: null,
  });
}

/** The sum of amounts, each with its name and the question that explains it. */
function sumOf(
  parts: readonly (readonly [description: string, cents: Cents, subject: string])[],
): Pick<Figure, 'value' | 'contributions'> {
  let total: Cents = NO_CENTS;
  const contributions = parts.map(([description, cents, subject]): Contribution => {
    total = addCents(total, cents);
    return { at: '', amount: moneyText(cents), total: moneyText(total), description, subject, eventId: '' };
  });
  return { value: moneyText(total), contributions };
}

/** What the shares that are held in a symbol cost: below zero for the proceeds of a short position. */
export function explainCost({ ledger }: ExplainParts, symbol: TickerSymbol): Explanation {
  const moves = ledger.groupsWith({ symbol }).map((group) => partOf(group, onSymbol(group, symbol)));
  if (moves.length === 0) throw nothingKnown(`a position in ${symbol}`);
  const { value, contributions } = added(moves);
  const held = ledger.positions().has(symbol);
  return figureAnswer({
    name: `cost of ${symbol}`,
    value: moneyText(value),
    formula: 'what was paid for the shares less the cost of those sold: the postings of its security legs',
    contributions,
    // without shares nothing may be left of their cost
    agrees: held ? null : value === NO_CENTS,
  });
}

/** What one of the shares that are held cost, or brought when they were sold short. */
export function explainEntry(parts: ExplainParts, symbol: TickerSymbol): Explanation {
  const shares = parts.ledger.positions().get(symbol)?.abs();
  const { figure } = explainCost(parts, symbol);
  if (figure === null || shares === undefined || shares.isZero()) throw nothingKnown(`an open position in ${symbol}`);
  const cost = Decimal.parse(figure.value).abs();
  return figureAnswer({
    name: `average entry price of ${symbol}`,
    value: cost.divide(shares, { scale: 4, round: 'halfEven' }).shortText(2),
    formula: `what the shares cost (${moneyText(cost)}) divided by their number (${shares.shortText()})`,
    contributions: figure.contributions,
    agrees: null,
  });
}

function nameOf(ledger: ExplainParts['ledger'], code: string): string {
  const account = ledger.accounts().find((each) => each.code === code);
  if (account === undefined) throw nothingKnown(`account "${code.slice(0, 20)}"`);
  return `${code} ${account.name}`;
}

function byAccounts(types: readonly AccountType[], sign: 1n | -1n): Parts {
  return (ledger) => {
    const codes = ledger.accounts().flatMap(({ code, type }) => (types.includes(type) ? [code] : []));
    return ledger.groups().map((group) => partOf(group, (onAccounts(group, codes) * sign) as Cents));
  };
}

function charges(ledger: ExplainParts['ledger']): readonly Part[] {
  return ledger.groups().map((group) => partOf(group, chargesOf(group)));
}

function negated(part: Part): Part {
  return { ...part, cents: subtractCents(NO_CENTS, part.cents) };
}

/** Of one posting the gain first, then its charges. */
function inOrder(parts: readonly Part[]): readonly Part[] {
  return [...parts].sort((a, b) => (a.position < b.position ? -1 : a.position > b.position ? 1 : 0));
}

function closures(ledger: ExplainParts['ledger']): readonly Part[] {
  return ledger.gains().map(({ symbol, side, quantity, gain, closedUtc, sourceEventId, sourcePosition }) => ({
    at: closedUtc,
    cents: gain,
    description: `${quantity} ${symbol} ${side} closed`,
    subject: sourceEventId,
    eventId: sourceEventId,
    position: sourcePosition,
  }));
}

function partOf(group: LedgerGroup, cents: Cents): Part {
  const { datetimeUtc, trntype, description, fitid, sourceEventId, sourcePosition } = group;
  return {
    at: datetimeUtc,
    cents,
    description: `${trntype} ${description}`,
    subject: fitid,
    eventId: sourceEventId,
    position: sourcePosition,
  };
}

/** Parts of nothing are left out; the rest with their running total. */
function added(parts: readonly Part[]): { readonly value: Cents; readonly contributions: readonly Contribution[] } {
  let value: Cents = NO_CENTS;
  const contributions = parts
    .filter(({ cents }) => cents !== NO_CENTS)
    .map(({ at, cents, description, subject, eventId }) => {
      value = addCents(value, cents);
      return { at, amount: moneyText(cents), total: moneyText(value), description, subject, eventId };
    });
  return { value, contributions };
}

function onAccounts(group: LedgerGroup, codes: readonly string[]): Cents {
  const legs = group.legs.filter(({ accountCode }) => codes.includes(accountCode));
  return addCents(NO_CENTS, ...legs.map(({ debit, credit }) => (debit - credit) as Cents));
}

/** What the security legs of a group add to the cost of a symbol. */
export function onSymbol(group: LedgerGroup, symbol: TickerSymbol): Cents {
  const legs = group.legs.filter((leg) => leg.symbol === symbol);
  return addCents(NO_CENTS, ...legs.map(({ debit, credit }) => (debit - credit) as Cents));
}

function isWithin(position: Position, { after, upTo }: Span): boolean {
  return position > after && (upTo === undefined || position <= upTo);
}

/** From the opening of a session to the event before the next one opened. */
async function spanOf(journal: ExplainParts['journal'], date: DateText): Promise<Span> {
  let after: Position | undefined;
  let upTo: Position | undefined;
  let isOver = false;
  await eachEvent(journal, (event: RecordedEvent) => {
    if (event.type === 'SessionOpened' && event.data.date === date) after = event.position;
    else if (event.type === 'SessionOpened' && after !== undefined) isOver = true;
    if (!isOver) upTo = event.position;
  });
  if (after === undefined) throw nothingKnown(`a session of ${date}`);
  return { after, upTo };
}
