import type { Brand } from './brand.js';
import { configError } from './errors.js';

/** `{ENTITY_CODE}_{JURISDICTION_CODE}_{BROKER_CODE}_{BOT_ID}`: opaque; composed and used in names, never parsed. */
export type BotIdentity = Brand<string, 'BotIdentity'>;

export interface BotIdentityParts {
  readonly entityCode: string;
  readonly jurisdictionCode: string;
  readonly brokerCode: string;
  readonly botId: string;
}

const PART_SHAPE = /^[A-Z0-9]{1,12}$/;
const WHOLE_SHAPE = /^[A-Z0-9]{1,12}(_[A-Z0-9]{1,12}){3}$/;

export function composeBotIdentity(parts: BotIdentityParts): BotIdentity {
  for (const [name, value] of Object.entries(parts) as readonly [keyof BotIdentityParts, string][]) {
    if (!PART_SHAPE.test(value)) {
      throw configError({
        code: 'BAD_IDENTITY_PART',
        message: `${name} "${value.slice(0, 40)}" is not a valid part of a bot identity`,
        remedy: 'Use 1 to 12 capital letters or digits.',
      });
    }
  }
  return `${parts.entityCode}_${parts.jurisdictionCode}_${parts.brokerCode}_${parts.botId}` as BotIdentity;
}

/** Parses a whole identity, as in a file name, without splitting it into parts. */
export function parseBotIdentity(text: string): BotIdentity {
  if (!WHOLE_SHAPE.test(text)) {
    throw configError({
      code: 'BAD_IDENTITY',
      message: `"${text.slice(0, 60)}" is not a bot identity`,
      remedy: 'Write ENTITY_JURISDICTION_BROKER_BOT, each 1 to 12 capital letters or digits, such as DEMO_US_SIM_B01.',
    });
  }
  return text as BotIdentity;
}

/** Splits the four codes of a new identity given as text, separated by underscores. */
export function identityPartsFrom(text: string): BotIdentityParts {
  const [entityCode = '', jurisdictionCode = '', brokerCode = '', botId = ''] = parseBotIdentity(text).split('_');
  return { entityCode, jurisdictionCode, brokerCode, botId };
}
