import { NO_CENTS } from '../../src/kernel/money.js';
import { addDays, dateOf, parseUtcText, type UtcText } from '../../src/kernel/time.js';
import { closingBalances, type StatementAccountType, type StatementInput } from './statement.js';
import { oneLine } from './text.js';

/** What the plain-text journals of hledger and beancount have in common: title, roots, dates, and balances that are carried. */

/** Both programs derive the type of an account from these top-level names. */
export const ACCOUNT_ROOTS: Readonly<Record<StatementAccountType, string>> = {
  asset: 'Assets',
  liability: 'Liabilities',
  equity: 'Equity',
  income: 'Income',
  expense: 'Expenses',
  control: 'Control',
};

/** The days of the entries, UTC: `before` is that of the close before the range. */
export interface Dates {
  readonly before: string;
  /** Null for the first statement of the books, whose entries have their own dates. */
  readonly first: string | null;
  readonly last: string;
}

/** The days of a statement; its entries are dated within them. */
export function datesOf({ range, openingBalances }: StatementInput): Dates {
  const before = dateOf(parseUtcText(range.from));
  const last = range.to.slice(0, 10);
  const next = addDays(before, 1);
  const isFirst = openingBalances.every(({ balance }) => balance === 0n);
  return { before, first: isFirst ? null : next < last ? next : last, last };
}

/** The UTC day of an entry, moved into the statement: an entry that came late is dated on its first day. */
export function dateIn({ first, last }: Dates, at: UtcText): string {
  const date = at.slice(0, 10);
  if (first !== null && date < first) return first;
  return date > last ? last : date;
}

/** Income and expenses begin at zero with every statement. */
function isCarried(type: StatementAccountType | undefined): boolean {
  return type === 'asset' || type === 'liability' || type === 'equity';
}

type Balances = StatementInput['openingBalances'];

/** The balances before the range that are carried into it, without zeros. */
export function carriedBefore(input: StatementInput): Balances {
  const types = new Map(input.accounts.map(({ code, type }) => [code, type]));
  return input.openingBalances.filter(
    ({ accountCode, balance }) => balance !== 0n && isCarried(types.get(accountCode)),
  );
}

/** The balances at the end of the range of every carried account that was used, zeros too, by code. */
export function carriedAfter(input: StatementInput): Balances {
  const balances = new Map(input.openingBalances.map(({ accountCode }) => [accountCode, NO_CENTS]));
  for (const { legs } of input.groups) for (const { accountCode } of legs) balances.set(accountCode, NO_CENTS);
  for (const { accountCode, balance } of closingBalances(input)) balances.set(accountCode, balance);
  const types = new Map(input.accounts.map(({ code, type }) => [code, type]));
  return [...balances]
    .filter(([accountCode]) => isCarried(types.get(accountCode)))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([accountCode, balance]) => ({ accountCode, balance }));
}

/** The comments at the head of a file: whose books they are, of which time. */
export function titleLines({ identity, accountId, brokerId, range, asOf }: StatementInput): readonly string[] {
  return [
    `; TradeBot books of ${identity}, account ${oneLine(accountId)} at ${oneLine(brokerId)}`,
    `; from ${range.from} to ${range.to}, as of ${asOf}; dates are UTC days`,
  ];
}
