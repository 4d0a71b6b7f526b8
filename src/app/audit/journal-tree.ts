import { MerkleTree } from '../../domain/audit/merkle.js';
import type { Position, RecordedEvent } from '../../events/event.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { Journal } from '../../ports/journal.js';

const PAGE = 1_000;

/**
 * The Merkle tree over a journal, extended from its last size: the first seal of a process reads the whole journal,
 * later ones only the new events. Nothing is read before the first seal, so a start costs nothing.
 */
export class JournalTree {
  readonly #tree = new MerkleTree();
  #head: { readonly position: Position; readonly hash: Sha256Hex } | undefined;

  constructor(private readonly journal: Pick<Journal, 'readAll'>) {}

  /** Reads up to the journal's end and returns what a seal states about it; undefined for an empty journal. */
  async sealable(): Promise<Sealable | undefined> {
    for await (const event of eventsOf(this.journal, this.#head?.position)) {
      this.#tree.add(event.hash);
      this.#head = { position: event.position, hash: event.hash };
    }
    if (this.#head === undefined) return undefined;
    return { ...this.#head, count: this.#tree.count, merkleRoot: this.#tree.root() };
  }
}

export interface Sealable {
  readonly position: Position;
  readonly hash: Sha256Hex;
  readonly count: number;
  readonly merkleRoot: Sha256Hex;
}

/** The events after a position in global order, page by page. */
export async function* eventsOf(journal: Pick<Journal, 'readAll'>, after?: Position): AsyncGenerator<RecordedEvent> {
  for (let from = after; ;) {
    const page = await journal.readAll({ limit: PAGE, ...(from === undefined ? {} : { after: from }) });
    yield* page;
    from = page.at(-1)?.position;
    if (page.length < PAGE) return;
  }
}
