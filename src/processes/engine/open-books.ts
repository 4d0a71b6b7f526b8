import { openLedger } from '../../adapters/ledger-reader/open-ledger.js';
import type { TrialBalance } from '../../domain/accounting/trial-balance.js';
import type { HomePaths } from '../../kernel/home-paths.js';
import { centsToDecimal } from '../../kernel/money.js';
import type { Books } from '../../ports/books.js';

export interface OpenBooks extends Books {
  trialBalance(): TrialBalance;
  close(): void;
}

/** The ledger file as the engine's reconciliation and the summaries see it. */
export function openBooks(paths: HomePaths): OpenBooks {
  const ledger = openLedger(paths.output.ledgerDb);
  return {
    cash: () => centsToDecimal(ledger.cash()),
    positions: () => ledger.positions(),
    isBalanced: () => ledger.integrity().ok && ledger.trialBalance().balanced,
    trialBalance: () => ledger.trialBalance(),
    close: () => {
      ledger.close();
    },
  };
}
