import { existsSync } from 'node:fs';
import { journalAddressOf, type JournalAddress } from '../../domain/config/journal-address.js';
import type { VaultGenerationPaths } from '../../domain/home/home-paths.js';
import { bareRecord } from '../../kernel/records.js';
import { secret, type Secret } from '../../kernel/secret.js';
import type { Clock } from '../../kernel/time.js';
import {
  ADDED_LATER,
  JOURNAL_LOGIN,
  KEY_CATEGORIES,
  SECRET_FILES,
  type KeyCategory,
  type SecretFileName,
  type SecretRecord,
} from '../../ports/vault.js';
import { syncFolder } from '../files/atomic-write.js';
import { Fernet } from '../fernet/fernet.js';
import { FernetKey } from '../fernet/key.js';
import { journalUrlIn } from './journal-login.js';
import { otherRecord, unreadable, wrongKey } from './vault-errors.js';
import { makeVaultFolder, readVaultFile, writeVaultFile } from './vault-files.js';
import { isUnderFirst, isWrapped, unwrapKey, wrapKey, type Wrapping } from './wrapped-key.js';

/** Opens the backup of the previous generation; a separate purpose, hence a separate key. */
export const BACKUP_KEY = 'vault_backup';
export type KeyName = KeyCategory | typeof BACKUP_KEY;
const KEY_NAMES: readonly KeyName[] = [...KEY_CATEGORIES, BACKUP_KEY];
export const SECRET_NAMES = Object.keys(SECRET_FILES) as readonly SecretFileName[];

/** The content of a generation, in memory. */
export interface VaultContent {
  readonly envBot: Secret;
  readonly secrets: Readonly<Record<SecretFileName, SecretRecord>>;
  /** Makes digests for the journal; it outlives rotations, because equal values must have equal digests. */
  readonly digestKey: Secret;
}

/** Names that the vault itself adds to a record; a message names its owner, or it could be moved to another file. */
const RECORD = '_record';
const DIGEST_KEY = '_digest_key';
const DIGEST_OWNER: SecretFileName = 'login';
/** The JOURNAL_URL of the settings of the same generation: the journal is opened without decrypting them. */
const JOURNAL_URL = '_journal_url';
const JOURNAL_OWNER: SecretFileName = 'journal_server';
const ENV_BOT_RECORD = '# record: .env_bot';

/** Reads one generation; every file each time, without a cache. */
export class GenerationReader {
  constructor(
    private readonly paths: VaultGenerationPaths,
    private readonly master: Wrapping | undefined,
    private readonly clock: Clock,
  ) {}

  envBot(): Secret {
    const text = this.open(this.paths.envBot, 'env_bot');
    const end = text.indexOf('\n');
    if (end < 0 || text.slice(0, end) !== ENV_BOT_RECORD) throw otherRecord(this.paths.envBot);
    return secret(text.slice(end + 1));
  }

  secret(name: SecretFileName): SecretRecord {
    if (!this.has(name)) return {};
    const fields = Object.entries(this.record(name)).filter(([field]) => !field.startsWith('_'));
    return bareRecord(fields.map(([field, value]) => [field, secret(value)] as const));
  }

  journalAddress(): JournalAddress {
    if (!this.has(JOURNAL_OWNER)) return journalAddressOf(journalUrlIn(this.envBot()));
    const record = this.record(JOURNAL_OWNER);
    const url = record[JOURNAL_URL];
    if (url === undefined) throw unreadable(this.paths.secret(JOURNAL_OWNER), 'the address of the journal is missing');
    const { [JOURNAL_LOGIN.user]: user = '', [JOURNAL_LOGIN.password]: password = '' } = record;
    return user === '' ? { url } : { url, credentials: { user, password: secret(password) } };
  }

  /** Secret files of this generation; one of a released version has none of those that were added later. */
  secretNames(): readonly SecretFileName[] {
    return SECRET_NAMES.filter((name) => this.has(name));
  }

  keyNames(): readonly KeyName[] {
    const missing = SECRET_NAMES.filter((name) => !this.has(name)).map((name): KeyName => SECRET_FILES[name]);
    return KEY_NAMES.filter((name) => !missing.includes(name));
  }

  digestKey(): Secret {
    const value = this.record(DIGEST_OWNER)[DIGEST_KEY];
    if (value === undefined) throw unreadable(this.paths.secret(DIGEST_OWNER), 'the digest key is missing');
    return secret(value);
  }

