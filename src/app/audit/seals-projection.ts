import { fileJob } from '../../../projections/kit/file-job.js';
import type { Projection } from '../../../projections/kit/projection.js';
import { sealMessage, sealOf, signedSealText, type Seal } from '../../domain/audit/seal.js';
import type { HomePaths } from '../../domain/home/home-paths.js';

/** The home's key, as far as a seal needs it. */
export interface SealSigner {
  /** Both base64; the same key and message give the same signature for ever (Ed25519). */
  sign(message: string): { readonly publicKey: string; readonly signature: string };
  /** PEM text of the public key. */
  publicKeyPem(): string;
}

/**
 * The signed seals and the public key in audit/ (JRN-30), each made of its JournalSealed event and the home's key: they
 * can be deleted and made again, byte for byte. The key is asked for when there is something to sign, not before.
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
