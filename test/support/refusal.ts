import { TradeBotError } from '../../src/kernel/errors.js';

/** The TradeBotError that refuses the work; fails when it is not refused. */
export async function refusalOf(work: Promise<unknown>): Promise<TradeBotError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof TradeBotError) return error;
    throw error;
  }
  throw new Error('it was expected to be refused and was not');
}
