import { TradeBotError } from '../../../kernel/errors.js';
import type { WebContext } from '../web-context.js';

/** Name of a user for people to read; the id where nobody has it. */
export function userName(context: WebContext, userId: string): string {
  try {
    return context.users().users.view(userId).name;
  } catch (error) {
    if (error instanceof TradeBotError) return userId;
    throw error;
  }
}

const USER = 'user:';

/** The same of an actor of the journal: `user:<id>` by name, `system:<module>` as it is. */
export function actorName(context: WebContext, actor: string): string {
  return actor.startsWith(USER) ? userName(context, actor.slice(USER.length)) : actor;
}

const USER_ID = /\bU-[0-9a-f]{8,64}\b/g;

/** A sentence of the journal with names where it has ids of users. */
export function withUserNames(context: WebContext, text: string): string {
  return text.replace(USER_ID, (userId) => userName(context, userId));
}
