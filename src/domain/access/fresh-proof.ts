import { type EpochMs, isOver, MINUTE_MS, plusMs } from '../../kernel/time.js';
import type { Permission } from './roles.js';

/** Minutes for which a proof of password and second factor counts in its session. */
export const FRESH_PROOF_MINUTES = 10;
const FRESH_PROOF_MS = FRESH_PROOF_MINUTES * MINUTE_MS;

/** Permissions whose changes need a fresh proof: who gets in, what leaves encrypted, and what the journal leaves out for ever. */
const PROVEN: ReadonlySet<Permission> = new Set<Permission>(['account', 'users', 'secrets', 'streams']);

/** What a session has proven: when, and whether the code of a second factor was a part of it. */
export interface GivenProof {
  readonly at: EpochMs;
  readonly withCode: boolean;
}

/** Whether changes with this permission need a fresh proof, unless the endpoint says why not. */
export function needsFreshProof(permission: Permission): boolean {
  return PROVEN.has(permission);
}

/** Whether a proof counts now. One of a clock that was ahead does not; with a second factor its code is a part of it. */
export function isFresh(proof: GivenProof | undefined, secondFactor: boolean, now: EpochMs): boolean {
  if (proof === undefined || (secondFactor && !proof.withCode)) return false;
  return !isOver(plusMs(proof.at, FRESH_PROOF_MS), FRESH_PROOF_MS, now);
}
