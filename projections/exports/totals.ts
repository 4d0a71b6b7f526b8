import { invariant } from '../../src/kernel/errors.js';
import { type Cents, moneyText } from '../../src/kernel/money.js';
import { cashIn, checkStatement, closingBalances, type StatementInput } from './statement.js';
import { statementTransactions } from './transactions.js';

/** The figures of a statement that a ledger, a broker or a person would check. All in cents. */
export interface StatementTotals {
  readonly groups: number;
  /** Number of OFX transactions, as counted by OfxExported. */
  readonly transactions: number;
  readonly debits: Cents;
  readonly credits: Cents;
  readonly openingCash: Cents;
  /** Sum of TOTAL over all trades. */
  readonly tradeCash: Cents;
  /** Sum of TOTAL over dividends, expenses of a security and margin interest. */
  readonly incomeCash: Cents;
  /** Sum of TRNAMT over all INVBANKTRAN. */
  readonly bankCash: Cents;
  /** Opening cash and the three sums: equals the ledger's cash and AVAILCASH. */
  readonly closingCash: Cents;
  /** Commission and fees of the trades, less those returned by reversals. */
  readonly commissions: Cents;
  readonly fees: Cents;
  /** Debits less credits per account at the end of the range; by code, without zeros; sums to zero. */
  readonly trialBalance: readonly { readonly accountCode: string; readonly balance: Cents }[];
}

/**
 * Totals of the transactions and of the ledger's legs; refuses when the two disagree.
 *
 * @throws LogicError with an `EXPORT_*` code, see `checkStatement` and `statementTransactions`.
 */
export function statementTotals(input: StatementInput): StatementTotals {
  checkStatement(input);
  const transactions = statementTransactions(input);
  let [tradeCash, incomeCash, bankCash, commissions, fees] = [0n, 0n, 0n, 0n, 0n];
  for (const transaction of transactions) {
    if (transaction.kind === 'trade') {
      tradeCash += transaction.total;
      commissions += transaction.commission;
      fees += transaction.fees;
    } else if (transaction.kind === 'bank') bankCash += transaction.amount;
    else if (transaction.kind !== 'transfer' && transaction.kind !== 'split') incomeCash += transaction.total;
  }
  let [debits, credits] = [0n, 0n];
  for (const group of input.groups) {
    for (const leg of group.legs) {
      debits += leg.debit;
      credits += leg.credit;
    }
  }
  const openingCash = cashIn(input.openingBalances, input.cashAccounts);
  const closingCash = openingCash + tradeCash + incomeCash + bankCash;
  invariant(
    closingCash === input.cash,
    'EXPORT_STATEMENT_MISMATCH',
    `cash is ${moneyText(closingCash as Cents)} by the transactions, ${moneyText(input.cash)} by the ledger`,
  );
  return {
    groups: input.groups.length,
    transactions: transactions.length,
    debits: debits as Cents,
    credits: credits as Cents,
    openingCash,
    tradeCash: tradeCash as Cents,
    incomeCash: incomeCash as Cents,
    bankCash: bankCash as Cents,
    closingCash: closingCash as Cents,
    commissions: commissions as Cents,
    fees: fees as Cents,
    trialBalance: closingBalances(input),
  };
}
