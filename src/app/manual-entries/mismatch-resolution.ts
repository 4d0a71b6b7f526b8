import type { Actor } from '../../events/event.js';
import { STREAMS } from '../../events/streams.js';
import { Decimal } from '../../kernel/decimal.js';
import { ofField } from '../../kernel/errors.js';
import type { Clock } from '../../kernel/time.js';
import { howOf, resolutionDrafts, type Resolution, type Take } from '../../trading/reconciliation/resolve-mismatch.js';
import { timeOfText } from '../as-of/moment-text.js';
import { parseReason, parseRequestId, recordOnce, type ManualEntryParts } from './manual-entry.js';

/** The resolution of a mismatch as a person writes it; texts as typed, null for what is left out. */
export interface MismatchRequest {
  readonly mismatchId: string;
  readonly take: Take;
  readonly price: string | null;
  readonly against: string | null;
  readonly entryId: string | null;
  readonly until: string | null;
  readonly reason: string;
  readonly requestId: string;
}

/** What was recorded. */
export interface MismatchResolved {
  readonly mismatchId: string;
  readonly take: Take;
  /** The entry that was booked or named; null when the broker will follow. */
  readonly entryId: string | null;
  /** When it comes back unless the broker has followed, UTC; null for an entry. */
  readonly expiresAt: string | null;
  readonly repeated: boolean;
}

/**
 * A resolution as it was typed, read: what can be said of its texts alone. Throws REASON_MISSING, BAD_REQUEST_ID, and what no
 * number or time is refused for.
 */
export function readResolution(request: MismatchRequest): Resolution & Pick<MismatchRequest, 'requestId'> {
  const { mismatchId, take, against, entryId } = request;
  const reason = parseReason(request.reason);
  const price = readAt('price', request.price, (text) => Decimal.parse(text));
  const until = readAt('until', request.until, (text) => timeOfText(text, 'first'));
  const requestId = parseRequestId(request.requestId);
  return { mismatchId, take, price, against, entryId, until, reason, requestId };
}

/**
 * Resolves a difference between books and broker (ACC-62); the next comparison proves it. Throws what `resolutionDrafts`
 * throws, REASON_MISSING, BAD_REQUEST_ID, REQUEST_ID_USED, what no number or time is refused for, and what the journal throws.
 */
export async function resolveMismatch(
  parts: ManualEntryParts & { readonly now: Clock },
  request: MismatchRequest,
  actor: Actor,
): Promise<MismatchResolved> {
  const { requestId, ...resolution } = readResolution(request);
  const { mismatchId, take } = resolution;
  const { event, repeated } = await recordOnce(parts, {
    ...{ type: 'BooksMismatchResolved', stream: STREAMS.accounting, actor, requestId },
    isSame: ({ data }) => data.mismatchId === mismatchId && data.how === howOf(take),
    decide: () => resolutionDrafts(parts.state, resolution, parts.now.now()),
  });
  return { mismatchId, take, entryId: event.data.entryId, expiresAt: event.data.expiresAt, repeated };
}

/** A field that may be left out. */
function readAt<T>(field: string, text: string | null, read: (text: string) => T): T | null {
  return text === null ? null : ofField(field, () => read(text));
}
