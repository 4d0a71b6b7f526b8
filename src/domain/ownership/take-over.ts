import type { HowTaken, Owner, Ownership } from './ownership.js';

/** What a process that wants to trade does about the ownership. */
export type Step =
  | { readonly step: 'take'; readonly how: Exclude<HowTaken, 'admin' | 'lease'> }
  /** Claims, and takes over when nothing is confirmed for the lease time. */
  | { readonly step: 'claim' };

/** Whether the process of an owner has certainly ended, by the evidence of this machine. */
export type HasEnded = (owner: Owner) => boolean;

/**
 * What a process that holds the lock of its home does first. Only the same home, by its fingerprint, may say that the last owner is dead
 * without a wait, and only with evidence: the same start of the machine, and no process with that id and start.
 */
export function firstStep(ownership: Ownership, self: Owner, hasEnded: HasEnded): Step {
  const { owner, ended } = ownership;
  if (owner === undefined) return { step: 'take', how: 'first' };
  if (ended) return { step: 'take', how: 'ended' };
  const isOwnHome = owner.fingerprint === self.fingerprint;
  return isOwnHome && hasEnded(owner) ? { step: 'take', how: 'restart' } : { step: 'claim' };
}
