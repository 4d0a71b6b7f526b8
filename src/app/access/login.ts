import { foldAddress, networkOf } from '../../domain/access/address.js';
import { TradeBotError } from '../../kernel/errors.js';
import type { Secret } from '../../kernel/secret.js';
import { toUtcText } from '../../kernel/time.js';
import type { StoredUser } from '../../ports/users.js';
import { ACCESS_ACTOR, type AccessLog } from './access-log.js';
import type { AccessParts } from './access-parts.js';
import type { Attempt, AttemptBook } from './attempts.js';
import type { FreshProofs } from './fresh-proofs.js';
import { principalOf } from './principal.js';
import type { Proof, SecondFactorService } from './second-factor.js';
import { csrfTokenOf, sessionHash, type NewSession, type SessionService } from './sessions.js';

export interface LoginRequest {
  readonly name: string;
  readonly password: Secret;
  /** Code of the second factor, or a recovery code; null when none was entered. */
  readonly code: string | null;
  /** Network address of the caller. */
  readonly address: string;
  /** A cookie of the request: its session ends when this login succeeds. */
  readonly previous: Secret | null;
}

/** BAD_CREDENTIALS for an unknown name, a wrong password and a disabled account alike. */
export type LoginRefusal = 'BAD_CREDENTIALS' | 'SECOND_FACTOR_NEEDED' | 'BAD_SECOND_FACTOR' | 'LOCKED' | 'THROTTLED';

export type LoginResult =
  | { readonly ok: true; readonly session: NewSession }
  /** Seconds until another attempt is allowed; null when it is allowed now. */
  | { readonly ok: false; readonly refusal: LoginRefusal; readonly retryAfterSeconds: number | null };

export interface LoginServiceParts {
  readonly parts: AccessParts;
  readonly log: AccessLog;
  readonly attempts: AttemptBook;
  readonly sessions: SessionService;
  readonly secondFactor: SecondFactorService;
  readonly proofs: FreshProofs;
}

/** Different names that may fail from one address before it must wait. */
const NAMES_OF_AN_ADDRESS = 3;

interface Admitted {
  readonly in: ReturnType<SessionService['begin']>;
  readonly user: StoredUser;
}
type Settled = Admitted | { readonly out: LoginRefusal };

/** Logs users in by password (SEC-13); needs neither the disk nor the journal: what they refuse now is recorded later. */
export class LoginService {
  constructor(private readonly own: LoginServiceParts) {}

  async login(request: LoginRequest): Promise<LoginResult> {
    const { parts, log, attempts } = this.own;
    // what cannot be read now leaves the rights as they were known
    await parts.records.refresh().catch(() => undefined);
    const address = foldAddress(request.address);
    const throttled = await this.#throttle(address);
    if (throttled !== undefined) return throttled;
    const begun = attempts.begin(request.name, address);
    if (begun.may === 'wait') {
      await log.flushIfItCan();
      return { ok: false, refusal: 'LOCKED', retryAfterSeconds: attempts.secondsUntil(begun.until) };
    }
    const { attempt } = begun;
    const right = await this.#matches(attempt, request.password);
    const code = request.code?.trim() ?? '';
    const proof = right && attempt.user !== undefined ? this.#proofOf(attempt.user, code) : undefined;
    const settled = parts.store.bestEffort(() => this.#settle(attempt, { right, proof, typed: code !== '' }));
    if ('out' in settled) {
      await log.flushIfItCan();
      return { ok: false, refusal: settled.out, retryAfterSeconds: null };
    }
    await this.#confirm(settled.in.sessionRef);
    await parts.throttle.giveBack(networkOf(address));
    await this.#endPrevious(request.previous);
    await this.#rehash(settled.user, request.password);
    this.own.proofs.loggedIn(settled.in.sessionRef, settled.user.secondFactor);
    return { ok: true, session: this.#sessionOf(settled) };
  }

  async #throttle(address: string): Promise<LoginResult | undefined> {
    const { parts, log, attempts } = this.own;
    const { attemptLimit, lockoutMinutes } = parts.settings();
    const rule = { limit: attemptLimit * NAMES_OF_AN_ADDRESS, windowSeconds: lockoutMinutes * 60 };
    const { waitSeconds, firstOver } = await parts.throttle.take(networkOf(address), rule);
    if (waitSeconds === 0) return undefined;
    if (firstOver) {
      // Once per window: an attack must not fill the journal.
      parts.store.bestEffort(() => {
        const data = { userId: null, addressId: attempts.addressId(address), code: 'THROTTLED' };
        log.note(null, [{ type: 'LoginFailed', data }], { actor: ACCESS_ACTOR });
      });
      await log.flushIfItCan();
    }
    return { ok: false, refusal: 'THROTTLED', retryAfterSeconds: waitSeconds };
  }

  async #matches(attempt: Attempt, password: Secret): Promise<boolean> {
    const { parts, attempts } = this.own;
    try {
      return await parts.passwords.matches(password, attempt.user?.passwordHash);
    } catch (error) {
      // Too busy to check the password: it does not count as an attempt.
      parts.store.bestEffort(() => attempts.giveBack(attempt));
      throw error;
    }
  }

