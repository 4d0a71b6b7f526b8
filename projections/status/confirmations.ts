import type { EventData } from '../../src/events/event.js';
import { noted, type EventOf, type FieldsOf, type FindingsOf, type StatusHandlers, warning } from './status-part.js';

/** Entries that wait for a person, by signal. */
export interface ConfirmationsStatus {
  readonly confirmations: Record<string, EventData<'EntryConfirmationRequested'>>;
}

/** Before the first event. */
export function newConfirmationsStatus(): ConfirmationsStatus {
  return { confirmations: {} };
}

/** Requests and decisions; a request that nobody decided ends with its session at the latest. */
export const confirmationHandlers = {
  EntryConfirmationRequested: noted((body, event: EventOf<'EntryConfirmationRequested'>) => {
    body.confirmations[event.data.signalId] = event.data;
  }),
  EntryConfirmationDecided: noted((body, event: EventOf<'EntryConfirmationDecided'>) => {
    Reflect.deleteProperty(body.confirmations, event.data.signalId);
  }),
} satisfies Pick<StatusHandlers<'strategy'>, 'EntryConfirmationRequested' | 'EntryConfirmationDecided'>;

/** What waits, oldest first; no field when nothing does. */
export const confirmationFields: FieldsOf = ({ body }) => {
  if (Object.keys(body.confirmations).length === 0) return {};
  const confirmations = Object.values(body.confirmations).map((one) => ({
    signal_id: one.signalId,
    strategy: one.strategy,
    symbol: one.symbol,
    side: one.side,
    quantity: one.quantity,
    price: one.price,
    cost: one.cost,
    expires_at: one.expiresAt,
  }));
  return { confirmations };
};

/** An entry that waits needs a person soon. */
export const confirmationFindings: FindingsOf = ({ body }) =>
  Object.values(body.confirmations).map(({ symbol, side, quantity, expiresAt }) =>
    warning(
      'CONFIRMATION_WAITING',
      `${symbol} ${side} ${quantity} waits for your confirmation until ${expiresAt}`,
      'Confirm or refuse it on the page, or with tradebot confirmations.',
    ),
  );
