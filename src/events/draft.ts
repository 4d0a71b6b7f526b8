import type { Uuid } from '../kernel/hash.js';
import type { EpochMs } from '../kernel/time.js';
import type { EventData, EventType } from './event.js';

/** An event to be recorded; the appender adds id, revision and the rest of its envelope. */
export type Draft<T extends EventType = EventType> = {
  [K in T]: {
    readonly type: K;
    readonly data: EventData<K>;
    /** Time of the external event; defaults to the time of the append. */
    readonly occurredAt?: EpochMs;
    /** Identifies an external event (JRN-10); absent for an action of the bot. */
    readonly naturalKey?: readonly string[];
    readonly correlationId: string;
    readonly causationId: Uuid | null;
  };
}[T];
