import { dataError, TradeBotError } from '../../kernel/errors.js';
import { naturalKeyId } from '../../kernel/hash.js';
import { toUtcText, type EpochMs } from '../../kernel/time.js';
import { Decimal } from '../../kernel/decimal.js';
import { LARGEST_FLOAT } from '../../events/acceptance.js';
import type { Draft } from '../../events/draft.js';
import type { EventData, Position, RecordedEvent } from '../../events/event.js';
import { applyToBook, type AccountingBook } from '../../domain/accounting/book.js';
import type { EngineState } from '../../domain/session/engine-state.js';

/** The ledger file keeps cents in 64 bits. */
const LARGEST_BALANCE = 2n ** 63n - 1n;

/**
 * The fault for which the books would reject these events; undefined when they accept them. Checked before recording,
 * because an event that the fold cannot apply would make the home unusable.
 */
export function postingPreflight(
  state: EngineState,
  drafts: readonly Draft[],
  now: EpochMs,
): TradeBotError | undefined {
  let { book, float } = state;
  try {
    for (const { type, data } of drafts) {
      if (type === 'FloatAdjusted') float = adjusted(float, data);
      const id = naturalKeyId('booking-probe', type);
      const position = state.lastPosition ?? ('' as Position);
      book = applyToBook(book, { id, type, data, position, occurredAt: toUtcText(now) } as RecordedEvent).book;
    }
    return rangeFault(book, float);
  } catch (error) {
    if (error instanceof TradeBotError) return error;
    throw error;
  }
}

function adjusted(float: Decimal, { direction, amount }: EventData<'FloatAdjusted'>): Decimal {
  const change = Decimal.parse(amount);
  return direction === 'inject' ? float.plus(change) : float.minus(change);
}

/** Each event may be within its bounds and the sum of them beyond what the ledger files store. */
function rangeFault({ balances }: AccountingBook, float: Decimal): TradeBotError | undefined {
  const account = [...balances].find(([, sum]) => sum > LARGEST_BALANCE || sum < -LARGEST_BALANCE)?.[0];
  if (account === undefined && float.abs().lte(LARGEST_FLOAT)) return undefined;
  const what = account === undefined ? 'the float' : `the balance of account ${account}`;
  return dataError({
    code: 'BOOKS_OUT_OF_RANGE',
    message: `${what} would be larger than the books can hold`,
    remedy: 'Check the amount. Nothing was recorded.',
  });
}
