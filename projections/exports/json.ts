import type { LedgerGroup, LedgerLeg, ShareTransfer } from '../../src/domain/accounting/types.js';
import { canonicalJson } from '../../src/kernel/canonical-json.js';
import type { Cents } from '../../src/kernel/money.js';
import { moneyText } from '../../src/kernel/money.js';
import type { StatementInput, StatementPosition } from './statement.js';
import { statementTotals } from './totals.js';

/** Field by field, since further members of an object are not part of the format. */
function legJson(leg: LedgerLeg): object {
  const { accountCode, currency, quantity, price, symbol } = leg;
  return { accountCode, debit: moneyText(leg.debit), credit: moneyText(leg.credit), currency, quantity, price, symbol };
}

function groupJson(group: LedgerGroup): object {
  return {
    groupId: group.groupId,
    fitid: group.fitid,
    externalId: group.externalId,
    trntype: group.trntype,
    action: group.action,
    datetimeUtc: group.datetimeUtc,
    description: group.description,
    strategy: group.strategy,
    symbol: group.symbol,
    quantity: group.quantity,
    price: group.price,
    commission: moneyText(group.commission),
    fee: moneyText(group.fee),
    netAmount: moneyText(group.netAmount),
    sourceEventId: group.sourceEventId,
    sourcePosition: group.sourcePosition,
    syncRunId: group.syncRunId,
    batchId: group.batchId,
    mappingVersion: group.mappingVersion,
    responseHash: group.responseHash,
    reverses: group.reverses,
    legs: group.legs.map(legJson),
  };
}

function transferJson(transfer: ShareTransfer): object {
  const { fitid, externalId, datetimeUtc, description, strategy, symbol, side, direction } = transfer;
  const { quantity, price, sourceEventId, sourcePosition } = transfer;
  const named = { fitid, externalId, datetimeUtc, description, strategy };
  return { ...named, symbol, side, direction, quantity, price, sourceEventId, sourcePosition };
}

function positionJson(held: StatementPosition): object {
  const { symbol, side, quantity, averageCost, unitPrice, priceAsOf } = held;
  return { symbol, side, quantity, averageCost, unitPrice, marketValue: moneyText(held.marketValue), priceAsOf };
}

function balancesJson(balances: readonly { readonly accountCode: string; readonly balance: Cents }[]): object[] {
  return balances.map(({ accountCode, balance }) => ({ accountCode, balance: moneyText(balance) }));
}

/**
 * The books of the range as one line of canonical JSON (RFC 8785) and a line end: groups with their legs, transfers, chart,
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
    entityCode: input.identityParts.entityCode,
    jurisdictionCode: input.identityParts.jurisdictionCode,
    brokerCode: input.identityParts.brokerCode,
    botId: input.identityParts.botId,
    brokerId: input.brokerId,
    accountId: input.accountId,
    currency: input.currency,
    range: { from: input.range.from, to: input.range.to },
    asOf: input.asOf,
    accounts: input.accounts.map(({ code, name, type, parent }) => ({ code, name, type, parent })),
    openingBalances: balancesJson(input.openingBalances),
    groups: input.groups.map(groupJson),
    transfers: input.transfers.map(transferJson),
    closingBalances: balancesJson(trialBalance),
    positions: input.positions.map(positionJson),
    cash: moneyText(input.cash),
    shortBalance: moneyText(input.shortBalance),
    securities: input.securities.map(({ symbol, name }) => ({ symbol, name })),
    totals: { ...totals, groups, transactions },
  };
  return `${canonicalJson(books)}\n`;
}
