import type { Secret } from '../../src/kernel/secret.js';
import type { SecondFactorSecrets } from '../../src/ports/access.js';

/** Secrets of second factors that are gone with the process. */
export class MemorySecondFactors implements SecondFactorSecrets {
  readonly #secrets = new Map<string, Secret>();

  get(userId: string): Secret | undefined {
    return this.#secrets.get(userId);
  }

  async set(userId: string, value: Secret | null): Promise<void> {
    if (value === null) this.#secrets.delete(userId);
    else this.#secrets.set(userId, value);
  }
}
