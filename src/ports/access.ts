import type { Secret } from '../kernel/secret.js';

/** Password hashing (SEC-11). Throws PASSWORDS_BUSY (retry) when too many hashes run at one time. */
export interface Passwords {
  hash(password: Secret): Promise<Secret>;
  /** Without a hash, or with an invalid password: false after the same time. */
  matches(password: Secret, hash: Secret | undefined): Promise<boolean>;
  /** Whether the hash has a lower cost than the current one. */
  isOutdated(hash: Secret): boolean;
  /** Whether the password is a common one. `about`: facts of the user, such as the name. */
  isCommon(password: Secret, about: readonly string[]): boolean;
}

/** One-time codes by time (TOTP): 6 digits, 30 s, SHA-1, as in all authenticator apps. */
export interface OneTimeCodes {
  newSecret(): Secret;
  /** `otpauth://` address for a QR code: a secret itself. */
  uri(secret: Secret, userName: string): Secret;
  /** The time step that the code belongs to, one step of tolerance either way; undefined for a wrong one. */
  stepOf(secret: Secret, code: string): number | undefined;
}

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
  /** 99 bits in four groups of letters and digits: recovery codes. */
  recoveryCode(): Secret;
}
