import { parseConnectionUrl } from '../adapters/journal-esdb/connection-url.js';
import { SqliteJournal } from '../adapters/journal-sqlite/sqlite-journal.js';
import type { BotIdentity } from '../kernel/identity.js';
import type { Clock } from '../kernel/time.js';
import type { Journal } from '../ports/journal.js';

export interface OpenJournalOptions {
  /** The file of the embedded journal. */
  readonly journalDb: string;
  readonly botIdentity: BotIdentity;
  /** Clock for `recordedAt`. */
  readonly clock: Clock;
}

/** True for the journal that is a file of the home. */
export function isEmbedded(url: string): boolean {
  return url === 'sqlite:';
}

/** Location of a journal, safe to display: the path of its file, or its server without user and password. */
export function journalLocation(url: string, journalDb: string): string {
  return isEmbedded(url) ? journalDb : parseConnectionUrl(url).shown;
}

/**
 * Opens the journal that a checked JOURNAL_URL names (JRN-6). Errors: see SqliteJournal.open and EsdbJournal.open. The
 * client of EventStoreDB is loaded only when needed.
 */
export async function openJournal(url: string, options: OpenJournalOptions): Promise<Journal> {
  const { journalDb, botIdentity, clock } = options;
  if (isEmbedded(url)) return SqliteJournal.open({ path: journalDb, clock });
  const { EsdbJournal } = await import('../adapters/journal-esdb/esdb-journal.js');
  return EsdbJournal.open({ url, botIdentity, clock });
}
