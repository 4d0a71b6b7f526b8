import { ownerMachine } from '../adapters/home/owner-machine.js';
import { HeldOwnership } from '../app/ownership/held-ownership.js';
import type { OwnershipDeps } from '../app/ownership/ownership-deps.js';
import { OwnershipStream } from '../app/ownership/ownership-stream.js';
import { takeByAdmin, takeOwnership } from '../app/ownership/take-ownership.js';
import { isEmbedded, type JournalAddress } from '../domain/config/journal-address.js';
import { LOOK_MS } from '../domain/ownership/limits.js';
import { journalOfAnother, ownershipLost } from '../domain/ownership/owner-errors.js';
import { firstStep } from '../domain/ownership/take-over.js';
import type { Ownership } from '../domain/ownership/ownership.js';
import type { OwnedJournal } from '../app/ownership/owned-journal.js';
import type { TradeBotError } from '../kernel/errors.js';
import type { Actor } from '../events/event.js';
import type { BotIdentity } from '../kernel/identity.js';
import type { Clock } from '../kernel/time.js';
import type { Journal } from '../ports/journal.js';
import type { EngineCore } from './engine-core.js';

export interface OwnBotOptions {
  readonly address: JournalAddress;
  readonly paths: { readonly home: string };
  readonly identity: BotIdentity;
  readonly journal: Journal;
  /** Clock for `occurredAt`. */
  readonly clock: Clock;
  /** This process, which holds the lock of the home. */
  readonly pid: number;
  /** The process that started it, when that one never acts at the broker. */
  readonly parent?: number;
  readonly actor: Actor;
  /** Called before the lease of a silent owner is awaited. */
  readonly onWait?: (ownership: Ownership) => void;
}

/** The ownership of this process; undefined for a journal in the home, whose lock keeps every other process away. */
export async function ownBot(options: OwnBotOptions): Promise<HeldOwnership | undefined> {
  const { address, onWait } = options;
  if (isEmbedded(address)) return undefined;
  const deps = depsOf(options);
  const taken = await takeOwnership({ ...deps, ...(onWait === undefined ? {} : { onWait }) });
  return new HeldOwnership(deps, taken);
}

/**
 * Makes this process the owner of the bot whose core it has opened, on a server that other homes can reach: it may act at the broker from
 * then on. The state has all events up to that. Throws what `takeOwnership` throws.
 */
export async function ownCore(
  core: Pick<EngineCore, 'paths' | 'identity' | 'clock' | 'ownership' | 'appender'>,
  { pid, parent, onWait }: Pick<OwnBotOptions, 'pid' | 'parent' | 'onWait'>,
): Promise<void> {
  const { ownership, paths, identity, clock } = core;
  if (ownership === undefined) return;
  const more = { ...(parent === undefined ? {} : { parent }), ...(onWait === undefined ? {} : { onWait }) };
  const deps = depsOf({ paths, identity, clock, journal: ownership.below, pid, ...more, actor: 'system:engine' });
  const taken = await takeOwnership({ ...deps, ...more });
  ownership.ownedBy(new HeldOwnership(deps, taken), deps.machine.read);
  await core.appender.follow();
}

/**
 * Answers claims, and finds out within seconds that the ownership is lost, also while nothing is traded: then `onLost` is called once.
 * Returns what ends it. Does nothing for a journal in the home.
 */
export function watchOwnership(
  ownership: OwnedJournal | undefined,
  onLost: (error: TradeBotError) => void,
): () => void {
  const held = ownership?.held;
  if (ownership === undefined || held === undefined) return () => undefined;
  let isLooking = false;
  let isLost = false;
  const look = async (): Promise<void> => {
    held.ran();
    if (isLooking || isLost) return;
    isLooking = true;
    // an outage of the journal is noticed by what has to be written
    await held.look().then(
      () => ownership.ran(),
      () => undefined,
    );
    isLooking = false;
    if (held.lost === undefined || held.hasEnded) return;
    isLost = true;
    onLost(ownershipLost(held.lost, held.number));
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  return () => clearInterval(timer);
}

/**
 * Answers claims until another process owns the bot, as a rule the engine that this one starts: a start that takes longer than the lease
 * is no silence. Returns what ends it.
 */
export function answerClaims(held: HeldOwnership | undefined): () => void {
  if (held === undefined) return () => undefined;
  let isLooking = false;
  const timer = setInterval(() => {
    if (held.lost !== undefined) clearInterval(timer);
    if (isLooking || held.lost !== undefined) return;
    isLooking = true;
    const looked = (): boolean => (isLooking = false);
    // an outage of the journal is noticed by what has to be written
    void held.look().then(looked, looked);
  }, LOOK_MS);
  return () => clearInterval(timer);
}

/** The process acts no more: the next owner need not wait. A journal that cannot be written leaves it to the lease. */
export async function endOwnership(held: HeldOwnership | undefined, reason: string): Promise<void> {
  await held?.end(reason).catch(() => undefined);
}

/** Throws OWNED_ELSEWHERE when another home may still trade by this journal. Nothing is written; a reading journal is enough. */
export async function refuseOtherOwner(options: Omit<OwnBotOptions, 'actor' | 'onWait'>): Promise<void> {
  if (isEmbedded(options.address)) return;
  const deps = depsOf({ ...options, actor: 'system:main' });
  const ownership = await new OwnershipStream(deps).look();
  const { self, hasEnded } = deps.machine;
  // of the same home none runs: this process holds its lock
  const isOwnHome = ownership.owner?.fingerprint === self.fingerprint;
  if (!isOwnHome && firstStep(ownership, self, hasEnded).step === 'claim') throw journalOfAnother(ownership);
}

/** Takes the bot for this home by the decision of a person. */
export function takeOverBot(options: Omit<OwnBotOptions, 'address'>, reason: string): Promise<Ownership> {
  return takeByAdmin(depsOf(options), reason);
}

function depsOf({
  paths: { home },
  pid,
  parent,
  journal,
  clock,
  identity,
  actor,
}: Omit<OwnBotOptions, 'address'>): OwnershipDeps {
  const machine = ownerMachine({ home, pid, ...(parent === undefined ? {} : { parent }) });
  return { journal, clock, identity, actor, machine };
}
