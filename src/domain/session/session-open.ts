import { parseUtcText, type DateText, type EpochMs, type UtcText } from '../../kernel/time.js';

/** The newest session of the journal. */
export interface SessionSpan {
  readonly closesAt: UtcText;
  /** Whether SessionClosed was recorded. */
  readonly closed: boolean;
}

/** The newest session as the engine has folded it. */
export interface SessionHolder {
  readonly session:
    | { readonly opened: { readonly date: DateText; readonly closesAt: UtcText }; readonly closed: object | undefined }
    | undefined;
}

/**
 * Whether a trading session is open at `now`: opened, not closed, and within its hours. A session whose process died ends
 * with its hours. `newest` is undefined for a journal without a session.
 */
export function isSessionOpen(newest: SessionSpan | undefined, now: EpochMs): boolean {
  return newest !== undefined && !newest.closed && now < parseUtcText(newest.closesAt);
}

/** The date of the newest session while it is open at `now`: a change that waits for its end is not in force yet. */
export function openSession({ session }: SessionHolder, now: EpochMs): DateText | undefined {
  if (session === undefined) return undefined;
  const { date, closesAt } = session.opened;
  return isSessionOpen({ closesAt, closed: session.closed !== undefined }, now) ? date : undefined;
}
