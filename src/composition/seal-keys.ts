import { SystemClock } from '../adapters/clock/system-clock.js';
import { SealKeys } from '../adapters/seal-keys/seal-keys.js';
import { FileVault } from '../adapters/vault/file-vault.js';
import { masterWrapping } from '../adapters/vault/master-key.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import type { Clock } from '../kernel/time.js';

/** Where the master key of a home is; looked up only when a key needs it. */
export interface MasterKeySource {
  /** Null without a master key. */
  readonly file: () => string | null;
  readonly clock: Clock;
}

const NONE: MasterKeySource = { file: () => null, clock: new SystemClock() };

/** The key pair of a home; its files are opened on use. */
export function sealKeysOf({ storage, output }: HomePaths, { file, clock }: MasterKeySource = NONE): SealKeys {
  const vault = new FileVault({ paths: storage, clock, masterKeyFile: null });
  return new SealKeys(
    { privateKey: storage.sealKey, publicKey: output.sealPublicKey },
    {
      wrapping: () => masterWrapping(file(), clock),
      wrapped: () => (vault.hasMasterKey ? storage.keys : undefined),
    },
  );
}
