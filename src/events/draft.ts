import type { Uuid } from '../kernel/hash.js';
import type { EpochMs } from '../kernel/time.js';
import type { EventData, EventType } from './event.js';

/** An event to be recorded; the appender adds id, revision and the rest of its envelope. */
export type Draft<T extends EventType = EventType> = {
  [K in T]: {
    readonly type: K;
    readonly data: EventData<K>;
    /** When the world did it; the time of the append when left out. */
    readonly occurredAt?: EpochMs;
    /** Names an event of the world (JRN-10); absent for what the bot itself did. */
    readonly naturalKey?: readonly string[];
    readonly correlationId: string;
    readonly causationId: Uuid | null;
  };
}[T];
