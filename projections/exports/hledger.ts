import type { LedgerGroup, LedgerLeg, ShareTransfer } from '../../src/domain/accounting/types.js';
import { invariant } from '../../src/kernel/errors.js';
import type { Cents } from '../../src/kernel/money.js';
import { moneyText } from '../../src/kernel/money.js';
import { sharesWithoutALeg } from './moved-shares.js';
import { ACCOUNT_ROOTS, carriedAfter, carriedBefore, dateIn, datesOf, titleLines, type Dates } from './plain-text.js';
import { inJournalOrder, type StatementAccount, type StatementInput } from './statement.js';
import { oneLine } from './text.js';
import { statementTotals } from './totals.js';

const MAX_DEPTH = 10;
/** What income and expenses before the range came to. */
const RESULTS_BEFORE = 'Equity:Results before the range';

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
    names.set(account.code, [ACCOUNT_ROOTS[account.type], ...path].join(':'));
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

/** Shares that no leg has are tags of the entry; `shares` has the sign of the change. */
function shareTags(entry: LedgerGroup | ShareTransfer, input: StatementInput): readonly string[] {
  const moved = sharesWithoutALeg(entry, input);
  if (moved === undefined) return [];
  const shares = [tag('symbol', moved.symbol), tag('shares', moved.units.shortText()), tag('price', moved.price)];
  return [`    ; ${shares.join(', ')}`];
}

/** Shares that moved without a cent: an entry without postings. */
function transferEntry(transfer: ShareTransfer, input: StatementInput, dates: Dates): string {
  const title = `${dateIn(dates, transfer.datetimeUtc)} * (TRANSFER) ${plain(transfer.description)}`.trimEnd();
  const tags = [
    tag('fitid', transfer.fitid),
    `${tag('datetime', transfer.datetimeUtc)}, ${tag('position', transfer.sourcePosition)}`,
    tag('event', transfer.sourceEventId),
  ];
  return [title, ...tags.map((text) => `    ; ${text}`), ...shareTags(transfer, input)].join('\n');
}

function entry(group: LedgerGroup, input: StatementInput, dates: Dates, nameOf: NameOf): string {
  const legs = group.legs.map((leg) =>
    posting(nameOf(leg.accountCode), amount((leg.debit - leg.credit) as Cents), legTags(leg)),
  );
  const title = `${dateIn(dates, group.datetimeUtc)} * (${group.trntype}) ${plain(group.description)}`.trimEnd();
  return [title, ...groupTags(group), ...shareTags(group, input), ...legs].join('\n');
}

/**
 * The balances before the range as balance assignments: read alone they bring each balance, read after the statement before
 * it nothing. Income and expenses are not carried; what they came to is one amount of equity.
 */
function openingEntry(input: StatementInput, date: string, nameOf: NameOf): readonly string[] {
  const postings = carriedBefore(input).map(
    ({ accountCode, balance }) => `    ${nameOf(accountCode)}  = ${amount(balance)}`,
  );
  if (postings.length === 0) return [];
  return [[`${date} * (BALANCE) Balances before the range`, ...postings, `    ${RESULTS_BEFORE}`].join('\n')];
}

/** Balance assertions: hledger refuses the file when one figure above was changed. Every carried account that was used. */
function closingEntry(input: StatementInput, date: string, nameOf: NameOf): readonly string[] {
  const postings = carriedAfter(input).map(({ accountCode, balance }) =>
    posting(nameOf(accountCode), `USD 0.00 = ${amount(balance)}`, ''),
  );
  return postings.length === 0 ? [] : [[`${date} * (CHECK) Balances at the end of the range`, ...postings].join('\n')];
}

/**
 * Plain-text journal for hledger (ACC-72): the chart as account directives, the balances before the range, one entry
 * per group in journal order with a posting per leg, and the closing balances as assertions. One commodity, USD, so
 * that the books balance to the cent; shares and prices are tags of their leg. Dates are UTC days of the range. A file can be
 * read alone, or in one journal after the statement before it.
 *
 * @throws LogicError with an `EXPORT_*` code when the books contradict themselves (ACC-22).
 */
export function renderHledger(input: StatementInput): string {
  statementTotals(input);
  const names = accountNames(input.accounts);
  const nameOf: NameOf = (code) => names.get(code) ?? code;
  const dates = datesOf(input);
  const head = [
    ...titleLines(input),
    '; several statements in one journal: include them in the order of their ranges',
    'decimal-mark .',
    'commodity USD 1000.00',
  ].join('\n');
  const chart = input.accounts
    .filter((account) => account.type !== 'control')
    .map((account) => `account ${nameOf(account.code)}`)
    .concat(`account ${RESULTS_BEFORE}`)
    .join('\n');
  const entries = [
    ...openingEntry(input, dates.before, nameOf),
    ...inJournalOrder(input).map((each) =>
      'legs' in each ? entry(each, input, dates, nameOf) : transferEntry(each, input, dates),
    ),
    ...closingEntry(input, dates.last, nameOf),
  ];
  return `${[head, chart, ...entries].filter((part) => part !== '').join('\n\n')}\n`;
}
