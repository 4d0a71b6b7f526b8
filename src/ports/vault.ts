import type { JournalAddress } from '../domain/config/journal-address.js';
import type { Sha256Hex } from '../kernel/hash.js';
import type { Secret } from '../kernel/secret.js';

/** One Fernet key each, never merged (SEC-1). */
export const KEY_CATEGORIES = [
  'env_bot',
  'bot_identity',
  'broker',
  'screener_api',
  'smtp',
  'alert',
  'network_config',
  'acct_api',
  'holdings',
  'login',
  'hub',
  'journal',
] as const;
export type KeyCategory = (typeof KEY_CATEGORIES)[number];

/** Names of `<name>.json.enc`, each with the category whose key encrypts it (SEC-2). */
export const SECRET_FILES = {
  bot_identity: 'bot_identity',
  broker_credentials: 'broker',
  screener_api: 'screener_api',
  smtp: 'smtp',
  alert_channels: 'alert',
  network_config: 'network_config',
  acct_api: 'acct_api',
  holdings_config: 'holdings',
  login: 'login',
  hub: 'hub',
  journal_server: 'journal',
} as const satisfies Readonly<Record<string, KeyCategory>>;
export type SecretFileName = keyof typeof SECRET_FILES;

/** Secret files, and with them their keys, that a generation of a released version does not have. */
export const ADDED_LATER: readonly SecretFileName[] = ['journal_server'];

/** Fields of the secret file `journal_server`. */
export const JOURNAL_LOGIN = { user: 'JOURNAL_USER', password: 'JOURNAL_PASSWORD' } as const;

/** Field to value, all of them secrets. Indexed lists are written with numbered names, such as `1_PROVIDER`. */
export type SecretRecord = Readonly<Record<string, Secret>>;

/** Changes of a new generation; other files are copied from the current one. */
export interface VaultChange {
  /** The complete text of `.env_bot`: `KEY=value` lines. */
  readonly envBot?: Secret;
  readonly secrets?: Readonly<Partial<Record<SecretFileName, SecretRecord>>>;
}

/** The generation that is current now, and the categories with a new key. */
export interface Rotation {
  readonly generation: number;
  readonly categories: readonly KeyCategory[];
}

/**
 * Keys, secrets and encrypted configuration of a home (SEC-1..4). Readers see one complete generation, even while
 * another process rotates. Errors are TradeBotError of kind ConfigError: VAULT_MISSING (not provisioned),
 * VAULT_UNREADABLE (names the file, never its content), VAULT_WRONG_KEY, VAULT_LOCKED (another process rotates;
 * retry), MASTER_KEY_NEEDED.
 */
export interface Vault {
  /** Number of the current generation; undefined before provisioning. */
  generation(): number | undefined;
  /** False when keys are stored next to the secrets without a master key: the dashboard warns (SEC-4). */
  readonly hasMasterKey: boolean;
  envBot(): Secret;
  /**
   * Where the journal is, with its credentials: in one small file with a key of its own, so that nothing else is decrypted
   * to open the journal. Of a generation that has no such file yet, by its settings.
   */
  journalAddress(): JournalAddress;
  /** Empty when the file was never written. */
  secret(name: SecretFileName): SecretRecord;
  /** The first generation of a home (SEC-6). Throws VAULT_EXISTS when there is one. */
  create(first: VaultChange & { readonly envBot: Secret }): Rotation;
  /** New keys for every category, everything encrypted again with `change` applied, as one atomic step (SEC-3). */
  rotate(change: VaultChange): Rotation;
  /** Numbers of the earlier generations that are kept encrypted, newest first. */
  earlier(): readonly number[];
  /** Rotates the keys and destroys every earlier generation: none opens any more, also from a copy. */
  destroyEarlier(): Rotation;
  /** With a master key: wraps keys in use that are plain or under an earlier one; true when it did. */
  wrapKeys(): boolean;
  /** Rotates to keys that no master key wraps. Throws VAULT_NOT_WRAPPED. */
  removeMasterKey(): Rotation;
  /** Removes remains of an interrupted rotation; does nothing while another process rotates. */
  tidy(): void;
  /** Decrypts every file of the current generation: returns all faults, one line each; empty without faults. */
  check(): readonly { readonly file: string; readonly cause: string; readonly remedy: string }[];
  /** Digest of a value for the journal (JRN-13): reveals only whether two values are equal. */
  digestOf(value: Secret): Sha256Hex;
}

/** Secret files that the web reads by itself: second factors at a log-in, and the server for mail of password resets. */
export const WEB_SECRETS = ['login', 'smtp'] as const satisfies readonly SecretFileName[];
export type WebSecretName = (typeof WEB_SECRETS)[number];

/**
 * The vault as the web process has it (least privilege, ASVS 13.3.2): settings, the address of the journal and what is in
 * WEB_SECRETS, and no way to change anything. Other secrets throw VAULT_NOT_FOR_WEB.
 */
export interface SecretReader extends Pick<
  Vault,
  'generation' | 'hasMasterKey' | 'envBot' | 'digestOf' | 'earlier' | 'journalAddress'
> {
  secret(name: WebSecretName): SecretRecord;
}
