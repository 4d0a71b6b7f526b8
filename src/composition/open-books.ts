import { openLedger } from '../adapters/ledger-reader/open-ledger.js';
import { balanceOfAll, type Balances } from '../domain/accounting/balances.js';
import { trialBalance, type TrialBalance } from '../domain/accounting/trial-balance.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import { centsToDecimal } from '../kernel/money.js';
import type { Books } from '../ports/books.js';

export interface OpenBooks extends Books {
  trialBalance(): TrialBalance;
  /** Checks every group and every page of the file: for the end of a command, not of each day. */
  isSound(): boolean;
  close(): void;
}

/** The ledger file as reconciliation and summaries see it, fixed at the time of the first read. */
export function openBooks(paths: HomePaths): OpenBooks {
  const ledger = openLedger(paths.output.ledgerDb);
  let balances: Balances | undefined;
  const balancesNow = (): Balances => (balances ??= ledger.balances());
  const trial = (): TrialBalance => trialBalance(balancesNow(), ledger.accounts());
  return {
    cash: () => centsToDecimal(balanceOfAll(balancesNow(), ledger.cashAccounts())),
    positions: () => ledger.positions(),
    isBalanced: () => trial().balanced,
    trialBalance: trial,
    isSound: () => ledger.integrity().ok && trial().balanced,
    close: () => {
      ledger.close();
    },
  };
}
