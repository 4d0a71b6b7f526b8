import { RunningTimer } from '../adapters/clock/running-timer.js';
import { VirtualClock } from '../adapters/clock/virtual-clock.js';
import { OutageSpoolFile } from '../adapters/files/outage-spool-file.js';
import { JournalTree } from '../app/audit/journal-tree.js';
import type { SealParts } from '../app/audit/seal-journal.js';
import type { ChainVerifier } from '../app/audit/verified-chain.js';
import { bringBackAll } from '../app/journal/bring-back.js';
import { EngineAppender, type EngineAppenderOptions, type OutageRules } from '../app/journal/engine-appender.js';
import { LOCKED_HOME, type EffectsGuard } from '../app/ownership/effects-guard.js';
import { OwnedJournal } from '../app/ownership/owned-journal.js';
import { foldJournal } from '../app/journal/fold-journal.js';
import { JournalOutage, keptIn, type JournalOutageOptions } from '../app/journal/journal-outage.js';
import { bookCodesOf, type BookCodes } from '../domain/accounting/book-codes.js';
import { EngineState } from '../domain/session/engine-state.js';
import { isEmbedded, type JournalAddress } from '../domain/config/journal-address.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import type { BotIdentity, BotIdentityParts } from '../kernel/identity.js';
import { epochMs, parseUtcText, type EpochMs } from '../kernel/time.js';
import type { Journal } from '../ports/journal.js';
import type { OutageSpool } from '../ports/outage-spool.js';
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
  /** What is asked before each effect at the broker. */
  readonly effects: EffectsGuard;
  /** For a journal that other homes reach: to be taken with `ownCore` before anything trades; undefined for a file of the home. */
  readonly ownership: OwnedJournal | undefined;
  /** Inputs for sealing the journal. */
  readonly sealing: SealParts;
  /** Brings what an engine kept that ended while the journal was away; only who owns the bot may. */
  readonly bringLeft: (now: EpochMs) => Promise<void>;
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
  /** The engine of a running bot: what it records while the journal is away is kept in the home. */
  readonly outage?: CoreOutage;
}

/** What the engine of a running bot says of outages, and what is called when one begins or ends. */
export interface CoreOutage extends Pick<JournalOutageOptions, 'changed'> {
  readonly rules: () => OutageRules;
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
  const opened = await openHomeJournal({
    ...{ paths, identity, clock, address, mayMake: true },
    wrap: options.wrapJournal,
    anchored: options.anchored ?? false,
  });
  const ownership = isEmbedded(address) ? undefined : new OwnedJournal(opened);
  const journal = ownership?.journal ?? opened;
  const state = new EngineState(codes);
  const spool = options.outage === undefined ? undefined : new OutageSpoolFile(paths.storage.outageSpool);
  try {
    await foldJournal(journal, state);
  } catch (error) {
    await journal.close();
    throw error;
  }
  const chain = chainVerifier(paths, journal);
  const appender = new EngineAppender({
    ...{ journal, clock, identity, actor: 'system:engine', state },
    ...(options.outage && spool && outageParts(options.outage, { journal, clock, spool })),
  });
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
    effects: ownership ?? LOCKED_HOME,
    ownership,
    sealing: { appender, chain, tree: new JournalTree(journal), clock },
    bringLeft: (now) => (spool === undefined ? Promise.resolve() : bringLeft({ journal, appender, clock, spool }, now)),
  };
}

function outageParts(
  { changed, rules }: CoreOutage,
  parts: Pick<JournalOutageOptions, 'journal' | 'clock' | 'spool'>,
): Pick<EngineAppenderOptions, 'outage' | 'outageRules'> {
  const after = (ms: number, act: () => void): (() => void) => {
    const timer = new RunningTimer(ms, act);
    return () => timer.cancel();
  };
  return { outage: new JournalOutage({ ...parts, time: { after }, changed }), outageRules: rules };
}

/**
 * An engine ended while the journal was away: what it kept is in the journal afterwards, recorded at the present time, and so is
 * the end of that.
 */
async function bringLeft(
  {
    journal,
    appender,
    clock,
    spool,
  }: Pick<EngineCore, 'journal' | 'appender' | 'clock'> & { readonly spool: OutageSpool },
  now: EpochMs,
): Promise<void> {
  const { state } = appender;
  if (spool.batches.length > 0 || state.journalOutage !== undefined) {
    const happened = spool.batches.flatMap(({ events }) => events.map(({ occurredAt }) => parseUtcText(occurredAt)));
    const latest = [clock.now(), now, state.lastRecordedAt ?? now, ...happened].reduce((a, b) => (a > b ? a : b));
    if (latest > clock.now()) clock.advanceTo(latest);
    await bringBackAll(journal, spool);
    await appender.follow();
    await appender.endLeftOutage(keptIn(spool));
  }
  // when the journal went away again, its return ends that
  if (appender.away === undefined) spool.clear();
}
