import type { LedgerGroup, ShareTransfer } from '../../src/domain/accounting/types.js';
import type { TickerSymbol } from '../../src/events/names.js';
import { type DecimalText, Decimal } from '../../src/kernel/decimal.js';
import { invariant } from '../../src/kernel/errors.js';
import type { Sha256Hex, Uuid } from '../../src/kernel/hash.js';
import type { BotIdentity, BotIdentityParts } from '../../src/kernel/identity.js';
import { addCents, type Cents, moneyText } from '../../src/kernel/money.js';
import type { UtcText } from '../../src/kernel/time.js';

export type StatementAccountType = 'asset' | 'liability' | 'equity' | 'income' | 'expense' | 'control';

/** An account of the chart; `parent` is the code above it, null at the top. */
export interface StatementAccount {
  readonly code: string;
  readonly name: string;
  readonly type: StatementAccountType;
  readonly parent: string | null;
}

/** A position at the end of the range. Quantity is positive and market value not negative, for both sides. */
export interface StatementPosition {
  readonly symbol: TickerSymbol;
  readonly side: 'long' | 'short';
  readonly quantity: DecimalText;
  readonly averageCost: DecimalText;
  readonly unitPrice: DecimalText;
  readonly marketValue: Cents;
  readonly priceAsOf: UtcText;
}

/** The complete input of an export: the same input gives the same bytes (ACC-71). */
export interface StatementInput {
  readonly identity: BotIdentity;
  /** The codes that compose the identity; the identity itself is never parsed. */
  readonly identityParts: BotIdentityParts;
  /** At most 22 characters, the limit of OFX. */
  readonly brokerId: string;
  /** At most 22 characters, the limit of OFX. */
  readonly accountId: string;
  readonly currency: 'USD';
  readonly range: { readonly from: UtcText; readonly to: UtcText };
  /** The close at which the statement is dated; also the server's time, instead of a clock. */
  readonly asOf: UtcText;
  /** The groups of the range in journal order. */
  readonly groups: readonly LedgerGroup[];
  /** Shares that moved without a cent in the range, in journal order. */
  readonly transfers: readonly ShareTransfer[];
  /** The whole chart; every account of a leg and of an opening balance is in it. */
  readonly accounts: readonly StatementAccount[];
  readonly positions: readonly StatementPosition[];
  /** Codes of the accounts whose legs are money that moved at the broker. */
  readonly cashAccounts: readonly string[];
  /** Broker cash at the end of the range. */
  readonly cash: Cents;
  /** Market value of short positions at the end of the range, not negative. */
  readonly shortBalance: Cents;
  /** Debits less credits before the range; they sum to zero. */
  readonly openingBalances: readonly { readonly accountCode: string; readonly balance: Cents }[];
  /** Names of securities; a symbol without one is its own name. */
  readonly securities: readonly { readonly symbol: TickerSymbol; readonly name: string }[];
  /** FITIDs of groups before the range that a group in it reverses. */
  readonly reversedGroups?: readonly { readonly groupId: Uuid; readonly fitid: Sha256Hex }[];
}

/** Groups and transfers by their positions in the journal; the groups of an event before its transfers. */
export function inJournalOrder(
  input: Pick<StatementInput, 'groups' | 'transfers'>,
): readonly (LedgerGroup | ShareTransfer)[] {
  if (input.transfers.length === 0) return input.groups;
  const entries: (LedgerGroup | ShareTransfer)[] = [...input.groups, ...input.transfers];
  return entries.sort((a, b) =>
    a.sourcePosition === b.sourcePosition ? 0 : a.sourcePosition < b.sourcePosition ? -1 : 1,
  );
}

/** The effect of the group on broker cash: debits less credits of its accounts. */
export function cashEffect(group: LedgerGroup, cashAccounts: readonly string[]): Cents {
  let effect = 0n;
  for (const leg of group.legs) if (cashAccounts.includes(leg.accountCode)) effect += leg.debit - leg.credit;
  return effect as Cents;
}

