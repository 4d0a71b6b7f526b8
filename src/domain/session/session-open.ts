import { parseUtcText, type EpochMs, type UtcText } from '../../kernel/time.js';

/** The newest session of the journal. */
export interface SessionSpan {
  readonly closesAt: UtcText;
  /** Whether SessionClosed was recorded. */
  readonly closed: boolean;
}

/**
 * Whether a trading session is open at `now`: opened, not closed, and within its hours. A session whose process died ends
 * with its hours. `newest` is undefined for a journal without a session.
 */
export function isSessionOpen(newest: SessionSpan | undefined, now: EpochMs): boolean {
  return newest !== undefined && !newest.closed && now < parseUtcText(newest.closesAt);
}
