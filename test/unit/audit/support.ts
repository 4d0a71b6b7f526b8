import { JournalTree } from '../../../src/app/audit/journal-tree.js';
import { SEAL_FORMAT, sealMessage, type Seal, type SignedSeal } from '../../../src/domain/audit/seal.js';
import type { SealSigner } from '../../../src/app/audit/seals-projection.js';
import { toUtcText } from '../../../src/kernel/time.js';
import type { Journal } from '../../../src/ports/journal.js';
import { ALPHA, BETA, BOT, float, reset, START } from '../../contract/support/journal-events.js';

/** Appends `count` events to two streams, in batches of three; `prefix` makes their ids. */
export async function fill(journal: Journal, count: number, prefix = 'e'): Promise<void> {
  for (let from = 0; from < count; from += 3) {
    const batch = [0, 1, 2].filter((step) => from + step < count);
    const events = batch.map((step) => {
      const name = `${prefix}${from + step}`;
      return (from + step) % 2 === 0 ? reset(name) : float(name, `${from + step}.00`);
    });
    await journal.append(from % 2 === 0 ? ALPHA : BETA, events, { expectedRevision: 'any' });
  }
}

/** A seal over everything that the journal holds now. */
export async function sealOver(journal: Pick<Journal, 'readAll'>, sealId = '2013-10-07'): Promise<Seal> {
  const covered = await new JournalTree(journal).sealable();
  if (covered === undefined) throw new Error('there is nothing to seal');
  return { format: SEAL_FORMAT, botIdentity: BOT, sealId, ...covered, sealedAt: toUtcText(START) };
}

export function signed(seal: Seal, signer: SealSigner): SignedSeal {
  return { seal, ...signer.sign(sealMessage(seal)) };
}
