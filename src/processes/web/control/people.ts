import { TradeBotError } from '../../../kernel/errors.js';
import type { House } from '../house.js';

/** Name of a user for people to read; the id where nobody has it. */
export function personName(house: House, userId: string): string {
  try {
    return house.users().users.view(userId).name;
  } catch (error) {
    if (error instanceof TradeBotError) return userId;
    throw error;
  }
}

const USER = 'user:';

/** The same of an actor of the journal: `user:<id>` by name, `system:<module>` as it is. */
export function actorName(house: House, actor: string): string {
  return actor.startsWith(USER) ? personName(house, actor.slice(USER.length)) : actor;
}
