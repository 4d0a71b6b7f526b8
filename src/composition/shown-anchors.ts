import { readFileSync } from 'node:fs';
import { anchoredSealPath } from '../adapters/seal-anchor/anchor-files.js';
import type { SealFile } from '../adapters/seal-keys/seal-files.js';
import { TradeBotError } from '../kernel/errors.js';
import type { AnchorLook } from './seal-anchor.js';

/** How many of the home's seals an anchor directory has. */
export interface ShownAnchor {
  readonly directory: string;
  readonly anchored: number;
  /** Seals that the home does not have. */
  readonly more: number;
  /** Why the directory cannot be read. */
  readonly fault: string | null;
}

/** Anchored seals that are not the bytes of a seal in the home: each is checked like one. */
export function onlyAnchored(looks: readonly AnchorLook[], files: readonly SealFile[]): readonly SealFile[] {
  return looks.flatMap(({ directory, found }) => {
    if (found instanceof TradeBotError) return [];
    const copies = copiesOf(directory, files);
    return found.seals
      .filter(({ path, text }) => copies.get(path) !== text)
      .map(({ path, signed }) => ({ path, signed }));
  });
}

/** Counts for people and programs. */
export function shownAnchors(looks: readonly AnchorLook[], files: readonly SealFile[]): readonly ShownAnchor[] {
  return looks.map(({ directory, found }) => {
    if (found instanceof TradeBotError) return { directory, anchored: 0, more: 0, fault: found.line };
    const copies = copiesOf(directory, files);
    const anchored = found.seals.filter(({ path, text }) => copies.get(path) === text).length;
    return { directory, anchored, more: found.seals.length - anchored, fault: null };
  });
}

/** One line for each directory. */
export function anchorLines(anchors: readonly ShownAnchor[], seals: number): readonly string[] {
  return anchors.map(({ directory, anchored, more, fault }) => {
    const others = more === 0 ? '' : `; ${more} more there`;
    return fault === null
      ? `${anchored} of ${seals} seals are anchored in ${directory}${others}`
      : `the anchored seals cannot be compared: ${fault}`;
  });
}

function copiesOf(directory: string, files: readonly SealFile[]): ReadonlyMap<string, string> {
  return new Map(
    files.flatMap(({ path, signed }) =>
      signed instanceof TradeBotError ? [] : [[anchoredSealPath(directory, signed), readFileSync(path, 'utf8')]],
    ),
  );
}
