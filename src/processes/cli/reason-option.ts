import type { Actor } from '../../events/event.js';
import { configError } from '../../kernel/errors.js';

/** Who acts on the command line: whoever may write the home. Named users come with their own accounts. */
export const LOCAL_USER: Actor = 'user:local';

/** Acts of a person carry a reason into the journal. */
export function reasonOf(text: string | undefined): string {
  const reason = (text ?? '').trim();
  if (reason.length >= 3 && reason.length <= 300) return reason;
  throw configError({
    code: 'REASON_MISSING',
    message: 'this act needs a reason',
    remedy: 'Add --reason "<why>", 3 to 300 characters; it is kept in the journal.',
  });
}
