import type { Actor } from '../../events/event.js';
import { manualReason } from '../../domain/risk/protections.js';
import { configError } from '../../kernel/errors.js';

/** The actor of the command line: anyone who can write the home. Named users act through their accounts. */
export const LOCAL_USER: Actor = 'user:local';

/** The reason of a manual action, as recorded in the journal. */
export function reasonOf(text: string | undefined): string {
  const reason = manualReason(text ?? '');
  if (reason !== undefined) return reason;
  throw configError({
    code: 'REASON_MISSING',
    message: 'this command requires a reason',
    remedy: 'Add --reason "<why>", 3 to 300 characters; it is kept in the journal.',
  });
}
