import type { BotIdentityParts } from '../../kernel/identity.js';

/** Codes of the bot identity and the broker account. Passed as parts, because an identity is never parsed. */
export interface BookCodes {
  readonly entity: string;
  readonly jurisdiction: string;
  readonly broker: string;
  readonly bot: string;
  readonly account: string;
}

/** The codes of the books of a bot. */
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
