import type { ClientOrderId } from '../../events/names.js';
import { brokerError, networkError } from '../../kernel/errors.js';

export function refused(code: string, message: string, remedy = 'Correct the request; nothing was changed.'): Error {
  return brokerError('refuse', { code, message, remedy });
}

export function noAnswer(clientOrderId: ClientOrderId): Error {
  return networkError('reconcile', {
    code: 'SUBMIT_TIMEOUT',
    message: `the broker did not answer to order ${clientOrderId}`,
    remedy: 'Query the order by its client id before anything else.',
  });
}
