import type { LedgerGroup, LedgerLeg } from '../../src/domain/accounting/types.js';
import { invariant } from '../../src/kernel/errors.js';
import type { Cents } from '../../src/kernel/money.js';
import { moneyText } from '../../src/kernel/money.js';
import type { StatementAccount, StatementAccountType, StatementInput } from './statement.js';
import { oneLine } from './text.js';
import { statementTotals } from './totals.js';

/** hledger derives the type of an account from these top-level names. */
const ROOTS: Readonly<Record<StatementAccountType, string>> = {
  asset: 'Assets',
  liability: 'Liabilities',
  equity: 'Equity',
  income: 'Income',
  expense: 'Expenses',
  control: 'Control',
};
const MAX_DEPTH = 10;

/** Characters that end a name, a description or a tag in the journal format; `a - b` reads as well as `a : b`. */
function plain(text: string): string {
  return oneLine(text).replace(/[;|]/gu, ',').replace(/:/gu, '-');
}

function tag(name: string, value: string): string {
  return `${name}:${oneLine(value).replaceAll(',', ' ')}`;
}

/** The path of names from the top, each with its code: the codes keep two accounts of one name apart. */
function accountNames(accounts: readonly StatementAccount[]): ReadonlyMap<string, string> {
  const byCode = new Map(accounts.map((account) => [account.code, account]));
  const names = new Map<string, string>();
  for (const account of accounts) {
    const path: string[] = [];
    let at: StatementAccount | undefined = account;
    while (at !== undefined) {
      path.unshift(plain(`${at.code} ${at.name}`));
      invariant(
        path.length <= MAX_DEPTH,
        'EXPORT_CHART_DEPTH',
        `account ${account.code} is over ${MAX_DEPTH} levels deep`,
      );
      at = at.parent === null ? undefined : byCode.get(at.parent);
    }
    names.set(account.code, [ROOTS[account.type], ...path].join(':'));
  }
  return names;
}

type NameOf = (accountCode: string) => string;

function amount(cents: Cents): string {
  return `USD ${moneyText(cents)}`;
}

/** Two spaces end an account name. */
function posting(name: string, value: string, comment: string): string {
  return `    ${name}  ${value}${comment === '' ? '' : `  ; ${comment}`}`;
}

function legTags(leg: LedgerLeg): string {
  const tags: string[] = [];
  if (leg.symbol !== null) tags.push(tag('symbol', leg.symbol));
  if (leg.quantity !== null) tags.push(tag('quantity', leg.quantity));
  if (leg.price !== null) tags.push(tag('price', leg.price));
  return tags.join(', ');
}

function groupTags(group: LedgerGroup): readonly string[] {
  const tags = [
    tag('fitid', group.fitid),
    `${tag('datetime', group.datetimeUtc)}, ${tag('position', group.sourcePosition)}`,
    `${tag('group', group.groupId)}, ${tag('event', group.sourceEventId)}`,
  ];
  const origin: string[] = [];
  if (group.strategy !== null) origin.push(tag('strategy', group.strategy));
  if (group.externalId !== null) origin.push(tag('external', group.externalId));
  if (group.reverses !== null) origin.push(tag('reverses', group.reverses));
  return (origin.length === 0 ? tags : [...tags, origin.join(', ')]).map((text) => `    ; ${text}`);
}

function entry(group: LedgerGroup, nameOf: NameOf): string {
  const legs = group.legs.map((leg) =>
    posting(nameOf(leg.accountCode), amount((leg.debit - leg.credit) as Cents), legTags(leg)),
  );
  const title = `${group.datetimeUtc.slice(0, 10)} * (${group.trntype}) ${plain(group.description)}`.trimEnd();
  return [title, ...groupTags(group), ...legs].join('\n');
}

function openingEntry(input: StatementInput, date: string, nameOf: NameOf): readonly string[] {
  const postings = input.openingBalances
    .filter(({ balance }) => balance !== 0n)
    .map(({ accountCode, balance }) => posting(nameOf(accountCode), amount(balance), ''));
  return postings.length === 0 ? [] : [[`${date} * (BALANCE) Balances before the range`, ...postings].join('\n')];
}

/** Balance assertions: hledger refuses the file when one figure above was changed. */
function closingEntry(
  balances: readonly { readonly accountCode: string; readonly balance: Cents }[],
  date: string,
  nameOf: NameOf,
): readonly string[] {
  const postings = balances.map(({ accountCode, balance }) =>
    posting(nameOf(accountCode), `USD 0.00 = ${amount(balance)}`, ''),
  );
  return postings.length === 0 ? [] : [[`${date} * (CHECK) Balances at the end of the range`, ...postings].join('\n')];
}

/** First and last UTC day of the file: the range, extended by the dates of its groups. */
function span(input: StatementInput): { readonly first: string; readonly last: string } {
  const days = [input.range.from, input.range.to, ...input.groups.map((group) => group.datetimeUtc)];
  let first = input.range.from.slice(0, 10);
  let last = input.range.to.slice(0, 10);
  for (const day of days) {
    const date = day.slice(0, 10);
    if (date < first) first = date;
    if (date > last) last = date;
  }
  return { first, last };
}

/**
 * Plain-text journal for hledger (ACC-72): the chart as account directives, the balances before the range, one entry
 * per group in journal order with a posting per leg, and the closing balances as assertions. One commodity, USD, so
 * that the books balance to the cent; shares and prices are tags of their leg. Dates are UTC days.
 *
 * @throws LogicError with an `EXPORT_*` code when the books contradict themselves (ACC-22).
 */
export function renderHledger(input: StatementInput): string {
  const { trialBalance } = statementTotals(input);
  const names = accountNames(input.accounts);
  const nameOf: NameOf = (code) => names.get(code) ?? code;
  const { first, last } = span(input);
  const head = [
    `; TradeBot books of ${input.identity}, account ${oneLine(input.accountId)} at ${oneLine(input.brokerId)}`,
    `; from ${input.range.from} to ${input.range.to}, as of ${input.asOf}; dates are UTC days`,
    'decimal-mark .',
    'commodity USD 1000.00',
  ].join('\n');
  const chart = input.accounts
    .filter((account) => account.type !== 'control')
    .map((account) => `account ${nameOf(account.code)}`)
    .join('\n');
  const entries = [
    ...openingEntry(input, first, nameOf),
    ...input.groups.map((group) => entry(group, nameOf)),
    ...closingEntry(trialBalance, last, nameOf),
  ];
  return `${[head, chart, ...entries].filter((part) => part !== '').join('\n\n')}\n`;
}
