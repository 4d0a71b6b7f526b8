import type { UserDifference } from '../../domain/access/user-difference.js';
import { STREAMS } from '../../events/streams.js';
import { canonicalJson } from '../../kernel/canonical-json.js';
import type { Journal } from '../../ports/journal.js';
import type { EventAppender } from '../journal/event-appender.js';

/**
 * Records the result of comparing the users' database with the events when it is another one than the last; agreement
 * without an earlier difference is no news. Throws what the journal throws.
 */
export async function recordUserDifferences(
  {
    journal,
    appender,
  }: { readonly journal: Pick<Journal, 'readAll'>; readonly appender: Pick<EventAppender, 'append'> },
  differences: readonly UserDifference[],
): Promise<void> {
  const [last] = await journal.readAll({
    direction: 'backwards',
    limit: 1,
    filter: { types: ['UserRecordsCompared'] },
  });
  const before = last?.type === 'UserRecordsCompared' ? last.data.differences : [];
  if (canonicalJson(before) === canonicalJson(differences)) return;
  const data = { ok: differences.length === 0, differences };
  await appender.append(STREAMS.access, [
    { type: 'UserRecordsCompared', data, correlationId: 'users', causationId: null },
  ]);
}