/** The broker's cash in a list of balances. */
export function cashIn(balances: StatementInput['openingBalances'], cashAccounts: readonly string[]): Cents {
  return addCents(
    ...balances.filter(({ accountCode }) => cashAccounts.includes(accountCode)).map(({ balance }) => balance),
  );
}

/** Debits less credits per account at the end of the range, by code; accounts with zero balance are left out. */
export function closingBalances(
  input: StatementInput,
): readonly { readonly accountCode: string; readonly balance: Cents }[] {
  const balances = new Map<string, bigint>();
  const add = (code: string, amount: bigint): void => void balances.set(code, (balances.get(code) ?? 0n) + amount);
  for (const opening of input.openingBalances) add(opening.accountCode, opening.balance);
  for (const group of input.groups) for (const leg of group.legs) add(leg.accountCode, leg.debit - leg.credit);
  return [...balances]
    .filter(([, balance]) => balance !== 0n)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([accountCode, balance]) => ({ accountCode, balance: balance as Cents }));
}

function checkLegs(group: LedgerGroup, postable: ReadonlyMap<string, StatementAccountType>): void {
  const which = `group ${group.groupId} at journal position ${group.sourcePosition}`;
  invariant(group.legs.length >= 2, 'EXPORT_TOO_FEW_LEGS', `${which} has ${group.legs.length} legs, not two or more`);
  let balance = 0n;
  for (const leg of group.legs) {
    const type = postable.get(leg.accountCode);
    invariant(
      type !== undefined,
      'EXPORT_UNKNOWN_ACCOUNT',
      `${which} names account ${leg.accountCode}: not in the chart`,
    );
    invariant(type !== 'control', 'EXPORT_CONTROL_ACCOUNT', `${which} books on control account ${leg.accountCode}`);
    balance += leg.debit - leg.credit;
  }
  invariant(
    balance === 0n,
    'EXPORT_UNBALANCED_GROUP',
    `${which} has ${moneyText(balance as Cents)} more debits than credits`,
  );
}

function checkPositions(input: StatementInput): void {
  for (const position of input.positions) {
    invariant(
      Decimal.parse(position.quantity).sign() > 0 && position.marketValue >= 0n,
      'EXPORT_POSITION_SIGN',
      `the ${position.side} position in ${position.symbol} is given as ${position.quantity} worth ` +
        `${moneyText(position.marketValue)}; both are sizes without a sign`,
    );
  }
  invariant(input.shortBalance >= 0n, 'EXPORT_SHORT_SIGN', 'the short balance is a size and cannot be below zero');
}

/**
 * Checks the books before any renderer exports them (ACC-22).
 *
 * @throws LogicError with an `EXPORT_*` code that names the group or account and the difference in dollars.
 */
export function checkStatement(input: StatementInput): void {
  const chart = new Map(input.accounts.map((account) => [account.code, account.type]));
  const fitids = new Set<string>();
  for (const group of input.groups) {
    checkLegs(group, chart);
    invariant(!fitids.has(group.fitid), 'EXPORT_FITID_TWICE', `FITID ${group.fitid} stands for two groups`);
    fitids.add(group.fitid);
  }
  for (const { fitid, symbol } of input.transfers) {
    invariant(!fitids.has(fitid), 'EXPORT_FITID_TWICE', `FITID ${fitid} of ${symbol} stands for two entries`);
    fitids.add(fitid);
  }
  let opening = 0n;
  for (const { accountCode, balance } of input.openingBalances) {
    invariant(chart.has(accountCode), 'EXPORT_UNKNOWN_ACCOUNT', `opening balance of ${accountCode}: not in the chart`);
    opening += balance;
  }
  invariant(
    opening === 0n,
    'EXPORT_OPENING_UNBALANCED',
    `the opening balances sum to ${moneyText(opening as Cents)}, not to zero`,
  );
  const cash = cashIn(closingBalances(input), input.cashAccounts);
  invariant(
    cash === input.cash,
    'EXPORT_CASH_MISMATCH',
    `cash is stated as ${moneyText(input.cash)}, the ledger comes to ${moneyText(cash)}`,
  );
  checkPositions(input);
}
