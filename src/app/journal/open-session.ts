import { isSessionOpen } from '../../domain/session/session-open.js';
import type { Clock } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';

/** Whether the newest session of the journal is open now. */
export async function hasOpenSession(journal: Pick<Journal, 'readAll'>, clock: Clock): Promise<boolean> {
  const [newest] = await journal.readAll({
    direction: 'backwards',
    limit: 1,
    filter: { types: ['SessionOpened', 'SessionClosed'] },
  });
  if (newest?.type !== 'SessionOpened') return false;
  return isSessionOpen({ closesAt: newest.data.closesAt, closed: false }, clock.now());
}
