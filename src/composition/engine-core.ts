import { existsSync, statSync } from 'node:fs';
import { VirtualClock } from '../adapters/clock/virtual-clock.js';
import { JournalTree } from '../app/audit/journal-tree.js';
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
import { isEmbedded, journalPlace, openJournal } from './open-journal.js';

/** The journal of a home, the state folded from it, and who writes to it: the engine without projections. */
export interface EngineCore {
  readonly paths: HomePaths;
  readonly identity: BotIdentity;
  readonly identityParts: BotIdentityParts;
  readonly codes: BookCodes;
  readonly versionTag: string;
  readonly clock: VirtualClock;
  readonly journal: Journal;
  /** Where the journal is, fit to be shown. */
  readonly journalPlace: string;
  readonly state: EngineState;
  readonly appender: EngineAppender;
  /** What a seal of the journal is made with. */
  readonly sealing: SealParts;
}

export interface CoreOptions {
  readonly paths: HomePaths;
  readonly identity: BotIdentity;
  readonly identityParts: BotIdentityParts;
  readonly versionTag: string;
  /** A checked JOURNAL_URL; `sqlite:`, the file of the home, when it is not given. */
  readonly journalUrl?: string;
  /** Stands between the engine and its journal, to measure or to disturb. */
  readonly wrapJournal?: (journal: Journal) => Journal;
}

/** Opens the journal and folds it. The clock is virtual and stands before all events; whoever runs the engine moves it. */
export async function openCore(options: CoreOptions): Promise<EngineCore> {
  const { paths, identity, identityParts, versionTag, journalUrl = 'sqlite:' } = options;
  const codes = bookCodesOf(identityParts);
  const clock = new VirtualClock(epochMs(0));
  const { journalDb } = paths.storage;
  // an empty file would be made a journal by opening it
  if (isEmbedded(journalUrl)) refuseEmptied(statSync(journalDb, { throwIfNoEntry: false })?.size ?? 0, paths);
  const opened = await openJournal(journalUrl, { journalDb, botIdentity: identity, clock });
  const journal = options.wrapJournal?.(opened) ?? opened;
  const state = new EngineState(codes);
  try {
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
    journalPlace: journalPlace(journalUrl, journalDb),
    state,
    appender,
    sealing: { appender, tree: new JournalTree(journal), clock },
  };
}

/** Books without a single event were made of a journal that is gone: to begin a new one beside them would bury that. */
function refuseEmptied(size: number, paths: HomePaths): void {
  if (size > 0 || !existsSync(paths.output.ledgerDb)) return;
  throw journalError('stop', {
    code: 'JOURNAL_EMPTIED',
    message: `the journal of ${paths.home} has no events, though the home has books`,
    remedy: 'Restore the journal from a backup (tradebot restore), or begin anew with day --fresh.',
  });
}
