import {
  currentVersion,
  streamName,
  type EventData,
  type EventType,
  type Position,
  type RecordedEvent,
} from '../../../src/events/event.js';
import { CANONICAL } from '../../../src/events/generated/canonical.js';
import { commandEventId, sha256Hex, type Sha256Hex } from '../../../src/kernel/hash.js';
import { parseBotIdentity } from '../../../src/kernel/identity.js';
import { epochMs, parseUtcText, toUtcText, type DateText, type UtcText } from '../../../src/kernel/time.js';
import type { Journal } from '../../../src/ports/journal.js';

export const BOT = parseBotIdentity('DEMO_US_SIM_B01');
export const ZEROS = '0'.repeat(64) as Sha256Hex;

export interface Overrides {
  readonly at?: UtcText | string;
  readonly stream?: string;
  readonly revision?: number;
  /** Global order, from 1. */
  readonly position?: number;
  readonly sessionDate?: string | null;
  readonly correlationId?: string;
  readonly actor?: `system:${string}` | `user:${string}`;
}

/** One recorded event; its hash covers only its data, enough to distinguish events. */
export function recorded<T extends EventType>(
  type: T,
  data: EventData<T>,
  overrides: Overrides = {},
): RecordedEvent<T> {
  const at = toUtcText(parseUtcText(overrides.at ?? '2013-10-07T13:30:00.000Z'));
  const position = overrides.position ?? 1;
  const stream = streamName(overrides.stream ?? 'test');
  const text = (CANONICAL[type] as (d: unknown) => string)(data);
  const event: Omit<RecordedEvent, 'type' | 'data'> = {
    id: commandEventId(epochMs(parseUtcText(at)), stream, String(position)),
    schemaVersion: currentVersion(type),
    occurredAt: at,
    meta: {
      correlationId: overrides.correlationId ?? 'test',
      causationId: null,
      actor: overrides.actor ?? 'system:test',
      botIdentity: BOT,
      sessionDate: (overrides.sessionDate === undefined ? at.slice(0, 10) : overrides.sessionDate) as DateText | null,
    },
    stream,
    revision: overrides.revision ?? 0,
    position: String(position).padStart(16, '0') as Position,
    recordedAt: at,
    prevHash: ZEROS,
    hash: sha256Hex(text),
  };
  return { ...event, type, data };
}

/** Events in order, each with the next position; what a projector reads. */
export class Tape implements Pick<Journal, 'head' | 'readAll'> {
  readonly events: RecordedEvent[] = [];

  add<T extends EventType>(type: T, data: EventData<T>, overrides: Overrides = {}): RecordedEvent<T> {
    const event = recorded(type, data, { ...overrides, position: this.events.length + 1 });
    const kept: unknown = event;
    this.events.push(kept as RecordedEvent);
    return event;
  }

  readAll(options: Parameters<Journal['readAll']>[0] = {}): Promise<readonly RecordedEvent[]> {
    const { after, limit = 1000, direction = 'forwards' } = options;
    if (direction === 'backwards') {
      const end = after === undefined ? this.events.length : Number(after) - 1;
      return Promise.resolve(this.events.slice(Math.max(0, end - limit), end).reverse());
    }
    const from = after === undefined ? 0 : Number(after);
    return Promise.resolve(this.events.slice(from, from + limit));
  }

  head(): ReturnType<Journal['head']> {
    const last = this.events.at(-1);
    if (last === undefined) return Promise.resolve(undefined);
    return Promise.resolve({ position: last.position, hash: last.hash, count: this.events.length });
  }
}
