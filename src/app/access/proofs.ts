import { countFailure, remembered } from '../../domain/access/attempt-delay.js';
import { sha256Hex } from '../../kernel/hash.js';
import type { Secret } from '../../kernel/secret.js';
import { parseUtcText, isOver, toUtcText } from '../../kernel/time.js';
import type { LoginMethod, StoredToken, StoredUser } from '../../ports/users.js';
import { covers } from '../../domain/access/roles.js';
import type { AccessLog } from './access-log.js';
import type { AccessParts, SecretChecks } from './access-parts.js';
import type { AttemptBook, LoginAttempt } from './attempts.js';
import type { Principal } from './principal.js';
import type { ProofSource } from './proof-source.js';
import { badResetToken, codeNeeded, sessionEnded, wrongCode, wrongPassword, type Verdict } from './proof-verdicts.js';
import type { Refusals } from './refusals.js';
import { accessTokenHash, recoveryCodeHash, resetTokenHash } from './secret-hashes.js';
import type { SessionService } from './sessions.js';
import { knownUser } from './known-user.js';

/** BAD_CREDENTIALS for an unknown name, a wrong password and a disabled account alike. */
export type LoginRefusal =
  'BAD_CREDENTIALS' | 'SECOND_FACTOR_NEEDED' | 'BAD_SECOND_FACTOR' | 'TWO_CODES_NEEDED' | 'DELAYED';

export interface Refused {
  readonly ok: false;
  readonly refusal: LoginRefusal;
  /** Seconds until another attempt is allowed; null when it is allowed now. */
  readonly retryAfterSeconds: number | null;
}

/** What a person shows at the log-in. */
export interface ShownAtLogin extends ProofSource {
  readonly name: string;
  readonly password: Secret;
  /** Code of the second factor, two codes, or a recovery code; null when none was entered. */
  readonly code: string | null;
}

/** What the user of a session shows again. */
export interface ShownInSession {
  readonly password: Secret;
  /** Needed when a second factor is on. */
  readonly code: string | null;
}

/** The proof of a second factor, before it is consumed. */
type Proof = { readonly step: number } | { readonly recoveryHash: string };

export interface ProofsParts {
  readonly parts: AccessParts;
  readonly checks: SecretChecks;
  readonly log: AccessLog;
  readonly attempts: AttemptBook;
  readonly refusals: Refusals;
  readonly sessions: SessionService;
}

/**
 * The only place that checks a secret which a person or a script shows: passwords, codes, recovery codes, reset tokens and
 * personal access tokens. Nobody else has the functions for it, so no check goes uncounted or unrecorded (SEC-13).
 */
export class Proofs {
  constructor(private readonly own: ProofsParts) {}

  /**
   * Name, password and second factor of a log-in. `admit` runs in the transaction that consumes the proof, for the user as
   * they are then.
   */
  async login<T>(
    shown: ShownAtLogin,
    admit: (user: StoredUser, method: LoginMethod, address: string) => T,
  ): Promise<{ readonly ok: true; readonly value: T } | Refused> {
    const { parts, attempts, log } = this.own;
    const begun = attempts.begin(shown.name, shown);
    if (begun.may === 'wait') {
      await log.flushIfItCan();
      return { ok: false, refusal: 'DELAYED', retryAfterSeconds: attempts.secondsUntil(begun.until) };
    }
    const { attempt } = begun;
    const right = await this.#matches(attempt, shown.password);
    const settled = parts.store.bestEffort(() =>
      this.#settle(attempt, { right, code: shown.code?.trim() ?? '' }, admit),
    );
    if ('value' in settled) return { ok: true, value: settled.value };
    await log.flushIfItCan();
    return { ok: false, refusal: settled.out, retryAfterSeconds: null };
  }

