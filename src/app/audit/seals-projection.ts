import { evidenceJob } from '../../../projections/kit/evidence-job.js';
import type { Projection } from '../../../projections/kit/projection.js';
import { sealMessage, sealOf, signedSealText } from '../../domain/audit/seal.js';
import type { HomePaths } from '../../domain/home/home-paths.js';

/** The home's signing key, as far as a seal needs it. */
export interface SealSigner {
  /**
   * Both base64; the same key and message always give the same signature (Ed25519). `file` is where the seal is, if it
   * was made before: its valid signature does when the key cannot be opened now.
   */
  sign(message: string, file?: string): { readonly publicKey: string; readonly signature: string };
  /** The public key as PEM text. */
  publicKeyPem(): string;
}

/**
 * Writes the signed seals and the public key to audit/ (JRN-30), each from its JournalSealed event and the home's key:
 * missing files are made again byte for byte, those that exist are never replaced. The key is read only when there is
 * something to sign.
 */
export function sealsProjection(parts: { readonly paths: HomePaths; readonly signer: SealSigner }): Projection {
  const { paths, signer } = parts;
  return evidenceJob({
    name: 'seals',
    version: 2,
    contexts: ['reporting'],
    claims: [paths.sealFile('ANY').replace('ANY', '*'), paths.output.sealPublicKey],
    types: ['JournalSealed'],
    filesOf: (event) => {
      const seal = sealOf(event);
      return [
        {
          path: paths.sealFile(seal.sealId),
          sha256: null,
          text: () => signedSealText({ seal, ...signer.sign(sealMessage(seal), paths.sealFile(seal.sealId)) }),
          earlier: null,
        },
        { path: paths.output.sealPublicKey, sha256: null, text: () => signer.publicKeyPem(), earlier: null },
      ];
    },
  });
}
