import { fileJob } from '../../../projections/kit/file-job.js';
import type { Projection } from '../../../projections/kit/projection.js';
import { sealMessage, sealOf, signedSealText, type Seal } from '../../domain/audit/seal.js';
import type { HomePaths } from '../../domain/home/home-paths.js';

/** The home's signing key, as far as a seal needs it. */
export interface SealSigner {
  /** Both base64; the same key and message always give the same signature (Ed25519). */
  sign(message: string): { readonly publicKey: string; readonly signature: string };
  /** The public key as PEM text. */
  publicKeyPem(): string;
}

/**
 * Writes the signed seals and the public key to audit/ (JRN-30), each from its JournalSealed event and the home's key:
 * deleted files are rebuilt byte for byte. The key is read only when there is something to sign.
 */
export function sealsProjection(parts: { readonly paths: HomePaths; readonly signer: SealSigner }): Projection {
  const { paths, signer } = parts;
  return fileJob<Seal>({
    name: 'seals',
    version: 1,
    contexts: ['reporting'],
    claims: [paths.sealFile('ANY').replace('ANY', '*'), paths.output.sealPublicKey],
    taskOf: (event) => (event.type === 'JournalSealed' ? sealOf(event) : undefined),
    filesOf: (seals) => [
      ...seals.map((seal) => ({
        path: paths.sealFile(seal.sealId),
        text: signedSealText({ seal, ...signer.sign(sealMessage(seal)) }),
      })),
      { path: paths.output.sealPublicKey, text: signer.publicKeyPem() },
    ],
  });
}
