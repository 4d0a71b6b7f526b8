import { TradeBotError } from '../../kernel/errors.js';

/**
 * What an effect does to positions: an entry opens one; a closing order reduces one, and a cancel opens none. While the journal is away
 * only those that reduce may leave (RUN-42): a stop or a kill waits for no server.
 */
export type EffectKind = 'opens' | 'reduces';

/** What the engine asks before it acts at the broker. */
export interface EffectsGuard {
  /**
   * Before a group of effects: resolves when the journal has a fresh confirmation that this process owns the bot, or when it is away and
   * the effect reduces. Throws JournalError OWNERSHIP_LOST (stop), OWNERSHIP_STALE (retry) while the journal is away, and what the
   * journal throws.
   */
  confirmOwnership(kind: EffectKind): Promise<void>;
  /** Directly before an effect, in the same turn: throws OWNERSHIP_STALE (retry) or OWNERSHIP_LOST (stop). */
  refuseStale(kind: EffectKind): void;
  /** Effects that reduce leave without a confirmation now: somebody else may own the bot. */
  readonly isUnconfirmed: boolean;
}

/** Where the lock of the home keeps every other process away, and no other home reaches the journal. */
export const LOCKED_HOME: EffectsGuard = {
  confirmOwnership: () => Promise.resolve(),
  refuseStale: () => undefined,
  isUnconfirmed: false,
};

/** Why an effect has to wait for a confirmation; undefined when it may leave. Throws what no wait solves. */
export async function waitsForOwnership(guard: EffectsGuard, kind: EffectKind): Promise<TradeBotError | undefined> {
  try {
    await guard.confirmOwnership(kind);
    return undefined;
  } catch (error) {
    if (error instanceof TradeBotError && error.callerMust === 'retry') return error;
    throw error;
  }
}
