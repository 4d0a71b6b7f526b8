import { chainKindOf, type ChainKind } from '../../domain/audit/chain.js';
import { sealMessage, type Seal, type SignedSeal } from '../../domain/audit/seal.js';
import type { Position } from '../../events/event.js';
import type { BotIdentity } from '../../kernel/identity.js';
import type { VerifyResult } from '../../ports/journal.js';
import { walkHistory, type Walked, type WalkedJournal } from './history-walk.js';
import { restoreThatDropped, type Restored } from './restored-history.js';

export type SealFaultCode =
  | 'SEAL_DAMAGED'
  | 'SEAL_FORGED'
  | 'SEAL_OTHER_KEY'
  | 'SEAL_OTHER_BOT'
  | 'JOURNAL_DAMAGED'
  | 'JOURNAL_CUT'
  | 'JOURNAL_REWRITTEN'
  | 'ROOT_DIFFERS';

export interface SealFault {
  readonly code: SealFaultCode;
  /** One sentence that says what does not match, and where. */
  readonly message: string;
}

/** The result of checking one seal against a journal. */
export interface SealCheck {
  /** The seal's file, or another name for its origin. */
  readonly source: string;
  readonly sealId: string;
  readonly count: number;
  /** Empty when the seal is genuine and the journal still matches it, or a restore accounts for it. */
  readonly faults: readonly SealFault[];
  /** Position of the restore that took the sealed events out of the journal. */
  readonly droppedBy?: Position;
}

export interface SealQuestion {
  readonly source: string;
  readonly signed: SignedSeal;
}

export interface SealTrust {
  readonly identity: BotIdentity;
  /** The key that seals must be signed with, base64; undefined when it is unknown. */
  readonly publicKey: string | undefined;
  /** Restores that the journal records: a seal that one of them dropped is accounted for. */
  readonly restores?: readonly Restored[];
  readonly verifySignature: (message: string, signed: SignedSeal) => boolean;
}

/**
 * Checks seals against a journal in one pass over it. `chain` is the result of `verify`: a journal with a broken chain
 * is reported as damaged there; one with an intact chain that does not match a seal was truncated or rewritten.
 */
export async function checkSeals(
  walked: WalkedJournal,
  questions: readonly SealQuestion[],
  chain: VerifyResult,
  trust: SealTrust,
): Promise<readonly SealCheck[]> {
  const isAsked = chain.ok && questions.length > 0;
  const found = isAsked ? await walkHistory(walked, { sealed: sealsAsked(questions) }) : undefined;
  const checks = questions.map(({ source, signed }): SealCheck => {
    const { seal } = signed;
    const faults = signatureFaults(signed, trust);
    if (!chain.ok) faults.push(damaged(seal, chain));
    const checked = { source, sealId: seal.sealId, count: seal.count };
    const misfits = found === undefined ? [] : contentFaults(seal, found);
    const dropped = misfits.length === 0 ? undefined : restoreThatDropped(trust.restores ?? [], seal);
    if (dropped !== undefined) return { ...checked, faults, droppedBy: dropped.position };
    return { ...checked, faults: [...faults, ...misfits] };
  });
  return narrowed(checks);
}

function sealsAsked(questions: readonly SealQuestion[]): Readonly<Record<ChainKind, ReadonlySet<number>>> {
  const of = (kind: ChainKind): ReadonlySet<number> => {
    const made = questions.filter(({ signed }) => chainKindOf(signed.seal.position) === kind);
    return new Set(made.map(({ signed }) => signed.seal.count));
  };
  return { 'one chain': of('one chain'), 'a chain for each stream': of('a chain for each stream') };
}

function signatureFaults(signed: SignedSeal, trust: SealTrust): SealFault[] {
  const { seal } = signed;
  const faults: SealFault[] = [];
  if (!trust.verifySignature(sealMessage(seal), signed)) {
    faults.push({
      code: 'SEAL_FORGED',
      message: `seal ${seal.sealId} does not match its signature: the file was changed`,
    });
  }
  if (trust.publicKey !== undefined && signed.publicKey !== trust.publicKey) {
    faults.push({
      code: 'SEAL_OTHER_KEY',
      message: `seal ${seal.sealId} is not signed with the trusted key`,
    });
  }
  if (seal.botIdentity !== trust.identity) {
    faults.push({
      code: 'SEAL_OTHER_BOT',
      message: `seal ${seal.sealId} belongs to ${seal.botIdentity}, not to ${trust.identity}`,
    });
  }
  return faults;
}

function damaged(seal: Seal, chain: Extract<VerifyResult, { ok: false }>): SealFault {
  const where = chain.position <= seal.position ? 'under the seal' : `after its last event at ${seal.position}`;
  return {
    code: 'JOURNAL_DAMAGED',
    message: `the journal is damaged at position ${chain.position}, ${where}: ${chain.message} (${chain.code})`,
  };
}

/** The position of a seal is compared where it follows from the number of events: a move to a server gives others. */
function contentFaults(seal: Seal, found: Walked): readonly SealFault[] {
  const kind = chainKindOf(seal.position);
  const end = found.ends[kind].get(seal.count);
  if (end === undefined && found.unreadable !== undefined) {
    return [{ code: 'JOURNAL_REWRITTEN', message: `seal ${seal.sealId} cannot be checked: ${found.unreadable}` }];
  }
  if (end === undefined) {
    const missing = seal.count - found.count;
    const message = `the journal ends after ${found.count} events, seal ${seal.sealId} covers ${seal.count}: at least ${missing} are missing`;
    return [{ code: 'JOURNAL_CUT', message }];
  }
  const { event, hash, root } = end;
  const isThere = kind === 'a chain for each stream' || Number(seal.position) === seal.count;
  if (hash !== seal.hash || !isThere) {
    const message =
      `event ${seal.count} (position ${event.position}) does not match seal ${seal.sealId}, ` +
      'although the chain is intact: the journal was rewritten';
    return [{ code: 'JOURNAL_REWRITTEN', message }];
  }
  if (root !== seal.merkleRoot) {
    const message = `the events under seal ${seal.sealId} have a different Merkle root, although the last event is the same`;
    return [{ code: 'ROOT_DIFFERS', message }];
  }
  return [];
}

const CHANGED: readonly SealFaultCode[] = ['JOURNAL_CUT', 'JOURNAL_REWRITTEN'];

/** An older seal that still matches narrows down where the change is. */
function narrowed(checks: readonly SealCheck[]): readonly SealCheck[] {
  const fitting = checks.filter((check) => check.faults.length === 0 && check.droppedBy === undefined);
  return checks.map((check) => {
    const before = fitting.filter((other) => other.count < check.count).sort((a, b) => b.count - a.count)[0];
    if (before === undefined) return check;
    const note = `; seal ${before.sealId} still matches, so the change is after event ${before.count}`;
    const faults = check.faults.map((fault) =>
      CHANGED.includes(fault.code) ? { ...fault, message: fault.message + note } : fault,
    );
    return { ...check, faults };
  });
}
