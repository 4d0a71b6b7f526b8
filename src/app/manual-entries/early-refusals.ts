import { adjustmentFault } from '../../domain/accounting/adjustment.js';
import { DEFAULT_COA, type Coa } from '../../domain/accounting/coa.js';
import { STREAMS } from '../../events/streams.js';
import type { EpochMs } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import { refuseForm, requireOpen } from '../../trading/reconciliation/resolve-mismatch.js';
import { readAdjustment, type AdjustRequest } from './adjusting-entry.js';
import { readComparison } from './open-mismatches.js';
import { askedEntries, notOpen, readDecision, type ConfirmationRequest } from './entry-confirmation.js';
import { isRecorded } from './manual-entry.js';
import { readResolution, type MismatchRequest } from './mismatch-resolution.js';

/*
 * What can be said of a form at once, by the rules of those who book it: a worker takes seconds to start. The rest, which needs
 * the books, is decided by who books it. What a form says of the present is not judged for a request that is recorded already:
 * its repetition gets the first one's answer.
 */

type Reads = Pick<Journal, 'readAll' | 'readStream'>;

/** Throws what `readAdjustment` throws, and BAD_ADJUSTMENT for an entry that the chart has no account for. */
export async function refuseAdjustment(journal: Reads, request: AdjustRequest): Promise<void> {
  const entry = readAdjustment(request);
  const fault = adjustmentFault(await chartOf(journal), entry);
  if (fault !== undefined && !(await isRecorded(journal, STREAMS.accounting, entry.requestId))) throw fault;
}

/** Throws what `readResolution` and `refuseForm` throw, and MISMATCH_NOT_OPEN. */
export async function refuseResolution(journal: Reads, request: MismatchRequest, now: EpochMs): Promise<void> {
  const { requestId, ...resolution } = readResolution(request);
  const [coa, comparison] = [await chartOf(journal), await readComparison(journal)];
  try {
    refuseForm(resolution, coa, now);
    requireOpen(comparison, resolution.mismatchId);
  } catch (fault) {
    if (!(await isRecorded(journal, STREAMS.accounting, requestId))) throw fault;
  }
}

/**
 * Throws what `readDecision` throws, and CONFIRMATION_NOT_OPEN for an entry that the running session never asked about; one that is
 * decided or too late is left to who decides it, since the decision may be this one.
 */
export async function refuseDecision(journal: Reads, request: ConfirmationRequest): Promise<void> {
  const { signalId } = readDecision(request);
  if (!(await askedEntries(journal)).has(signalId)) throw notOpen(signalId);
}

async function chartOf(journal: Reads): Promise<Pick<Coa, 'accounts'>> {
  const filter = { types: ['CoaChanged'], streamPrefix: STREAMS.accounting } as const;
  const [last] = await journal.readAll({ direction: 'backwards', limit: 1, filter });
  return last?.type === 'CoaChanged' ? last.data : DEFAULT_COA;
}
