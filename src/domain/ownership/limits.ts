import { SECOND_MS } from '../../kernel/time.js';

/** Confirmations within one instant are shared: the effects of one step need one. */
export const SHARED_MS = 0.5 * SECOND_MS;
/** An effect leaves only while the last confirmation, from before it was sent, is younger. Must be well below HOLD_MS and LEASE_MS. */
export const FRESH_MS = 3 * SECOND_MS;
/** A journal that does not take a confirmation for so long is away. */
export const ANSWER_WITHIN_MS = 3 * SECOND_MS;
/** After a take-over that nobody waited for, the new owner acts only when every confirmation of the old one is too old. */
export const HOLD_MS = 4 * SECOND_MS;
/** A claimant takes over when it saw no confirmation for so long. */
export const LEASE_MS = 15 * SECOND_MS;
/** How often an owner looks for claims, and a claimant for confirmations. */
export const LOOK_MS = SECOND_MS;
/** Time between two looks of a claimant that were answered; after a longer one it begins to count again. */
export const CONNECTED_MS = 4 * SECOND_MS;
