import Database from 'better-sqlite3';
import { dataError } from '../../kernel/errors.js';
import type { Journal } from '../../ports/journal.js';
import { eventsOf } from '../../app/audit/journal-tree.js';

/** An event that a copy has and the journal has not. */
export interface OnlyInCopy {
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly id: string;
}

/**
 * The events of a copy, a journal file, that the journal has lost, in the order of the copy; their texts are in the copy.
 * Only reads. Throws DataError `BACKUP_UNREADABLE`.
 */
export async function eventsOnlyInCopy(
  journal: Pick<Journal, 'readAll' | 'streamsHealth'>,
  copy: string,
): Promise<readonly OnlyInCopy[]> {
  const known = new Set<string>();
  for await (const { stream, id } of journal.streamsHealth?.left() ?? eventsOf(journal)) known.add(`${stream} ${id}`);
  return eventsIn(copy).filter(({ stream, id }) => !known.has(`${stream} ${id}`));
}

function eventsIn(path: string): readonly OnlyInCopy[] {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true });
    return db
      .prepare<[], OnlyInCopy>(
        `SELECT streams.name AS stream, revision, types.name AS type, event_id AS id
           FROM events JOIN streams USING (stream_id) JOIN types USING (type_id) ORDER BY position`,
      )
      .all();
  } catch (cause) {
    throw dataError({
      code: 'BACKUP_UNREADABLE',
      message: `${path} cannot be read as a copy of a journal`,
      remedy: 'Name a file that tradebot backup made.',
      cause,
    });
  } finally {
    db?.close();
  }
}
