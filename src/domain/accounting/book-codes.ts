import type { BotIdentityParts } from '../../kernel/identity.js';

/** The parts of the bot identity as codes, and the account at the broker. Given as parts: the identity is never parsed. */
export interface BookCodes {
  readonly entity: string;
  readonly jurisdiction: string;
  readonly broker: string;
  readonly bot: string;
  readonly account: string;
}

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
