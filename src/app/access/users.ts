import { parseEmail, parseUserName } from '../../domain/access/names.js';
import type { Role } from '../../domain/access/roles.js';
import { configError } from '../../kernel/errors.js';
import type { Secret } from '../../kernel/secret.js';
import { toUtcText, type UtcText } from '../../kernel/time.js';
import type { Actor, EventData } from '../../events/event.js';
import type { StoredUser, UserStore } from '../../ports/users.js';
import type { AccessLog } from './access-log.js';
import type { AccessParts } from './access-parts.js';
import type { AttemptBook } from './attempts.js';
import { hashNewPassword } from './new-password.js';
import type { Principal } from './principal.js';
import type { SessionService } from './sessions.js';
import type { TokenService } from './tokens.js';

export interface NewUser {
  readonly name: string;
  readonly email: string | null;
  readonly password: Secret;
}

/** A user as admins see it; no hash. */
export interface UserView {
  readonly userId: string;
  readonly name: string;
  readonly email: string | null;
  readonly role: Role;
  readonly disabled: boolean;
  readonly secondFactor: boolean;
  readonly lockedUntil: UtcText | null;
  readonly createdAt: UtcText;
  readonly lastLoginAt: UtcText | null;
}

export interface UserServiceParts {
  readonly parts: AccessParts;
  readonly log: AccessLog;
  readonly attempts: AttemptBook;
  readonly sessions: SessionService;
  readonly tokens: TokenService;
}

/** Throws NO_SUCH_USER. */
export function knownUser(store: Pick<UserStore, 'users'>, userId: string): StoredUser {
  const user = store.users.byId(userId);
  if (user !== undefined) return user;
  throw configError({
    code: 'NO_SUCH_USER',
    message: `there is no user ${userId.slice(0, 64)}`,
    remedy: 'Take the id from the list of users.',
  });
}

/** Accounts and their roles (SEC-10..12). Who may call what is for the guards; what must never be is refused here. */
export class UserService {
  constructor(private readonly own: UserServiceParts) {}

  get isEmpty(): boolean {
    return this.own.parts.store.users.count() === 0;
  }

