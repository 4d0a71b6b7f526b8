import { sha256Hex } from '../../kernel/hash.js';
import {
  epochMs,
  isOver,
  MINUTE_MS,
  parseUtcText,
  plusMs,
  toUtcText,
  type EpochMs,
  type UtcText,
} from '../../kernel/time.js';
import type { EventData } from '../../events/event.js';
import { configError } from '../../kernel/errors.js';
import type { Secret } from '../../kernel/secret.js';
import type { LoginMethod, SessionBounds, StoredSession } from '../../ports/users.js';
import { ACCESS_ACTOR, type AccessLog } from './access-log.js';
import type { AccessParts } from './access-parts.js';
import { refuseOthersWithoutAuthority } from './authority.js';
import type { KnownDevices } from './devices.js';
import { principalOf, type Principal } from './principal.js';
import { RecentSessions, type Admission } from './recent-sessions.js';
import { belongTogether, newHalves, type SessionHalves } from './session-halves.js';

/** Even a busy session ends after a day; the user then logs in again. */
const SESSION_LIFE_MS = 24 * 60 * MINUTE_MS;
/** Per user; one more ends the oldest. */
const MOST_SESSIONS = 20;
/** Minimum interval between writes of the last use, so that a request rarely writes. */
const SEEN_STEP_MS = 30_000;
const SWEEP_PAGE = 200;

export type EndReason = EventData<'SessionEnded'>['reason'];

export interface NewSession {
  /** The cookie's value; the browser gets it once, only its hash is stored here. */
  readonly sessionId: Secret;
  readonly sessionRef: string;
  readonly csrfToken: string;
  readonly principal: Principal;
  readonly expiresAt: UtcText;
}

export interface SessionView {
  readonly sessionRef: string;
  /** Network address of the login. */
  readonly address: string;
  readonly method: LoginMethod;
  readonly createdAt: UtcText;
  readonly lastSeenAt: UtcText;
  readonly expiresAt: UtcText;
}

export type Authenticated =
  | ({ readonly ok: true } & Admission)
  | { readonly ok: false; readonly refusal: 'NO_SESSION' | 'SESSION_IDLE' | 'SESSION_EXPIRED' };

export function sessionHash(sessionId: Secret): string {
  return sha256Hex(`session:${sessionId.reveal()}`);
}

/** Server-side sessions (SEC-13). */
export class SessionService {
  readonly #recent: RecentSessions;

  constructor(
    private readonly parts: AccessParts,
    private readonly log: AccessLog,
    private readonly devices: KnownDevices,
  ) {
    this.#recent = new RecentSessions(parts);
  }

  /** The principal that both halves were let in as, while that still follows; undefined says nothing about them. */
  recall(halves: SessionHalves): Principal | undefined {
    return this.#recent.recall(halves);
  }

  /** For the next `recall`: only of halves that belong together. */
  remember(halves: SessionHalves, admission: Admission): void {
    this.#recent.keep(halves, admission);
  }

