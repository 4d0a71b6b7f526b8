import { CONNECTED_MS, HOLD_MS, LEASE_MS, LOOK_MS } from '../../domain/ownership/limits.js';
import { isOwner, type HowTaken, type Ownership } from '../../domain/ownership/ownership.js';
import { ownedElsewhere } from '../../domain/ownership/owner-errors.js';
import { waitedMs } from '../../domain/ownership/passed.js';
import { firstStep } from '../../domain/ownership/take-over.js';
import { journalError, type TradeBotError } from '../../kernel/errors.js';
import { isJournalOutage } from '../../ports/journal.js';
import type { OwnershipDeps } from './ownership-deps.js';
import { OwnershipStream, type KnownOwnership } from './ownership-stream.js';

export interface TakeOptions extends OwnershipDeps {
  /** Called when the lease of a silent owner is awaited, before the wait. */
  readonly onWait?: (ownership: Ownership) => void;
}

/** Claims in a row that others decided meanwhile; more races are not played. */
const MOST_CLAIMS = 20;
/** A claimant whose server is away again and again gives up after so many lease times. */
const LONGEST_CLAIM_MS = 20 * LEASE_MS;

/**
 * Makes this process the owner of its bot (JRN-9): at once when nobody is, when the last owner has ended, or when it was an earlier
 * process of this home that is dead; otherwise when it confirms nothing for the lease time after a claim. The caller holds the
 * lock of the home. Throws ConfigError OWNED_ELSEWHERE when the owner lives, JournalError OWNERSHIP_UNDECIDED (retry), and what the
 * journal throws.
 */
export async function takeOwnership(options: TakeOptions): Promise<KnownOwnership> {
  const { self, hasEnded } = options.machine;
  const stream = new OwnershipStream(options);
  await stream.look();
  for (let count = 0; count < MOST_CLAIMS; count += 1) {
    const step = firstStep(stream.ownership, self, hasEnded);
    const taken =
      step.step === 'take' ? await takeNow(options, stream, step.how) : await takeAfterLease(options, stream);
    if (taken !== undefined) return taken;
  }
  throw undecided('others claimed it or took it again and again');
}

/** Takes the ownership for this home by the decision of a person, whichever home has it. Its engine waits before it acts. */
export async function takeByAdmin(options: OwnershipDeps, reason: string): Promise<Ownership> {
  const stream = new OwnershipStream(options);
  await stream.look();
  await stream.decide(({ number }) => [takenDraft(options, number + 1, 'admin', reason)]);
  return stream.ownership;
}

/** Undefined when somebody else decided meanwhile: nothing was written. */
async function takeNow(
  options: OwnershipDeps,
  stream: OwnershipStream,
  how: HowTaken,
): Promise<KnownOwnership | undefined> {
  const { revision } = stream.known;
  await stream.decide(({ number }) =>
    stream.known.revision === revision ? [takenDraft(options, number + 1, how, null)] : [],
  );
  if (!isOwner(stream.ownership, options.machine.self)) return undefined;
  if (stream.ownership.holds) await hold(options);
  return stream.known;
}

/**
 * A person took it from an owner that may live: it finds out at its next confirmation, and may act until its last one is too old. Nothing is
 * asked or sent before: the answer of the broker would be out of date.
 */
async function hold({ machine }: OwnershipDeps): Promise<void> {
  const since = machine.read();
  for (let left = HOLD_MS; left > 0; left = HOLD_MS - waitedMs(since, machine.read()))
    await machine.pause(Math.ceil(left));
}

/** The owner is silent for the lease time, by the looks of this process at the journal: then the ownership is taken. */
async function takeAfterLease(options: TakeOptions, stream: OwnershipStream): Promise<KnownOwnership | undefined> {
  const { machine, onWait } = options;
  const claimed = stream.ownership;
  const data = { number: claimed.number, claimant: machine.self, nonce: machine.nonce() };
  await stream.decide((ownership) =>
    isChanged(ownership, claimed) ? [] : [{ type: 'OwnershipClaimed', data, ...META }],
  );
  if (isChanged(stream.ownership, claimed)) return undefined;
  onWait?.(claimed);
  const begun = machine.read();
  let quietMs = 0;
  let seen = machine.read();
  while (quietMs < LEASE_MS) {
    await machine.pause(LOOK_MS);
    const answered = await lookOnce(stream);
    const now = machine.read();
    if (isChanged(stream.ownership, claimed)) {
      refuseAlive(stream.ownership, claimed);
      return undefined;
    }
    quietMs = quietAfter(quietMs, waitedMs(seen, now), answered);
    if (answered) seen = now;
    if (waitedMs(begun, now) > LONGEST_CLAIM_MS) throw undecided('the server of the journal was away again and again');
  }
  return await takeNow(options, stream, 'lease');
}

/** A time without an answer is none in which a confirmation could have been seen: the count begins again. */
function quietAfter(quietMs: number, sinceMs: number, answered: boolean): number {
  if (sinceMs > CONNECTED_MS) return 0;
  return answered ? quietMs + sinceMs : quietMs;
}

async function lookOnce(stream: OwnershipStream): Promise<boolean> {
  try {
    await stream.look();
    return true;
  } catch (error) {
    if (!isJournalOutage(error)) throw error;
    return false;
  }
}

function isChanged(now: Ownership, claimed: Ownership): boolean {
  return now.number !== claimed.number || now.confirmations !== claimed.confirmations || now.ended !== claimed.ended;
}

/** The owner confirmed: it lives. One that ended, or that somebody else followed, is judged again. */
function refuseAlive(now: Ownership, claimed: Ownership): void {
  if (now.number === claimed.number && !now.ended) throw ownedElsewhere(now);
}

const META = { correlationId: 'ownership', causationId: null } as const;

function takenDraft({ machine }: OwnershipDeps, number: number, how: HowTaken, reason: string | null) {
  return { type: 'OwnershipTaken', data: { number, owner: machine.self, how, reason }, ...META } as const;
}

function undecided(why: string): TradeBotError {
  return journalError('retry', {
    code: 'OWNERSHIP_UNDECIDED',
    message: `it could not be decided who owns this bot: ${why}; nothing was sent to the broker`,
    remedy: 'Start again when the server of the journal is reachable and only one other bot claims this identity.',
  });
}
