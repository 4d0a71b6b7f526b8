import { ageMs } from '../../domain/ownership/passed.js';
import { ANSWER_WITHIN_MS, FRESH_MS, SHARED_MS } from '../../domain/ownership/limits.js';
import { isOwner, type Ownership } from '../../domain/ownership/ownership.js';
import { ownershipLost, ownershipStale } from '../../domain/ownership/owner-errors.js';
import type { ClockReading } from '../../domain/schedule/clock-jump.js';
import type { Uuid } from '../../kernel/hash.js';
import { SECOND_MS } from '../../kernel/time.js';
import { isJournalAway } from '../../ports/journal.js';
import type { EffectKind, EffectsGuard } from './effects-guard.js';
import type { OwnershipDeps } from './ownership-deps.js';
import { OwnershipStream, type KnownOwnership } from './ownership-stream.js';

/** A confirmation that took longer than it may age is repeated so often before the step waits for better times. */
const MOST_IN_A_ROW = 3;
/** Confirmations whose answer was lost; more are not remembered. Any of an outage of hours may be the one that the journal has. */
const MOST_OPEN = 10_000;
/** How often a wait for an answer looks whether this process ran all the time. */
const TICK_MS = 0.5 * SECOND_MS;

/** What became of a confirmation: nothing is known of the journal when the process stood still meanwhile. */
type Answer = 'confirmed' | 'away' | 'stood still';

/**
 * The ownership of this process (JRN-9). An effect leaves only when the journal took a confirmation that was begun less than FRESH_MS
 * ago by the clocks that run while this process stands still; the journal takes none when somebody else owns the bot by then.
 */
export class HeldOwnership implements EffectsGuard {
  readonly #stream: OwnershipStream;
  readonly #number: number;
  #confirmed: ClockReading | undefined;
  #lost: Ownership | undefined;
  #hasEnded = false;
  /** The journal did not take the last confirmation; the process has run since, up to this reading. */
  #away: ClockReading | undefined;
  #underWay: Promise<void> | undefined;
  /** The last confirmation that is known as one of this process. */
  #lastNonce: Uuid | undefined;
  /** Confirmations of this process that the journal may have. */
  #own: readonly Uuid[] = [];

  constructor(
    private readonly deps: OwnershipDeps,
    taken: KnownOwnership,
  ) {
    this.#stream = new OwnershipStream(deps, taken);
    this.#number = taken.ownership.number;
  }

  /** What this process knows, for pages and figures. */
  get ownership(): Ownership {
    return this.#stream.ownership;
  }

  /** The number by which this process owns the bot. */
  get number(): number {
    return this.#number;
  }

  /** Undefined while this process is the owner, as far as it knows. */
  get lost(): Ownership | undefined {
    return this.#lost;
  }

