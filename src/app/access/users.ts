import { foldName, parseEmail, parseUserName } from '../../domain/access/names.js';
import type { Role } from '../../domain/access/roles.js';
import { configError, type TradeBotError } from '../../kernel/errors.js';
import type { Secret } from '../../kernel/secret.js';
import { toUtcText, type UtcText } from '../../kernel/time.js';
import type { Actor, EventData } from '../../events/event.js';
import type { StoredUser } from '../../ports/users.js';
import type { AccessLog } from './access-log.js';
import type { AccessParts } from './access-parts.js';
import type { AttemptBook } from './attempts.js';
import { refuseOwnAccount, refuseWithoutAuthority } from './authority.js';
import type { KnownDevices } from './devices.js';
import { knownUser } from './known-user.js';
import { hashNewPassword } from './new-password.js';
import { newUserFaults, type NewUser } from './new-user.js';
import type { Principal } from './principal.js';
import type { ProofSource } from './proof-source.js';
import type { SessionHalves } from './session-halves.js';
import type { SessionService } from './sessions.js';
import type { TokenService } from './tokens.js';

/** A user as admins see it, without the hash. */
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

/** How a new password came about. */
interface NewHash {
  readonly how: EventData<'PasswordChanged'>['how'];
  readonly actor: Actor;
  /** Reference of a session that stays. */
  readonly keep?: string;
  /** The user replaces it at the next log-in. */
  readonly oneTime?: true;
  /** Run in the transaction; what it throws stops the change. */
  readonly check?: () => void;
}

export interface UserServiceParts {
  readonly parts: AccessParts;
  readonly log: AccessLog;
  readonly attempts: AttemptBook;
  readonly devices: KnownDevices;
  readonly passwordOf: (by: Principal, password: Secret, address: string) => Promise<StoredUser>;
  readonly sessions: SessionService;
  readonly tokens: TokenService;
}

