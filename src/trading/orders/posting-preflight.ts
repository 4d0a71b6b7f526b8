import { TradeBotError } from '../../kernel/errors.js';
import { naturalKeyId } from '../../kernel/hash.js';
import { toUtcText, type EpochMs } from '../../kernel/time.js';
import type { Draft } from '../../events/draft.js';
import type { Position, RecordedEvent } from '../../events/event.js';
import { applyToBook } from '../../domain/accounting/book.js';
import type { EngineState } from '../../domain/session/engine-state.js';

/**
 * Why the books would refuse these events; undefined when they accept them. Checked before the events are recorded: an
 * event that no fold can apply would keep the home from ever being opened again.
 */
export function postingPreflight(
  state: EngineState,
  drafts: readonly Draft[],
  now: EpochMs,
): TradeBotError | undefined {
  let book = state.book;
  try {
    for (const { type, data } of drafts) {
      const id = naturalKeyId('booking-probe', type);
      const position = state.lastPosition ?? ('' as Position);
      book = applyToBook(book, { id, type, data, position, occurredAt: toUtcText(now) } as RecordedEvent).book;
    }
    return undefined;
  } catch (error) {
    if (error instanceof TradeBotError) return error;
    throw error;
  }
}