  content(): VaultContent {
    const secrets = Object.fromEntries(SECRET_NAMES.map((name) => [name, this.secret(name)]));
    return {
      envBot: this.envBot(),
      secrets: secrets as Readonly<Record<SecretFileName, SecretRecord>>,
      digestKey: this.digestKey(),
    };
  }

  key(name: KeyName): FernetKey {
    const file = this.paths.key(name);
    const plain = unwrapKey({ file, name, text: readVaultFile(file) }, this.master);
    try {
      return FernetKey.parse(plain);
    } catch {
      throw unreadable(file, 'it contains no Fernet key');
    }
  }

  isWrapped(): boolean {
    return isWrapped(readVaultFile(this.paths.key('env_bot')));
  }

  /** Whether every key is wrapped by the first master key. */
  isUnder(master: Wrapping): boolean {
    return this.keyNames().every((name) => isUnderFirst(readVaultFile(this.paths.key(name)), master));
  }

  /** Half of it, the key or the file, is a fault and not an earlier version. */
  private has(name: SecretFileName): boolean {
    if (!ADDED_LATER.includes(name)) return true;
    return [this.paths.secret(name), this.paths.key(SECRET_FILES[name])].some((path) => existsSync(path));
  }

  private record(name: SecretFileName): Readonly<Record<string, string>> {
    const file = this.paths.secret(name);
    const fields = recordOf(this.open(file, SECRET_FILES[name]));
    if (fields?.[RECORD] !== name) throw otherRecord(file);
    return fields;
  }

  private open(file: string, category: KeyCategory): string {
    const token = readVaultFile(file);
    const key = this.key(category);
    try {
      return new Fernet(key, this.clock).decryptText(token);
    } catch {
      throw wrongKey(file, this.paths.key(category));
    }
  }
}

function recordOf(text: string): Readonly<Record<string, string>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return Object.values(value).every((field) => typeof field === 'string')
      ? bareRecord(Object.entries(value as Record<string, string>))
      : undefined;
  } catch {
    return undefined;
  }
}

export interface WriteOptions {
  readonly paths: VaultGenerationPaths;
  readonly content: VaultContent;
  readonly master: Wrapping | undefined;
  readonly clock: Clock;
  readonly onStep: (step: string) => void;
}

/** Makes new keys for everything and writes the generation next to the one in use, durable when it returns. */
export function writeGeneration({ paths, content, master, clock, onStep }: WriteOptions): void {
  for (const folder of [paths.dir, paths.keys, paths.secrets]) makeVaultFolder(folder);
  onStep('folders');
  const keys = new Map(KEY_NAMES.map((name) => [name, FernetKey.generate()]));
  const encrypt = (category: KeyCategory, text: string): string => {
    const key = keys.get(category);
    if (key === undefined) throw unreadable(paths.key(category), 'it was not made');
    return new Fernet(key, clock).encrypt(text);
  };
  for (const [name, key] of keys) {
    writeVaultFile(paths.key(name), keyText(name, key, master));
    onStep(`key ${name}`);
  }
  for (const name of SECRET_NAMES) {
    writeVaultFile(paths.secret(name), encrypt(SECRET_FILES[name], recordText(name, content)));
    onStep(`secret ${name}`);
  }
  writeVaultFile(paths.envBot, encrypt('env_bot', `${ENV_BOT_RECORD}\n${content.envBot.reveal()}`));
  onStep('env_bot');
  for (const folder of [paths.secrets, paths.keys, paths.dir]) syncFolder(folder);
  onStep('synced');
}

function keyText(name: KeyName, key: FernetKey, master: Wrapping | undefined): string {
  const text = key.text().reveal();
  return master === undefined ? text : wrapKey(name, text, master);
}

function recordText(name: SecretFileName, content: VaultContent): string {
  const fields = Object.entries(content.secrets[name]).map(([field, value]) => [field, value.reveal()] as const);
  return JSON.stringify({
    [RECORD]: name,
    ...(name === DIGEST_OWNER ? { [DIGEST_KEY]: content.digestKey.reveal() } : {}),
    ...(name === JOURNAL_OWNER ? { [JOURNAL_URL]: journalUrlIn(content.envBot) } : {}),
    ...Object.fromEntries(fields),
  });
}

/** Whether two contents are the same, value for value. */
export function sameContent(a: VaultContent, b: VaultContent): boolean {
  return (
    a.envBot.reveal() === b.envBot.reveal() && SECRET_NAMES.every((name) => recordText(name, a) === recordText(name, b))
  );
}
