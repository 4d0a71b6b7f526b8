import type { Position, StreamName } from '../../events/event.js';
import { sha256Hex, type Sha256Hex } from '../../kernel/hash.js';

/** The previous hash of the first event of a chain. */
export const GENESIS_HASH = '0'.repeat(64) as Sha256Hex;

/** The link of a chain: SHA-256 over the previous hash and the stored text (JRN-30). */
export function chainHash(prevHash: Sha256Hex, body: string): Sha256Hex {
  return sha256Hex(prevHash + body);
}

/** How a journal links its events: one chain in a file, a chain for each stream on a server. */
export type ChainKind = 'one chain' | 'a chain for each stream';

const IN_FILE = /^\d{16}$/;

/** The chain of the journal that issued a position. */
export function chainKindOf(position: Position): ChainKind {
  return IN_FILE.test(position) ? 'one chain' : 'a chain for each stream';
}

/** The link of one event. */
export interface ChainLink {
  readonly prevHash: Sha256Hex;
  readonly hash: Sha256Hex;
}

/**
 * The links of one kind of chain, made from the texts of all events in their order: both kinds follow from the texts
 * alone, so what was sealed in a file is checked on a server and the other way round. Keeps one hash for each chain.
 */
export class Chains {
  readonly #ends = new Map<string, Sha256Hex>();

  constructor(readonly kind: ChainKind) {}

  next(stream: StreamName, body: string): ChainLink {
    const chain = this.kind === 'one chain' ? '' : stream;
    const prevHash = this.#ends.get(chain) ?? GENESIS_HASH;
    const hash = chainHash(prevHash, body);
    this.#ends.set(chain, hash);
    return { prevHash, hash };
  }
}
