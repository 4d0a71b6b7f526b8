import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { MerkleTree, rootOfPath } from '../../../src/domain/audit/merkle.js';
import { sha256Hex, type Sha256Hex } from '../../../src/kernel/hash.js';

const hashes = (count: number): readonly Sha256Hex[] =>
  Array.from({ length: count }, (_, index) => sha256Hex(`event ${index}`));

const digest = (...parts: readonly Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

/** RFC 6962, 2.1, word for word: MTH(D[n]) splits at the largest power of two below n. */
function treeHash(leaves: readonly string[]): Buffer {
  if (leaves.length === 1) return digest(Buffer.from([0]), Buffer.from(leaves[0]!, 'hex'));
  const k = splitOf(leaves.length);
  return digest(Buffer.from([1]), treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)));
}

/** RFC 6962, 2.1.1: PATH(m, D[n]). */
function pathOf(at: number, leaves: readonly string[]): readonly string[] {
  if (leaves.length === 1) return [];
  const k = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return at < k
    ? [...pathOf(at, left), treeHash(right).toString('hex')]
    : [...pathOf(at - k, right), treeHash(left).toString('hex')];
}

function splitOf(count: number): number {
  let k = 1;
  while (k * 2 < count) k *= 2;
  return k;
}

function grown(leaves: readonly Sha256Hex[], marked?: number): MerkleTree {
  const tree = new MerkleTree();
  for (const [index, hash] of leaves.entries()) tree.add(hash, index === marked);
  return tree;
}

describe('the Merkle tree over event hashes', () => {
  test('it has the root of RFC 6962 at every size, also while it grows', () => {
    const leaves = hashes(70);
    const tree = new MerkleTree();
    for (const [index, hash] of leaves.entries()) {
      tree.add(hash);
      expect(tree.root()).toBe(treeHash(leaves.slice(0, index + 1)).toString('hex'));
    }
  });

  test('it gives each event the path of RFC 6962, and the path leads to the root', () => {
    for (const count of [1, 2, 3, 7, 8, 9, 21]) {
      const leaves = hashes(count);
      for (const [index, hash] of leaves.entries()) {
        const tree = grown(leaves, index);
        expect(tree.path()).toEqual({ index, path: pathOf(index, leaves) });
        expect(rootOfPath(hash, tree.path()!, count)).toBe(tree.root());
      }
    }
  });

  test('a path is valid for one event at one position only', () => {
    const leaves = hashes(13);
    const root = grown(leaves).root();
    for (const index of leaves.keys()) {
      const inclusion = grown(leaves, index).path()!;
      for (const other of leaves.keys()) {
        expect(rootOfPath(leaves[other]!, inclusion, 13) === root).toBe(other === index);
        expect(rootOfPath(leaves[index]!, { ...inclusion, index: other }, 13) === root).toBe(other === index);
      }
      for (const count of [1, 7, 8]) expect(rootOfPath(leaves[index]!, inclusion, count)).not.toBe(root);
      for (const at of inclusion.path.keys()) {
        const path = inclusion.path.map((hash, step) => (step === at ? sha256Hex('another') : hash));
        expect(rootOfPath(leaves[index]!, { index, path }, 13)).not.toBe(root);
      }
      for (const path of [inclusion.path.slice(1), [...inclusion.path, root]]) {
        expect(rootOfPath(leaves[index]!, { index, path }, 13)).not.toBe(root);
      }
    }
  });

  test('an inner node is not accepted as an event', () => {
    const leaves = hashes(4);
    const tree = grown(leaves, 2);
    const [, left] = tree.path()!.path;
    expect(rootOfPath(left!, { index: 0, path: tree.path()!.path.slice(1) }, 2)).not.toBe(tree.root());
  });

  test('an empty tree has no root, and an index out of range has no path', () => {
    expect(() => new MerkleTree().root()).toThrow(/without events/);
    for (const index of [-1, 1, 0.5, Number.NaN]) {
      expect(rootOfPath(sha256Hex('x'), { index, path: [] }, 1)).toBeUndefined();
    }
  });
});
