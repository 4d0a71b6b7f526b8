import { createHash } from 'node:crypto';
import { remade } from '../../../projections/kit/evidence-job.js';
import type { KeptFile } from '../../../projections/kit/projection.js';
import { TradeBotError } from '../../kernel/errors.js';
import { sha256Hex, type Sha256Hex } from '../../kernel/hash.js';
import type { TargetComparison } from '../../ports/projection-targets.js';
import { writeFileOnce } from '../files/atomic-write.js';
import { causeText, systemErrorCode } from '../files/system-error.js';
import { digestOf } from './compare-files.js';

/** What was found of one piece of evidence. */
export interface KeptState {
  /** Whether the file exists. */
  readonly exists: boolean;
  /** What is wrong, in one sentence without the name of the file; null when nothing is. */
  readonly difference: string | null;
}

const FITS: KeptState = { exists: true, difference: null };

/**
 * Compares a file with what the journal says of it. Events of earlier versions may say it more than once (the same export
 * made again): each of them is a right answer. A missing file is no difference here.
 */
function comparedKept(files: readonly KeptFile[]): KeptState {
  const [first] = files;
  if (first === undefined) return FITS;
  const found = foundAt(first.path);
  if (found === undefined) return { exists: false, difference: null };
  if ('unreadable' in found) return { exists: true, difference: `it cannot be read: ${found.unreadable}` };
  const made = attempt(() => files.map((file) => file.sha256 ?? sha256Hex(file.text())));
  if ('why' in made) return { exists: true, difference: `it cannot be compared: ${made.why}` };
  const wanted = made.value;
  if (wanted.includes(found.sha256)) return FITS;
  const last = wanted.at(-1) ?? '';
  return {
    exists: true,
    difference: `its SHA-256 is ${short(found.sha256)}, by the journal it is ${short(last)}; it was left as it is`,
  };
}

/** Compares as `comparedKept` does, and writes the file when it is missing: the last version that can be made. */
export function keptOrWritten(files: readonly KeptFile[]): KeptState {
  const state = comparedKept(files);
  if (state.exists) return state;
  let why = '';
  for (const file of [...files].reverse()) {
    const made = attemptToMake(file);
    if ('why' in made) why ||= made.why;
    else return writeFileOnce(file.path, made.text) ? FITS : comparedKept(files);
  }
  return { exists: false, difference: `it is missing and cannot be made again: ${why}` };
}

/** Whether the journal still gives the bytes that it says. */
function journalFault(file: KeptFile): string | null {
  if (file.earlier !== null) return null;
  const made = attemptToMake(file);
  return 'why' in made ? `it does not follow from the journal: ${made.why}` : null;
}

/** Compares all evidence of a projection for `rebuild --check`; nothing is written. */
export function comparedEvidence(kept: readonly KeptFile[], under: (path: string) => string): TargetComparison {
  const files = [...byPath(kept)].map(([path, ofPath]) => ({ name: under(path), ofPath }));
  const all = createHash('sha256');
  const differences: string[] = [];
  for (const { name, ofPath } of files.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const { exists, difference } = comparedKept(ofPath);
    const found = [exists ? difference : 'it is missing', ...ofPath.map(journalFault)];
    differences.push(...new Set(found.flatMap((one) => (one === null ? [] : [`${name}: ${one}`]))));
    const last = ofPath.at(-1);
    const made = attempt(() => (last === undefined ? '' : (last.sha256 ?? sha256Hex(last.text()))));
    all.update(`${name}\0${'value' in made ? made.value : ''}\n`);
  }
  return { digest: all.digest('hex') as Sha256Hex, differences };
}

type Attempt<T> = { readonly value: T } | { readonly why: string };

/** One piece of evidence that cannot be made must not stop the others; what passes by waiting is thrown. */
function attempt<T>(work: () => T): Attempt<T> {
  try {
    return { value: work() };
  } catch (error) {
    if (!(error instanceof TradeBotError) || error.callerMust === 'retry') throw error;
    return { why: `${error.message} (${error.code})` };
  }
}

function attemptToMake(file: KeptFile): ReturnType<typeof remade> {
  const made = attempt(() => remade(file));
  return 'why' in made ? made : made.value;
}

function foundAt(path: string): { readonly sha256: Sha256Hex } | { readonly unreadable: string } | undefined {
  try {
    const sha256 = digestOf(path);
    return sha256 === undefined ? undefined : { sha256 };
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return { unreadable: causeText(error) };
  }
}

function short(digest: string): string {
  return `${digest.slice(0, 12)}...`;
}

/** The versions of each file, in the order of the journal. */
export function byPath(files: readonly KeptFile[]): ReadonlyMap<string, readonly KeptFile[]> {
  const all = new Map<string, KeptFile[]>();
  for (const file of files) {
    const known = all.get(file.path);
    if (known === undefined) all.set(file.path, [file]);
    else known.push(file);
  }
  return all;
}
