import { NOBODY, reduceOwnership, type Ownership } from '../../src/domain/ownership/ownership.js';
import type { StatusBody } from './status-state.js';
import type { EventOf, FieldsOf } from './status-part.js';

/** Who trades for the bot, on a journal that several homes can reach. */
export interface OwnershipStatus {
  ownership: Ownership;
}

export function newOwnershipStatus(): OwnershipStatus {
  return { ownership: NOBODY };
}

type OwnershipEvent = EventOf<'OwnershipTaken'> | EventOf<'OwnershipEnded'>;

export function noteOwnership(body: StatusBody, event: OwnershipEvent): void {
  body.ownership = reduceOwnership(body.ownership, event);
}

/** Left out where no ownership is recorded: there the lock of the home keeps others away. */
export const ownershipFields: FieldsOf = ({ body: { ownership } }) => {
  const { number, owner, since, how, ended } = ownership;
  if (owner === undefined) return {};
  const { machine, home } = owner;
  return { ownership: { number, machine, home, since, how, ended } };
};
