import { invariant } from '../../kernel/errors.js';
import { sha256Hex, type Sha256Hex } from '../../kernel/hash.js';

/** Prefix of a hashed leaf; different prefixes keep a leaf from passing as a node (RFC 6962, 2.1). */
const LEAF = 0x00;
const NODE = 0x01;
const HASH_BYTES = 32;

const leafBytes = Buffer.alloc(1 + HASH_BYTES, LEAF);
const nodeBytes = Buffer.alloc(1 + 2 * HASH_BYTES, NODE);

/** The leaf of an event: SHA-256 over 0x00 and the 32 bytes of the event's own hash. */
function leafHash(eventHash: Sha256Hex): Sha256Hex {
  leafBytes.write(eventHash, 1, 'hex');
  return sha256Hex(leafBytes);
}

/** SHA-256 over 0x01 and the bytes of both children. */
function nodeHash(left: Sha256Hex, right: Sha256Hex): Sha256Hex {
  nodeBytes.write(left, 1, 'hex');
  nodeBytes.write(right, 1 + HASH_BYTES, 'hex');
  return sha256Hex(nodeBytes);
}

/** Path of an event in the tree: its index from 0, and the siblings from its leaf up to the root. */
export interface InclusionPath {
  readonly index: number;
  readonly path: readonly Sha256Hex[];
}

interface Subtree {
  readonly hash: Sha256Hex;
  /** Leaves below it: a power of two. */
  readonly size: number;
  readonly marked: boolean;
}

/**
 * The Merkle tree of RFC 6962 over event hashes in journal order, built incrementally: it keeps only the complete
 * subtrees on its right edge, log2(n) of them. One event may be marked to obtain its path to the root.
 */
export class MerkleTree {
  readonly #edge: Subtree[] = [];
  readonly #siblings: Sha256Hex[] = [];
  #count = 0;
  #markedIndex: number | undefined;

  get count(): number {
    return this.#count;
  }

  add(eventHash: Sha256Hex, marked = false): void {
    if (marked) {
      invariant(this.#markedIndex === undefined, 'MERKLE_MARKED_TWICE', 'a second event was marked in one tree');
      this.#markedIndex = this.#count;
    }
    let grown: Subtree = { hash: leafHash(eventHash), size: 1, marked };
    for (let left = this.#edge.at(-1); left?.size === grown.size; left = this.#edge.at(-1)) {
      this.#edge.pop();
      this.#meet(left, grown, this.#siblings);
      grown = { hash: nodeHash(left.hash, grown.hash), size: left.size * 2, marked: left.marked || grown.marked };
    }
    this.#edge.push(grown);
    this.#count += 1;
  }

  /** Root over all events added so far; more may be added later. */
  root(): Sha256Hex {
    return this.#close([]);
  }

  /** Undefined when no event was marked. */
  path(): InclusionPath | undefined {
    if (this.#markedIndex === undefined) return undefined;
    const path = [...this.#siblings];
    this.#close(path);
    return { index: this.#markedIndex, path };
  }

  /** Joins the subtrees on the edge, the smallest first. */
  #close(siblings: Sha256Hex[]): Sha256Hex {
    const last = this.#edge.at(-1);
    invariant(last !== undefined, 'MERKLE_EMPTY', 'a tree without events has no root');
    let right = last;
    for (let at = this.#edge.length - 2; at >= 0; at -= 1) {
      const left = this.#edge[at];
      if (left === undefined) continue;
      this.#meet(left, right, siblings);
      right = {
        hash: nodeHash(left.hash, right.hash),
        size: left.size + right.size,
        marked: left.marked || right.marked,
      };
    }
    return right.hash;
  }

  #meet(left: Subtree, right: Subtree, siblings: Sha256Hex[]): void {
    if (left.marked) siblings.push(right.hash);
    if (right.marked) siblings.push(left.hash);
  }
}

/**
 * The root that a path leads to (RFC 9162, 2.1.3.2); undefined when its length does not fit a tree of `count` leaves or
 * the index is outside it. The seal states the tree size; no other index of a tree of that size fits the path.
 */
export function rootOfPath(eventHash: Sha256Hex, { index, path }: InclusionPath, count: number): Sha256Hex | undefined {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(count) || index < 0 || index >= count) return undefined;
  let at = index;
  let last = count - 1;
  let hash = leafHash(eventHash);
  for (const sibling of path) {
    if (last === 0) return undefined;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash);
      while (at % 2 === 0 && at !== 0) {
        at = Math.floor(at / 2);
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? hash : undefined;
}
