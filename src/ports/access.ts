import type { Secret } from '../kernel/secret.js';

/** Who waits for a password check: strangers get a part of the capacity, the rest is kept for known devices and users. */
export type CheckPriority = 'known' | 'stranger';

/** Password hashing (SEC-11). Throws PASSWORDS_BUSY (retry) when too many hashes wait. */
export interface PasswordHashing {
  hash(password: Secret): Promise<Secret>;
  /** Whether the hash has a lower cost than the current one. */
  isOutdated(hash: Secret): boolean;
  /** Whether the password is a common one. `about`: facts of the user, such as the name. */
  isCommon(password: Secret, about: readonly string[]): boolean;
}

/** The check of a password; only `Proofs` has it, which counts each attempt. */
export interface PasswordMatching {
  /** Without a hash, or with an invalid password: false after the same time. Throws PASSWORDS_BUSY (retry). */
  matches(password: Secret, hash: Secret | undefined, priority: CheckPriority): Promise<boolean>;
}

export type Passwords = PasswordHashing & PasswordMatching;

/** Secrets of one-time codes by time (TOTP): 6 digits, 30 s, SHA-1, as in all authenticator apps. */
export interface CodeSecrets {
  newSecret(): Secret;
  /** `otpauth://` address for a QR code: a secret itself. */
  uri(secret: Secret, userName: string): Secret;
}

/** A code, or two that follow each other, as typed. */
export interface TypedCode {
  readonly digits: string;
  readonly kind: 'one' | 'two';
}

/** The check of one-time codes; only `Proofs` has it, which counts each attempt. */
export interface CodeMatching {
  /** Undefined for a text that is neither one code nor two. */
  parse(text: string): TypedCode | undefined;
  /**
   * The time step that a code belongs to; undefined for a wrong one. One code is right for its 30 s only. Two codes that
   * follow each other are right within five minutes, for an app whose clock is wrong.
   */
  stepOf(secret: Secret, code: TypedCode): number | undefined;
}

export type OneTimeCodes = CodeSecrets & CodeMatching;

/** Storage of second-factor secrets: encrypted, never in the users' database. */
export interface SecondFactorSecrets {
  get(userId: string): Secret | undefined;
  /** Null removes the secret. Resolves when the change is durable. */
  set(userId: string, secret: Secret | null): Promise<void>;
}

/** Counts attempts by network address in bounded memory (SEC-13). */
export interface AddressThrottle {
  /** Counts an attempt; `waitSeconds` is 0 unless more than `limit` occurred within `windowSeconds`. */
  take(
    address: string,
    rule: { readonly limit: number; readonly windowSeconds: number },
  ): Promise<{ readonly waitSeconds: number; readonly firstOver: boolean }>;
  /** Removes the count of a successful login. */
  giveBack(address: string): Promise<void>;
}

export interface Mail {
  readonly to: string;
  readonly subject: string;
  /** May hold a one-time token. */
  readonly text: Secret;
}

/** Throws NetworkError MAIL_NOT_SENT, or ConfigError MAIL_NOT_CONFIGURED. */
export interface Mailer {
  readonly isConfigured: boolean;
  send(mail: Mail): Promise<void>;
}

/** Cryptographic randomness. */
export interface RandomSource {
  /** 256 bits as base64url: session cookies and tokens. */
  token(): Secret;
  /** `<prefix>-<128 bits in hex>`: opaque ids. */
  id(prefix: string): string;
  /** 123 bits in five groups of letters and digits: recovery codes. */
  recoveryCode(): Secret;
}
