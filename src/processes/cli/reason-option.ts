import type { Actor } from '../../events/event.js';
import { parseReason } from '../../app/manual-entries/manual-entry.js';

/** The actor of the command line: anyone who can write the home. Named users act through their accounts. */
export const LOCAL_USER: Actor = 'user:local';

/** The reason of a manual action, as recorded in the journal. Throws REASON_MISSING. */
export function reasonOf(text: string | undefined): string {
  return parseReason(text ?? '');
}
