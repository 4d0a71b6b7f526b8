import { foldAddress, sourceOf } from '../../domain/access/address.js';
import { ONE_USER, RecordBudget, STRANGERS, type Unrecorded } from '../../domain/access/record-budget.js';
import type { Actor } from '../../events/event.js';
import { toUtcText } from '../../kernel/time.js';
import { ACCESS_ACTOR, type AccessEvent, type AccessLog } from './access-log.js';
import type { AccessParts } from './access-parts.js';

/** Users with a budget of their own; the one that refused least recently loses it first. */
const MOST_USERS = 200;
/** Addresses without a session that are remembered. */
const MOST_ADDRESSES = 20_000;

export interface Refusal {
  /** The user whose name or secret it was about; null when unknown. */
  readonly userId: string | null;
  /** Network address of the caller. */
  readonly address: string;
  readonly code: string;
  /** Method and route, for a request that was denied; left out for a failed proof. */
  readonly endpoint?: string;
}

/**
 * Records refusals in a budget, so that nobody fills the journal: strangers share one, and each user who is logged in
 * has an own one. What is over is counted and recorded as AccessRefusalsCounted.
 */
export class Refusals {
  readonly #strangers = new RecordBudget(STRANGERS);
  readonly #users = new Map<string, RecordBudget>();

  constructor(
    private readonly parts: Pick<AccessParts, 'store' | 'clock' | 'random'>,
    private readonly log: AccessLog,
  ) {}

  /** Within a transaction. `causedBy`: the user who is logged in; null for a stranger. */
  note(refusal: Refusal, causedBy: string | null, more: readonly AccessEvent[] = []): void {
    const { userId, code, endpoint } = refusal;
    const address = foldAddress(refusal.address);
    const kind = [userId ?? '', sourceOf(address), code, endpoint ?? ''].join(' ');
    const recorded = this.#budgetOf(causedBy).take(kind, this.parts.clock.now());
    const own: readonly AccessEvent[] = recorded ? [this.#eventOf(refusal, this.addressId(address))] : [];
    const events = [...own, ...more];
    if (events.length === 0) return;
    const actor: Actor = causedBy === null || endpoint === undefined ? ACCESS_ACTOR : `user:${causedBy}`;
    this.log.note(userId, events, { actor });
  }

  /** Within a transaction: takes one more record from the budget of strangers; false when there is none left. */
  takeOfStrangers(kind: string): boolean {
    return this.#strangers.take(kind, this.parts.clock.now());
  }

  /** Counts a refusal that changes nothing and is not recorded one by one. */
  count(): void {
    this.#strangers.count(this.parts.clock.now());
  }

  /** Within a transaction: the opaque id of a network address. */
  addressId(address: string): string {
    const { store, clock, random } = this.parts;
    return store.addresses.idOf(address, random.id('A'), toUtcText(clock.now()));
  }

  /** Records what was counted, when it is time. To be called periodically; `atOnce` at the end. */
  recordCounts(atOnce = false): void {
    const now = this.parts.clock.now();
    const due: readonly (readonly [string | null, Unrecorded | undefined])[] = [
      [null, this.#strangers.due(now, atOnce)],
      ...[...this.#users].map(([userId, budget]) => [userId, budget.due(now, atOnce)] as const),
    ];
    const counts = due.flatMap(([userId, found]) => (found === undefined ? [] : [countEvent(userId, found)]));
    if (counts.length === 0) return;
    this.parts.store.bestEffort(() => this.log.note(null, counts, { actor: ACCESS_ACTOR }));
  }

  /** Deletes the oldest addresses beyond the limit. To be called periodically. */
  tidy(): void {
    this.parts.store.bestEffort(() => this.parts.store.addresses.trim(MOST_ADDRESSES));
  }

  #eventOf({ userId, code, endpoint }: Refusal, addressId: string): AccessEvent {
    if (endpoint === undefined) return { type: 'LoginFailed', data: { userId, addressId, code } };
    return { type: 'AccessDenied', data: { userId, addressId, endpoint, code } };
  }

  #budgetOf(userId: string | null): RecordBudget {
    if (userId === null) return this.#strangers;
    const budget = this.#users.get(userId) ?? new RecordBudget(ONE_USER);
    this.#users.delete(userId);
    this.#users.set(userId, budget);
    const oldest = this.#users.keys().next().value;
    if (this.#users.size > MOST_USERS && oldest !== undefined) this.#users.delete(oldest);
    return budget;
  }
}

function countEvent(userId: string | null, { since, until, count, dayLimitReached }: Unrecorded): AccessEvent {
  return {
    type: 'AccessRefusalsCounted',
    data: { userId, since: toUtcText(since), until: toUtcText(until), refusals: count, dayLimitReached },
  };
}
