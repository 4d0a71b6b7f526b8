import { foldAddress, sourceOf } from '../../domain/access/address.js';
import {
  beginAttempt,
  countFailure,
  type DelayRule,
  remembered,
  type Attempts,
} from '../../domain/access/attempt-delay.js';
import { LoginPace } from '../../domain/access/login-pace.js';
import { foldName } from '../../domain/access/names.js';
import { sha256Hex } from '../../kernel/hash.js';
import { DAY_MS, MINUTE_MS, parseUtcText, plusMs, toUtcText, type EpochMs, type UtcText } from '../../kernel/time.js';
import type { StoredDevice, StoredUser } from '../../ports/users.js';
import type { AccessEvent } from './access-log.js';
import type { AccessParts } from './access-parts.js';
import type { KnownDevices } from './devices.js';
import type { ProofSource } from './proof-source.js';
import type { Refusals } from './refusals.js';

/** Limit of remembered counts, so that guessing cannot fill the disk. */
const MOST_COUNTS = 10_000;
/** Wrong codes after a right password are remembered so long. */
const CODES_MINUTES = DAY_MS / MINUTE_MS;

/** Digits of a key for the name, and as many for the source: 128 bits each. */
const HALF = 32;

/** A log-in that was counted and is in progress. */
export interface LoginAttempt {
  readonly name: string;
  readonly user: StoredUser | undefined;
  readonly address: string;
  /** Set when the user logged in from this device before. */
  readonly device: StoredDevice | undefined;
  /** Before and after this attempt, by its source; null for a known device. */
  readonly counted: { readonly before: Attempts; readonly after: Attempts } | null;
}

export type LoginBegun =
  { readonly may: 'try'; readonly attempt: LoginAttempt } | { readonly may: 'wait'; readonly until: UtcText };

export interface AttemptBookParts {
  readonly parts: Pick<AccessParts, 'store' | 'clock' | 'settings'>;
  readonly devices: KnownDevices;
  readonly refusals: Refusals;
}

/**
 * Counts attempts at a name in the database and before the secret is checked: neither a restart nor concurrent attempts are
 * faster (SEC-13). A known device has a count of its own; strangers are delayed by source and name. Unknown names count
 * alike, so that a delay reveals nothing.
 */
export class AttemptBook {
  readonly #pace = new LoginPace();

  constructor(private readonly own: AttemptBookParts) {}

