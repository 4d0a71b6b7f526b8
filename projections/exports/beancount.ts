import type { LedgerGroup, LedgerLeg, ShareTransfer } from '../../src/domain/accounting/types.js';
import { moneyText, type Cents } from '../../src/kernel/money.js';
import { addDays, type DateText } from '../../src/kernel/time.js';
import { sharesWithoutALeg } from './moved-shares.js';
import { ACCOUNT_ROOTS, carriedAfter, carriedBefore, dateIn, datesOf, titleLines, type Dates } from './plain-text.js';
import { inJournalOrder, type StatementAccount, type StatementInput } from './statement.js';
import { asciiLine, oneLine } from './text.js';
import { statementTotals } from './totals.js';

const MAX_NAME = 60;
/** What income and expenses before the range came to. */
const RESULTS_BEFORE = 'Equity:Results-before-the-range';

const text = (value: string): string => `"${oneLine(value).replace(/["\\]/gu, '\\$&')}"`;
const amount = (cents: Cents): string => `${moneyText(cents)} USD`;

/**
 * Each account directly below its root: a check of beancount adds up the accounts below one, which our balances do not. The
 * codes keep two accounts of one name apart.
 */
function accountName({ code, name, type }: StatementAccount): string {
  const plain = asciiLine(`${code} ${name}`, MAX_NAME).replace(/[^A-Za-z0-9]+/gu, '-');
  return `${ACCOUNT_ROOTS[type]}:${plain.replace(/^-+|-+$/gu, '')}`;
}

type NameOf = (accountCode: string) => string;

const member = (key: string, value: string, indent = '  '): string => `${indent}${key}: ${text(value)}`;

function legLines(leg: LedgerLeg, nameOf: NameOf): readonly string[] {
  const { symbol, quantity, price } = leg;
  return [
    `  ${nameOf(leg.accountCode)}  ${amount((leg.debit - leg.credit) as Cents)}`,
    ...(symbol === null ? [] : [member('symbol', symbol, '    ')]),
    ...(quantity === null ? [] : [member('quantity', quantity, '    ')]),
    ...(price === null ? [] : [member('price', price, '    ')]),
  ];
}

/** Shares that no leg has; `shares` has the sign of the change. */
function shareMembers(entry: LedgerGroup | ShareTransfer, input: StatementInput): readonly string[] {
  const moved = sharesWithoutALeg(entry, input);
  if (moved === undefined) return [];
  return [member('symbol', moved.symbol), member('shares', moved.units.shortText()), member('price', moved.price)];
}

function entryText(entry: LedgerGroup | ShareTransfer, input: StatementInput, dates: Dates, nameOf: NameOf): string {
  const date = dateIn(dates, entry.datetimeUtc);
  const members = [
    member('fitid', entry.fitid),
    member('time', entry.datetimeUtc),
    member('position', entry.sourcePosition),
    ...shareMembers(entry, input),
  ];
  if (!('legs' in entry)) {
    // beancount has no transaction of shares without a cent in one currency
    return [`${date} custom "share-transfer" ${text(entry.description)}`, ...members].join('\n');
  }
  const legs = entry.legs.flatMap((leg) => legLines(leg, nameOf));
  return [`${date} * ${text(entry.trntype)} ${text(entry.description)}`, ...members, ...legs].join('\n');
}

/** A dollar, or two where the balance is about one: beancount refuses a pad that has nothing to do, give or take a cent. */
function dollar(balance: Cents): Cents {
  return (balance >= 99n && balance <= 101n ? 200n : 100n) as Cents;
}

/** Pads bring the balances before the range when the file is read alone, and nothing after the statement before it. */
function openingText(input: StatementInput, { before }: Dates, nameOf: NameOf): readonly string[] {
  const first = addDays(before as DateText, 1);
  const carried = carriedBefore(input);
  if (carried.length === 0) return [];
  const dollars = carried.map(({ accountCode, balance }) => `  ${nameOf(accountCode)}  ${amount(dollar(balance))}`);
  return [
    [`${before} * "BALANCE" "One dollar each, which the pads take back"`, ...dollars, `  ${RESULTS_BEFORE}`].join('\n'),
    carried.map(({ accountCode }) => `${before} pad ${nameOf(accountCode)} ${RESULTS_BEFORE}`).join('\n'),
    carried.map(({ accountCode, balance }) => `${first} balance ${nameOf(accountCode)}  ${amount(balance)}`).join('\n'),
  ];
}

/** Beancount checks a balance at the beginning of its day: those of the end are dated on the next one. */
function closingText(input: StatementInput, { last }: Dates, nameOf: NameOf): readonly string[] {
  const next = addDays(last as DateText, 1);
  const checks = carriedAfter(input).map(
    ({ accountCode, balance }) => `${next} balance ${nameOf(accountCode)}  ${amount(balance)}`,
  );
  return checks.length === 0 ? [] : [checks.join('\n')];
}

/**
 * Plain-text journal for beancount (ACC-72): one entry per group in journal order with a posting per leg, and the closing
 * balances as assertions. One currency, USD; shares and prices are members of their leg. Accounts are opened by
 * a plugin of beancount itself, so that several files can be read together. Dates are UTC days of the range.
 *
 * @throws LogicError with an `EXPORT_*` code when the books contradict themselves (ACC-22).
 */
export function renderBeancount(input: StatementInput): string {
  statementTotals(input);
  const names = new Map(input.accounts.map((account) => [account.code, accountName(account)]));
  const nameOf: NameOf = (code) => names.get(code) ?? code;
  const dates = datesOf(input);
  const head = [
    ...titleLines(input),
    '; several statements in one journal: a file with this plugin that includes them, or all of them one after the other',
    'plugin "beancount.plugins.auto_accounts"',
  ].join('\n');
  const entries = [
    ...openingText(input, dates, nameOf),
    ...inJournalOrder(input).map((entry) => entryText(entry, input, dates, nameOf)),
    ...closingText(input, dates, nameOf),
  ];
  return `${[head, ...entries].join('\n\n')}\n`;
}
