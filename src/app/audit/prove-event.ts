import { chainKindOf, Chains, type ChainLink } from '../../domain/audit/chain.js';
import { MerkleTree } from '../../domain/audit/merkle.js';
import { PROOF_FORMAT, proofFaults, type InclusionProof } from '../../domain/audit/proof.js';
import type { SignedSeal } from '../../domain/audit/seal.js';
import type { RecordedEvent } from '../../events/event.js';
import { dataError, journalError } from '../../kernel/errors.js';
import type { Journal } from '../../ports/journal.js';
import type { WalkedJournal } from './history-walk.js';
import { eventsOf } from './journal-tree.js';

/**
 * Makes the proof that a seal covers one event (JRN-30). `wanted` is an event id or a broker's execution id. Throws
 * DataError `EVENT_NOT_SEALED` when the seal does not cover it, JournalError `SEAL_DOES_NOT_FIT` (stop) when the
 * journal does not match the seal.
 */
export async function proveEvent(parts: WalkedJournal, wanted: string, signed: SignedSeal): Promise<InclusionProof> {
  const { seal } = signed;
  const target = await findEvent(parts.journal, wanted, seal.count);
  if (target === undefined) throw notSealed(wanted, signed);
  const tree = new MerkleTree();
  const kind = chainKindOf(seal.position);
  // a seal of before a move: its chain is made again from the texts
  const chains = kind === chainKindOf(target.position) ? undefined : new Chains(kind);
  let link: ChainLink = target;
  for await (const event of eventsOf(parts.journal)) {
    if (tree.count === seal.count) break;
    const own = chains?.next(event.stream, parts.storedText(event)) ?? event;
    if (event.position === target.position) link = own;
    tree.add(own.hash, event.position === target.position);
  }
  const inclusion = tree.path();
  if (inclusion === undefined || tree.count !== seal.count || tree.root() !== seal.merkleRoot) throw misfit(signed);
  const { prevHash, hash } = link;
  const proof: InclusionProof = {
    format: PROOF_FORMAT,
    event: { body: parts.storedText(target), prevHash, hash },
    inclusion,
    seal: signed,
  };
  if (proofFaults(proof).length > 0) throw misfit(signed);
  return proof;
}

async function findEvent(
  journal: Pick<Journal, 'readAll'>,
  wanted: string,
  count: number,
): Promise<RecordedEvent | undefined> {
  let seen = 0;
  for await (const event of eventsOf(journal)) {
    seen += 1;
    if (seen > count) return undefined;
    if (event.id === wanted || executionOf(event) === wanted) return event;
  }
  return undefined;
}

function executionOf(event: RecordedEvent): string | undefined {
  switch (event.type) {
    case 'OrderFilled':
    case 'OrderFillCorrected':
      return event.data.executionId;
    default:
      return undefined;
  }
}

function notSealed(wanted: string, { seal }: SignedSeal): Error {
  return dataError({
    code: 'EVENT_NOT_SEALED',
    message: `seal ${seal.sealId} (${seal.count} events) covers no event or execution "${wanted.slice(0, 100)}"`,
    remedy: 'Give an event id, an execution id or a FITID of this home, and a later seal.',
  });
}

function misfit({ seal }: SignedSeal): Error {
  return journalError('stop', {
    code: 'SEAL_DOES_NOT_FIT',
    message: `the journal does not match seal ${seal.sealId}, so nothing can be proven with it`,
    remedy: 'Run `tradebot verify --seal` with this seal: it reports what does not match.',
    details: { sealId: seal.sealId, count: seal.count },
  });
}