  list(): readonly UserView[] {
    return this.own.parts.store.users.list().map((user) => this.#view(user));
  }

  view(userId: string): UserView {
    return this.#view(knownUser(this.own.parts.store, userId));
  }

  /**
   * The first account, an admin; of two at once one gets it. Throws REGISTRATION_OVER when there is a user, USERS_LOST when
   * the journal knows of users that the database has not.
   */
  async registerFirst(user: NewUser): Promise<UserView> {
    const { parts } = this.own;
    if (!this.isEmpty) throw registrationOver();
    const known = await parts.journal.readAll({ limit: 1, filter: { types: ['UserRegistered'] } });
    if (known.length > 0) throw usersLost();
    return this.#add(user, 'admin', null);
  }

  /** `role`: DEFAULT_USER_ROLE when left out. Throws USER_NAME_TAKEN, EMAIL_TAKEN and what the password may be refused for. */
  create(by: Principal, user: NewUser, role?: Role): Promise<UserView> {
    return this.#add(user, role ?? this.own.parts.settings().defaultRole, by.actor);
  }

  /** Ends the user's sessions: a role is never changed under one. Throws LAST_ADMIN. */
  async changeRole(by: Principal, userId: string, to: Role): Promise<UserView> {
    const { parts, log, sessions } = this.own;
    parts.store.atomically(() => {
      const user = knownUser(parts.store, userId);
      if (user.role === to) return;
      this.#refuseLastAdmin(user);
      parts.store.users.change(userId, { role: to });
      log.note(userId, [{ type: 'UserRoleChanged', data: { userId, from: user.role, to } }], by);
      sessions.endAllOf(userId, 'role-changed', { by: by.actor, except: null });
    });
    await log.flush();
    return this.view(userId);
  }

  /** Ends sessions and tokens. Throws LAST_ADMIN. */
  async disable(by: Principal, userId: string, reason: string): Promise<UserView> {
    const { parts, log, sessions, tokens } = this.own;
    parts.store.atomically(() => {
      const user = knownUser(parts.store, userId);
      if (user.disabled) return;
      this.#refuseLastAdmin(user);
      parts.store.users.change(userId, { disabled: true });
      log.note(userId, [{ type: 'UserDisabled', data: { userId, reason } }], by);
      sessions.endAllOf(userId, 'user-disabled', { by: by.actor, except: null });
      tokens.revokeAllOf(userId, by.actor);
    });
    await log.flush();
    return this.view(userId);
  }

  async enable(by: Principal, userId: string, reason: string): Promise<UserView> {
    const { parts, log } = this.own;
    parts.store.atomically(() => {
      if (!knownUser(parts.store, userId).disabled) return;
      parts.store.users.change(userId, { disabled: false });
      log.note(userId, [{ type: 'UserEnabled', data: { userId, reason } }], by);
    });
    await log.flush();
    return this.view(userId);
  }

  /** Ends a lock before its time; without one it clears the count of failures and tells nothing. */
  async unlock(by: Principal, userId: string, reason: string): Promise<UserView> {
    const { parts, log, attempts } = this.own;
    parts.store.atomically(() => {
      const { name } = knownUser(parts.store, userId);
      if (attempts.unlock(name)) log.note(userId, [{ type: 'UserUnlocked', data: { userId, reason } }], by);
    });
    await log.flush();
    return this.view(userId);
  }

  /** By an admin, for a user who cannot get in. Ends the user's sessions. */
  async setPassword(by: Principal, userId: string, password: Secret): Promise<void> {
    const user = knownUser(this.own.parts.store, userId);
    await this.putHash(user, await this.#hashFor(user, password), { how: 'by-admin', actor: by.actor });
  }

  /**
   * By the user, with the old one. Every other session ends, and the own one goes on under the cookie that this gives.
   * Throws WRONG_PASSWORD and, after too many, LOGIN_LOCKED: it is counted with the logins of the name.
   */
  async changePassword(
    by: Principal,
    change: { readonly current: Secret; readonly next: Secret; readonly address: string },
  ): Promise<Secret> {
    const { parts, log, attempts, sessions } = this.own;
    const user = knownUser(parts.store, by.userId);
    const begun = attempts.begin(user.name, change.address);
    if (begun.may === 'wait') {
      await log.flush();
      throw locked(begun.until);
    }
    const right = await parts.passwords.matches(change.current, user.passwordHash);
    parts.store.atomically(() =>
      right ? attempts.succeed(begun.attempt) : attempts.fail(begun.attempt, 'WRONG_PASSWORD'),
    );
    await log.flush();
    if (!right) throw wrongPassword();
    const next = await this.#hashFor(user, change.next);
    await this.putHash(user, next, { how: 'by-user', actor: by.actor, keep: by.ref });
    return parts.store.atomically(() => sessions.rotate(by.ref));
  }

  /** A new password, checked and hashed already; sessions end but `keep`. */
  async putHash(
    { userId, name }: StoredUser,
    passwordHash: Secret,
    as: { readonly how: EventData<'PasswordChanged'>['how']; readonly actor: Actor; readonly keep?: string },
  ): Promise<void> {
    const { parts, log, sessions, attempts } = this.own;
    parts.store.atomically(() => {
      parts.store.users.change(userId, { passwordHash });
      log.note(userId, [{ type: 'PasswordChanged', data: { userId, how: as.how } }], as);
      sessions.endAllOf(userId, 'password-changed', { by: as.actor, except: as.keep ?? null });
      attempts.unlock(name);
    });
    await log.flush();
  }

  #hashFor({ name, email }: Pick<StoredUser, 'name' | 'email'>, password: Secret): Promise<Secret> {
    return hashNewPassword(this.own.parts.passwords, password, [name, ...(email === null ? [] : [email])]);
  }

  async #add(user: NewUser, role: Role, by: Actor | null): Promise<UserView> {
    const { parts, log } = this.own;
    const name = parseUserName(user.name);
    const email = parseEmail(user.email);
    await log.flush();
    const passwordHash = await this.#hashFor({ name, email }, user.password);
    const userId = parts.random.id('U');
    parts.store.atomically(() => {
      if (by === null && !this.isEmpty) throw registrationOver();
      const fresh = { secondFactor: false, disabled: false, codeStep: 0, lastLoginAt: null };
      const createdAt = toUtcText(parts.clock.now());
      parts.store.users.add({ userId, name, email, passwordHash, role, createdAt, ...fresh });
      log.note(userId, [{ type: 'UserRegistered', data: { userId, role, first: by === null } }], {
        actor: by ?? `user:${userId}`,
      });
    });
    await log.flush();
    return this.view(userId);
  }

  #view({ passwordHash: _hash, codeStep: _step, ...user }: StoredUser): UserView {
    return { ...user, lockedUntil: this.own.attempts.lockedUntil(user.name) };
  }

  /** Within `store.atomically`; the database refuses it too. */
  #refuseLastAdmin(user: StoredUser): void {
    if (user.role !== 'admin' || user.disabled || this.own.parts.store.users.activeAdmins() > 1) return;
    throw configError({
      code: 'LAST_ADMIN',
      message: `${user.name} is the only admin who can log in`,
      remedy: 'Make another user an admin first.',
    });
  }
}

function registrationOver(): Error {
  return configError({
    code: 'REGISTRATION_OVER',
    message: 'the first account was made already',
    remedy: 'Log in, or ask an admin for an account.',
  });
}

function usersLost(): Error {
  return configError({
    code: 'USERS_LOST',
    message: "the journal knows of users, but the users' database has none",
    remedy: "Put the users' database of the last backup in its place; nobody is registered over lost accounts.",
  });
}

function wrongPassword(): Error {
  return configError({
    code: 'WRONG_PASSWORD',
    message: 'the current password is not right',
    remedy: 'Type the password that you log in with.',
  });
}

function locked(until: UtcText): Error {
  return configError({
    code: 'LOGIN_LOCKED',
    message: `too many attempts failed; the next counts from ${until}`,
    remedy: 'Wait, or ask an admin to unlock the account.',
    details: { until },
  });
}
