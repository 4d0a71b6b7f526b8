import type { LedgerGroup, ShareTransfer } from '../../src/domain/accounting/types.js';
import type { TickerSymbol } from '../../src/events/names.js';
import { Decimal, type DecimalText } from '../../src/kernel/decimal.js';
import type { UtcText } from '../../src/kernel/time.js';
import type { StatementInput } from './statement.js';

/** Shares that moved without a cent, so that no leg has them: with those of the legs they add up to the position. */
export interface MovedShares {
  readonly fitid: string;
  readonly datetimeUtc: UtcText;
  readonly trntype: string;
  readonly action: 'long' | 'short';
  readonly symbol: TickerSymbol;
  /** With the sign of the change: below zero for shares sold. */
  readonly units: Decimal;
  readonly price: DecimalText;
  readonly description: string;
  readonly strategy: string | null;
  readonly externalId: string | null;
  /** Empty when the shares have no group at all. */
  readonly groupId: string;
  readonly line: number;
  readonly sourceEventId: string;
  readonly sourcePosition: string;
  readonly reverses: string;
}

/** The shares of an entry that none of its legs has; undefined when there are none. */
export function sharesWithoutALeg(entry: LedgerGroup | ShareTransfer, input: StatementInput): MovedShares | undefined {
  return 'legs' in entry ? ofGroup(entry, input) : ofTransfer(entry);
}

/** A sale of shares that cost nothing, or a trade of which only the commission is worth a cent. */
function ofGroup(group: LedgerGroup, { cashAccounts }: StatementInput): MovedShares | undefined {
  const { symbol, quantity, price, trntype } = group;
  if (symbol === null || quantity === null || price === null) return undefined;
  if (group.legs.some((leg) => leg.quantity !== null && !cashAccounts.includes(leg.accountCode))) return undefined;
  const shares = Decimal.parse(quantity);
  const adds = (trntype === 'BUY' || trntype === 'BUYTOCOVER') === (group.reverses === null);
  return {
    ...group,
    symbol,
    price,
    action: group.action === 'short' ? 'short' : 'long',
    units: adds ? shares : shares.negated(),
    line: group.legs.length + 1,
    reverses: group.reverses ?? '',
  };
}

function ofTransfer(transfer: ShareTransfer): MovedShares {
  const shares = Decimal.parse(transfer.quantity);
  const adds = (transfer.direction === 'in') === (transfer.side === 'long');
  return {
    ...transfer,
    trntype: 'TRANSFER',
    action: transfer.side,
    units: adds ? shares : shares.negated(),
    groupId: '',
    line: 1,
    reverses: '',
  };
}
