import { parseConnectionUrl } from '../adapters/journal-esdb/connection-url.js';
import { SqliteJournal } from '../adapters/journal-sqlite/sqlite-journal.js';
import { isEmbedded, type JournalAddress } from '../domain/config/journal-address.js';
import type { BotIdentity } from '../kernel/identity.js';
import type { Clock } from '../kernel/time.js';
import type { Journal, JournalHead } from '../ports/journal.js';

export interface OpenJournalOptions {
  /** The file of the embedded journal. */
  readonly journalDb: string;
  readonly botIdentity: BotIdentity;
  /** Clock for `recordedAt`. */
  readonly clock: Clock;
  /** For the pages: see SqliteJournalOptions. */
  readonly looksAhead?: boolean | undefined;
  /** Of a journal on a server: a head that an earlier process has reached, so that its events are not counted again. */
  readonly counted?: JournalHead | undefined;
}

/** Location of a journal, safe to display: the path of its file, or its server without user and password. */
export function journalLocation(address: JournalAddress, journalDb: string): string {
  return isEmbedded(address) ? journalDb : parseConnectionUrl(address.url).shown;
}

/**
 * Opens the journal at an address (JRN-6). Errors: see SqliteJournal.open and EsdbJournal.open. The
 * client of EventStoreDB is loaded only when needed.
 */
export async function openJournal(address: JournalAddress, options: OpenJournalOptions): Promise<Journal> {
  const { journalDb, botIdentity, clock, counted, looksAhead = false } = options;
  if (isEmbedded(address)) return SqliteJournal.open({ path: journalDb, clock, looksAhead });
  const { EsdbJournal } = await import('../adapters/journal-esdb/esdb-journal.js');
  try {
    return await EsdbJournal.open({ ...address, botIdentity, clock, counted });
  } catch (error) {
    const { namedCause } = await import('../adapters/journal-check/name-cause.js');
    throw await namedCause(error, address);
  }
}
