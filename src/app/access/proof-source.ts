import type { Secret } from '../../kernel/secret.js';

/** Where a proof of a secret comes from. */
export interface ProofSource {
  /** Network address of the caller. */
  readonly address: string;
  /** Cookie of the device; null when there is none. */
  readonly device: Secret | null;
}
