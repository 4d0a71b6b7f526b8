import { openSession } from '../../domain/session/session-open.js';
import { LARGEST_FLOAT } from '../../events/acceptance.js';
import type { Actor } from '../../events/event.js';
import { STREAMS } from '../../events/streams.js';
import { Decimal } from '../../kernel/decimal.js';
import { configError, ofField, type TradeBotError } from '../../kernel/errors.js';
import { parseReason, parseRequestId, recordOnce, type ManualEntryParts } from './manual-entry.js';

export const FLOAT_DIRECTIONS = ['inject', 'return'] as const;
export type FloatDirection = (typeof FLOAT_DIRECTIONS)[number];

/** A transfer of capital to or from the bot, as a person acknowledges it. */
export interface FloatRequest {
  readonly direction: FloatDirection;
  /** Dollars above zero with at most two decimals, as text. */
  readonly amount: string;
  readonly reason: string;
  /** The same for each repetition of one request. */
  readonly requestId: string;
}

/** What was booked. */
export interface FloatBooked {
  readonly adjustmentId: string;
  readonly direction: FloatDirection;
  readonly amount: string;
  /** The float now, dollars. */
  readonly float: string;
  /** A session is open: its sizes and its daily loss limit stay with the float of its start. */
  readonly countsFrom: 'now' | 'next session';
  /** An earlier call with the same id had booked it. */
  readonly repeated: boolean;
}

/** Dollars of a float change. Throws BAD_AMOUNT, AMOUNT_TOO_LARGE, and what no number is refused for. */
export function parseFloatAmount(text: string): Decimal {
  const amount = Decimal.parse(text);
  if (amount.gt(LARGEST_FLOAT)) throw tooLarge(`${text} is more than a float can be`);
  if (amount.sign() > 0 && amount.rounded(2, 'down').equals(amount)) return amount.rounded(2, 'down');
  throw configError({
    code: 'BAD_AMOUNT',
    message: `${text} is not an amount of dollars above zero`,
    remedy: 'Give dollars with at most two decimals, such as 5000.00.',
  });
}

/**
 * A float change as it was typed, read: what can be said of it without the books, also before a worker is started. Throws
 * BAD_AMOUNT, AMOUNT_TOO_LARGE, REASON_MISSING, BAD_REQUEST_ID, and what no number is refused for.
 */
export function readFloat(request: FloatRequest): Omit<FloatRequest, 'amount'> & { readonly amount: Decimal } {
  const amount = ofField('amount', () => parseFloatAmount(request.amount));
  const reason = parseReason(request.reason);
  return { direction: request.direction, amount, reason, requestId: parseRequestId(request.requestId) };
}

/**
 * Books a float change (ACC-30): it moves no money; the cash is booked once the broker reports it. Throws BAD_AMOUNT,
 * AMOUNT_TOO_LARGE, FLOAT_TOO_SMALL, REASON_MISSING, BAD_REQUEST_ID, REQUEST_ID_USED, BOOKS_OUT_OF_RANGE, and what the journal throws.
 */
export async function bookFloat(parts: ManualEntryParts, request: FloatRequest, actor: Actor): Promise<FloatBooked> {
  const { state, clock } = parts;
  const { direction, amount, reason, requestId } = readFloat(request);
  const { event, repeated } = await recordOnce(parts, {
    ...{ type: 'FloatAdjusted', stream: STREAMS.float, actor, requestId },
    isSame: ({ data }) => data.direction === direction && Decimal.parse(data.amount).equals(amount),
    decide: () => {
      refuseRange(direction, amount, state.float);
      const adjustmentId = `FA-${(state.revisionOf(STREAMS.float) ?? -1) + 2}`;
      return {
        type: 'FloatAdjusted',
        data: { adjustmentId, amount: amount.text(), direction, source: 'acknowledged-transfer', reason },
        correlationId: adjustmentId,
        causationId: null,
      };
    },
  });
  return {
    ...{ adjustmentId: event.data.adjustmentId, direction, amount: amount.text() },
    float: state.float.rounded(2, 'down').text(),
    countsFrom: openSession(state, clock.now()) === undefined ? 'now' : 'next session',
    repeated,
  };
}

function refuseRange(direction: FloatDirection, amount: Decimal, float: Decimal): void {
  if (direction === 'return' && amount.gt(float)) {
    throw configError({
      code: 'FLOAT_TOO_SMALL',
      message: `${amount.text()} cannot be returned: the float is ${float.rounded(2, 'down').text()}`,
      remedy: 'Return at most the float.',
    });
  }
  if (direction === 'inject' && amount.plus(float).gt(LARGEST_FLOAT)) {
    throw tooLarge(`${amount.text()} cannot be injected: the float would be ${amount.plus(float).text()}`);
  }
}

function tooLarge(message: string): TradeBotError {
  return configError({
    code: 'AMOUNT_TOO_LARGE',
    message,
    remedy: `Check the amount: a float is at most ${LARGEST_FLOAT.text()} dollars. Nothing was recorded.`,
  });
}