  /**
   * The user of a session proves again who they are: password, and code when a second factor is on. Throws WRONG_PASSWORD,
   * SECOND_FACTOR_NEEDED, BAD_SECOND_FACTOR; the session ends with too many wrong ones.
   */
  async again(by: Principal, shown: ShownInSession, address: string): Promise<StoredUser> {
    return this.#inSession(by, address, async (user) => {
      const verdict = await this.#passwordOf(user, shown.password);
      if (!verdict.right || !user.secondFactor) return () => verdict;
      const code = shown.code?.trim() ?? '';
      if (code === '') throw codeNeeded();
      return () => this.#spend(user, code);
    });
  }

  /** The current password of the user of a session. Throws WRONG_PASSWORD; the session ends with too many wrong ones. */
  async password(by: Principal, password: Secret, address: string): Promise<StoredUser> {
    return this.#inSession(by, address, async (user) => {
      const verdict = await this.#passwordOf(user, password);
      return () => verdict;
    });
  }

  /**
   * A code of the second factor in a session. `then` runs in the transaction that consumes it. Throws BAD_SECOND_FACTOR; the
   * session ends with too many wrong ones.
   */
  async code(by: Principal, code: string, address: string, then: (user: StoredUser) => void): Promise<void> {
    const verify = async (user: StoredUser) => (): Verdict => {
      const verdict = this.#spend(user, code);
      if (verdict.right) then(user);
      return verdict;
    };
    await this.#inSession(by, address, verify, true);
  }

  /** The first code of a new secret: its time step. Throws BAD_SECOND_FACTOR; the session ends with too many wrong ones. */
  async firstCode(by: Principal, secret: Secret, code: string, address: string): Promise<number> {
    const step = this.#stepOf(secret, code);
    await this.#inSession(by, address, async () => () => (step === undefined ? wrongCode() : { right: true }));
    return step ?? 0;
  }

  /** The user of a password reset token, which stays valid. Throws BAD_RESET_TOKEN. */
  async resetToken(token: Secret, address: string): Promise<StoredUser> {
    const { parts, checks } = this.own;
    const owner = checks.resetTokens.ownerOf(resetTokenHash(token), toUtcText(parts.clock.now()));
    const user = owner === undefined ? undefined : parts.store.users.byId(owner);
    if (user !== undefined && !user.disabled) return user;
    await this.#refuse(null, 'BAD_RESET_TOKEN', address);
    throw badResetToken();
  }

  /** Consumes a password reset token: one of any concurrent callers succeeds. Throws BAD_RESET_TOKEN. */
  useResetToken(token: Secret): void {
    const { parts, checks } = this.own;
    if (!checks.resetTokens.use(resetTokenHash(token), toUtcText(parts.clock.now()))) throw badResetToken();
  }

  /** The user and the record of a personal access token. */
  async accessToken(
    token: Secret,
    address: string,
  ): Promise<
    | { readonly ok: true; readonly user: StoredUser; readonly token: StoredToken }
    | { readonly ok: false; readonly refusal: 'BAD_TOKEN' | 'TOKEN_EXPIRED' }
  > {
    const { parts, checks } = this.own;
    const found = checks.tokens.byHash(accessTokenHash(token));
    const user = found === undefined ? undefined : parts.store.users.byId(found.userId);
    if (found === undefined || user === undefined || user.disabled || !covers(user.role, found.role)) {
      await this.#refuse(user?.disabled === false ? user.userId : null, 'BAD_TOKEN', address);
      return { ok: false, refusal: 'BAD_TOKEN' };
    }
    const expiresAt = parseUtcText(found.expiresAt);
    if (isOver(expiresAt, expiresAt - parseUtcText(found.createdAt), parts.clock.now())) {
      await this.#refuse(user.userId, 'TOKEN_EXPIRED', address);
      return { ok: false, refusal: 'TOKEN_EXPIRED' };
    }
    return { ok: true, user, token: found };
  }

  async #matches(attempt: LoginAttempt, password: Secret): Promise<boolean> {
    const { parts, checks, attempts } = this.own;
    try {
      const priority = attempt.device === undefined ? 'stranger' : 'known';
      return await checks.passwords.matches(password, attempt.user?.passwordHash, priority);
    } catch (error) {
      // Too busy to check the password: it does not count as an attempt.
      parts.store.bestEffort(() => attempts.giveBack(attempt));
      throw error;
    }
  }

  /** Within `store.bestEffort`: decides on the user as it is now, because an admin may have been faster than bcrypt. */
  #settle<T>(
    attempt: LoginAttempt,
    shown: { readonly right: boolean; readonly code: string },
    admit: (user: StoredUser, method: LoginMethod, address: string) => T,
  ): { readonly value: T } | { readonly out: LoginRefusal } {
    const { parts, attempts } = this.own;
    const user = attempt.user === undefined ? undefined : parts.store.users.byId(attempt.user.userId);
    const same = user?.passwordHash.reveal() === attempt.user?.passwordHash.reveal();
    if (user === undefined || !shown.right || !same || user.disabled) {
      attempts.fail(attempt, user?.disabled === true && shown.right ? 'USER_DISABLED' : 'BAD_CREDENTIALS');
      return { out: 'BAD_CREDENTIALS' };
    }
    if (user.secondFactor) {
      const out = this.#settleCode(attempt, user, shown.code);
      if (out !== undefined) return { out };
    }
    attempts.succeed(attempt);
    return { value: admit(user, user.secondFactor ? 'password+totp' : 'password', attempt.address) };
  }

  #settleCode(attempt: LoginAttempt, user: StoredUser, code: string): LoginRefusal | undefined {
    const { attempts, checks } = this.own;
    const out =
      code === ''
        ? 'SECOND_FACTOR_NEEDED'
        : attempts.needsTwoCodes(attempt) && checks.codes.parse(code)?.kind === 'one'
          ? 'TWO_CODES_NEEDED'
          : undefined;
    if (out !== undefined) {
      // no code was checked: neither a failure nor a success
      attempts.giveBack(attempt);
      this.own.refusals.note({ userId: user.userId, address: attempt.address, code: out }, null);
      return out;
    }
    if (this.#spend(user, code).right) return undefined;
    attempts.failCode(attempt);
    return 'BAD_SECOND_FACTOR';
  }

  /**
   * Counts a check in a session before it is made; `verify` returns what is decided in the transaction; `mustLast`: it changes what a full disk refuses. From the limit on the
   * session ends: a stolen one cannot guess on, and its user logs in again.
   */
  async #inSession(
    by: Principal,
    address: string,
    verify: (user: StoredUser) => Promise<() => Verdict>,
    mustLast = false,
  ): Promise<StoredUser> {
    const { parts, refusals, sessions, attempts, log } = this.own;
    const { store, clock } = parts;
    const key = sha256Hex(`session:${by.ref}`);
    const rule = attempts.rule();
    const before = store.attempts.get(key);
    if (remembered(before, rule, clock.now()).failures >= rule.limit) throw sessionEnded();
    const counted = countFailure(before, rule, clock.now());
    const takeBack = (): void => {
      const now = store.attempts.get(key);
      store.attempts.put(key, { ...now, failures: now.failures - 1 }, { known: true });
    };
    store.bestEffort(() => store.attempts.put(key, counted, { known: true }));
    const user = knownUser(store, by.userId);
    let decide: () => Verdict;
    try {
      decide = await verify(user);
    } catch (error) {
      store.bestEffort(takeBack);
      throw error;
    }
    const settle = (): Verdict => {
      const found = decide();
      if (found.right) store.attempts.forget(key);
      else {
        refusals.note({ userId: by.userId, address, code: found.code }, by.userId);
        if (counted.failures >= rule.limit) {
          sessions.endWithin({ sessionRef: by.ref, userId: by.userId }, 'revoked', 'system:access');
        }
      }
      return found;
    };
    const verdict = mustLast ? store.atomically(settle) : store.bestEffort(settle);
    if (verdict.right) return user;
    await log.flushIfItCan();
    throw verdict.error;
  }

  async #passwordOf(user: StoredUser, password: Secret): Promise<Verdict> {
    const right = await this.own.checks.passwords.matches(password, user.passwordHash, 'known');
    return right ? { right } : wrongPassword();
  }

  /** Within a transaction: consumes a code or a recovery code, for one caller only. */
  #spend(user: StoredUser, code: string): Verdict {
    const { users } = this.own.checks;
    const proof = this.#proofOf(user, code);
    if (proof === undefined) return wrongCode();
    const right =
      'step' in proof
        ? users.useCodeStep(user.userId, proof.step)
        : users.useRecoveryCode(user.userId, proof.recoveryHash);
    return right ? { right } : wrongCode();
  }

  #proofOf(user: StoredUser, code: string): Proof | undefined {
    const secret = this.own.checks.secondFactors.get(user.userId);
    const step = secret === undefined ? undefined : this.#stepOf(secret, code);
    if (step !== undefined) return { step };
    return code.includes('-') ? { recoveryHash: recoveryCodeHash(code) } : undefined;
  }

  #stepOf(secret: Secret, code: string): number | undefined {
    const { codes } = this.own.checks;
    const typed = codes.parse(code);
    return typed === undefined ? undefined : codes.stepOf(secret, typed);
  }

  async #refuse(userId: string | null, code: string, address: string): Promise<void> {
    this.own.parts.store.bestEffort(() => this.own.refusals.note({ userId, address, code }, null));
    await this.own.log.flushIfItCan();
  }
}
