import type { AppendedEvent, EventData } from '../../events/event.js';
import type { Uuid } from '../../kernel/hash.js';
import type { UtcText } from '../../kernel/time.js';

/** Who owns a bot: a start of its engine in a home. */
export type Owner = EventData<'OwnershipTaken'>['owner'];
export type HowTaken = EventData<'OwnershipTaken'>['how'];

/** The ownership of a bot as its stream has it. */
export interface Ownership {
  /** Zero while nobody has owned the bot. */
  readonly number: number;
  readonly owner: Owner | undefined;
  /** When the owner took it, by the clock of the owner. */
  readonly since: UtcText | undefined;
  readonly how: HowTaken | undefined;
  /** The owner has ended in order. */
  readonly ended: boolean;
  /** A person took it from an owner that may live, and nobody has confirmed it since: the new owner waits before it acts. */
  readonly holds: boolean;
  /** Somebody claims it, and the owner has not confirmed it since. */
  readonly claimed: boolean;
  /** Confirmations of this owner so far; a claimant sees by it that the owner lives. */
  readonly confirmations: number;
  /** The last confirmation of this owner; a clone of its process wrote it when the nonce is not its own. */
  readonly lastNonce: Uuid | undefined;
}

export const NOBODY: Ownership = {
  ...{ number: 0, owner: undefined, since: undefined, how: undefined },
  ...{ ended: false, holds: false, claimed: false, confirmations: 0, lastNonce: undefined },
};

/** The ownership after an event; others, and those of an earlier number, change nothing. */
export function reduceOwnership(before: Ownership, event: AppendedEvent): Ownership {
  switch (event.type) {
    case 'OwnershipTaken': {
      const { number, owner, how } = event.data;
      if (number <= before.number) return before;
      const inherits = how === 'restart' || how === 'ended';
      const holds = how === 'admin' || (inherits && before.holds);
      return { ...NOBODY, number, owner, how, holds, since: event.occurredAt };
    }
    case 'OwnershipClaimed':
      return event.data.number === before.number ? { ...before, claimed: true } : before;
    case 'OwnershipConfirmed': {
      const { number, instance, nonce } = event.data;
      if (number !== before.number || instance !== before.owner?.instance) return before;
      return { ...before, holds: false, claimed: false, confirmations: before.confirmations + 1, lastNonce: nonce };
    }
    case 'OwnershipEnded':
      return event.data.number === before.number ? { ...before, ended: true } : before;
    default:
      return before;
  }
}

/** Whether the process is the owner now, as far as its number says. */
export function isOwner({ owner, ended }: Ownership, self: Owner): boolean {
  return owner?.instance === self.instance && !ended;
}

/** The owner in words, for errors, pages and logs. */
export function ownerText({ number, owner, since, how }: Ownership): string {
  if (owner === undefined) return 'nobody';
  return `${owner.home} on ${owner.machine} (ownership ${number}${how === undefined ? '' : `, ${HOW_WORDS[how]}`}, since ${since ?? 'an unknown time'})`;
}

/** How an ownership came about, in words. */
export const HOW_WORDS: Readonly<Record<HowTaken, string>> = {
  first: 'the first',
  ended: 'after the last owner ended',
  restart: 'after a restart',
  lease: 'after the last owner was silent',
  admin: 'taken by an admin',
};
