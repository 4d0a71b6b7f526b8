import { SealKeys } from '../adapters/seal-keys/seal-keys.js';
import type { HomePaths } from '../domain/home/home-paths.js';

/** The key pair of a home; its files are opened on use. */
export function sealKeysOf(paths: HomePaths): SealKeys {
  return new SealKeys({ privateKey: paths.storage.sealKey, publicKey: paths.output.sealPublicKey });
}
