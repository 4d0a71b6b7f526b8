import { beginAttempt, lockedUntilOf, type LockoutRule } from '../../domain/access/lockout.js';
import { foldName } from '../../domain/access/names.js';
import { sha256Hex } from '../../kernel/hash.js';
import { parseUtcText, toUtcText, type EpochMs, type UtcText } from '../../kernel/time.js';
import type { StoredUser } from '../../ports/users.js';
import { ACCESS_ACTOR, type AccessEvent, type AccessLog } from './access-log.js';
import type { AccessParts } from './access-parts.js';

/** Limit of remembered unknown names, so that guessing cannot fill the disk. */
const MOST_STRANGERS = 10_000;

/** An attempt that was counted and is in progress. */
export interface Attempt {
  readonly nameKey: string;
  readonly user: StoredUser | undefined;
  readonly addressId: string;
  readonly failures: number;
  /** Set when this is the last attempt before the lock. */
  readonly lockedUntil: EpochMs | null;
}

export type AttemptBegun =
  { readonly may: 'try'; readonly attempt: Attempt } | { readonly may: 'wait'; readonly until: UtcText };

/**
 * Counts password attempts by name, in the database and before the password is checked: neither a restart nor
 * concurrent attempts exceed the limit (SEC-13). Unknown names count alike, so that a lock reveals nothing.
 */
export class AttemptBook {
  constructor(
    private readonly parts: Pick<AccessParts, 'store' | 'clock' | 'random' | 'settings'>,
    private readonly log: AccessLog,
  ) {}

  begin(name: string, address: string): AttemptBegun {
    const { store, clock } = this.parts;
    return store.bestEffort(() => {
      const now = clock.now();
      const folded = foldName(name);
      const nameKey = sha256Hex(`login:${folded}`);
      const user = store.users.byName(folded);
      const addressId = this.addressId(address);
      const begun = beginAttempt(store.attempts.get(nameKey), this.#rule(), now);
      if (begun.may === 'wait') {
        this.#noteFailure(user?.userId ?? null, addressId, 'LOCKED');
        return { may: 'wait', until: toUtcText(begun.until) };
      }
      store.attempts.put(nameKey, begun.attempts, { at: now, known: user !== undefined });
      if (user === undefined) store.attempts.trim(MOST_STRANGERS);
      return { may: 'try', attempt: { nameKey, user, addressId, ...begun.attempts } };
    });
  }

  /** Within `store.atomically`. */
  fail(attempt: Attempt, code: string): void {
    const { user, addressId, failures, lockedUntil } = attempt;
    const userId = user?.userId ?? null;
    const locked: readonly AccessEvent[] =
      userId === null || lockedUntil === null
        ? []
        : [{ type: 'UserLocked', data: { userId, until: toUtcText(lockedUntil), failures } }];
    this.#noteFailure(userId, addressId, code, locked);
  }

  /** Within `store.bestEffort`: the password was right. */
  succeed(attempt: Attempt): void {
    this.parts.store.attempts.forget(attempt.nameKey);
  }

  /**
   * Within `store.atomically`: uncounts the attempt; a login that still needs a code has neither failed nor succeeded.
   */
  giveBack({ nameKey, user, lockedUntil }: Attempt): void {
    const { store, clock } = this.parts;
    const now = store.attempts.get(nameKey);
    const failures = now.failures - 1;
    if (failures < 1) {
      store.attempts.forget(nameKey);
      return;
    }
    const until = lockedUntil === null ? now.lockedUntil : null;
    store.attempts.put(nameKey, { failures, lockedUntil: until }, { at: clock.now(), known: user !== undefined });
  }

  /** Within `store.atomically`. True when there was a lock. */
  unlock(name: string): boolean {
    const { store, clock } = this.parts;
    const nameKey = sha256Hex(`login:${foldName(name)}`);
    const lockedUntil = lockedUntilOf(store.attempts.get(nameKey), this.#rule(), clock.now());
    store.attempts.forget(nameKey);
    return lockedUntil !== null;
  }

  /** Null while attempts on the name are allowed. */
  lockedUntil(name: string): UtcText | null {
    const { store, clock } = this.parts;
    const lockedUntil = lockedUntilOf(
      store.attempts.get(sha256Hex(`login:${foldName(name)}`)),
      this.#rule(),
      clock.now(),
    );
    return lockedUntil === null ? null : toUtcText(lockedUntil);
  }

  #rule(): LockoutRule {
    const { attemptLimit, lockoutMinutes } = this.parts.settings();
    return { limit: attemptLimit, minutes: lockoutMinutes };
  }

  secondsUntil(until: UtcText): number {
    return Math.max(1, Math.ceil((parseUtcText(until) - this.parts.clock.now()) / 1000));
  }

  /** Within `store.atomically`: the opaque id of a network address. */
  addressId(address: string): string {
    const { store, clock, random } = this.parts;
    return store.addresses.idOf(address, random.id('A'), toUtcText(clock.now()));
  }

  #noteFailure(userId: string | null, addressId: string, code: string, more: readonly AccessEvent[] = []): void {
    const failed: AccessEvent = { type: 'LoginFailed', data: { userId, addressId, code } };
    this.log.note(userId, [failed, ...more], { actor: ACCESS_ACTOR });
  }
}
