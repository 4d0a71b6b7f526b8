import type { Attempts } from '../domain/access/attempt-delay.js';
import type { Role } from '../domain/access/roles.js';
import type { Actor, StreamName } from '../events/event.js';
import type { Secret } from '../kernel/secret.js';
import type { UtcText } from '../kernel/time.js';

export interface StoredUser {
  /** Opaque id: the only user data in events (JRN-13). */
  readonly userId: string;
  /** Normalized by `foldName`. */
  readonly name: string;
  readonly email: string | null;
  readonly passwordHash: Secret;
  readonly role: Role;
  readonly disabled: boolean;
  readonly secondFactor: boolean;
  /** Last time step whose code was used; codes of this step or an older one are refused. */
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
  /** Absolute expiry, whether the session is used or not. */
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

/** Events to append after a change of this database: stored with the change, removed once they are in the journal. */
export interface OutboxEntry {
  readonly entryId: string;
  readonly stream: StreamName;
  readonly actor: Actor;
  readonly occurredAt: UtcText;
  /** Type and data of each event, as JSON. */
  readonly events: string;
  /** Reference of a session or token that becomes valid once these events are in the journal. */
  readonly grants: string | null;
}

export interface UserTable {
  count(): number;
  /** Number of admins that are not disabled. */
  activeAdmins(): number;
  /** All users, sorted by name. */
  list(): readonly StoredUser[];
  byId(userId: string): StoredUser | undefined;
  byName(name: string): StoredUser | undefined;
  byEmail(email: string): StoredUser | undefined;
  /** Throws USER_NAME_TAKEN, EMAIL_TAKEN. */
  add(user: StoredUser): void;
  change(userId: string, change: UserChange): void;
  /** Marks the time step as used; false when this step or a later one was used before. */
  useCodeStep(userId: string, step: number): boolean;
  setRecoveryCodes(userId: string, hashes: readonly string[]): void;
  /** Uses a recovery code, which is valid once; false when it does not exist or was used. */
  useRecoveryCode(userId: string, hash: string): boolean;
  recoveryCodesLeft(userId: string): number;
}

/** Sessions whose events are not in the journal yet are never returned. */
/** Times of a session that counts: a lower bound is excluded, an upper one included. */
export interface SessionBounds {
  readonly seenAfter: UtcText;
  readonly seenUntil: UtcText;
  readonly expiresAfter: UtcText;
  readonly expiresUntil: UtcText;
}

export interface SessionTable {
  add(session: StoredSession): void;
  byHash(idHash: string): StoredSession | undefined;
  /** Newest first. */
  of(userId: string): readonly StoredSession[];
  /** Those whose events still wait as well: what ends all of them must not leave one that begins to count later. */
  everyOf(userId: string): readonly StoredSession[];
  seen(sessionRef: string, at: UtcText): void;
  /** Replaces the cookie of a session; the old cookie becomes invalid. */
  rotate(sessionRef: string, idHash: string): void;
  /** False when it did not exist. */
  remove(sessionRef: string): boolean;
  /** Sessions that are over: outside the bounds. */
  over(bounds: SessionBounds, limit: number): readonly StoredSession[];
  /** Sessions of all users within the bounds. */
  countOpen(bounds: SessionBounds): number;
}

/** Tokens whose events are not in the journal yet are never returned. */
export interface TokenTable {
  add(token: StoredToken): void;
  byHash(tokenHash: string): StoredToken | undefined;
  of(userId: string): readonly StoredToken[];
  /** Those whose events still wait as well: what ends all of them must not leave one that begins to count later. */
  everyOf(userId: string): readonly StoredToken[];
  used(tokenId: string, at: UtcText): void;
  /** False when it did not exist. */
  remove(tokenId: string): boolean;
}

/** Failed attempts by source and name, including unknown names: a delay must not reveal which names exist. */
export interface AttemptTable {
  get(key: string): Attempts;
  /** `known`: the attempts are at a user who exists. Deletes what has not failed when nothing is left to remember. */
  put(key: string, attempts: Attempts, entry: { readonly known: boolean }): void;
  forget(key: string): void;
  /** Deletes every count whose key begins so. */
  forgetAll(prefix: string): void;
  /** Keeps at most `keep` counts without a user and as many with one: deletes the oldest first. */
  trim(keep: number): void;
}

/** A browser in which a user logged in before. */
export interface StoredDevice {
  /** SHA-256 of the cookie. */
  readonly deviceHash: string;
  readonly userId: string;
  /** Wrong proofs from it since the last right one. */
  readonly failures: number;
  readonly usedAt: UtcText;
}

export interface DeviceTable {
  of(deviceHash: string, userId: string): StoredDevice | undefined;
  /** Adds the device or replaces it; deletes the user's oldest ones beyond `keep`. */
  put(device: StoredDevice, keep: number): void;
  /** Gives the device another cookie, for every user of it. */
  rename(from: string, to: string): void;
  remove(deviceHash: string, userId: string): void;
  /** Deletes all devices of a user but one. */
  removeAll(userId: string, except: string | null): void;
}

export interface AddressTable {
  /** The id of a network address; a new address gets the id `fresh`. */
  idOf(address: string, fresh: string, at: UtcText): string;
  addressOf(addressId: string): string | undefined;
  /** Keeps at most `keep` addresses that no session refers to: deletes the oldest first. */
  trim(keep: number): void;
}

export interface OutboxTable {
  add(entry: OutboxEntry): void;
  /** Oldest first. */
  waiting(limit: number): readonly OutboxEntry[];
  count(): number;
  settle(entryId: string): void;
  /** The session or token counts from now on, although its events still wait. */
  grantNow(grants: string): void;
}

/**
 * SYSTEM_USERS.db (SEC-10): the only stored state that is not a projection. Synchronous, shared by processes. Errors
 * are ConfigError USERS_DB_DAMAGED, USERS_DB_SCHEMA (names the table), USERS_DB_MISSING and USERS_DB_BUSY (retry).
 */
export interface UserStore {
  /** Runs `work` as one exclusive transaction, durable when it returns. Do not nest. */
  atomically<T>(work: () => T): T;
  /**
   * The same for what authenticating changes: while the disk refuses writes, in memory. It is written to the database as
   * soon as that takes writes, and lost when the process ends before.
   */
  bestEffort<T>(work: () => T): T;
  readonly users: UserTable;
  readonly sessions: SessionTable;
  readonly tokens: TokenTable;
  readonly attempts: AttemptTable;
  readonly devices: DeviceTable;
  readonly addresses: AddressTable;
  readonly outbox: OutboxTable;
  /**
   * As long as two calls give the same number, no process has changed anything in between. Costs less than reading a row; grows
   * with each call while the disk refuses writes.
   */
  stand(): number;
  /** False when the file that was opened is no longer at its path. */
  isPresent(): boolean;
  /** True when another file is at its path: it was made again. */
  isReplaced(): boolean;
  close(): void;
}

/** PASSWORD_RESET_TOKENS.db (SEC-10): hashes only. */
export interface ResetTokenStore {
  /** Replaces the user's token; deletes tokens that expired long ago. */
  put(token: { readonly tokenHash: string; readonly userId: string; readonly expiresAt: UtcText }, now: UtcText): void;
  /** The user id of a valid token; undefined otherwise. */
  ownerOf(tokenHash: string, now: UtcText): string | undefined;
  /** Uses the token once: exactly one of any concurrent callers gets true. */
  use(tokenHash: string, now: UtcText): boolean;
  close(): void;
}
