import { NO_CENTS, type Cents } from '../../kernel/money.js';
import { balanceOfAll, type Balances } from './balances.js';
import type { Account } from './coa.js';
import { balanceSheet, incomeStatement } from './trial-balance.js';
import type { LedgerGroup } from './types.js';

/** What a report says of the books, in cents. The ledger file and the folded books give the same. */
export interface LedgerFigures {
  /** Cash at the broker. */
  readonly cash: Cents;
  readonly assets: Cents;
  readonly liabilities: Cents;
  /** Assets less liabilities, positions at cost. */
  readonly equity: Cents;
  /** Gains less losses of everything closed so far, before fees. */
  readonly realized: Cents;
  /** Commissions, fees and other charges of the broker. */
  readonly fees: Cents;
  /** Income less expenses. */
  readonly net: Cents;
}

/** What figures are made from. */
export interface FigureSource {
  readonly balances: Balances;
  readonly coa: { readonly accounts: readonly Account[] };
  readonly cashAccounts: readonly string[];
  readonly realized: Cents;
  readonly fees: Cents;
}

/**
 * The figures of the books. Realized and fees are what was posted as gains and charges, not the balances of accounts:
 * a mapping decides where they are posted and can share an account with dividends, but it never changes how much.
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

/** What the broker charged in a group: commission, fee, and a fee or dividend that was paid without a trade. */
export function chargesOf(group: Pick<LedgerGroup, 'trntype' | 'commission' | 'fee' | 'netAmount'>): Cents {
  const { trntype, commission, fee, netAmount } = group;
  const paid = trntype === 'FEE' || (trntype === 'DIVIDEND' && netAmount < 0n) ? netAmount : NO_CENTS;
  return (commission + fee - paid) as Cents;
}
