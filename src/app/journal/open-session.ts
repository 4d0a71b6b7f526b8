import { isSessionOpen } from '../../domain/session/session-open.js';
import type { Clock, DateText } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';

/** The date of the newest session of the journal while it is open now; undefined otherwise. */
export async function openSessionDate(journal: Pick<Journal, 'readAll'>, clock: Clock): Promise<DateText | undefined> {
  const [newest] = await journal.readAll({
    direction: 'backwards',
    limit: 1,
    filter: { types: ['SessionOpened', 'SessionClosed'] },
  });
  if (newest?.type !== 'SessionOpened') return undefined;
  const isOpen = isSessionOpen({ closesAt: newest.data.closesAt, closed: false }, clock.now());
  return isOpen ? newest.data.date : undefined;
}
