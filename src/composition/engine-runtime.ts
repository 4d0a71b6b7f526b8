import { setTimeout as pause } from 'node:timers/promises';
import { FileProjectionTargets } from '../adapters/projection-targets/file-targets.js';
import type { StatementSource } from '../app/exports/export-books.js';
import { Projector } from '../app/projector/projector.js';
import type { RecordedEvent } from '../events/event.js';
import type { DateText } from '../kernel/time.js';
import type { Journal } from '../ports/journal.js';
import { openCore, type CoreOptions, type EngineCore } from './engine-core.js';
import { homeProjections } from './home-projections.js';
import { openBooks, type OpenBooks } from './open-books.js';
import type { MasterKeySource } from './seal-keys.js';
import { statementSource } from './statement-source.js';

/** An opened home with projections, for commands that write to it. Close it after use. */
export interface EngineRuntime extends EngineCore {
  readonly projector: Projector;
  /** The books of a date range, for exports. */
  readonly statement: StatementSource;
  /** The ledger, read-only; up to date after `projector.catchUp()`. */
  books(): OpenBooks;
  /** The events of one session, in order. */
  sessionEvents(date: DateText): Promise<readonly RecordedEvent[]>;
  /** Moves the clock to the last event: for commands that record something outside a session. */
  toLastEvent(): void;
  close(): Promise<void>;
}

export interface RuntimeOptions extends CoreOptions {
  /** For the seals that are signed; without it as in a home without a master key. */
  readonly masterKey?: MasterKeySource;
}

/**
 * Opens journal and projections of a home and folds the engine's state. The clock is virtual and starts before all
 * events: a simulated day moves it through its minutes, other commands move it to the last event.
 */
export async function openRuntime(options: RuntimeOptions): Promise<EngineRuntime> {
  const core = await openCore({ anchored: true, ...options });
  const { paths, identity, identityParts, codes, journal, state, clock } = core;
  const targets = new FileProjectionTargets({ home: paths.home, projectionsDb: paths.storage.projectionsDb });
  const ledgerFile = (): string => targets.fileNow(paths.output.ledgerDb);
  const statement = statementSource({ paths, identity, identityParts, codes, ledgerFile });
  const projector = new Projector({
    journal,
    projections: homeProjections({ paths, identity, identityParts, codes, statement, masterKey: options.masterKey }),
    targets,
    pause,
    verifyJournal: () => core.chain.verifyWhole(),
  });
  return {
    ...core,
    projector,
    statement,
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

const PAGE = 200;

/** Reads backwards from the head, page by page, to the start of the session: a day never needs a year's journal. */
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
