import type { Position } from '../../events/event.js';
import { configError, dataError, type TradeBotError } from '../../kernel/errors.js';
import { ASKABLE } from './question.js';

/** Neither journal nor ledger has the subject of the question. */
export function nothingKnown(what: string): TradeBotError {
  return configError({
    code: 'NOTHING_TO_EXPLAIN',
    message: `neither the journal nor the ledger knows ${what}`,
    remedy: `Ask for ${ASKABLE}.`,
  });
}

/** The answer needs events that the ledger has not processed. */
export function ledgerBehind(reached: Position | null, wanted: Position): TradeBotError {
  return dataError({
    code: 'LEDGER_BEHIND',
    message: `the ledger has processed events up to ${reached ?? 'none'}; the answer needs events up to ${wanted}`,
    remedy: 'Let the projections catch up (run the bot, or `tradebot rebuild ledger`), then ask again.',
  });
}
