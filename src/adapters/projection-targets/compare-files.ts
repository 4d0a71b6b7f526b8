import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { TargetComparison } from '../../ports/projection-targets.js';
import { systemErrorCode } from '../files/system-error.js';

/** A file in use, its rebuilt copy, and its name under the home. */
export interface FilePair {
  readonly path: string;
  readonly made: string;
  readonly name: string;
}

const CHUNK_BYTES = 1 << 20;

/** SHA-256 of a file read in pieces; undefined when there is none. The file must not be open as a SQLite database. */
export function digestOf(path: string): Sha256Hex | undefined {
  let handle: number;
  try {
    handle = openSync(path, 'r');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const sum = createHash('sha256');
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (let read = readSync(handle, chunk); read > 0; read = readSync(handle, chunk))
      sum.update(chunk.subarray(0, read));
    return sum.digest('hex') as Sha256Hex;
  } finally {
    closeSync(handle);
  }
}

/** `extra` are files on record that the new target does not have. */
export function compareFiles(
  pairs: readonly FilePair[],
  extra: readonly string[],
  sameState: boolean,
): TargetComparison {
  const sorted = [...pairs].sort((a, b) => (a.name < b.name ? -1 : 1));
  const all = createHash('sha256');
  const differences = extra.map((name) => `${name} does not follow from the journal`);
  if (!sameState) differences.push('its state differs');
  for (const { path, made, name } of sorted) {
    const wanted = digestOf(made);
    const there = digestOf(path);
    all.update(`${name}\0${wanted ?? ''}\n`);
    if (there === undefined) differences.push(`${name} is missing`);
    else if (there !== wanted) differences.push(`${name} has other bytes`);
  }
  return { digest: all.digest('hex') as Sha256Hex, differences: differences.sort() };
}
