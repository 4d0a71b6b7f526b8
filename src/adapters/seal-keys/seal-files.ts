import { readFileSync } from 'node:fs';
import { parseSignedSeal, type SignedSeal } from '../../domain/audit/seal.js';
import { parseProof, type InclusionProof } from '../../domain/audit/proof.js';
import { dataError, TradeBotError } from '../../kernel/errors.js';
import { namesIn } from '../files/names-in.js';
import { causeText } from '../files/system-error.js';

export interface SealFile {
  readonly path: string;
  /** Or why the file cannot be read as a seal. */
  readonly signed: SignedSeal | TradeBotError;
}

const SEAL_NAME = /^seal_.+\.json$/;

/** Every seal in a folder by its name; none when the folder does not exist. A damaged one is reported, not thrown. */
export function readSeals(dir: string): readonly SealFile[] {
  return namesIn(dir)
    .filter((name) => SEAL_NAME.test(name))
    .map((name) => ({ path: `${dir}/${name}`, signed: sealOrFault(`${dir}/${name}`) }));
}

function sealOrFault(path: string): SignedSeal | TradeBotError {
  try {
    return readSeal(path);
  } catch (error) {
    if (error instanceof TradeBotError) return error;
    throw error;
  }
}

/** Throws DataError `SEAL_UNREADABLE` or `FILE_UNREADABLE`. */
export function readSeal(path: string): SignedSeal {
  return parseSignedSeal(textOf(path), path);
}

/** Throws DataError `PROOF_UNREADABLE` or `FILE_UNREADABLE`. */
export function readProof(path: string): InclusionProof {
  return parseProof(textOf(path), path);
}

/** Far above any proof: a proof of one event in 2^53 has 53 hashes. */
const MOST_CHARACTERS = 4_000_000;

function textOf(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw dataError({
      code: 'FILE_UNREADABLE',
      message: `${path} cannot be read: ${causeText(cause)}`,
      remedy: 'Check the name and the read permission.',
      cause,
    });
  }
  return text.slice(0, MOST_CHARACTERS);
}
