import { FileMarketRecorder, type RecorderMode } from '../adapters/market-recorder/market-recorder.js';
import { sealSession } from '../app/audit/seal-journal.js';
import type { SessionDeps } from '../app/day/session-deps.js';
import { exportSession, type StatementSource } from '../app/exports/export-books.js';
import type { EngineCore } from './engine-core.js';
import { cachedFundamentals, withFundamentals, type FundamentalsOf } from './session-fundamentals.js';
import { openBooks } from './open-books.js';

/** The engine that a session trades with: the core of a home, or one in memory. */
export type SessionCore = Pick<
  EngineCore,
  'identity' | 'codes' | 'versionTag' | 'clock' | 'journal' | 'appender' | 'effects' | 'state'
>;

/** Books, recordings and seals of a session: the files of a home, or replacements in memory. */
export interface SessionRecords extends Pick<SessionDeps, 'books' | 'marketRecorder' | 'sealSession'> {
  /** Awaited before the exports of a session; throws when the journal's chain is broken. */
  readonly verifyJournal?: () => Promise<void>;
  /** Figures of companies that the feed does not have; a recorded session has its own. */
  readonly fundamentals?: FundamentalsOf;
}

/** What differs between sessions. */
export interface SessionChoice
  extends
    SessionRecords,
    Pick<
      SessionDeps,
      | 'strategies'
      | 'ownStrategies'
      | 'broker'
      | 'brokerSeed'
      | 'calendarDay'
      | 'feed'
      | 'market'
      | 'world'
      | 'projections'
      | 'plannedFloat'
    > {
  /** The books of a date range, for the exports at the end of the session. */
  readonly statement: StatementSource;
}

/** Dependencies of every session; the caller adds its settings and its progress callback. */
export function sessionDeps(core: SessionCore, choice: SessionChoice): Omit<SessionDeps, 'settings' | 'onProgress'> {
  const { identity, codes, versionTag, clock, journal, appender, effects, state } = core;
  const { statement, verifyJournal, fundamentals, ...given } = choice;
  const { calendarDay } = choice;
  return {
    ...{ identity, codes, versionTag, clock, journal, appender, effects, state },
    ...given,
    market: fundamentals === undefined ? choice.market : withFundamentals(choice.market, fundamentals),
    exportSession: async () => {
      await verifyJournal?.();
      await exportSession({ appender, statement }, calendarDay.date);
    },
  };
}

/** Books, recordings and seals, stored in the files of a home. */
export function homeRecords(
  { paths, sealing }: Pick<EngineCore, 'paths' | 'sealing'>,
  mode: RecorderMode,
): SessionRecords {
  return {
    books: () => openBooks(paths),
    marketRecorder: new FileMarketRecorder(paths, mode),
    sealSession: (date) => sealSession(sealing, date),
    verifyJournal: () => sealing.chain.verifyNews(),
    fundamentals: cachedFundamentals(paths),
  };
}
