import { dataError } from '../../kernel/errors.js';
import { NO_CENTS, type Cents } from '../../kernel/money.js';
import { balanceOf, type Balances } from './balances.js';
import { growsByDebit, type Account, type AccountType } from './coa.js';

/** Row of a trial balance (ACC-21), in cents. */
export interface TrialBalanceRow {
  readonly code: string;
  readonly name: string;
  readonly type: AccountType;
  readonly debit: Cents;
  readonly credit: Cents;
}

export interface TrialBalance {
  /** Accounts with a balance, by code. */
  readonly rows: readonly TrialBalanceRow[];
  readonly debit: Cents;
  readonly credit: Cents;
  readonly balanced: boolean;
}

export interface StatementLine {
  readonly code: string;
  readonly name: string;
  /** Positive on the normal side of the account. */
  readonly amount: Cents;
}

export interface IncomeStatement {
  readonly income: readonly StatementLine[];
  readonly expenses: readonly StatementLine[];
  readonly net: Cents;
}

export interface BalanceSheet {
  readonly assets: readonly StatementLine[];
  readonly liabilities: readonly StatementLine[];
  readonly equity: readonly StatementLine[];
  readonly totalAssets: Cents;
  readonly totalLiabilities: Cents;
  /** Assets less liabilities. */
  readonly totalEquity: Cents;
  /** Income less expenses not yet transferred to accumulated profit by a year end; part of the equity. */
  readonly profit: Cents;
}

export function trialBalance(balances: Balances, accounts: readonly Account[]): TrialBalance {
  requireKnown(balances, accounts);
  const rows = byCode(accounts)
    .map(({ code, name, type }): TrialBalanceRow => {
      const net = balanceOf(balances, code);
      return { code, name, type, debit: (net > 0n ? net : 0n) as Cents, credit: (net < 0n ? -net : 0n) as Cents };
    })
    .filter((row) => row.debit !== 0n || row.credit !== 0n);
  const debit = total(rows.map((row) => row.debit));
  const credit = total(rows.map((row) => row.credit));
  return { rows, debit, credit, balanced: debit === credit };
}

export function incomeStatement(balances: Balances, accounts: readonly Account[]): IncomeStatement {
  const income = linesOf('income', balances, accounts);
  const expenses = linesOf('expense', balances, accounts);
  return { income, expenses, net: (sum(income) - sum(expenses)) as Cents };
}

export function balanceSheet(balances: Balances, accounts: readonly Account[]): BalanceSheet {
  const assets = linesOf('asset', balances, accounts);
  const liabilities = linesOf('liability', balances, accounts);
  const totalAssets = sum(assets);
  const totalLiabilities = sum(liabilities);
  return {
    assets,
    liabilities,
    equity: linesOf('equity', balances, accounts),
    totalAssets,
    totalLiabilities,
    totalEquity: (totalAssets - totalLiabilities) as Cents,
    profit: incomeStatement(balances, accounts).net,
  };
}

function linesOf(type: AccountType, balances: Balances, accounts: readonly Account[]): readonly StatementLine[] {
  return byCode(accounts)
    .filter((account) => account.type === type)
    .map(({ code, name }) => {
      const net = balanceOf(balances, code);
      return { code, name, amount: (growsByDebit(type) ? net : -net) as Cents };
    })
    .filter((line) => line.amount !== 0n);
}

function byCode(accounts: readonly Account[]): readonly Account[] {
  return accounts.toSorted((a, b) => (a.code < b.code ? -1 : 1));
}

function total(amounts: readonly Cents[]): Cents {
  return amounts.reduce((a, b) => (a + b) as Cents, NO_CENTS);
}

function sum(lines: readonly StatementLine[]): Cents {
  return total(lines.map((line) => line.amount));
}

/** Throws on a balance outside the chart, which every statement would silently omit. */
function requireKnown(balances: Balances, accounts: readonly Account[]): void {
  const known = new Set(accounts.map((account) => account.code));
  for (const code of balances.keys()) {
    if (known.has(code)) continue;
    throw dataError({
      code: 'ACCOUNT_UNKNOWN',
      message: `account ${code} has a balance but is not in the chart of accounts`,
      remedy: 'Add the account to the chart again. Deactivate accounts with postings instead of deleting them.',
    });
  }
}
