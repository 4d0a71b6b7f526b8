import { KEY_REFUSED, KEY_REFUSED_REMEDY } from '../../domain/risk/key-refused.js';
import type { RecordedEvent } from '../../events/event.js';

/** What an event says on the terminal: a fault that only a person ends; undefined for all others. */
export function noticeOf({ type, data, meta }: RecordedEvent): string | undefined {
  if (type === 'BrokerSuspended' && data.code === KEY_REFUSED) {
    return `The broker refuses the key: ${data.message}. ${KEY_REFUSED_REMEDY}`;
  }
  // Decisions of main were reported by then, also when the journal refused them.
  if (type === 'BotStateChanged' && data.to === 'error' && meta.actor !== 'system:main') {
    return `The bot is in error: ${data.reason}`;
  }
  return undefined;
}