/**
 * Accounts and their roles (SEC-10..12). The guards decide who may call what; changes that are never allowed are
 * refused here.
 */
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

  /** Every fault of a new account at once; what is left out is not judged. */
  faultsOf(user: Partial<NewUser>): readonly TradeBotError[] {
    return newUserFaults(this.own.parts.passwords, user);
  }

  /**
   * The first account, an admin; of two concurrent calls one succeeds. Throws REGISTRATION_OVER when there is a user,
   * USERS_LOST when the journal knows users that the database does not have.
   */
  async registerFirst(user: NewUser): Promise<UserView> {
    const { parts } = this.own;
    if (!this.isEmpty) throw registrationOver();
    const known = await parts.journal.readAll({ limit: 1, filter: { types: ['UserRegistered'] } });
    if (known.length > 0) throw usersLost();
    return this.#add(user, 'admin', null);
  }

  /**
   * With a password that the user replaces at the first log-in. `role`: DEFAULT_USER_ROLE when left out. Throws USER_NAME_TAKEN, EMAIL_TAKEN and the errors of an invalid password.
   */
  create(by: Principal, user: NewUser, role?: Role): Promise<UserView> {
    return this.#add(user, role ?? this.own.parts.settings().defaultRole, by);
  }

  /** Ends the user's sessions, and tokens beyond the new role: a role never changes during a session. Throws LAST_ADMIN,
   * OWN_ACCOUNT, NO_LONGER_ALLOWED. */
  async changeRole(by: Principal, userId: string, to: Role): Promise<UserView> {
    const { parts, log, sessions, tokens } = this.own;
    refuseOwnAccount(by, userId);
    parts.store.atomically(() => {
      refuseWithoutAuthority(parts.store, by);
      const user = knownUser(parts.store, userId);
      if (user.role === to) return;
      this.#refuseLastAdmin(user);
      parts.store.users.change(userId, { role: to });
      log.note(userId, [{ type: 'UserRoleChanged', data: { userId, from: user.role, to } }], by);
      sessions.endAllOf(userId, 'role-changed', { by: by.actor, except: null });
      tokens.revokeAbove(userId, to, by.actor);
    });
    await log.flush();
    return this.view(userId);
  }

  /** Ends sessions and tokens. Throws LAST_ADMIN, OWN_ACCOUNT, NO_LONGER_ALLOWED. */
  async disable(by: Principal, userId: string, reason: string): Promise<UserView> {
    const { parts, log } = this.own;
    refuseOwnAccount(by, userId);
    parts.store.atomically(() => {
      refuseWithoutAuthority(parts.store, by);
      this.#disable(userId, reason, by);
    });
    await log.flush();
    return this.view(userId);
  }

  /** By the user: the own account is disabled, never the last admin's. `confirm`: the own name. Throws NOT_CONFIRMED, LAST_ADMIN. */
  async closeOwn(by: Principal, confirm: string): Promise<void> {
    const { parts, log } = this.own;
    parts.store.atomically(() => {
      const { name } = knownUser(parts.store, by.userId);
      if (foldName(confirm) !== name) throw notConfirmed(name);
      this.#disable(by.userId, 'closed by the user', by);
    });
    await log.flush();
  }

  async enable(by: Principal, userId: string, reason: string): Promise<UserView> {
    const { parts, log } = this.own;
    parts.store.atomically(() => {
      refuseWithoutAuthority(parts.store, by);
      if (!knownUser(parts.store, userId).disabled) return;
      parts.store.users.change(userId, { disabled: false });
      log.note(userId, [{ type: 'UserEnabled', data: { userId, reason } }], by);
    });
    await log.flush();
    return this.view(userId);
  }

  /** Ends a lock early; without a lock it clears the failure count and records nothing. */
  async unlock(by: Principal, userId: string, reason: string): Promise<UserView> {
    const { parts, log, attempts } = this.own;
    parts.store.atomically(() => {
      refuseWithoutAuthority(parts.store, by);
      const { name } = knownUser(parts.store, userId);
      if (attempts.unlock(name, userId)) log.note(userId, [{ type: 'UserUnlocked', data: { userId, reason } }], by);
    });
    await log.flush();
    return this.view(userId);
  }

  /**
   * By an admin, for a user who cannot log in: the user replaces it at the next log-in. Ends the user's sessions and tokens.
   * Throws OWN_ACCOUNT, NO_LONGER_ALLOWED.
   */
  async setPassword(by: Principal, userId: string, password: Secret): Promise<void> {
    const { store } = this.own.parts;
    refuseOwnAccount(by, userId);
    const user = knownUser(store, userId);
    const passwordHash = await this.#hashFor(user, password);
    const check = (): void => refuseWithoutAuthority(store, by);
    await this.putHash(user, passwordHash, { how: 'by-admin', actor: by.actor, oneTime: true, check });
  }

  /**
   * By the user, with the old password. Every other session ends, and the current one continues under the returned
   * cookie. Throws WRONG_PASSWORD; the session ends with too many wrong ones.
   */
  async changePassword(
    by: Principal,
    change: { readonly current: Secret; readonly next: Secret } & ProofSource,
  ): Promise<SessionHalves & { readonly device: Secret }> {
    const { parts, log, sessions, devices } = this.own;
    const user = await this.own.passwordOf(by, change.current, change.address);
    await log.flush();
    const next = await this.#hashFor(user, change.next);
    await this.putHash(user, next, { how: 'by-user', actor: by.actor, keep: by.ref });
    return parts.store.atomically(() => ({
      ...sessions.rotate(by.ref),
      device: devices.remember(user.userId, change.device),
    }));
  }

  /** Stores a new, checked and hashed password; in the same transaction all sessions but `keep` and all tokens end. */
  async putHash({ userId, name }: StoredUser, passwordHash: Secret, as: NewHash): Promise<void> {
    const { parts, log, sessions, tokens, attempts, devices } = this.own;
    parts.store.atomically(() => {
      as.check?.();
      parts.store.users.change(userId, { passwordHash });
      devices.forgetAll(userId, null);
      const oneTime = as.oneTime === true ? { oneTime: true } : {};
      log.note(userId, [{ type: 'PasswordChanged', data: { userId, how: as.how, ...oneTime } }], as);
      sessions.endAllOf(userId, 'password-changed', { by: as.actor, except: as.keep ?? null });
      tokens.revokeAllOf(userId, 'password-changed', as.actor);
      attempts.unlock(name, userId);
    });
    await log.flush();
  }

  #hashFor({ name, email }: Pick<StoredUser, 'name' | 'email'>, password: Secret): Promise<Secret> {
    return hashNewPassword(this.own.parts.passwords, password, [name, ...(email === null ? [] : [email])]);
  }

  async #add(user: NewUser, role: Role, by: Principal | null): Promise<UserView> {
    const { parts, log } = this.own;
    const name = parseUserName(user.name);
    const email = parseEmail(user.email);
    await log.flush();
    const passwordHash = await this.#hashFor({ name, email }, user.password);
    const userId = parts.random.id('U');
    parts.store.atomically(() => {
      if (by !== null) refuseWithoutAuthority(parts.store, by);
      else if (!this.isEmpty) throw registrationOver();
      const fresh = { secondFactor: false, disabled: false, codeStep: 0, lastLoginAt: null };
      const createdAt = toUtcText(parts.clock.now());
      parts.store.users.add({ userId, name, email, passwordHash, role, createdAt, ...fresh });
      const oneTime = by === null ? {} : { oneTimePassword: true };
      log.note(userId, [{ type: 'UserRegistered', data: { userId, role, first: by === null, ...oneTime } }], {
        actor: by?.actor ?? `user:${userId}`,
      });
    });
    await log.flush();
    return this.view(userId);
  }

  #view({ passwordHash: _hash, codeStep: _step, ...user }: StoredUser): UserView {
    return { ...user, lockedUntil: this.own.attempts.delayedUntil(user.name) };
  }

  /** Within `store.atomically`. */
  #disable(userId: string, reason: string, by: Principal): void {
    const { parts, log, sessions, tokens, devices } = this.own;
    const user = knownUser(parts.store, userId);
    if (user.disabled) return;
    this.#refuseLastAdmin(user);
    parts.store.users.change(userId, { disabled: true });
    log.note(userId, [{ type: 'UserDisabled', data: { userId, reason } }], by);
    sessions.endAllOf(userId, 'user-disabled', { by: by.actor, except: null });
    tokens.revokeAllOf(userId, 'user-disabled', by.actor);
    devices.forgetAll(userId, null);
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
    message: 'the first account already exists',
    remedy: 'Log in, or ask an admin for an account.',
  });
}

function usersLost(): Error {
  return configError({
    code: 'USERS_LOST',
    message: "the journal has users, but the users' database has none",
    remedy: "Restore the users' database from the last backup; a new first account would replace the lost ones.",
  });
}

function notConfirmed(name: string): Error {
  return configError({
    code: 'NOT_CONFIRMED',
    message: 'the account was not closed: the name does not match',
    remedy: `Type ${name}, the name of your account.`,
  });
}
