import { existsSync, statSync } from 'node:fs';
import { movedTo, readMoveNote } from '../adapters/backup/move-note.js';
import { hasRestoreNote } from '../adapters/backup/restore-note.js';
import { VerifiedMarkFile } from '../adapters/home/verified-mark-file.js';
import { newestSavedJournal } from '../adapters/journal-sqlite/saved-journal.js';
import { refuseLostHistory } from '../app/audit/lost-history.js';
import { ChainVerifier } from '../app/audit/verified-chain.js';
import { isEmbedded, type JournalAddress } from '../domain/config/journal-address.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import { dataError, journalError, TradeBotError } from '../kernel/errors.js';
import type { BotIdentity } from '../kernel/identity.js';
import type { Clock } from '../kernel/time.js';
import type { Journal } from '../ports/journal.js';
import { homeEvidence } from './home-evidence.js';
import { anchorEvidence, lookAtAnchors } from './seal-anchor.js';
import { journalLocation, openJournal } from './open-journal.js';

export interface HomeJournalOptions {
  readonly paths: HomePaths;
  readonly identity: BotIdentity;
  readonly clock: Clock;
  /** By `homeJournalAddress`. */
  readonly address: JournalAddress;
  /** True compares anchored seals too, which may wait for a mount; default false, for children of main. */
  readonly anchored?: boolean;
  /** True where a home without a journal gets its first one; default false. */
  readonly mayMake?: boolean;
  /** True for the process of the pages, which answers questions about all events; default false. */
  readonly looksAhead?: boolean;
  /** Wraps the journal, for measurements and fault injection. */
  readonly wrap?: ((journal: Journal) => Journal) | undefined;
}

/**
 * The one way to open the journal of a home for a process that appends to it or makes something from it: the file must be
 * there, fit what the home holds besides it, and have an intact chain. Throws JournalError `JOURNAL_EMPTIED`,
 * `JOURNAL_CUT`, `JOURNAL_REWRITTEN`, `JOURNAL_CORRUPT`, `RESTORE_UNFINISHED` (stop), DataError `JOURNAL_MISSING`, and what opening it throws.
 */
export async function openHomeJournal(options: HomeJournalOptions): Promise<Journal> {
  const { paths, identity, address } = options;
  if (hasRestoreNote(paths)) throw unfinishedRestore(paths);
  refuseUnfinishedMove(paths);
  if (isEmbedded(address)) refuseMissing(options);
  const opened = await openJournalOf(options);
  const journal = options.wrap?.(opened) ?? opened;
  try {
    await refuseRelocated(opened, address);
    // the evidence is gathered before the head is read: what is made meanwhile is made from a longer journal
    const evidence = homeEvidence(paths, identity);
    const anchors =
      options.anchored === true
        ? anchorEvidence({ paths, identity }, await lookAtAnchors({ paths, identity, journal }))
        : { marks: [] };
    await refuseLostHistory(journal, { ...evidence, ...anchors, marks: [...evidence.marks, ...anchors.marks] });
    await chainVerifier(paths, journal).verifyNews();
    if ((await journal.head()) === undefined) refuseEmptied(paths, address);
    return journal;
  } catch (error) {
    await journal.close();
    throw error;
  }
}

/**
 * Opens the journal without a comparison, for commands that show a damaged one. A file that is no journal, in a home with
 * books, is JournalError `JOURNAL_REWRITTEN` (stop): moving it away would leave the home without its journal.
 */
export async function openJournalOf({
  paths,
  identity,
  clock,
  address,
  looksAhead,
}: Pick<HomeJournalOptions, 'paths' | 'identity' | 'clock' | 'address' | 'looksAhead'>): Promise<Journal> {
  try {
    const { journalDb, verifiedMark } = paths.storage;
    const counted = new VerifiedMarkFile(verifiedMark).read();
    return await openJournal(address, { journalDb, botIdentity: identity, clock, counted, looksAhead });
  } catch (error) {
    if (!(error instanceof TradeBotError) || error.code !== 'JOURNAL_FOREIGN' || !hasBooks(paths)) throw error;
    throw journalError('stop', {
      code: 'JOURNAL_REWRITTEN',
      message: `the journal is not the one of this home: ${error.message}`,
      remedy:
        'Restore the journal from a backup (tradebot restore FILE), which keeps this file aside. Nothing was changed.',
    });
  }
}

/** Verifies the chain of the home's journal, from where the last verification of any process ended. */
export function chainVerifier(paths: HomePaths, journal: Journal): ChainVerifier {
  return new ChainVerifier({ journal, mark: new VerifiedMarkFile(paths.storage.verifiedMark) });
}

