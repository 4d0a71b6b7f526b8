import { binaryEvent } from '@eventstore/db-client';
import type { EventData } from '@eventstore/db-client';
import type { EventMeta, RecordedEvent, StreamName } from '../../events/event.js';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { TradeBotError } from '../../kernel/errors.js';
import { sha256Hex, type Sha256Hex } from '../../kernel/hash.js';
import { epochMs, LATEST_TIME, toUtcText, type UtcText } from '../../kernel/time.js';
import { bodyText, chainHash, decodeEvent, type EncodedEvent, type StoredEvent } from '../event-codec/codec.js';
import { unreadable } from './esdb-errors.js';
import { positionText, type LogPosition } from './esdb-position.js';

/** An event as the server stores it: `data` and `metadata` are the exact stored bytes, as text. */
export interface EsdbRecord {
  /** Without the prefix of the bot; `$$` and that for the stream of its settings. */
  readonly stream: StreamName;
  readonly revision: number;
  readonly type: string;
  readonly serverId: string;
  /** null when a stream was read from a server that does not report positions there. */
  readonly position: LogPosition | null;
  readonly data: string;
  readonly metadata: string;
  /** Time of the server: 100 ns since 1970, as text; empty when it was not reported. */
  readonly ticks: string;
  /** Of data and metadata that are no text: their digest, which the text cannot give. */
  readonly digest?: Sha256Hex;
}

/** The event's metadata: the envelope, and the link of the stream's chain. */
interface Envelope {
  readonly hash: Sha256Hex;
  readonly id: string;
  readonly meta: EventMeta;
  readonly occurredAt: UtcText;
  readonly prevHash: Sha256Hex;
  readonly recordedAt: UtcText;
  readonly schemaVersion: number;
}

export interface Link {
  readonly id: string;
  readonly prevHash: Sha256Hex;
  readonly hash: Sha256Hex;
}

/** An event that is what it says: its bytes, its revision and its stream give its hash. */
export interface OwnRecord {
  readonly record: EsdbRecord;
  readonly link: Link & { readonly body: string };
  /** The bot that wrote it. */
  readonly botIdentity: string;
}

/** Why an event is not one that this program wrote at this place. */
export interface NotOurs {
  readonly code: 'UNREADABLE' | 'HASH_MISMATCH' | 'COLUMN_MISMATCH';
  readonly message: string;
  /** The hash that it names as that of the event before it. */
  readonly prevHash?: string;
}

/** Whether an event is what it says. A stranger can copy an event, but not to another revision or stream. */
export function judge(record: EsdbRecord): OwnRecord | NotOurs {
  const place = placeOf(record);
  try {
    const link = linkedBody(record);
    const { prevHash, hash } = link;
    if (chainHash(prevHash, link.body) !== hash) {
      return { code: 'HASH_MISMATCH', message: `${place} does not match its hash`, prevHash };
    }
    if (record.serverId !== serverIdOf(hash)) {
      const message = `${place} has a server id that is not derived from its hash`;
      return { code: 'COLUMN_MISMATCH', message, prevHash };
    }
    return { record, link, botIdentity: envelopeOf(record).meta.botIdentity };
  } catch (error) {
    if (!(error instanceof TradeBotError)) throw error;
    return { code: 'UNREADABLE', message: error.message };
  }
}

/** Time of the server when it stored an event; null when it did not report it. */
export function createdAt({ ticks }: Pick<EsdbRecord, 'ticks'>): UtcText | null {
  const ms = Number(ticks) / 10_000;
  return ticks === '' || !(ms >= 0 && ms <= LATEST_TIME) ? null : toUtcText(epochMs(Math.trunc(ms)));
}

/** SHA-256 over type, data and metadata, a line each: the evidence of an event that is not ours. */
export function digestOf({ type, data, metadata, digest }: EsdbRecord): Sha256Hex {
  return sha256Hex(digest === undefined ? `${type}\n${data}\n${metadata}` : `${type}\n${digest}`);
}

/** An event that is ready to be sent. */
export interface ChainedEvent extends Link {
  readonly revision: number;
  readonly body: string;
  readonly wire: EventData;
  /** The size that the server counts against its limit, or slightly more. */
  readonly bytes: number;
}

/** The protocol's overhead for an event: id, type, field names. */
const OVERHEAD_BYTES = 64;

/**
 * The server's event id is derived from the chain's hash: the server compares ids only, so two recordings are equal for
 * it only when they are equal to the byte and at the same revision.
 */
