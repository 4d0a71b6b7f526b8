import { TradeBotError } from '../../../src/kernel/errors.js';

/** The TradeBotError that `work` throws; anything else, or nothing, fails the test. */
export function failureOf(work: () => unknown): TradeBotError {
  try {
    work();
  } catch (error) {
    if (error instanceof TradeBotError) return error;
    throw error;
  }
  throw new Error('it was expected to throw a TradeBotError and did not');
}
