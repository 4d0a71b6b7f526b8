import { MerkleTree } from '../../domain/audit/merkle.js';
import type { Position, RecordedEvent } from '../../events/event.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { Journal } from '../../ports/journal.js';

const PAGE = 1_000;

/**
 * The Merkle tree over a journal, grown from where it last stood: the first seal of a process reads the whole journal,
 * the next ones only what came since. Nothing is read while nobody seals, so a start does not pay for it.
 */
export class JournalTree {
  readonly #tree = new MerkleTree();
  #head: { readonly position: Position; readonly hash: Sha256Hex } | undefined;

  constructor(private readonly journal: Pick<Journal, 'readAll'>) {}

  /** Takes in everything up to the journal's end and says what a seal says of it; undefined for an empty journal. */
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
