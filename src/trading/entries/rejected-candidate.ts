import type { Draft } from '../../events/draft.js';
import type { Figures, StrategyName } from '../../events/names.js';
import type { SignalRun } from '../../domain/session/session-run.js';
import type { PoolCandidate } from './entry-candidate.js';

/** Why a candidate with a signal is not traded. */
export interface Rejection {
  readonly strategy: StrategyName;
  readonly candidate: PoolCandidate;
  readonly fallbackLevel: number;
  readonly code: string;
  readonly figures: Figures;
}

/** The event that ends a candidate; the next one by rank may be traded. */
export function rejectedCandidate(
  { data: { signalId }, eventId }: SignalRun,
  { strategy, candidate, fallbackLevel, code, figures }: Rejection,
): Draft<'CandidateRejected'> {
  const { symbol, rank: poolRank } = candidate;
  return {
    type: 'CandidateRejected',
    data: { strategy, symbol, signalId, poolRank, fallbackLevel, code, figures },
    correlationId: signalId,
    causationId: eventId,
  };
}
