import { TradeBotError } from '../../src/kernel/errors.js';

/** The error of ours with which a work is refused; fails when it is not. */
export async function refusalOf(work: Promise<unknown>): Promise<TradeBotError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof TradeBotError) return error;
    throw error;
  }
  throw new Error('it was expected to be refused and was not');
}