  /** This process gave the ownership up. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  async confirmOwnership(kind: EffectKind): Promise<void> {
    this.#refuseLost();
    if (this.#ageMs() < SHARED_MS) return;
    for (let count = 1; count === 1 || this.#ageMs() >= FRESH_MS; count += 1) {
      if (!(await this.#confirmedInTime())) {
        if (kind === 'reduces') return;
        throw ownershipStale(this.#ageMs());
      }
      if (count === MOST_IN_A_ROW) return;
    }
  }

  refuseStale(kind: EffectKind): void {
    this.#refuseLost();
    const age = this.#ageMs();
    if (age < FRESH_MS || (kind === 'reduces' && this.#isAway())) return;
    throw ownershipStale(age);
  }

  get isUnconfirmed(): boolean {
    return this.#ageMs() >= FRESH_MS && this.#isAway();
  }

  /** This process runs: called at least each second. A journal that was away before a pause need not be away after it. */
  ran(): void {
    if (this.#isAway()) this.#away = this.deps.machine.read();
  }

  /** Appends a confirmation now. Throws OWNERSHIP_LOST, and what the journal throws. */
  confirmNow(): Promise<void> {
    return this.#confirmOnce();
  }

  /** Reads what others wrote: answers a claim, and finds out that the ownership is lost. Throws what the journal throws. */
  async look(): Promise<void> {
    if (this.#lost !== undefined) return;
    const isOwner = this.#judge(await this.#stream.look());
    if (!isOwner || !(this.ownership.claimed || this.#away !== undefined)) return;
    await this.#confirmOnce();
  }

  /** This process acts no more: another one may take over at once. */
  async end(reason: string): Promise<void> {
    if (this.#lost !== undefined) return;
    const { machine } = this.deps;
    const data = { number: this.#number, instance: machine.self.instance, reason };
    this.#hasEnded = true;
    this.#lost = { ...this.ownership, ended: true };
    await this.#stream.decide((ownership) =>
      isOwner(ownership, machine.self)
        ? [{ type: 'OwnershipEnded', data, correlationId: 'ownership', causationId: null }]
        : [],
    );
  }

  #ageMs(): number {
    return this.#confirmed === undefined ? Number.POSITIVE_INFINITY : ageMs(this.#confirmed, this.deps.machine.read());
  }

  #refuseLost(): void {
    if (this.#lost !== undefined) throw ownershipLost(this.#lost, this.#number);
  }

  #isAway(): boolean {
    return this.#away !== undefined && ageMs(this.#away, this.deps.machine.read()) < FRESH_MS;
  }

  /**
   * False: the journal is away. A confirmation that was sent may still come, and counts from when it was begun. What a process finds that
   * has just stood still says nothing: time-outs of before are due at once, and the journal may have another owner.
   */
  async #confirmedInTime(): Promise<boolean> {
    let answer: Answer = 'stood still';
    for (let count = 0; answer === 'stood still' && count < MOST_IN_A_ROW; count += 1)
      answer = await this.#answer(count > 0);
    if (answer === 'confirmed') return true;
    this.#away = this.deps.machine.read();
    return false;
  }

  async #answer(isAgain: boolean): Promise<Answer> {
    const { machine } = this.deps;
    const isOfBefore = isAgain && this.#underWay !== undefined;
    let ran = machine.read();
    const stoodStill = (): boolean => ageMs(ran, machine.read()) >= FRESH_MS;
    const silence = async (signal: AbortSignal): Promise<Answer> => {
      // a journal that is known to be away is not waited for
      for (let leftMs = this.#isAway() ? 0 : ANSWER_WITHIN_MS; leftMs > 0; leftMs -= TICK_MS) {
        await machine.pause(TICK_MS, signal);
        if (stoodStill()) return 'stood still';
        ran = machine.read();
      }
      return 'away';
    };
    const over = new AbortController();
    const silent = silence(over.signal).catch((): Answer => 'away');
    const confirmed = this.#confirmOnce().then((): Answer => 'confirmed');
    confirmed.catch(() => undefined);
    try {
      return await Promise.race([confirmed, silent]);
    } catch (error) {
      if (!isJournalAway(error)) throw error;
      return isOfBefore || stoodStill() ? 'stood still' : 'away';
    } finally {
      over.abort();
    }
  }

  /** Several callers at once share one. */
  #confirmOnce(): Promise<void> {
    this.#underWay ??= this.#confirm().finally(() => (this.#underWay = undefined));
    return this.#underWay;
  }

  async #confirm(): Promise<void> {
    const { machine } = this.deps;
    // the age counts from before the append: what is stored meanwhile by others comes later
    const begun = machine.read();
    const nonce = machine.nonce();
    this.#own = [...this.#own, nonce].slice(-MOST_OPEN);
    const data = { number: this.#number, instance: machine.self.instance, nonce };
    await this.#stream.decide((ownership) => {
      this.#judge(ownership);
      this.#refuseLost();
      return [{ type: 'OwnershipConfirmed', data, correlationId: 'ownership', causationId: null }];
    });
    this.#own = [];
    this.#lastNonce = nonce;
    this.#confirmed = begun;
    this.#away = undefined;
  }

  /** False when somebody else owns the bot, or a copy of this process does. */
  #judge(ownership: Ownership): boolean {
    const { lastNonce } = ownership;
    const isOurs = ownership.number === this.#number && isOwner(ownership, this.deps.machine.self);
    const isCloned = lastNonce !== undefined && lastNonce !== this.#lastNonce && !this.#own.includes(lastNonce);
    if (!isOurs || isCloned) this.#lost ??= ownership;
    else this.#lastNonce = lastNonce;
    return this.#lost === undefined;
  }
}