  #proofOf(user: StoredUser, code: string): Proof | undefined {
    return user.secondFactor && code !== '' ? this.own.secondFactor.proofOf(user, code) : undefined;
  }

  /** Within `store.bestEffort`: decides on the user as it is now, because an admin may have been faster than bcrypt. */
  #settle(
    attempt: Attempt,
    shown: { readonly right: boolean; readonly proof: Proof | undefined; readonly typed: boolean },
  ): Settled {
    const { parts, attempts, sessions, secondFactor } = this.own;
    const user = attempt.user === undefined ? undefined : parts.store.users.byId(attempt.user.userId);
    const same = user?.passwordHash.reveal() === attempt.user?.passwordHash.reveal();
    if (user === undefined || !shown.right || !same || user.disabled) {
      attempts.fail(attempt, user?.disabled === true && shown.right ? 'USER_DISABLED' : 'BAD_CREDENTIALS');
      return { out: 'BAD_CREDENTIALS' };
    }
    if (user.secondFactor && !shown.typed) {
      attempts.giveBack(attempt);
      attempts.fail({ ...attempt, lockedUntil: null }, 'SECOND_FACTOR_NEEDED');
      return { out: 'SECOND_FACTOR_NEEDED' };
    }
    if (user.secondFactor && (shown.proof === undefined || !secondFactor.use(user.userId, shown.proof))) {
      attempts.fail(attempt, 'BAD_SECOND_FACTOR');
      return { out: 'BAD_SECOND_FACTOR' };
    }
    attempts.succeed(attempt);
    parts.store.users.change(user.userId, { lastLoginAt: toUtcText(parts.clock.now()) });
    const method = user.secondFactor ? 'password+totp' : 'password';
    return { in: sessions.begin(user, attempt.addressId, method), user };
  }

  /** The session counts once the journal has the login, or has refused it: its event then waits for the next flush. */
  async #confirm(sessionRef: string): Promise<void> {
    const { parts, log } = this.own;
    try {
      await log.flush();
    } catch {
      parts.store.bestEffort(() => parts.store.outbox.grantNow(sessionRef));
    }
  }

  async #endPrevious(previous: Secret | null): Promise<void> {
    const { parts, log, sessions } = this.own;
    const session = previous === null ? undefined : parts.store.sessions.byHash(sessionHash(previous));
    if (session === undefined) return;
    parts.store.bestEffort(() => sessions.endWithin(session, 'logout', `user:${session.userId}`));
    await log.flushIfItCan();
  }

  /** The cost has increased since this password was hashed: it is known now, so it is hashed again. */
  async #rehash(user: StoredUser, password: Secret): Promise<void> {
    const { parts, log } = this.own;
    const { userId, passwordHash: old } = user;
    if (!parts.passwords.isOutdated(old)) return;
    const fresh = await this.#freshHash(password);
    if (fresh === undefined) return;
    parts.store.bestEffort(() => {
      if (parts.store.users.byId(userId)?.passwordHash.reveal() !== old.reveal()) return;
      parts.store.users.change(userId, { passwordHash: fresh });
      log.note(userId, [{ type: 'PasswordChanged', data: { userId, how: 'rehash' } }], { actor: ACCESS_ACTOR });
    });
    await log.flushIfItCan();
  }

  /** Undefined when there is no time now: the next login tries again. */
  async #freshHash(password: Secret): Promise<Secret | undefined> {
    try {
      return await this.own.parts.passwords.hash(password);
    } catch (error) {
      if (error instanceof TradeBotError && error.callerMust === 'retry') return undefined;
      throw error;
    }
  }

  #sessionOf(settled: Admitted): NewSession {
    const { sessionId, sessionRef, expiresAt } = settled.in;
    const as = { ref: sessionRef, role: settled.user.role };
    const principal = principalOf('session', settled.user, as, this.own.parts.settings());
    return { sessionId, sessionRef, expiresAt, principal, csrfToken: csrfTokenOf(sessionId) };
  }
}
