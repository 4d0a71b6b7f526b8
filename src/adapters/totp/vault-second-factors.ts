import { secret, type Secret } from '../../kernel/secret.js';
import type { SecondFactorSecrets } from '../../ports/access.js';
import type { SecretReader } from '../../ports/vault.js';

/** Fields of the vault's secret file `login`: an empty one removes the stored value. */
export type SaveLoginSecret = (fields: Readonly<Record<string, string>>) => Promise<void>;

/**
 * Second-factor secrets in the vault's file `login`, one field per user. Reads come from the vault; saves go to a
 * process that may rotate it, because a changed secret makes new keys for everything (SEC-3).
 */
export class VaultSecondFactors implements SecondFactorSecrets {
  constructor(
    private readonly vault: Pick<SecretReader, 'secret'>,
    private readonly save: SaveLoginSecret,
  ) {}

  get(userId: string): Secret | undefined {
    const found = this.vault.secret('login')[userId];
    return found === undefined || found.isEmpty ? undefined : found;
  }

  async set(userId: string, value: Secret | null): Promise<void> {
    await this.save({ [userId]: (value ?? secret('')).reveal() });
  }
}
