import { TradeBotError } from '../../kernel/errors.js';

/** What went wrong, in a sentence for the person who asked. */
export function plainReason(error: unknown): string {
  return error instanceof TradeBotError ? error.line : 'a defect of TradeBot; see error_tracebacks.log';
}
