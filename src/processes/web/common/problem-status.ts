import type { TradeBotError } from '../../../kernel/errors.js';

/** Codes that mean something to HTTP; everything else follows from what the caller must do. */
const BY_CODE: Readonly<Record<string, number>> = {
  WRONG_EXPECTED_REVISION: 409,
  BOT_STATE_TRANSITION: 409,
  ALREADY_PROVISIONED: 409,
  VAULT_LOCKED: 503,
  JOURNAL_BUSY: 503,
};

/** Status of HTTP for an error of the program. */
export function statusOf(error: Pick<TradeBotError, 'code' | 'kind' | 'callerMust'>): number {
  const known = BY_CODE[error.code];
  if (known !== undefined) return known;
  switch (error.callerMust) {
    case 'retry':
    case 'reconcile':
      return 503;
    case 'refuse':
      return error.kind === 'LogicError' ? 409 : error.kind === 'JournalError' ? 503 : 422;
    case 'stop':
      return 500;
  }
}
