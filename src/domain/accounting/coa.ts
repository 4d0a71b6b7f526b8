import { configError } from '../../kernel/errors.js';
import type { AccountRole } from './roles.js';

/** Type of an account (ACC-15). Control accounts are references and never carry amounts. */
export type AccountType = 'asset' | 'liability' | 'equity' | 'income' | 'expense' | 'control';

export interface Account {
  /** Four digits. */
  readonly code: string;
  readonly name: string;
  readonly type: AccountType;
  /** Code of the parent account; null at the top. */
  readonly parent: string | null;
  /** False blocks new postings. */
  readonly active: boolean;
}

export interface Coa {
  /** Semantic version. */
  readonly version: string;
  readonly currency: 'USD';
  readonly accounts: readonly Account[];
  /** Reason for this version. */
  readonly reason: string;
}

/** Builds one branch of the chart: its type and top account, then [code, name] of each account below. */
function branch(
  type: AccountType,
  top: readonly [string, string],
  under: readonly (readonly [string, string])[],
): readonly Account[] {
  const [parent, name] = top;
  return [
    { code: parent, name, type, parent: null, active: true },
    ...under.map(([code, label]): Account => ({ code, name: label, type, parent, active: true })),
  ];
}

export const DEFAULT_COA: Coa = {
  version: '1.0.0',
  currency: 'USD',
  reason: 'default chart',
  accounts: [
    ...branch(
      'asset',
      ['1000', 'Bank and Cash'],
      [
        ['1010', 'Float Injection in transit'],
        ['1020', 'Float Return in transit'],
        ['1030', 'Broker Cash'],
      ],
    ),
    ...branch(
      'asset',
      ['1100', 'Assets'],
      [
        ['1110', 'Brokerage Equities'],
        ['1111', 'Broker Equities'],
        ['1120', 'Tax Reserve'],
        ['1130', 'Payroll Reserve'],
      ],
    ),
    ...branch(
      'liability',
      ['2000', 'Liabilities'],
      [
        ['2010', 'Broker Payables'],
        ['2020', 'Market Data Payables'],
      ],
    ),
    ...branch('liability', ['2100', 'Short Positions'], [['2110', 'Broker Short Positions']]),
    ...branch(
      'equity',
      ['3000', 'Equity'],
      [
        ['3010', 'Capital Float'],
        ['3020', 'Daily Float Allocation'],
        ['3030', 'Opening Balance'],
        ['3040', 'Accumulated Profit'],
      ],
    ),
    ...branch(
      'income',
      ['4000', 'Income'],
      [
        ['4010', 'Realized Gains'],
        ['4050', 'Qualified Dividends'],
        ['4055', 'Interest'],
        ['4060', 'Short-Term Capital Gains'],
        ['4070', 'Long-Term Capital Gains'],
        ['4080', 'Rebalancing Gain/Loss'],
        ['4090', 'Reserve Transfers clearing'],
      ],
    ),
    ...branch(
      'expense',
      ['5000', 'Expenses'],
      [
        ['5010', 'Broker Fee'],
        ['5050', 'Execution Losses'],
        ['5060', 'API Timeout Penalties'],
        ['5070', 'Infrastructure'],
        ['5080', 'Tax Payments'],
        ['5090', 'Payroll Disbursements'],
      ],
    ),
    ...branch(
      'control',
      ['9100', 'Export Control'],
      [
        ['9110', 'OFX Exports'],
        ['9120', 'Tabular Exports'],
        ['9130', 'Text Journal Exports'],
      ],
    ),
    ...branch(
      'control',
      ['9200', 'Reference Control'],
      [
        ['9210', 'Statement References'],
        ['9220', 'Broker References'],
        ['9230', 'Transfer References'],
      ],
    ),
    ...branch(
      'control',
      ['9300', 'Integrity Control'],
      [
        ['9310', 'Trial Balance Checks'],
        ['9320', 'Reconciliation Checks'],
        ['9330', 'Journal Seals'],
        ['9340', 'Rebuild Checks'],
        ['9350', 'Backup Checks'],
        ['9360', 'Schema Checks'],
      ],
    ),
  ],
};

/** Default account of each role; a mapping table may replace it. */
export const DEFAULT_ACCOUNTS: Readonly<Record<AccountRole, string>> = {
  cash: '1030',
  long_positions: '1111',
  short_positions: '2110',
  injection_in_transit: '1010',
  return_in_transit: '1020',
  float: '3010',
  opening_balance: '3030',
  short_term_gain: '4060',
  long_term_gain: '4070',
  fees: '5010',
  dividends: '4050',
  interest: '4055',
};

/** Whether a debit increases the balance of an account of this type. */
export function growsByDebit(type: AccountType): boolean {
  return type === 'asset' || type === 'expense';
}

/** Whether amounts may be posted to an account. */
export function isPostable(account: Account): boolean {
  return account.active && account.type !== 'control';
}

/** All faults of a chart as texts; empty for a valid chart. */
export function coaFaults(accounts: readonly Account[]): readonly string[] {
  const byCode = new Map(accounts.map((account) => [account.code, account]));
  const faults: string[] = [];
  if (byCode.size !== accounts.length) faults.push('an account code is used twice');
  for (const account of accounts) {
    const name = `account ${account.code}`;
    if (!/^\d{4}$/.test(account.code)) faults.push(`${name}: the code is not four digits`);
    if (account.name.trim() === '') faults.push(`${name}: the name is empty`);
    const parent = account.parent === null ? undefined : byCode.get(account.parent);
    if (account.parent !== null && parent === undefined)
      faults.push(`${name}: the parent ${account.parent} is missing`);
    if (parent !== undefined && parent.type !== account.type) faults.push(`${name}: the parent has another type`);
    if (!endsAtTop(account, byCode)) faults.push(`${name}: the parents form a circle`);
  }
  return faults;
}

export function requireGoodCoa(accounts: readonly Account[]): void {
  const faults = coaFaults(accounts);
  if (faults.length === 0) return;
  throw configError({
    code: 'BAD_COA',
    message: `the chart of accounts is invalid: ${faults.slice(0, 5).join('; ')}`,
    remedy: 'Correct the accounts and record the chart as a new version.',
    details: { faults: faults.length },
  });
}

function endsAtTop(account: Account, byCode: ReadonlyMap<string, Account>): boolean {
  let at: Account | undefined = account;
  for (let step = 0; step <= byCode.size; step += 1) {
    if (at === undefined || at.parent === null) return true;
    at = byCode.get(at.parent);
  }
  return false;
}
