import type { Attempts } from '../domain/access/lockout.js';
import type { Role } from '../domain/access/roles.js';
import type { Actor, StreamName } from '../events/event.js';
import type { Secret } from '../kernel/secret.js';
import type { EpochMs, UtcText } from '../kernel/time.js';

export interface StoredUser {
  /** Opaque: the only thing of a user that an event knows (JRN-13). */
  readonly userId: string;
  /** Folded by `foldName`. */
  readonly name: string;
  readonly email: string | null;
  readonly passwordHash: Secret;
  readonly role: Role;
  readonly disabled: boolean;
  readonly secondFactor: boolean;
  /** Last time step whose code was used; an older one or the same is refused. */
  readonly codeStep: number;
  readonly createdAt: UtcText;
  readonly lastLoginAt: UtcText | null;
}

export type UserChange = Partial<
  Pick<StoredUser, 'passwordHash' | 'role' | 'disabled' | 'secondFactor' | 'codeStep' | 'lastLoginAt'>
>;

export type LoginMethod = 'password' | 'password+totp';

export interface StoredSession {
  /** Opaque reference for lists and events; not the cookie. */
  readonly sessionRef: string;
  /** SHA-256 of the cookie. */
  readonly idHash: string;
  readonly userId: string;
  readonly addressId: string;
  readonly method: LoginMethod;
  readonly createdAt: UtcText;
  readonly lastSeenAt: UtcText;
  /** Absolute end. */
  readonly expiresAt: UtcText;
}

export interface StoredToken {
  readonly tokenId: string;
  readonly tokenHash: string;
  readonly userId: string;
  readonly role: Role;
  readonly label: string;
  readonly createdAt: UtcText;
  readonly expiresAt: UtcText;
  readonly lastUsedAt: UtcText | null;
}

/** An event that is to follow a change of this database: written with it, and taken out once the journal has it. */
export interface OutboxEntry {
  readonly entryId: string;
  readonly stream: StreamName;
  readonly actor: Actor;
  readonly occurredAt: UtcText;
  /** Type and data of each event, as JSON. */
  readonly events: string;
  /** Reference of a session or token that counts only once the journal has this. */
  readonly grants: string | null;
}

export interface UserTable {
  count(): number;
  /** Not disabled. */
  activeAdmins(): number;
  /** By name. */
  list(): readonly StoredUser[];
  byId(userId: string): StoredUser | undefined;
  byName(name: string): StoredUser | undefined;
  byEmail(email: string): StoredUser | undefined;
  /** Throws USER_NAME_TAKEN, EMAIL_TAKEN. */
  add(user: StoredUser): void;
  change(userId: string, change: UserChange): void;
  /** Uses a code of this time step; false when it, or a later one, was used before. */
  useCodeStep(userId: string, step: number): boolean;
  setRecoveryCodes(userId: string, hashes: readonly string[]): void;
  /** False when there is none such: each works once. */
  useRecoveryCode(userId: string, hash: string): boolean;
  recoveryCodesLeft(userId: string): number;
}

/** Sessions that wait for the journal are in none of the answers. */
export interface SessionTable {
  add(session: StoredSession): void;
  byHash(idHash: string): StoredSession | undefined;
  /** Newest first. */
  of(userId: string): readonly StoredSession[];
  seen(sessionRef: string, at: UtcText): void;
  /** Another cookie for the same session; the old one is worth nothing from then on. */
  rotate(sessionRef: string, idHash: string): void;
  /** False when it was gone already. */
  remove(sessionRef: string): boolean;
  /** Unused since `idleSince`, or absolutely over at `now`. */
  over(idleSince: UtcText, now: UtcText, limit: number): readonly StoredSession[];
  /** Of all users, used since `idleSince` and not over at `now`. */
  countOpen(idleSince: UtcText, now: UtcText): number;
}

/** Tokens that wait for the journal are in none of the answers. */
export interface TokenTable {
  add(token: StoredToken): void;
  byHash(tokenHash: string): StoredToken | undefined;
  of(userId: string): readonly StoredToken[];
  used(tokenId: string, at: UtcText): void;
  /** False when it was gone already. */
  remove(tokenId: string): boolean;
}

/** Failed attempts by name, including unknown names: a lockout must not reveal which names exist. */
export interface AttemptTable {
  get(nameKey: string): Attempts;
  /** `known`: a user has this name. */
  put(nameKey: string, attempts: Attempts, entry: { readonly at: EpochMs; readonly known: boolean }): void;
  forget(nameKey: string): void;
  /** Of names that no user has, drops the oldest beyond `keep`, locked ones last. */
  trim(keep: number): void;
}

export interface AddressTable {
  /** The id of a network address; `fresh` becomes it when the address is new. */
  idOf(address: string, fresh: string, at: UtcText): string;
  addressOf(addressId: string): string | undefined;
}

export interface OutboxTable {
  add(entry: OutboxEntry): void;
  /** Oldest first. */
  waiting(limit: number): readonly OutboxEntry[];
  count(): number;
  settle(entryId: string): void;
}

/**
 * SYSTEM_USERS.db (SEC-10): the one store of state that is not a projection. Synchronous, shared by processes. Errors are
 * ConfigError USERS_DB_DAMAGED, USERS_DB_SCHEMA (names the table), USERS_DB_MISSING and, to be tried again, USERS_DB_BUSY.
 */
export interface UserStore {
  /** All of `work` or nothing, alone among processes, durable when it returns. Never nested. */
  atomically<T>(work: () => T): T;
  readonly users: UserTable;
  readonly sessions: SessionTable;
  readonly tokens: TokenTable;
  readonly attempts: AttemptTable;
  readonly addresses: AddressTable;
  readonly outbox: OutboxTable;
  close(): void;
}

/** PASSWORD_RESET_TOKENS.db (SEC-10): hashes only. */
export interface ResetTokenStore {
  /** Replaces what the user had; drops what is long over. */
  put(token: { readonly tokenHash: string; readonly userId: string; readonly expiresAt: UtcText }, now: UtcText): void;
  /** Whose it is, while it is worth anything; undefined otherwise. */
  ownerOf(tokenHash: string, now: UtcText): string | undefined;
  /** Uses it up: of any number of callers exactly one gets true. */
  use(tokenHash: string, now: UtcText): boolean;
  close(): void;
}
