import { createHmac, randomBytes } from 'node:crypto';
import type { JournalAddress } from '../../domain/config/journal-address.js';
import type { BasePaths } from '../../domain/home/home-paths.js';
import { configError, invariant, TradeBotError } from '../../kernel/errors.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import { secret, type Secret } from '../../kernel/secret.js';
import type { Clock } from '../../kernel/time.js';
import {
  KEY_CATEGORIES,
  type Rotation,
  type SecretFileName,
  type SecretRecord,
  type Vault,
  type VaultChange,
} from '../../ports/vault.js';
import type { FernetKey } from '../fernet/key.js';
import { takeExclusive } from '../files/exclusive-lock.js';
import {
  BACKUP_KEY,
  GenerationReader,
  sameContent,
  SECRET_NAMES,
  writeGeneration,
  type VaultContent,
} from './generation.js';
import { unwrapSealKey, wrapSealKey } from '../seal-keys/seal-key-file.js';
import { hasLogin, withoutLoginInSettings } from './journal-login.js';
import { masterWrapping } from './master-key.js';
import { checkVault } from './vault-check.js';
import { notWritten, readFault, unreadable, vaultMissing } from './vault-errors.js';
import { ensureVaultFolder, linkTarget, relink, removeTree } from './vault-files.js';
import { generationNumber, VaultHistory } from './vault-history.js';
import { ensureLinks } from './vault-links.js';
import type { Wrapping } from './wrapped-key.js';

export interface FileVaultOptions {
  readonly paths: BasePaths['storage'];
  readonly clock: Clock;
  /** File of the key that wraps the key files (SEC-4); null leaves them plain next to the secrets. */
  readonly masterKeyFile: string | null;
  /** How long a change waits for another process; 5 s when left out. */
  readonly lockWaitMs?: number;
  /** Called after every step of a change, with its name: tests crash the process there. */
  readonly onStep?: (step: string) => void;
}

/** What a new generation does with those before it, and what wraps its keys; `old` is the one in use. */
interface NextGeneration {
  readonly old?: number;
  readonly earlier: 'keep' | 'destroy';
  readonly master: Wrapping | undefined;
}

/**
 * Attempts of a read that competes with rotations; each rotation takes many fsyncs, so a second conflict in a row is
 * rare.
 */
const MOST_READS = 10;
const LOCK_WAIT_MS = 5_000;
/**
 * At least one letter: names of digits alone would not keep their order. A leading underscore is reserved for the
 * vault.
 */
const FIELD = /^(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9_-]{0,79}$/;

/** The vault as files (SEC-1..4), each generation in a folder of its own; `current` is a link that one rename moves. */
export class FileVault implements Vault {
  readonly #paths: BasePaths['storage'];
  readonly #clock: Clock;
  readonly #masterKeyFile: string | null;
  readonly #lockWaitMs: number;
  readonly #onStep: (step: string) => void;
  readonly #history: VaultHistory;

  constructor({ paths, clock, masterKeyFile, lockWaitMs, onStep }: FileVaultOptions) {
    this.#paths = paths;
    this.#clock = clock;
    this.#masterKeyFile = masterKeyFile;
    this.#lockWaitMs = lockWaitMs ?? LOCK_WAIT_MS;
    this.#onStep = onStep ?? (() => undefined);
    this.#history = new VaultHistory(paths, clock, this.#onStep);
  }