  /**
   * The principal of a cookie. Ends an expired session. `attended`: false for what an open page asks by itself, which is no use of
   * the session and does not keep it from ending.
   */
  async authenticate(sessionId: Secret, attended = true): Promise<Authenticated> {
    const { store, clock, records } = this.parts;
    const { stand, settings } = this.#recent.standing();
    const session = store.sessions.byHash(sessionHash(sessionId));
    if (session === undefined) return { ok: false, refusal: 'NO_SESSION' };
    const now = clock.now();
    const over = this.#overBecause(session, now);
    if (over !== undefined) {
      await this.#endNow(session, over);
      return { ok: false, refusal: over === 'idle' ? 'SESSION_IDLE' : 'SESSION_EXPIRED' };
    }
    const user = store.users.byId(session.userId);
    if (user === undefined || user.disabled) return { ok: false, refusal: 'NO_SESSION' };
    if (attended && now - parseUtcText(session.lastSeenAt) >= SEEN_STEP_MS) {
      store.bestEffort(() => store.sessions.seen(session.sessionRef, toUtcText(now)));
    }
    const as = { ref: session.sessionRef, role: user.role };
    const principal = principalOf('session', user, as, { settings, records });
    return { ok: true, principal, standing: { stand, settings, from: now, until: this.#judgedUntil(session, now) } };
  }

  /** Whether the token of a request belongs to its cookie: without it a session is none. */
  csrfMatches(sessionId: Secret, csrfToken: string): boolean {
    return belongTogether({ sessionId, csrfToken });
  }

  list(userId: string): readonly SessionView[] {
    const { store } = this.parts;
    return store.sessions.of(userId).map(({ sessionRef, addressId, method, createdAt, lastSeenAt, expiresAt }) => ({
      ...{ sessionRef, method, createdAt, lastSeenAt, expiresAt },
      address: store.addresses.addressOf(addressId) ?? 'unknown',
    }));
  }

  async logout(principal: Principal): Promise<void> {
    const session = this.#of(principal.userId, principal.ref);
    if (session !== undefined) await this.#endNow(session, 'logout', principal.actor);
  }

  /** Throws NO_SUCH_SESSION, NO_LONGER_ALLOWED. */
  async revoke(by: Principal, userId: string, sessionRef: string): Promise<void> {
    const { store } = this.parts;
    store.atomically(() => {
      refuseOthersWithoutAuthority(store, by, userId);
      const session = this.#of(userId, sessionRef);
      if (session === undefined) throw noSuchSession(sessionRef);
      this.endWithin(session, 'revoked', by.actor);
    });
    await this.log.flushIfItCan();
  }

  /**
   * Ends all sessions of a user but `except`, and forgets all known devices but `device`; returns the number of sessions.
   * Throws NO_LONGER_ALLOWED.
   */
  async revokeAll(
    by: Principal,
    userId: string,
    except: string | null = null,
    device: Secret | null = null,
  ): Promise<number> {
    const { store } = this.parts;
    const count = store.atomically(() => {
      refuseOthersWithoutAuthority(store, by, userId);
      this.devices.forgetAll(userId, device);
      return this.endAllOf(userId, 'revoked', { by: by.actor, except });
    });
    await this.log.flushIfItCan();
    return count;
  }

  /** Ends expired sessions, at most one page at a time; returns their number. To be called periodically. */
  async sweep(): Promise<number> {
    const { store, clock } = this.parts;
    const now = clock.now();
    const over = store.sessions.over(this.#bounds(now), SWEEP_PAGE);
    for (const session of over) this.#end(session, this.#overBecause(session, now) ?? 'expired', ACCESS_ACTOR);
    if (over.length > 0) await this.log.flushIfItCan();
    return over.length;
  }

  /** The number of open sessions of all users. */
  countOpen(): number {
    const { store, clock } = this.parts;
    const now = clock.now();
    return store.sessions.countOpen(this.#bounds(now));
  }

  /** Within `store.atomically`: a new session, which counts once the journal has its login. */
  begin(user: { readonly userId: string }, addressId: string, method: LoginMethod) {
    const { store, clock, random } = this.parts;
    const now = clock.now();
    const { sessionId, csrfToken } = newHalves(random);
    const sessionRef = random.id('S');
    const expiresAt = toUtcText(plusMs(now, SESSION_LIFE_MS));
    for (const old of store.sessions.of(user.userId).slice(MOST_SESSIONS - 1))
      this.endWithin(old, 'revoked', ACCESS_ACTOR);
    store.sessions.add({
      ...{ sessionRef, addressId, method, expiresAt, userId: user.userId },
      idHash: sessionHash(sessionId),
      createdAt: toUtcText(now),
      lastSeenAt: toUtcText(now),
    });
    this.log.note(
      user.userId,
      [{ type: 'LoginSucceeded', data: { userId: user.userId, sessionRef, addressId, method } }],
      { actor: `user:${user.userId}`, grants: sessionRef },
    );
    return { sessionId, csrfToken, sessionRef, expiresAt };
  }

  /** Within `store.atomically`: the same session under another cookie. */
  rotate(sessionRef: string): SessionHalves {
    const halves = newHalves(this.parts.random);
    this.parts.store.sessions.rotate(sessionRef, sessionHash(halves.sessionId));
    return halves;
  }

  /** Within `store.atomically`. */
  endAllOf(
    userId: string,
    reason: EndReason,
    { by, except }: { readonly by: Principal['actor']; readonly except: string | null },
  ): number {
    const sessions = this.parts.store.sessions.everyOf(userId).filter(({ sessionRef }) => sessionRef !== except);
    for (const session of sessions) this.endWithin(session, reason, by);
    return sessions.length;
  }

  /** Within `store.atomically`. A session that another process already ended is not recorded twice. */
  endWithin(
    { sessionRef, userId }: Pick<StoredSession, 'sessionRef' | 'userId'>,
    reason: EndReason,
    actor: Principal['actor'],
  ): void {
    if (!this.parts.store.sessions.remove(sessionRef)) return;
    this.log.note(userId, [{ type: 'SessionEnded', data: { userId, sessionRef, reason } }], { actor });
  }

  #of(userId: string, sessionRef: string): StoredSession | undefined {
    return this.parts.store.sessions.of(userId).find((session) => session.sessionRef === sessionRef);
  }

  /** Not for a revocation, which must hold also after a crash. */
  #end(session: StoredSession, reason: EndReason, actor: Principal['actor']): void {
    this.parts.store.bestEffort(() => this.endWithin(session, reason, actor));
  }

  async #endNow(session: StoredSession, reason: EndReason, actor: Principal['actor'] = ACCESS_ACTOR): Promise<void> {
    this.#end(session, reason, actor);
    await this.log.flushIfItCan();
  }

  /** What a session that counts lies within; one of a clock that was ahead does not. */
  #bounds(now: EpochMs): SessionBounds {
    const latest = plusMs(now, MINUTE_MS);
    return {
      seenAfter: toUtcText(this.#idleSince(now)),
      seenUntil: toUtcText(latest),
      expiresAfter: toUtcText(now),
      expiresUntil: toUtcText(plusMs(latest, SESSION_LIFE_MS)),
    };
  }

  /** When a session that counts now is over, or its last use has to be written. */
  #judgedUntil({ lastSeenAt, expiresAt }: StoredSession, now: EpochMs): EpochMs {
    const unwritten = Math.min(SEEN_STEP_MS, now - this.#idleSince(now));
    return epochMs(Math.min(parseUtcText(lastSeenAt) + unwritten, parseUtcText(expiresAt)));
  }

  #idleSince(now: EpochMs): EpochMs {
    return plusMs(now, -this.parts.settings().sessionTimeoutMinutes * MINUTE_MS);
  }

  #overBecause(session: StoredSession, now: EpochMs): 'idle' | 'expired' | undefined {
    if (isOver(parseUtcText(session.expiresAt), SESSION_LIFE_MS, now)) return 'expired';
    const idleMs = now - this.#idleSince(now);
    return isOver(plusMs(parseUtcText(session.lastSeenAt), idleMs), idleMs, now) ? 'idle' : undefined;
  }
}

function noSuchSession(sessionRef: string): Error {
  return configError({
    code: 'NO_SUCH_SESSION',
    message: `this user has no session ${sessionRef.slice(0, 64)}`,
    remedy: 'Reload the list of sessions; it may have expired.',
  });
}
