import { VirtualClock } from '../adapters/clock/virtual-clock.js';
import { JournalTree } from '../app/audit/journal-tree.js';
import type { SealParts } from '../app/audit/seal-journal.js';
import type { ChainVerifier } from '../app/audit/verified-chain.js';
import { EngineAppender } from '../app/journal/engine-appender.js';
import { foldJournal } from '../app/journal/fold-journal.js';
import { bookCodesOf, type BookCodes } from '../domain/accounting/book-codes.js';
import { EngineState } from '../domain/session/engine-state.js';
import type { JournalAddress } from '../domain/config/journal-address.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import type { BotIdentity, BotIdentityParts } from '../kernel/identity.js';
import { epochMs } from '../kernel/time.js';
import type { Journal } from '../ports/journal.js';
import { chainVerifier, openHomeJournal } from './open-home-journal.js';
import { journalLocation } from './open-journal.js';

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
  /** Verifies the journal's chain before something is made from it. */
  readonly chain: ChainVerifier;
  /** Inputs for sealing the journal. */
  readonly sealing: SealParts;
}

export interface CoreOptions {
  readonly paths: HomePaths;
  readonly identity: BotIdentity;
  readonly identityParts: BotIdentityParts;
  readonly versionTag: string;
  /** Where the journal is. */
  readonly address: JournalAddress;
  /** True compares anchored seals too, which may wait for a mount. */
  readonly anchored?: boolean;
  /** Wraps the engine's journal, for measurements and fault injection. */
  readonly wrapJournal?: (journal: Journal) => Journal;
}

/**
 * Opens the journal by `openHomeJournal`, which refuses one that is damaged or not that of the home, and folds it. The
 * clock is virtual and starts before all events; the caller moves it.
 */
export async function openCore(options: CoreOptions): Promise<EngineCore> {
  const { paths, identity, identityParts, versionTag, address } = options;
  const codes = bookCodesOf(identityParts);
  const clock = new VirtualClock(epochMs(0));
  const { journalDb } = paths.storage;
  const journal = await openHomeJournal({
    ...{ paths, identity, clock, address, mayMake: true },
    wrap: options.wrapJournal,
    anchored: options.anchored ?? false,
  });
  const state = new EngineState(codes);
  try {
    await foldJournal(journal, state);
  } catch (error) {
    await journal.close();
    throw error;
  }
  const chain = chainVerifier(paths, journal);
  const appender = new EngineAppender({ journal, clock, identity, actor: 'system:engine', state });
  return {
    paths,
    identity,
    identityParts,
    versionTag,
    codes,
    clock,
    journal,
    journalLocation: journalLocation(address, journalDb),
    state,
    appender,
    chain,
    sealing: { appender, chain, tree: new JournalTree(journal), clock },
  };
}
