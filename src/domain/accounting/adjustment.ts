import type { EventData } from '../../events/event.js';
import { Decimal } from '../../kernel/decimal.js';
import { dataError, type TradeBotError } from '../../kernel/errors.js';
import { sha256Hex } from '../../kernel/hash.js';
import { cents, NO_CENTS, roundToCents } from '../../kernel/money.js';
import { execute, type Booked, type TradeBooks } from './book-fill.js';
import type { Coa } from './coa.js';
import { addExecution } from './executions.js';
import { MANUAL } from './foreign-fill.js';
import { LegList } from './posting/group.js';
import type { PostingSource } from './posting/source.js';
import type { FillData } from './posting/trade.js';
import type { LedgerGroup } from './types.js';

const MOST_SHOWN = 40;

type Adjustment = EventData<'AdjustmentBooked'>;
/** What decides whether an entry can be booked. */
type Moved = Pick<Adjustment, 'settles' | 'shares' | 'cash' | 'account'>;

/**
 * Why an entry is not recorded: it moves and settles nothing, or its cash has no account that takes postings. A refused
 * report that moved nothing, or that the broker has reported rightly since, is settled without an amount.
 */
export function adjustmentFault(coa: Pick<Coa, 'accounts'>, adjustment: Moved): TradeBotError | undefined {
  if (isZero(adjustment.cash)) {
    const isEmpty = adjustment.shares === null && adjustment.settles === null;
    return isEmpty ? badAdjustment('cash', 'moves neither shares nor cash') : undefined;
  }
  return accountFault(coa, adjustment.account);
}

/** Why cash is not booked against this account: it is not in the chart, or takes no postings. */
export function accountFault(coa: Pick<Coa, 'accounts'>, code: string | null): TradeBotError | undefined {
  if (postableAccount(coa, code) !== undefined) return undefined;
  const named = code?.slice(0, MOST_SHOWN) ?? 'no account';
  return badAdjustment('account', `names ${named} for its cash, which takes no postings`);
}

/**
 * Books an adjusting entry: shares against cash as an execution that follows the open lots, and further cash against an
 * account of the chart. What was recorded never stops the books: cash whose account takes no postings goes to the opening
 * balance.
 */
export function bookAdjustment(
  books: TradeBooks & { readonly coa: Coa },
  source: PostingSource,
  adjustment: Adjustment,
): Booked {
  const cash = cashGroup(books.coa, source, adjustment);
  const cashGroups = cash === undefined ? [] : [cash];
  if (adjustment.shares === null) return { groups: cashGroups };
  const fill = fillOf(adjustment, adjustment.shares);
  const name = `${adjustment.adjustmentId}/${source.eventId}`;
  const note = { revision: 0, datetimeUtc: adjustment.bookedFor, note: noteOf(adjustment) };
  const booked = execute(books, source, { fill, name, place: source.position, note });
  return {
    ...booked,
    groups: [...booked.groups, ...cashGroups],
    executions: addExecution(books.executions, booked.execution),
  };
}

function isZero(cash: string): boolean {
  return roundToCents(Decimal.parse(cash)) === NO_CENTS;
}

function postableAccount(coa: Pick<Coa, 'accounts'>, code: string | null): string | undefined {
  return coa.accounts.find((account) => account.code === code && account.active && account.type !== 'control')?.code;
}

function noteOf({ settles, reason }: Adjustment): string {
  return ` (adjustment${settles === null ? '' : ` for ${settles}`}: ${reason})`;
}

function fillOf(adjustment: Adjustment, shares: NonNullable<Adjustment['shares']>): FillData {
  const { adjustmentId, bookedFor } = adjustment;
  const none = Decimal.ZERO.shortText(2);
  return {
    ...shares,
    clientOrderId: adjustmentId,
    brokerOrderId: adjustmentId,
    executionId: adjustmentId,
    strategy: MANUAL,
    positionId: adjustmentId,
    positionEffect: shares.side === 'buy' ? 'open_long' : 'close_long',
    commission: none,
    fee: none,
    currency: 'USD',
    filledAt: bookedFor,
    rawSha256: sha256Hex(adjustmentId),
  };
}

function cashGroup(coa: Coa, source: PostingSource, adjustment: Adjustment): LedgerGroup | undefined {
  const { adjustmentId, account, bookedFor, cash } = adjustment;
  const legs = new LegList(source.mapping, null);
  const opening = legs.accounts('opening_cash/cash');
  const other = postableAccount(coa, account) ?? opening.credit;
  const amount = roundToCents(Decimal.parse(cash));
  const size = cents(amount < 0n ? -amount : amount);
  legs.debit(amount < 0n ? other : opening.debit, size);
  legs.credit(amount < 0n ? opening.debit : other, size);
  return legs.group(source, {
    part: `adjustment/${source.eventId}`,
    externalId: null,
    trntype: 'ADJUSTMENT',
    action: 'other',
    datetimeUtc: bookedFor,
    description: `Cash ${adjustmentId}${noteOf(adjustment)}`,
    strategy: null,
    symbol: null,
    quantity: null,
    price: null,
    commission: NO_CENTS,
    fee: NO_CENTS,
    netAmount: amount,
    responseHash: null,
  });
}

function badAdjustment(field: 'cash' | 'account', what: string): TradeBotError {
  return dataError({
    code: 'BAD_ADJUSTMENT',
    message: `the entry ${what}`,
    remedy: 'Give shares, or cash with an account of the chart that takes postings. Nothing was recorded.',
    details: { field },
  });
}
