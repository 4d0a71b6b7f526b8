import type { Brand } from '../kernel/brand.js';
import { configError } from '../kernel/errors.js';
import type { Sha256Hex, Uuid } from '../kernel/hash.js';
import type { BotIdentity } from '../kernel/identity.js';
import type { DateText, UtcText } from '../kernel/time.js';
import { CURRENT_VERSION, type EVENT_CONTEXTS } from './generated/catalog.js';
import type { EventDataByType } from './generated/types.js';

type Plain = string | number | boolean | null | undefined;
type DeepReadonly<T> = T extends Plain
  ? T
  : T extends readonly (infer Item)[]
    ? readonly DeepReadonly<Item>[]
    : { readonly [K in keyof T]: DeepReadonly<T[K]> };

export type EventType = keyof EventDataByType;
export type EventData<T extends EventType> = DeepReadonly<EventDataByType[T]>;
export type EventContext = keyof typeof EVENT_CONTEXTS;
export type TypesOf<C extends EventContext> = (typeof EVENT_CONTEXTS)[C][number];

/** Name of a stream, the ordered events of one subject: `order-<id>`, `position-<symbol>`, `session-<date>`, `config` ... */
export type StreamName = Brand<string, 'StreamName'>;
const STREAM_SHAPE = /^[a-z][a-z-]*(-[A-Za-z0-9._:-]{1,100})?$/;

export function streamName(kind: string, id?: string): StreamName {
  const text = id === undefined ? kind : `${kind}-${id}`;
  if (!STREAM_SHAPE.test(text)) {
    throw configError({
      code: 'BAD_STREAM_NAME',
      message: `"${text.slice(0, 80)}" is not a stream name`,
      remedy: 'Use a kind in small letters and an id of letters, digits, dots, dashes and underscores.',
    });
  }
  return text as StreamName;
}

export function parseStreamName(text: string): StreamName {
  return streamName(text);
}

/** `system:<module>` or `user:<id>`. */
export type Actor = `system:${string}` | `user:${string}`;

export interface EventMeta {
  /** Groups related events: a signal with its orders, fills and postings. */
  readonly correlationId: string;
  /** Id of the event that caused this one; null when the cause is outside the journal. */
  readonly causationId: Uuid | null;
  readonly actor: Actor;
  readonly botIdentity: BotIdentity;
  /** Trading day of the event; null outside a session. */
  readonly sessionDate: DateText | null;
}

/** An event on its way into the journal. */
export type NewEvent<T extends EventType = EventType> = {
  [K in T]: {
    readonly id: Uuid;
    readonly type: K;
    readonly schemaVersion: number;
    /** Time of occurrence: the broker's fill time, or the bot's clock for its own actions. */
    readonly occurredAt: UtcText;
    readonly data: EventData<K>;
    readonly meta: EventMeta;
  };
}[T];

/**
 * Position in the global order. Opaque: compare it as text (`<`, `===`), never calculate with it. The sqlite journal is
 * gapless; the position of EventStoreDB is a commit/prepare pair.
 */
export type Position = Brand<string, 'Position'>;

/** An event that an append has stored: its place in its stream, without that in the global order. */
export type AppendedEvent<T extends EventType = EventType> = NewEvent<T> & {
  readonly stream: StreamName;
  /** Index in its stream, from 0. */
  readonly revision: number;
  readonly recordedAt: UtcText;
  readonly prevHash: Sha256Hex;
  readonly hash: Sha256Hex;
};

/** An event as stored in the journal. */
export type RecordedEvent<T extends EventType = EventType> = AppendedEvent<T> & { readonly position: Position };

const TYPES: ReadonlySet<string> = new Set(Object.keys(CURRENT_VERSION));

export function isEventType(text: string): text is EventType {
  return TYPES.has(text);
}

export function currentVersion(type: EventType): number {
  return CURRENT_VERSION[type];
}
