import { hasRestoreNote } from '../adapters/backup/restore-note.js';
import { existsSync, statSync } from 'node:fs';
import { VirtualClock } from '../adapters/clock/virtual-clock.js';
import { JournalTree } from '../app/audit/journal-tree.js';
import { refuseLostHistory } from '../app/audit/lost-history.js';
import type { SealParts } from '../app/audit/seal-journal.js';
import { EngineAppender } from '../app/journal/engine-appender.js';
import { foldJournal } from '../app/journal/fold-journal.js';
import { bookCodesOf, type BookCodes } from '../domain/accounting/book-codes.js';
import { EngineState } from '../domain/session/engine-state.js';
import { journalError } from '../kernel/errors.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import type { BotIdentity, BotIdentityParts } from '../kernel/identity.js';
import { epochMs } from '../kernel/time.js';
import type { Journal } from '../ports/journal.js';
import { homeEvidence } from './home-evidence.js';
import { isEmbedded, journalLocation, openJournal } from './open-journal.js';

/** The journal of a home, the state folded from it, and the appender: the engine without projections. */
export interface EngineCore {
  readonly paths: HomePaths;
  readonly identity: BotIdentity;
  readonly identityParts: BotIdentityParts;
  readonly codes: BookCodes;
  readonly versionTag: string;
  readonly clock: VirtualClock;
  readonly journal: Journal;
  /** Location of the journal, safe to display. */
  readonly journalLocation: string;
  readonly state: EngineState;
  readonly appender: EngineAppender;
  /** Inputs for sealing the journal. */
  readonly sealing: SealParts;
}

export interface CoreOptions {
  readonly paths: HomePaths;
  readonly identity: BotIdentity;
  readonly identityParts: BotIdentityParts;
  readonly versionTag: string;
  /** A checked JOURNAL_URL; defaults to `sqlite:`, the file of the home. */
  readonly journalUrl?: string;
  /** Wraps the engine's journal, for measurements and fault injection. */
  readonly wrapJournal?: (journal: Journal) => Journal;
}

/**
 * Opens the journal and folds it; a journal that contradicts the evidence of the home is refused (JOURNAL_CUT,
 * JOURNAL_REWRITTEN). The clock is virtual and starts before all events; the caller moves it.
 */
export async function openCore(options: CoreOptions): Promise<EngineCore> {
  const { paths, identity, identityParts, versionTag, journalUrl = 'sqlite:' } = options;
  const codes = bookCodesOf(identityParts);
  const clock = new VirtualClock(epochMs(0));
  if (hasRestoreNote(paths)) throw unfinishedRestore(paths);
  const { journalDb } = paths.storage;
  // opening an empty file would turn it into a journal
  if (isEmbedded(journalUrl)) refuseEmptied(statSync(journalDb, { throwIfNoEntry: false })?.size ?? 0, paths);
  const opened = await openJournal(journalUrl, { journalDb, botIdentity: identity, clock });
  const journal = options.wrapJournal?.(opened) ?? opened;
  const state = new EngineState(codes);
  try {
    await refuseLostHistory(journal, homeEvidence(paths, identity));
    await foldJournal(journal, state);
    refuseEmptied(state.eventCount, paths);
  } catch (error) {
    await journal.close();
    throw error;
  }
  const appender = new EngineAppender({ journal, clock, identity, actor: 'system:engine', state });
  return {
    paths,
    identity,
    identityParts,
    versionTag,
    codes,
    clock,
    journal,
    journalLocation: journalLocation(journalUrl, journalDb),
    state,
    appender,
    sealing: { appender, tree: new JournalTree(journal), clock },
  };
}

function unfinishedRestore({ storage }: HomePaths): Error {
  return journalError('stop', {
    code: 'RESTORE_UNFINISHED',
    message: `a restore of this home is not finished (${storage.restoreNote})`,
    remedy:
      'Wait for the restore to end; one that was cut off is settled by the next start of the bot or any command that writes.',
  });
}

/** Books without a single event come from a lost journal; a new journal next to them would hide that loss. */
function refuseEmptied(size: number, paths: HomePaths): void {
  if (size > 0 || !existsSync(paths.output.ledgerDb)) return;
  throw journalError('stop', {
    code: 'JOURNAL_EMPTIED',
    message: `the journal of ${paths.home} has no events, though the home has books`,
    remedy: 'Restore the journal from a backup (tradebot restore), or start over with day --fresh.',
  });
}
