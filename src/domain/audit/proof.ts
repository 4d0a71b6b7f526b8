import { canonicalJson } from '../../kernel/canonical-json.js';
import { dataError, type TradeBotError } from '../../kernel/errors.js';
import { sha256Hex, type Sha256Hex } from '../../kernel/hash.js';
import { rootOfPath, type InclusionPath } from './merkle.js';
import { isSignedSeal, type SignedSeal } from './seal.js';

export const PROOF_FORMAT = 'tradebot-proof-1';

/** Proof of one event for an auditor: the event, its path in the tree, and the seal with the root of the tree. */
export interface InclusionProof {
  readonly format: typeof PROOF_FORMAT;
  readonly event: {
    /** The exact text that the journal stores and hashes. */
    readonly body: string;
    readonly prevHash: Sha256Hex;
    /** SHA-256 over prevHash and body. */
    readonly hash: Sha256Hex;
  };
  readonly inclusion: InclusionPath;
  readonly seal: SignedSeal;
}

export type ProofFault = 'BODY_HASH' | 'PATH' | 'BOT';

export function proofText(proof: InclusionProof): string {
  return `${JSON.stringify(JSON.parse(canonicalJson(proof)), null, 2)}\n`;
}

/**
 * Checks a proof except its signature: the text matches its hash, the path leads from that hash to the sealed root, and
 * text and seal name the same bot. Empty when the proof is valid.
 */
export function proofFaults({ event, inclusion, seal }: InclusionProof): readonly ProofFault[] {
  const faults: ProofFault[] = [];
  if (sha256Hex(event.prevHash + event.body) !== event.hash) faults.push('BODY_HASH');
  if (rootOfPath(event.hash, inclusion, seal.seal.count) !== seal.seal.merkleRoot) faults.push('PATH');
  if (botOf(event.body) !== seal.seal.botIdentity) faults.push('BOT');
  return faults;
}

function botOf(body: string): unknown {
  try {
    const { meta } = JSON.parse(body) as { readonly meta?: { readonly botIdentity?: unknown } };
    return meta?.botIdentity;
  } catch {
    return undefined;
  }
}

const HEX = /^[0-9a-f]{64}$/;

/** Parses a proof file without checking the proof; `source` names the file in the error PROOF_UNREADABLE. */
export function parseProof(text: string, source: string): InclusionProof {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unreadable(source, 'it is not JSON', cause);
  }
  if (!isProof(value)) throw unreadable(source, `its members do not match ${PROOF_FORMAT}`);
  return value;
}

function isProof(value: unknown): value is InclusionProof {
  if (typeof value !== 'object' || value === null) return false;
  const { format, event, inclusion, seal } = value as Partial<Record<keyof InclusionProof, unknown>>;
  if (format !== PROOF_FORMAT || !isSignedSeal(seal)) return false;
  const { body, prevHash, hash } = (event ?? {}) as Readonly<Record<string, unknown>>;
  const { index, path } = (inclusion ?? {}) as Readonly<Record<string, unknown>>;
  return (
    typeof body === 'string' &&
    isDigest(prevHash) &&
    isDigest(hash) &&
    typeof index === 'number' &&
    Array.isArray(path) &&
    path.every(isDigest)
  );
}

function isDigest(value: unknown): boolean {
  return typeof value === 'string' && HEX.test(value);
}

function unreadable(source: string, why: string, cause?: unknown): TradeBotError {
  return dataError({
    code: 'PROOF_UNREADABLE',
    message: `${source} is not an inclusion proof: ${why}`,
    remedy: 'Use an unmodified proof file from `tradebot proof`.',
    cause,
  });
}
