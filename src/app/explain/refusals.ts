import type { Position } from '../../events/event.js';
import { configError, dataError, type TradeBotError } from '../../kernel/errors.js';
import { isPosition, positionOfText } from '../as-of/moment-text.js';
import { ASKABLE, type Question } from './question.js';

/** Neither journal nor ledger has the subject of the question. */
export function nothingKnown(what: string): TradeBotError {
  return configError({
    code: 'NOTHING_TO_EXPLAIN',
    message: `neither the journal nor the ledger knows ${what}`,
    remedy: `Ask for ${ASKABLE}.`,
  });
}

/** The same for an id or position: one that does not exist, and one that the asker may not see. */
export function nothingAt(question: Extract<Question, { about: 'id' | 'event' }>): TradeBotError {
  if (question.about === 'event') return nothingKnown(`position ${question.position} of the journal`);
  const { id } = question;
  if (isPosition(id)) return nothingKnown(`position ${positionOfText(id)} of the journal`);
  return nothingKnown(`"${id.slice(0, 80)}"`);
}

/** The answer needs events that the ledger has not processed. */
export function ledgerBehind(reached: Position | null, wanted: Position): TradeBotError {
  return dataError({
    code: 'LEDGER_BEHIND',
    message: `the ledger has processed events up to ${reached ?? 'none'}; the answer needs events up to ${wanted}`,
    remedy: 'Let the projections catch up (run the bot, or `tradebot rebuild ledger`), then ask again.',
  });
}
