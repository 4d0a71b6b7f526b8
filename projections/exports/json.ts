import type { LedgerGroup, LedgerLeg } from '../../src/domain/accounting/types.js';
import { canonicalJson } from '../../src/kernel/canonical-json.js';
import type { Cents } from '../../src/kernel/money.js';
import { moneyText, type StatementInput } from './statement.js';
import { statementTotals } from './totals.js';

function legJson(leg: LedgerLeg): object {
  return { ...leg, debit: moneyText(leg.debit), credit: moneyText(leg.credit) };
}

function groupJson(group: LedgerGroup): object {
  return {
    ...group,
    commission: moneyText(group.commission),
    fee: moneyText(group.fee),
    netAmount: moneyText(group.netAmount),
    legs: group.legs.map(legJson),
  };
}

function balancesJson(balances: readonly { readonly accountCode: string; readonly balance: Cents }[]): object[] {
  return balances.map(({ accountCode, balance }) => ({ accountCode, balance: moneyText(balance) }));
}

/**
 * The books of the range as one line of canonical JSON (RFC 8785) and a line end: groups with their legs, chart,
 * opening and closing balances, positions and totals (ACC-72). Every amount is a decimal text in dollars; balances are
 * debits less credits. Texts are as they are in the ledger.
 *
 * @throws LogicError with an `EXPORT_*` code when the books contradict themselves (ACC-22).
 */
export function renderJson(input: StatementInput): string {
  const { trialBalance, groups, transactions, ...amounts } = statementTotals(input);
  const totals = Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, moneyText(amount)]));
  const books = {
    format: 'tradebot-books',
    version: 1,
    botIdentity: input.identity,
    ...input.identityParts,
    brokerId: input.brokerId,
    accountId: input.accountId,
    currency: input.currency,
    range: input.range,
    asOf: input.asOf,
    accounts: input.accounts,
    openingBalances: balancesJson(input.openingBalances),
    groups: input.groups.map(groupJson),
    closingBalances: balancesJson(trialBalance),
    positions: input.positions.map((held) => ({ ...held, marketValue: moneyText(held.marketValue) })),
    cash: moneyText(input.cash),
    shortBalance: moneyText(input.shortBalance),
    securities: input.securities,
    totals: { ...totals, groups, transactions },
  };
  return `${canonicalJson(books)}\n`;
}
