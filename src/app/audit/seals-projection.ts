import type { FileText, Projection, ProjectionRun } from '../../../projections/kit/projection.js';
import { sealMessage, sealOf, signedSealText, type Seal } from '../../domain/audit/seal.js';
import type { RecordedEvent } from '../../events/event.js';
import { invariant } from '../../kernel/errors.js';
import type { HomePaths } from '../../kernel/home-paths.js';

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
  return {
    name: 'seals',
    version: 1,
    contexts: ['reporting'],
    readsBooks: false,
    watchesOthers: false,
    databasePath: null,
    schemaSql: '',
    logFiles: [],
    claims: [paths.sealFile('ANY').replace('ANY', '*'), paths.output.sealPublicKey],
    start: () => new SealsRun(paths, signer),
  };
}

class SealsRun implements ProjectionRun {
  #seals: Seal[] = [];

  constructor(
    private readonly paths: HomePaths,
    private readonly signer: SealSigner,
  ) {}

  get dirty(): boolean {
    return this.#seals.length > 0;
  }

  apply(event: RecordedEvent): void {
    if (event.type === 'JournalSealed') this.#seals.push(sealOf(event));
  }

  outputFiles(): readonly FileText[] {
    if (this.#seals.length === 0) return [];
    const files = this.#seals.map((seal) => ({
      path: this.paths.sealFile(seal.sealId),
      text: signedSealText({ seal, ...this.signer.sign(sealMessage(seal)) }),
    }));
    return [...files, { path: this.paths.output.sealPublicKey, text: this.signer.publicKeyPem() }];
  }

  writeRows(): void {
    invariant(false, 'SEALS_HAVE_NO_ROWS', 'the seals projection has no database');
  }

  logLines(): readonly never[] {
    return [];
  }

  stateFiles(): readonly never[] {
    return [];
  }

  stateText(): string {
    return '{}';
  }

  clear(): void {
    this.#seals = [];
  }
}
