import { configError, type TradeBotError } from '../../kernel/errors.js';

/** The refusal of a task that needs a home that is set up. */
export function notProvisioned(home: string): TradeBotError {
  return configError({
    code: 'NOT_PROVISIONED',
    message: `${home} is not set up yet`,
    remedy: 'Complete the setup page first; setup resumes where it was interrupted.',
  });
}