  generation(): number | undefined {
    const target = this.#target();
    if (target === null) {
      this.#noneYet();
      return;
    }
    const n = target === undefined ? undefined : generationNumber(target);
    if (n === undefined) throw unreadable(this.#paths.vaultCurrent, 'it is not a link to a generation');
    return n;
  }

  get hasMasterKey(): boolean {
    if (this.generation() === undefined) return this.#masterKeyFile !== null;
    return this.#read((reader) => reader.isWrapped());
  }

  envBot(): Secret {
    return this.#read((reader) => reader.envBot());
  }

  journalAddress(): JournalAddress {
    return this.#read((reader) => reader.journalAddress());
  }

  secret(name: SecretFileName): SecretRecord {
    return this.#read((reader) => reader.secret(name));
  }

  digestOf(value: Secret): Sha256Hex {
    const key = this.#read((reader) => reader.digestKey());
    return createHmac('sha256', key.reveal()).update(value.reveal()).digest('hex') as Sha256Hex;
  }

  check(): ReturnType<Vault['check']> {
    for (let looks = 1; ; looks += 1) {
      const before = this.#seen();
      const faults = checkVault({
        paths: this.#paths,
        current: () => this.generation(),
        readerOf: (n) => this.#readerOf(n),
        unkept: (n) => this.#history.unkept(n),
      });
      // Another process that rotates deletes the files that were being checked.
      if (faults.length === 0 || looks === MOST_READS || this.#seen() === before) return faults;
    }
  }

  earlier(): readonly number[] {
    return this.#history.kept(this.generation() ?? 0);
  }

  rotate(change: VaultChange): Rotation {
    checkFields(change);
    return this.#next(change, { earlier: 'keep', master: this.#master() });
  }

  destroyEarlier(): Rotation {
    return this.#next({}, { earlier: 'destroy', master: this.#master() });
  }

  /**
   * Makes new keys that no master key wraps, and stores the seal key plain. Throws VAULT_NOT_WRAPPED, and as `rotate`;
   * nothing is changed then.
   */
  removeMasterKey(): Rotation {
    if (!this.hasMasterKey) {
      throw configError({
        code: 'VAULT_NOT_WRAPPED',
        message: `${this.#paths.keys}: no master key wraps these keys`,
        remedy: 'Leave --master-key-file out; nothing was changed.',
      });
    }
    return this.#next({}, { earlier: 'keep', master: undefined });
  }

  /** True when a master key was given and a key in use is not under its first line yet. */
  needsWrapping(): boolean {
    const master = this.#master();
    if (master === undefined || this.generation() === undefined) return false;
    return this.#read((reader) => !reader.isUnder(master));
  }

  /**
   * Makes a next generation when keys need wrapping or the settings of an earlier version hold the login of the journal
   * server; true when it did. Throws as `rotate`.
   */
  wrapKeys(): boolean {
    if (!this.needsWrapping() && !this.#hasLoginInSettings()) return false;
    this.rotate({});
    return true;
  }

  #hasLoginInSettings(): boolean {
    return this.generation() !== undefined && this.#read((reader) => hasLogin(reader.envBot()));
  }

  #next(change: VaultChange, how: NextGeneration): Rotation {
    return this.#alone(() => {
      const old = this.generation();
      if (old === undefined) throw vaultMissing(this.#paths.vaultCurrent);
      this.#history.tidy(old);
      const content = this.#readerOf(old).content();
      return this.#make(old + 1, withChange(content, change), { ...how, old });
    });
  }

