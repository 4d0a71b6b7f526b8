import { TradeBotError } from '../../kernel/errors.js';

/** The cause of an error in one sentence, for the user who sent the command. */
export function plainReason(error: unknown): string {
  return error instanceof TradeBotError ? error.line : 'a defect of TradeBot; see error_tracebacks.log';
}
