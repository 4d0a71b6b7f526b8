import type { JournalAddress } from '../../domain/config/journal-address.js';
import type { Secret } from '../../kernel/secret.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import { configError } from '../../kernel/errors.js';
import { WEB_SECRETS, type SecretReader, type SecretRecord, type WebSecretName } from '../../ports/vault.js';
import { FileVault, type FileVaultOptions } from './file-vault.js';

/** The part of a vault that the web process may read; everything else of it is out of reach of its code. */
export class WebVault implements SecretReader {
  readonly #vault: FileVault;

  constructor(options: FileVaultOptions) {
    this.#vault = new FileVault(options);
  }

  generation(): number | undefined {
    return this.#vault.generation();
  }

  get hasMasterKey(): boolean {
    return this.#vault.hasMasterKey;
  }

  envBot(): Secret {
    return this.#vault.envBot();
  }

  journalAddress(): JournalAddress {
    return this.#vault.journalAddress();
  }

  earlier(): readonly number[] {
    return this.#vault.earlier();
  }

  digestOf(value: Secret): Sha256Hex {
    return this.#vault.digestOf(value);
  }

  /** Looked at again when it runs: a name may come from a request. */
  secret(name: WebSecretName): SecretRecord {
    if ((WEB_SECRETS as readonly string[]).includes(name)) return this.#vault.secret(name);
    throw configError({
      code: 'VAULT_NOT_FOR_WEB',
      message: `the web process does not read the secret file ${(name as string).slice(0, 40)}`,
      remedy: 'Have a worker do what needs it.',
    });
  }
}