  /** The first generation (SEC-6). Throws VAULT_EXISTS when there is one. */
  create(first: VaultChange & { readonly envBot: Secret }): Rotation {
    checkFields(first);
    return this.#alone(() => {
      if (this.generation() !== undefined) {
        throw configError({
          code: 'VAULT_EXISTS',
          message: `${this.#paths.vaultCurrent} is there: this home has keys and secrets`,
          remedy: 'Change them on the settings page; to start again, use another --home.',
        });
      }
      this.#history.tidy(undefined);
      const empty = Object.fromEntries(SECRET_NAMES.map((name) => [name, {}]));
      const digestKey = secret(randomBytes(32).toString('hex'));
      const content = { envBot: first.envBot, secrets: empty as VaultContent['secrets'], digestKey };
      return this.#make(1, withChange(content, first), { earlier: 'keep', master: this.#master() });
    });
  }

  /**
   * Completes or undoes an interrupted rotation (partial or earlier generations); does nothing while another process
   * rotates.
   */
  tidy(): void {
    try {
      this.#alone(() => {
        this.#history.tidy(this.generation());
      });
    } catch (error) {
      if (!(error instanceof TradeBotError) || error.code !== 'VAULT_LOCKED') throw error;
    }
  }

  /**
   * Wraps the seal key of the home with the master key, when there is one and the file is plain or under an earlier one.
   * True when it was written. Throws VAULT_LOCKED, VAULT_NOT_WRITTEN, and what is wrong with the master key.
   */
  wrapSealKey(): boolean {
    return this.generation() === undefined || this.#masterKeyFile === null
      ? false
      : this.#alone(() => this.#wrapSealKey());
  }

  /** Under the first master key that is given, or plain when the next generation is. */
  #wrapSealKey(plain = false): boolean {
    const master = this.#master();
    const change = plain ? unwrapSealKey : wrapSealKey;
    const written = master !== undefined && change(this.#paths.sealKey, master);
    if (written) this.#onStep('seal key');
    return written;
  }

  /** Written separately, synced, read back with only its own keys, then made current by one rename (SEC-3). */
  #make(n: number, content: VaultContent, { old, earlier, master }: NextGeneration): Rotation {
    const paths = this.#paths.vaultGeneration(n);
    try {
      writeGeneration({ paths, content, master, clock: this.#clock, onStep: this.#onStep });
      const made = this.#readerOf(n);
      invariant(sameContent(made.content(), content), 'VAULT_NOT_AS_WRITTEN', `${paths.dir} reads back differently`);
      this.#onStep('verified');
      if (earlier === 'destroy') this.#history.condemn(n);
      else if (old !== undefined) this.#keep(old, made.key(BACKUP_KEY));
      this.#onStep('kept');
      ensureLinks(this.#paths, this.#onStep);
      // Before the swap: a rotation that succeeded leaves nothing under a master key that may now be taken away.
      this.#wrapSealKey(master === undefined);
      const temporary = `${this.#paths.vaultCurrent.replace(/current$/, '.current.')}${n}`;
      relink(this.#paths.vaultCurrent, `gen-${n}`, temporary);
      this.#onStep('swapped');
    } catch (error) {
      this.#undo(n, old);
      throw error;
    }
    this.#tidyUp(n);
    return { generation: n, categories: KEY_CATEGORIES };
  }

  #keep(old: number, next: FernetKey): void {
    this.#history.keep(old, { old: this.#readerOf(old).key(BACKUP_KEY), next, master: this.#master() });
  }

  /** The new generation is in use in any case; the next change deletes the rest. */
  #tidyUp(n: number): void {
    try {
      this.#history.tidy(n);
      this.#onStep('tidy');
    } catch {
      // Nothing is lost: `check` reports it.
    }
  }

  /** Nothing was made yet; a lost link must not look like it, or a new set-up would overwrite the generations. */
  #noneYet(): undefined {
    const last = this.#history.leftOvers(undefined).at(-1);
    if (last === undefined || last === this.#paths.vaultGeneration(1).dir) return undefined;
    throw unreadable(this.#paths.vaultCurrent, `it is missing, although ${last} exists`);
  }

  /** Best effort: the next change deletes the rest. */
  #undo(n: number, old: number | undefined): void {
    try {
      if (this.generation() === n) return;
      removeTree(this.#paths.vaultGeneration(n).dir);
      this.#history.tidy(old);
    } catch {
      // The original fault is the one to report.
    }
  }

  /** One complete generation, even when another process rotates meanwhile. */
  #read<T>(work: (reader: GenerationReader) => T): T {
    for (let reads = 1; ; reads += 1) {
      const n = this.generation();
      if (n === undefined) throw vaultMissing(this.#paths.vaultCurrent);
      try {
        return work(this.#readerOf(n));
      } catch (error) {
        if (reads === MOST_READS || this.generation() === n) throw error;
      }
    }
  }

  #readerOf(n: number): GenerationReader {
    return new GenerationReader(this.#paths.vaultGeneration(n), this.#master(), this.#clock);
  }

  #master(): Wrapping | undefined {
    return masterWrapping(this.#masterKeyFile, this.#clock);
  }

  #target(): string | null | undefined {
    try {
      return linkTarget(this.#paths.vaultCurrent);
    } catch (error) {
      throw unreadable(this.#paths.vaultCurrent, readFault(error));
    }
  }

  /** Undefined also when it cannot be read. */
  #seen(): string | null | undefined {
    try {
      return this.#target();
    } catch {
      return undefined;
    }
  }

  #alone<T>(work: () => T): T {
    let release: (() => void) | undefined;
    try {
      ensureVaultFolder(this.#paths.vault);
      release = takeExclusive(this.#paths.vaultLock, this.#lockWaitMs);
    } catch (cause) {
      throw notWritten(cause);
    }
    if (release === undefined) {
      throw new TradeBotError('ConfigError', 'retry', {
        code: 'VAULT_LOCKED',
        message: `${this.#paths.vaultLock} is held: another process changes keys and secrets`,
        remedy: 'Try again in a moment.',
      });
    }
    try {
      return work();
    } catch (error) {
      throw notWritten(error);
    } finally {
      release();
    }
  }
}

function withChange(content: VaultContent, change: VaultChange): VaultContent {
  const { digestKey } = content;
  return withoutLoginInSettings({
    envBot: change.envBot ?? content.envBot,
    secrets: { ...content.secrets, ...change.secrets },
    digestKey,
  });
}

/** Names of fields are part of messages and events, so they are checked; values are arbitrary. */
function checkFields(change: VaultChange): void {
  for (const [name, record] of Object.entries(change.secrets ?? {})) {
    if (!(SECRET_NAMES as readonly string[]).includes(name)) {
      throw badName(`"${name.slice(0, 40)}" is not a secret of this version`, `Use one of ${SECRET_NAMES.join(', ')}.`);
    }
    for (const field of Object.keys(record)) {
      if (FIELD.test(field)) continue;
      throw badName(
        `"${field.slice(0, 40)}" cannot be a field of ${name}`,
        'Use letters, digits, underscore and dash, with at least one letter, up to 80.',
      );
    }
  }
}

function badName(message: string, remedy: string): TradeBotError {
  return configError({ code: 'VAULT_BAD_NAME', message, remedy });
}
