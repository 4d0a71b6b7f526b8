import type { Secret } from '../kernel/secret.js';

/** Hashing of passwords (SEC-11). Busy with too many at once it throws PASSWORDS_BUSY, to be tried again. */
export interface Passwords {
  hash(password: Secret): Promise<Secret>;
  /** Without a hash, or with a password that cannot be one: false after the same time. */
  matches(password: Secret, hash: Secret | undefined): Promise<boolean>;
  /** Made with a lower cost than today's. */
  isOutdated(hash: Secret): boolean;
  /** Whether it is among those that are guessed first. `about`: what is known of the user, such as the name. */
  isCommon(password: Secret, about: readonly string[]): boolean;
}

/** One-time codes by time (TOTP): 6 digits, 30 s, SHA-1, as every authenticator app knows them. */
export interface OneTimeCodes {
  newSecret(): Secret;
  /** `otpauth://` address for a QR code: a secret itself. */
  uri(secret: Secret, userName: string): Secret;
  /** The time step that the code belongs to, one step of tolerance either way; undefined for a wrong one. */
  stepOf(secret: Secret, code: string): number | undefined;
}

/** Where second-factor secrets are kept: encrypted, never in the users' database. */
export interface SecondFactorSecrets {
  get(userId: string): Secret | undefined;
  /** Null removes it. Resolves when it is durable. */
  set(userId: string, secret: Secret | null): Promise<void>;
}

/** Counts attempts by network address in bounded memory (SEC-13). */
export interface AddressThrottle {
  /** Counts one more; `waitSeconds` is 0 while `limit` of them within `windowSeconds` is not passed. */
  take(
    address: string,
    rule: { readonly limit: number; readonly windowSeconds: number },
  ): Promise<{ readonly waitSeconds: number; readonly firstOver: boolean }>;
  /** A login that succeeded gives back what it took. */
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
