import { FRESH_MS } from '../../domain/ownership/limits.js';
import { notOwned, ownershipLost } from '../../domain/ownership/owner-errors.js';
import { ageMs } from '../../domain/ownership/passed.js';
import type { ClockReading } from '../../domain/schedule/clock-jump.js';
import type { Journal } from '../../ports/journal.js';
import { checkedJournal } from './checked-journal.js';
import type { EffectKind, EffectsGuard } from './effects-guard.js';
import type { HeldOwnership } from './held-ownership.js';

/**
 * A journal that several homes reach, as the owner of a bot writes it: once the ownership is lost nothing is appended any more, and a process that stood still
 * confirms that it is the owner before its next append. What the new owner decides is not disturbed by an old one.
 */
export class OwnedJournal implements EffectsGuard {
  #held: HeldOwnership | undefined;
  #read: (() => ClockReading) | undefined;
  #ran: ClockReading | undefined;
  readonly journal: Journal;

  /** @param below The journal without these checks: the ownership itself is written there. */
  constructor(readonly below: Journal) {
    this.journal = checkedJournal(below, () => this.#check());
  }

  /** From now on it is written as the owner. */
  ownedBy(held: HeldOwnership, read: () => ClockReading): void {
    this.#held = held;
    this.#read = read;
    this.ran();
  }

  /** This process runs: called at least each second while nothing stops it. */
  ran(): void {
    this.#ran = this.#read?.();
  }

  /** What this process owns; undefined before it took it. */
  get held(): HeldOwnership | undefined {
    return this.#held;
  }

  async confirmOwnership(kind: EffectKind): Promise<void> {
    if (this.#held === undefined) throw notOwned();
    await this.#held.confirmOwnership(kind);
  }

  refuseStale(kind: EffectKind): void {
    if (this.#held === undefined) throw notOwned();
    this.#held.refuseStale(kind);
  }

  get isUnconfirmed(): boolean {
    return this.#held?.isUnconfirmed === true;
  }

  async #check(): Promise<void> {
    const held = this.#held;
    if (held === undefined || this.#read === undefined || this.#ran === undefined) return;
    if (ageMs(this.#ran, this.#read()) >= FRESH_MS) {
      await held.confirmNow();
      this.ran();
    }
    if (held.lost !== undefined) throw ownershipLost(held.lost, held.number);
  }
}
