import type { EventMeta, NewEvent, Position, RecordedEvent, StreamName } from '../../events/event.js';
import { CANONICAL } from '../../events/generated/canonical.js';
import { EVOLUTION, upcastData, type Evolution } from '../../events/upcasters.js';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { journalError, type TradeBotError } from '../../kernel/errors.js';
import { sha256Hex, type Sha256Hex } from '../../kernel/hash.js';
import type { UtcText } from '../../kernel/time.js';
import { checkEvent } from './validator.js';

export { chainHash, GENESIS_HASH } from '../../domain/audit/chain.js';

/**
 * A checked event in canonical text, except for the two members that only the journal knows. The text around them is
 * prepared, so that only two short joins remain inside the transaction.
 */
export interface EncodedEvent {
  readonly event: NewEvent;
  /** From `{"data"` up to and including `"recordedAt":"`. */
  readonly head: string;
  /** From `,"schemaVersion"` to the end. */
  readonly tail: string;
}

/** The stored form of one event. */
export interface StoredEvent {
  readonly position: Position;
  readonly body: string;
  readonly prevHash: Sha256Hex;
  readonly hash: Sha256Hex;
}

type AnyWriter = (data: unknown) => string;

/** Checks an event (JRN-11) and writes it as RFC 8785 text; throws JournalError `SCHEMA_VIOLATION`. */
export function encodeEvent(stream: StreamName, event: NewEvent): EncodedEvent {
  checkEvent(stream, event);
  const data = (CANONICAL[event.type] as AnyWriter)(event.data);
  const { id, occurredAt } = event;
  return {
    event,
    head: `{"data":${data},"id":"${id}","meta":${metaText(event.meta)},"occurredAt":"${occurredAt}","recordedAt":"`,
    tail: `,"schemaVersion":${event.schemaVersion},"stream":"${stream}","type":"${event.type}"}`,
  };
}

/** Of checked members: only the correlation id may contain characters that JSON escapes. */
function metaText({ actor, botIdentity, causationId, correlationId, sessionDate }: EventMeta): string {
  const who = `{"actor":"${actor}","botIdentity":"${botIdentity}","causationId":${quoted(causationId)}`;
  return `${who},"correlationId":${JSON.stringify(correlationId)},"sessionDate":${quoted(sessionDate)}}`;
}

function quoted(text: string | null): string {
  return text === null ? 'null' : `"${text}"`;
}

/** The exact text that is stored and hashed: sorted keys, without position and hashes. */
export function bodyText(encoded: EncodedEvent, recordedAt: UtcText, revision: number): string {
  return `${encoded.head}${recordedAt}","revision":${revision}${encoded.tail}`;
}

/**
 * Text and link of the next event. The text is a slice of the hashed string, which is already flat in memory and need
 * not be flattened again for the file.
 */
export function linkedText(
  prevHash: Sha256Hex,
  encoded: EncodedEvent,
  recordedAt: UtcText,
  revision: number,
): Pick<StoredEvent, 'body' | 'hash'> {
  const linked = `${prevHash}${encoded.head}${recordedAt}","revision":${revision}${encoded.tail}`;
  return { hash: sha256Hex(linked), body: linked.slice(prevHash.length) };
}

interface StoredBody extends Omit<RecordedEvent, 'position' | 'prevHash' | 'hash'> {
  readonly recordedAt: UtcText;
}

/**
 * JRN-2: whether it is the same event again. All of the caller's members must be the same bytes; `recordedAt` and
 * `revision` are the journal's and are taken from the stored text. A text of an older release is compared in its upcast
 * form (JRN-12).
 */
export function sameEvent(encoded: EncodedEvent, storedBody: string, evolution: Evolution = EVOLUTION): boolean {
  const stored = JSON.parse(storedBody) as StoredBody;
  if (bodyText(encoded, stored.recordedAt, stored.revision) === storedBody) return true;
  if (stored.schemaVersion >= encoded.event.schemaVersion) return false;
  const today = { ...upcast(stored, evolution), schemaVersion: encoded.event.schemaVersion };
  return bodyText(encoded, stored.recordedAt, stored.revision) === canonicalJson(today);
}

/** The stored texts of upcast events: only they cannot be written again from the event. */
const originals = new WeakMap<object, string>();

/**
 * An event as readers get it: always from the stored text, so a live reader and a replay see the same key order. Data
 * of an older version is upcast to the newest; `schemaVersion` is then the newest.
 */
export function decodeEvent(stored: StoredEvent, evolution: Evolution = EVOLUTION): RecordedEvent {
  let event = parsed(stored) as StoredBody & Partial<Record<keyof StoredEvent, string>>;
  if (event.schemaVersion !== evolution.current[event.type]) {
    event = upcast(event, evolution);
    originals.set(event, stored.body);
  }
  event.position = stored.position;
  event.prevHash = stored.prevHash;
  event.hash = stored.hash;
  return event as RecordedEvent;
}

function parsed({ position, body }: StoredEvent): StoredBody {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw notAnEvent(position, cause);
  }
  // A damaged page may return a row without its text, and `null` is JSON too.
  if (typeof value !== 'object' || value === null) throw notAnEvent(position, undefined);
  return value as StoredBody;
}

function notAnEvent(position: Position, cause: unknown): TradeBotError {
  return journalError('stop', {
    code: 'JOURNAL_CORRUPT',
    message: `the stored text at position ${position} is not an event`,
    remedy: 'Keep the file, restore the last backup in another home, and run verify on both.',
    details: { position },
    cause,
  });
}

function upcast(stored: StoredBody, evolution: Evolution): StoredBody {
  const { type, schemaVersion: version } = stored;
  const data = upcastData(evolution, { type, version, data: stored.data });
  return { ...stored, data, schemaVersion: evolution.current[type] ?? version } as StoredBody;
}

/** The exact text that the journal stores and hashes for an event from `decodeEvent`. */
export function storedText(event: RecordedEvent): string {
  const { position: _position, prevHash: _prevHash, hash: _hash, ...body } = event;
  return originals.get(event) ?? canonicalJson(body);
}

export interface EventColumns {
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
}

const ID_BEFORE = '},"id":"';
const ID_AFTER = '","meta":{"actor":"';

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/**
 * Whether the columns match their stored text. Compares the text where the canonical form has these members, which
 * costs a tenth of parsing it.
 */
export function columnsFit(columns: EventColumns, body: string): boolean {
  const { id, revision } = columns;
  const end = `,"stream":"${columns.stream}","type":"${columns.type}"}`;
  if (!body.endsWith(end)) return false;
  let versionAt = body.length - end.length;
  while (isDigit(body.charCodeAt(versionAt - 1))) versionAt -= 1;
  if (!body.endsWith(`","revision":${revision},"schemaVersion":`, versionAt)) return false;
  const at = body.indexOf(ID_BEFORE) + ID_BEFORE.length;
  if (body.startsWith(id, at) && body.startsWith(ID_AFTER, at + id.length)) return true;
  return body.includes(`${ID_BEFORE}${id}${ID_AFTER}`);
}
