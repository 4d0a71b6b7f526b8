import type { RecordedEvent } from '../../events/event.js';
import type { UtcText } from '../../kernel/time.js';

/** A time in which the broker was not reachable. */
export interface Outage {
  readonly from: UtcText;
  readonly to: UtcText;
}

/** The outages of a session, in order; one that did not end lasted until `closesAt`. */
export function recordedOutages(events: readonly RecordedEvent[], closesAt: UtcText): readonly Outage[] {
  const outages: Outage[] = [];
  let from: UtcText | undefined;
  for (const { type, occurredAt } of events) {
    if (type === 'BrokerSuspended') from ??= occurredAt;
    if (type !== 'BrokerResumed' || from === undefined) continue;
    outages.push({ from, to: occurredAt });
    from = undefined;
  }
  return from === undefined ? outages : [...outages, { from, to: closesAt }];
}
