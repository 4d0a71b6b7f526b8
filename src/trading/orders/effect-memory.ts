import type { EpochMs } from '../../kernel/time.js';
import type { ClientOrderId } from '../../events/names.js';

/** Requests of this process to the broker. Losing it is safe: the next process queries before it sends. */
export interface EffectMemory {
  /** Intents of this process that were never sent: only these may be sent without a query. */
  readonly unsent: Set<ClientOrderId>;
  /** Time of the last cancel request; it is repeated while the order is live. */
  readonly cancelSentAt: Map<ClientOrderId, EpochMs>;
  readonly askedAt: Map<ClientOrderId, EpochMs>;
  /** Send time of orders in flight; the response arrives as an update. */
  readonly inFlight: Map<ClientOrderId, EpochMs>;
  readonly failedSends: Map<ClientOrderId, { readonly count: number; readonly notBefore: EpochMs }>;
  /** When the last exit order of a position was intended, in milliseconds of a clock that only goes forwards. */
  readonly exitIntendedAt: Map<string, number>;
}

/** The memory of a process that has done nothing yet. */
export function newEffectMemory(): EffectMemory {
  return {
    unsent: new Set(),
    cancelSentAt: new Map(),
    askedAt: new Map(),
    inFlight: new Map(),
    failedSends: new Map(),
    exitIntendedAt: new Map(),
  };
}
