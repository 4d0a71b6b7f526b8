import { existsSync, statSync } from 'node:fs';
import { VirtualClock } from '../../adapters/clock/virtual-clock.js';
import { FileProjectionTargets } from '../../adapters/projection-targets/file-targets.js';
import { JournalTree } from '../../app/audit/journal-tree.js';
import type { SealParts } from '../../app/audit/seal-journal.js';
import { Projector } from '../../app/projector.js';
import type { StatementSource } from '../../app/exports/export-books.js';
import { foldJournal, Recorder } from '../../app/engine/recorder.js';
import type { BookCodes } from '../../domain/accounting/book.js';
import { EngineState } from '../../domain/session/engine-state.js';
import type { RecordedEvent } from '../../events/event.js';
import { journalError } from '../../kernel/errors.js';
import type { HomePaths } from '../../kernel/home-paths.js';
import type { BotIdentity, BotIdentityParts } from '../../kernel/identity.js';
import { epochMs, type DateText } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import { homeProjections } from './home-projections.js';
import { openBooks, type OpenBooks } from './open-books.js';
import { isEmbedded, journalPlace, openJournal } from './open-journal.js';
import { statementSource } from './statement-source.js';

/** A home with everything open that the engine and the commands on it need. Close it when done. */
export interface EngineRuntime {
  readonly paths: HomePaths;
  readonly identity: BotIdentity;
  readonly codes: BookCodes;
  readonly versionTag: string;
  readonly clock: VirtualClock;
  readonly journal: Journal;
  /** Where the journal is, fit to be shown. */
  readonly journalPlace: string;
  readonly state: EngineState;
  readonly recorder: Recorder;
  readonly projector: Projector;
  /** The books of a range, for exports. */
  readonly statement: StatementSource;
  /** What a seal of the journal is made with. */
  readonly sealing: SealParts;
  /** The ledger, read-only; ask after `projector.catchUp()`. */
  books(): OpenBooks;
  /** The events of one session, in order. */
  sessionEvents(date: DateText): Promise<readonly RecordedEvent[]>;
  /** Moves the clock to the last event: for commands that record something outside a session. */
  toLastEvent(): void;
  close(): Promise<void>;
}

export interface RuntimeOptions {
  readonly paths: HomePaths;
  readonly identity: BotIdentity;
  readonly identityParts: BotIdentityParts;
  readonly versionTag: string;
  /** A checked JOURNAL_URL; `sqlite:`, the file of the home, when it is not given. */
  readonly journalUrl?: string;
}

/**
 * Opens journal and projections of a home and folds the engine's state. The clock is virtual and stands before all
 * events: a day moves it through its minutes, other commands move it to the last event.
 */
export async function openRuntime(options: RuntimeOptions): Promise<EngineRuntime> {
  const { paths, identity, identityParts } = options;
  const codes = bookCodesOf(identityParts);
  const clock = new VirtualClock(epochMs(0));
  const { journalDb } = paths.storage;
  const journalUrl = options.journalUrl ?? 'sqlite:';
  // an empty file would be made a journal by opening it
  if (isEmbedded(journalUrl)) refuseEmptied(statSync(journalDb, { throwIfNoEntry: false })?.size ?? 0, paths);
  const journal = await openJournal(journalUrl, { journalDb, botIdentity: identity, clock });
  const statement = statementSource({ paths, identity, identityParts, codes });
  const projector = new Projector({
    journal,
    projections: homeProjections({ paths, identity, identityParts, codes, statement }),
    targets: new FileProjectionTargets({ home: paths.home, projectionsDb: paths.storage.projectionsDb }),
  });
  const state = new EngineState(codes);
  try {
    await foldJournal(journal, state);
    refuseEmptied(state.eventCount, paths);
  } catch (error) {
    await journal.close();
    throw error;
  }
  const recorder = new Recorder({ journal, clock, identity, actor: 'system:engine', state });
  return {
    paths,
    identity,
    versionTag: options.versionTag,
    codes,
    clock,
    journal,
    journalPlace: journalPlace(journalUrl, journalDb),
    state,
    recorder,
    projector,
    statement,
    sealing: { recorder, tree: new JournalTree(journal), clock },
    books: () => openBooks(paths),
    sessionEvents: (date) => sessionEvents(journal, date),
    toLastEvent: () => {
      if (state.lastRecordedAt !== undefined) clock.advanceTo(state.lastRecordedAt);
    },
    close: async () => {
      await projector.close();
      await journal.close();
    },
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

/** Codes of the books; the account is the broker's name for it. */
export function bookCodesOf(parts: BotIdentityParts): BookCodes {
  const { entityCode, jurisdictionCode, brokerCode, botId } = parts;
  return {
    entity: entityCode,
    jurisdiction: jurisdictionCode,
    broker: brokerCode,
    bot: botId,
    account: `${brokerCode}-${botId}`,
  };
}

const PAGE = 200;

/** Backwards from the head to the session before: sessions follow each other, so a year's journal is not read for a day. */
async function sessionEvents(journal: Journal, date: DateText): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (let page = await journal.readAll({ direction: 'backwards', limit: PAGE }); ;) {
    for (const event of page) {
      const { sessionDate } = event.meta;
      if (sessionDate === date) events.push(event);
      if (sessionDate !== null && sessionDate < date) return events.reverse();
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return events.reverse();
    page = await journal.readAll({ after: last.position, direction: 'backwards', limit: PAGE });
  }
}
