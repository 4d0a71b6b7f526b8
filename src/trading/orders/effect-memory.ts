import type { EpochMs } from '../../kernel/time.js';
import type { ClientOrderId } from '../../events/names.js';

/** What this process did at the broker; lost with it, which is safe: a successor asks before it sends. */
export interface EffectMemory {
  /** Intents of this process that were never handed over: only they may be sent without asking. */
  readonly unsent: Set<ClientOrderId>;
  /** When a cancel was last handed over; it is handed over again while the order lives on. */
  readonly cancelSentAt: Map<ClientOrderId, EpochMs>;
  readonly askedAt: Map<ClientOrderId, EpochMs>;
  /** Handed over, and not waited for: since when. Its answer comes as news. */
  readonly inFlight: Map<ClientOrderId, EpochMs>;
  readonly failedSends: Map<ClientOrderId, { readonly count: number; readonly notBefore: EpochMs }>;
}

/** The memory of a process that has done nothing yet. */
export function newEffectMemory(): EffectMemory {
  return {
    unsent: new Set(),
    cancelSentAt: new Map(),
    askedAt: new Map(),
    inFlight: new Map(),
    failedSends: new Map(),
  };
}