export function serverIdOf(hash: Sha256Hex): string {
  const variant = ((parseInt(hash.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  const parts = [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `${variant}${hash.slice(18, 20)}`];
  return [...parts, hash.slice(20, 32)].join('-');
}

/** Appends an event to the end of a stream's chain. */
export function chainEvent(
  encoded: EncodedEvent,
  recordedAt: UtcText,
  revision: number,
  prevHash: Sha256Hex,
): ChainedEvent {
  const { event } = encoded;
  const body = bodyText(encoded, recordedAt, revision);
  const hash = chainHash(prevHash, body);
  const { id, schemaVersion } = event;
  const { data, envelope } = partsOf(encoded);
  const link = `"prevHash":"${prevHash}","recordedAt":"${recordedAt}","schemaVersion":${schemaVersion}`;
  const metadata = Uint8Array.from(Buffer.from(`{"hash":"${hash}",${envelope}${link}}`));
  const wire = wireEvent(serverIdOf(hash), event.type, data, metadata);
  const bytes = Buffer.byteLength(data) + metadata.length + 2 * event.type.length + OVERHEAD_BYTES;
  return { id, revision, body, prevHash, hash, wire, bytes };
}

const HEAD_START = '{"data":';
const HEAD_END = '"recordedAt":"';

/**
 * The canonical texts of the data, and of id, meta and occurredAt. They are taken from `head`, not serialized again, which is
 * `{"data":<text>,"id":"...","meta":{...},"occurredAt":"...","recordedAt":"` (see the codec).
 */
function partsOf({ head, event }: EncodedEvent): { readonly data: string; readonly envelope: string } {
  const end = head.lastIndexOf(`,"id":"${event.id}","meta":`);
  return { data: head.slice(HEAD_START.length, end), envelope: head.slice(end + 1, -HEAD_END.length) };
}

/**
 * As JSON when the client's JSON.stringify returns exactly these bytes; as plain bytes otherwise (whole-number keys
 * change their order in JavaScript objects).
 */
function wireEvent(id: string, type: string, text: string, metadata: Uint8Array): EventData {
  const data = JSON.parse(text) as Record<string, unknown>;
  if (JSON.stringify(data) !== text) return binaryEvent({ id, type, data: Buffer.from(text), metadata });
  return { id, type, contentType: 'application/json', data, metadata };
}

/** The hashed text and its link. Throws JournalError `JOURNAL_CORRUPT` for an event that TradeBot did not write. */
function linkedBody(record: EsdbRecord): Link & { readonly body: string } {
  const { hash, prevHash, id, meta, occurredAt, recordedAt, schemaVersion } = envelopeOf(record);
  const envelope = `"id":${JSON.stringify(id)},"meta":${canonicalJson(meta)},"occurredAt":${JSON.stringify(occurredAt)}`;
  const place = `"recordedAt":${JSON.stringify(recordedAt)},"revision":${record.revision}`;
  const name = `"stream":${JSON.stringify(record.stream)},"type":${JSON.stringify(record.type)}`;
  const body = `{"data":${record.data},${envelope},${place},"schemaVersion":${schemaVersion},${name}}`;
  return { id, prevHash, hash, body };
}

/** The event as journals store it; its position must be known. */
export function storedOf({ record, link }: Pick<OwnRecord, 'record' | 'link'>): StoredEvent {
  const { body, prevHash, hash } = link;
  if (record.position === null) throw unreadable(placeOf(record), 'its position is unknown');
  return { position: positionText(record.position), body, prevHash, hash };
}

/** An event as readers get it. */
export function recordedOf(own: OwnRecord): RecordedEvent {
  const stored = storedOf(own);
  try {
    return decodeEvent(stored);
  } catch {
    throw unreadable(placeOf(own.record), 'its data is not JSON');
  }
}

export function placeOf(record: EsdbRecord): string {
  return `revision ${record.revision} of stream ${record.stream}`;
}

function envelopeOf(record: EsdbRecord): Envelope {
  const at = placeOf(record);
  let parsed: unknown;
  try {
    parsed = JSON.parse(record.metadata);
  } catch {
    throw unreadable(at, 'its metadata is not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null) throw unreadable(at, 'its metadata is not an object');
  const envelope = parsed as Partial<Record<keyof Envelope, unknown>>;
  for (const key of ['hash', 'id', 'occurredAt', 'prevHash', 'recordedAt'] as const) {
    if (typeof envelope[key] !== 'string') throw unreadable(at, `its metadata has no ${key}`);
  }
  if (typeof envelope.schemaVersion !== 'number' || typeof envelope.meta !== 'object' || envelope.meta === null) {
    throw unreadable(at, 'its metadata has no schemaVersion or meta');
  }
  return envelope as Envelope;
}
