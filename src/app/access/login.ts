import { TradeBotError } from '../../kernel/errors.js';
import type { Secret } from '../../kernel/secret.js';
import { toUtcText } from '../../kernel/time.js';
import type { LoginMethod, StoredUser } from '../../ports/users.js';
import { ACCESS_ACTOR, type AccessLog } from './access-log.js';
import type { AccessParts } from './access-parts.js';
import type { KnownDevices } from './devices.js';
import type { FreshProofs } from './fresh-proofs.js';
import { principalOf } from './principal.js';
import type { Proofs, Refused, ShownAtLogin } from './proofs.js';
import type { Refusals } from './refusals.js';
import { sessionHash, type NewSession, type SessionService } from './sessions.js';

export interface LoginRequest extends ShownAtLogin {
  /** A cookie of the request: its session ends when this login succeeds. */
  readonly previous: Secret | null;
}

export type LoginResult =
  /** `device`: the cookie by which this device is known from now on. */
  { readonly ok: true; readonly session: NewSession; readonly device: Secret } | Refused;

export interface LoginServiceParts {
  readonly parts: AccessParts;
  readonly log: AccessLog;
  readonly proofs: Proofs;
  readonly devices: KnownDevices;
  readonly refusals: Refusals;
  readonly sessions: SessionService;
  readonly fresh: FreshProofs;
}

interface Admitted {
  readonly session: ReturnType<SessionService['begin']>;
  readonly device: Secret;
  readonly user: StoredUser;
}

/** Logs users in by password (SEC-13); needs neither the disk nor the journal: what they refuse now is recorded later. */
export class LoginService {
  constructor(private readonly own: LoginServiceParts) {}

  async login(request: LoginRequest): Promise<LoginResult> {
    const { parts, proofs } = this.own;
    // what cannot be read now leaves the rights as they were known
    await parts.records.refresh().catch(() => undefined);
    const result = await proofs.login(request, (...admitted) => this.#admit(request, ...admitted));
    if (!result.ok) return result;
    const { session, device, user } = result.value;
    await this.#confirm(session.sessionRef);
    await this.#endPrevious(request.previous);
    await this.#rehash(user, request.password);
    this.own.fresh.loggedIn(session.sessionRef, user.secondFactor);
    return { ok: true, session: this.#sessionOf(result.value), device };
  }

  /** Within the transaction of the proof. */
  #admit(request: LoginRequest, user: StoredUser, method: LoginMethod, address: string): Admitted {
    const { parts, sessions, devices, refusals } = this.own;
    parts.store.users.change(user.userId, { lastLoginAt: toUtcText(parts.clock.now()) });
    const device = devices.remember(user.userId, request.device);
    return { session: sessions.begin(user, refusals.addressId(address), method), device, user };
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
    const { sessionId, csrfToken, sessionRef, expiresAt } = settled.session;
    const as = { ref: sessionRef, role: settled.user.role };
    const { settings, records } = this.own.parts;
    const principal = principalOf('session', settled.user, as, { settings: settings(), records });
    return { sessionId, sessionRef, expiresAt, principal, csrfToken };
  }
}