/** Opening a missing or empty file would make a new journal of it. */
function refuseMissing({ paths, address, mayMake = false }: HomeJournalOptions): void {
  const { journalDb } = paths.storage;
  if (isFile(journalDb) && statSync(journalDb).size > 0) return;
  refuseMovedAway(paths);
  refuseEmptied(paths, address);
  if (!mayMake) throw missingJournal(paths);
}

/** What was made from events proves that there were events; a new journal next to it would hide their loss. */
function refuseEmptied(paths: HomePaths, address: JournalAddress): void {
  if (!isEmbedded(address)) {
    if (hasBooks(paths) || existsSync(paths.storage.usersDb)) throw emptyServer(paths, address);
    return;
  }
  if (!hasBooks(paths)) return;
  const saved = newestSavedJournal(paths.storage.journalDb);
  throw journalError('stop', {
    code: 'JOURNAL_EMPTIED',
    message: `the journal of ${paths.home} is missing or has no events, though the home has books`,
    remedy:
      saved === undefined
        ? 'Restore the journal from a backup (tradebot restore FILE), or start over with day --fresh.'
        : `Its events were saved when it was lost: tradebot restore ${saved}`,
  });
}

/** Another server, or another database behind the same name, than the one that has the events of this home. */
function emptyServer({ home, storage }: HomePaths, address: JournalAddress): TradeBotError {
  return journalError('stop', {
    code: 'JOURNAL_EMPTIED',
    message: `${journalLocation(address, storage.journalDb)} has no events of this bot, though ${home} has books or users`,
    remedy:
      'Check that this is the server of the journal and that it has its data; then restore the events from a backup.',
  });
}

const hasBooks = ({ output }: HomePaths): boolean =>
  [output.ledgerDb, output.sealPublicKey].some((path) => existsSync(path));

/** False for a folder too, which SQLite cannot open. */
const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** DataError `JOURNAL_MISSING` for a home that has not traded yet. */
function missingJournal({ home, storage }: HomePaths): TradeBotError {
  return dataError({
    code: 'JOURNAL_MISSING',
    message: `${home} has no journal (${storage.journalDb} does not exist)`,
    remedy: 'Trade a day first (tradebot day), or restore the journal from a backup.',
  });
}

/**
 * Throws `JOURNAL_EMPTIED` or `JOURNAL_MISSING` when the home has no journal file. Only looks; a journal on a server is
 * looked at when it is opened.
 */
export function requireHomeJournal(paths: HomePaths, address: JournalAddress): void {
  if (!isEmbedded(address) || isFile(paths.storage.journalDb)) return;
  refuseEmptied(paths, address);
  throw missingJournal(paths);
}

function unfinishedRestore({ storage }: HomePaths): TradeBotError {
  return journalError('stop', {
    code: 'RESTORE_UNFINISHED',
    message: `a restore of this home is not finished (${storage.restoreNote})`,
    remedy:
      'Wait for the restore to end; one that was cut off is settled by the next start of the bot or any command that writes.',
  });
}

function refuseUnfinishedMove(paths: HomePaths): void {
  const note = readMoveNote(paths);
  if (note === undefined) return;
  throw journalError('stop', {
    code: 'MOVE_UNFINISHED',
    message: `the move of this home's journal to ${note.facts.to} is not finished (${paths.storage.moveNote})`,
    remedy: 'Repeat tradebot journal move --to with that address: it finishes the move. All events are there already.',
  });
}

function refuseMovedAway(paths: HomePaths): void {
  const moved = movedTo(paths);
  if (moved === undefined) return;
  throw journalError('stop', {
    code: 'JOURNAL_MOVED',
    message: `the journal of ${paths.home} was moved to ${moved.facts.to} on ${moved.facts.movedAt}; what it was is kept in ${moved.folder}`,
    remedy: 'Name that journal (TRADEBOT_JOURNAL_URL), or move it back with tradebot journal move --to sqlite:.',
  });
}

/** A journal on a server that does not have all events yet, or that another journal continues. */
async function refuseRelocated({ relocation }: Journal, address: JournalAddress): Promise<void> {
  const note = await relocation?.note();
  if (note?.kind === 'started') {
    throw journalError('stop', {
      code: 'IMPORT_UNFINISHED',
      message: `${address.url} does not have all of the ${note.count} events of ${note.id} yet`,
      remedy: 'Repeat the command that brings them (tradebot journal move, or tradebot restore): it continues.',
    });
  }
  if (note?.kind === 'moved') {
    throw journalError('stop', {
      code: 'JOURNAL_MOVED',
      message: `the journal on ${address.url} was moved to ${note.to} (${note.id}) and takes no more events`,
      remedy: 'Use that journal. To come back here, move it back from there: tradebot journal move --to this address.',
    });
  }
}
