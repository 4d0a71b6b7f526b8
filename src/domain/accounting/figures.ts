import { NO_CENTS, type Cents } from '../../kernel/money.js';
import { balanceOfAll, type Balances } from './balances.js';
import type { Account } from './coa.js';
import { balanceSheet, incomeStatement } from './trial-balance.js';
import type { LedgerGroup } from './types.js';

/** Figures of the books for reports, in cents; equal from the ledger file and from the folded books. */
export interface LedgerFigures {
  /** Cash at the broker. */
  readonly cash: Cents;
  readonly assets: Cents;
  readonly liabilities: Cents;
  /** Assets less liabilities, positions at cost. */
  readonly equity: Cents;
  /** Gains less losses of all closed positions, before fees. */
  readonly realized: Cents;
  /** Commissions, fees and other charges of the broker. */
  readonly fees: Cents;
  /** Income less expenses. */
  readonly net: Cents;
}

/** Input of the figures. */
export interface FigureSource {
  readonly balances: Balances;
  readonly coa: { readonly accounts: readonly Account[] };
  readonly cashAccounts: readonly string[];
  readonly realized: Cents;
  readonly fees: Cents;
}

/**
 * Computes the figures of the books. Realized and fees are sums of posted gains and charges, not account balances: a
 * mapping may post them to an account shared with dividends, but never changes their amount.
 */
export function figuresOf(source: FigureSource): LedgerFigures {
  const { balances, coa, cashAccounts, realized, fees } = source;
  const sheet = balanceSheet(balances, coa.accounts);
  return {
    cash: balanceOfAll(balances, cashAccounts),
    assets: sheet.totalAssets,
    liabilities: sheet.totalLiabilities,
    equity: sheet.totalEquity,
    realized,
    fees,
    net: incomeStatement(balances, coa.accounts).net,
  };
}

/** Broker charges in a group: commission, fee, and a fee or dividend paid without a trade. */
export function chargesOf(group: Pick<LedgerGroup, 'trntype' | 'commission' | 'fee' | 'netAmount'>): Cents {
  const { trntype, commission, fee, netAmount } = group;
  const paid = trntype === 'FEE' || (trntype === 'DIVIDEND' && netAmount < 0n) ? netAmount : NO_CENTS;
  return (commission + fee - paid) as Cents;
}