  begin(typed: string, from: ProofSource): LoginBegun {
    const { parts, devices, refusals } = this.own;
    const { store, clock } = parts;
    return store.bestEffort(() => {
      const now = clock.now();
      const name = foldName(typed);
      const address = foldAddress(from.address);
      const user = store.users.byName(name);
      const paced = user === undefined ? undefined : this.#pace.waitsUntil(paceKey(user.userId, address), now);
      if (user !== undefined && paced !== undefined) {
        refusals.note({ userId: user.userId, address, code: 'DELAYED' }, user.userId);
        return { may: 'wait', until: toUtcText(paced) };
      }
      const device = user === undefined ? undefined : devices.of(user.userId, from.device, this.rule().limit);
      if (device !== undefined) {
        devices.count(device, 1);
        return { may: 'try', attempt: { name, user, address, device, counted: null } };
      }
      const key = sourceKey(name, address);
      const before = store.attempts.get(key);
      const begun = beginAttempt(before, this.rule(), now, this.#isBesieged(name, now));
      if (begun.may === 'wait') {
        refusals.note({ userId: user?.userId ?? null, address, code: 'DELAYED' }, null);
        return { may: 'wait', until: toUtcText(begun.until) };
      }
      store.attempts.put(key, begun.attempts, { known: user !== undefined });
      return { may: 'try', attempt: { name, user, address, device, counted: { before, after: begun.attempts } } };
    });
  }

  /** Within a transaction. */
  fail(attempt: LoginAttempt, code: string): void {
    const { user, address, device, name } = attempt;
    const userId = user?.userId ?? null;
    const siege = device === undefined ? this.#countAtName(name, userId) : [];
    this.own.refusals.note({ userId, address, code }, device === undefined ? null : userId, siege);
  }

  /** Within a transaction: the credentials were right. Only the own count is cleared. */
  succeed({ name, address, device, user }: LoginAttempt): void {
    if (user !== undefined) this.#pace.loggedIn(paceKey(user.userId, address), this.own.parts.clock.now());
    if (device === undefined) this.own.parts.store.attempts.forget(sourceKey(name, address));
  }

  /** Within a transaction: uncounts the attempt, which has neither failed nor succeeded. */
  giveBack({ name, address, user, device, counted }: LoginAttempt): void {
    const { attempts } = this.own.parts.store;
    if (device !== undefined) this.own.devices.count(device, -1);
    if (counted === null) return;
    const key = sourceKey(name, address);
    const now = attempts.get(key);
    const mine = now.notBefore === counted.after.notBefore;
    const notBefore = mine ? counted.before.notBefore : now.notBefore;
    attempts.put(key, { ...now, failures: now.failures - 1, notBefore }, { known: user !== undefined });
  }

  /** Whether wrong codes from unknown devices make a single code too weak a proof for this user. */
  needsTwoCodes({ user, device }: LoginAttempt): boolean {
    if (user === undefined || device !== undefined) return false;
    const { store, clock } = this.own.parts;
    const wrong = remembered(store.attempts.get(codeKey(user.userId)), this.#codeRule(), clock.now());
    return wrong.failures >= this.rule().limit;
  }

  /** Within a transaction: a wrong code after the right password. */
  failCode(attempt: LoginAttempt): void {
    const { user, device } = attempt;
    if (user !== undefined && device === undefined) {
      const { store, clock } = this.own.parts;
      const key = codeKey(user.userId);
      store.attempts.put(key, countFailure(store.attempts.get(key), this.#codeRule(), clock.now()), { known: true });
    }
    this.fail(attempt, 'BAD_SECOND_FACTOR');
  }

  /** Within a transaction: forgets what strangers tried at the name. True when new devices were delayed. */
  unlock(name: string, userId: string): boolean {
    const { attempts } = this.own.parts.store;
    const was = this.delayedUntil(name) !== null;
    attempts.forgetAll(nameDigest(foldName(name)));
    attempts.forget(codeKey(userId));
    return was;
  }

  /** The time until which new devices are delayed; null when they are not. */
  delayedUntil(name: string): UtcText | null {
    const { store, clock } = this.own.parts;
    const known = remembered(store.attempts.get(nameKey(foldName(name))), this.rule(), clock.now());
    if (known.lastAt === null || known.failures < this.rule().limit) return null;
    return toUtcText(plusMs(known.lastAt, this.rule().minutes * MINUTE_MS));
  }

  /** Deletes the oldest counts beyond the limit. To be called periodically. */
  tidy(): void {
    this.own.parts.store.bestEffort(() => this.own.parts.store.attempts.trim(MOST_COUNTS));
  }

  secondsUntil(until: UtcText): number {
    return Math.max(1, Math.ceil((parseUtcText(until) - this.own.parts.clock.now()) / 1000));
  }

  rule(): DelayRule {
    const { attemptLimit, lockoutMinutes } = this.own.parts.settings();
    return { limit: attemptLimit, minutes: lockoutMinutes };
  }

  #codeRule(): DelayRule {
    return { ...this.rule(), minutes: CODES_MINUTES };
  }

  #isBesieged(name: string, now: EpochMs): boolean {
    const rule = this.rule();
    return remembered(this.own.parts.store.attempts.get(nameKey(name)), rule, now).failures >= rule.limit;
  }

  /** UserLocked once, when the limit is reached. */
  #countAtName(name: string, userId: string | null): readonly AccessEvent[] {
    const { parts, refusals } = this.own;
    const rule = this.rule();
    const now = parts.clock.now();
    const counted = countFailure(parts.store.attempts.get(nameKey(name)), rule, now);
    parts.store.attempts.put(nameKey(name), counted, { known: userId !== null });
    if (userId === null || counted.failures !== rule.limit) return [];
    if (!refusals.takeOfStrangers(`UserLocked ${userId}`)) return [];
    const until = toUtcText(plusMs(now, rule.minutes * MINUTE_MS));
    return [{ type: 'UserLocked', data: { userId, until, failures: counted.failures } }];
  }
}

function sourceKey(name: string, address: string): string {
  return `${nameDigest(name)}${sha256Hex(`source:${sourceOf(address)}`).slice(0, HALF)}`;
}

/** The count over all sources. */
function nameKey(name: string): string {
  return `${nameDigest(name)}${sha256Hex('every source').slice(0, HALF)}`;
}

/** What the keys of a name begin with. */
function nameDigest(name: string): string {
  return sha256Hex(`name:${name}`).slice(0, HALF);
}

function codeKey(userId: string): string {
  return sha256Hex(`code:${userId}`);
}

const paceKey = (userId: string, address: string): string => `${userId} ${sourceOf(address)}`;
