import type { ExchangeSession } from '../../domain/calendar/nyse.js';
import { TradeBotError } from '../../kernel/errors.js';
import { classify } from '../errors/classify.js';
import type { BeginSession, SessionInputs, SessionRunner } from './session-runner.js';

/**
 * Makes the session of a day. What a feed or a broker throws meanwhile is a fault of that session, whatever its kind: a
 * DataError SESSION_NOT_BEGUN. Faults of the program and of the journal pass unchanged.
 */
export function sessionBegun(begin: BeginSession, day: ExchangeSession, inputs: SessionInputs): SessionRunner {
  try {
    return begin(day, inputs);
  } catch (error) {
    if (error instanceof TradeBotError) throw error;
    throw new TradeBotError('DataError', 'refuse', {
      code: 'SESSION_NOT_BEGUN',
      message: `the session of ${day.date} cannot begin: ${classify(error).message}`,
      remedy: 'Check the market data and the broker, then start the bot again.',
      cause: error,
    });
  }
}
