import { parseUtcText, type Clock } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';

/**
 * Whether a trading session is open now: opened, not closed, and its hours are not over. One that died with its process
 * ends with its hours.
 */
export async function isSessionOpen(journal: Pick<Journal, 'readAll'>, clock: Clock): Promise<boolean> {
  const [last] = await journal.readAll({
    direction: 'backwards',
    limit: 1,
    filter: { types: ['SessionOpened', 'SessionClosed'] },
  });
  return last?.type === 'SessionOpened' && clock.now() < parseUtcText(last.data.closesAt);
}
