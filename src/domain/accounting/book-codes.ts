import type { BookCodes } from './book.js';
import type { BotIdentityParts } from '../../kernel/identity.js';

/** Codes of the books; the account is the broker's name for it. */
export function bookCodesOf(parts: BotIdentityParts): BookCodes {
  const { entityCode, jurisdictionCode, brokerCode, botId } = parts;
  return {
    entity: entityCode,
    jurisdiction: jurisdictionCode,
    broker: brokerCode,
    bot: botId,
    account: `${brokerCode}-${botId}`,
  };
}
