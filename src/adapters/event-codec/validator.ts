import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { type EventType, type NewEvent, currentVersion, isEventType } from '../../events/event.js';
import { isRealDate, isRealTime, refusalOf } from '../../events/acceptance.js';
import { EVENT_SCHEMAS } from '../../events/generated/schemas.js';
import { journalError, type TradeBotError } from '../../kernel/errors.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const ACTOR = /^(?:system|user):[A-Za-z0-9._:-]{1,64}$/;
const IDENTITY = /^[A-Z0-9]{1,12}(?:_[A-Z0-9]{1,12}){3}$/;
const STREAM = /^[a-z][a-z-]*(?:-[A-Za-z0-9._:-]{1,100})?$/;
const EXPECTED_LIMIT = 160;

/** The schemas themselves are checked by a test: a process does not read the schema of schemas for it, nor tidy code that V8 tidies. */
const ajv = new Ajv2020({
  ...{ strict: true, allErrors: false, ownProperties: true },
  ...{ validateSchema: false, meta: false, code: { optimize: false } },
});
const compiled = new Map<EventType, ValidateFunction>();

/** A pointer and the expected value; never the actual one, which may be long or private. */
function violation(type: string, pointer: string, expected: string): TradeBotError {
  const wanted = expected.length > EXPECTED_LIMIT ? `${expected.slice(0, EXPECTED_LIMIT)}...` : expected;
  return journalError('refuse', {
    code: 'SCHEMA_VIOLATION',
    message: `${type}: ${pointer} ${wanted}`,
    remedy: 'Build the event according to event-schemas/; nothing was written.',
    details: { type, pointer, expected: wanted },
  });
}

function pointerStep(name: unknown): string {
  return `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function fromAjv(type: EventType, error: ErrorObject | undefined): TradeBotError {
  if (error === undefined) return violation(type, '/data', 'does not fit its schema');
  const params = error.params as Readonly<Record<string, unknown>>;
  const at = `/data${error.instancePath}`;
  if (error.keyword === 'required') return violation(type, at + pointerStep(params['missingProperty']), 'is missing');
  if (error.keyword === 'additionalProperties') {
    return violation(type, at + pointerStep(params['additionalProperty']), 'is not part of this event');
  }
  const allowed = params['allowedValues'];
  if (Array.isArray(allowed)) return violation(type, at, `must be one of ${allowed.join(', ')}`);
  return violation(type, at, error.message ?? 'does not fit its schema');
}

/** Compiled on first use: a process that writes three types compiles only three. */
function validatorOf(type: EventType): ValidateFunction {
  const known = compiled.get(type);
  if (known !== undefined) return known;
  const schema = EVENT_SCHEMAS[`${type}.v${currentVersion(type)}`];
  if (schema === undefined) throw violation(type, '/schemaVersion', 'has no schema in this program');
  const made = ajv.compile(schema);
  compiled.set(type, made);
  return made;
}

/** Callers may be plain JavaScript, or pass a cast external text. */
function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function checkMeta(event: NewEvent): void {
  const { type, meta } = event;
  if (!isRecord(meta)) throw violation(type, '/meta', 'is missing');
  if (typeof meta.correlationId !== 'string' || meta.correlationId === '' || meta.correlationId.length > 200) {
    throw violation(type, '/meta/correlationId', 'must be text of 1 to 200 characters');
  }
  if (meta.causationId !== null && !UUID.test(meta.causationId)) {
    throw violation(type, '/meta/causationId', 'must be a UUID in small letters or null');
  }
  if (!ACTOR.test(meta.actor)) throw violation(type, '/meta/actor', 'must be system:<module> or user:<id>');
  if (!IDENTITY.test(meta.botIdentity)) throw violation(type, '/meta/botIdentity', 'must be a bot identity');
  if (meta.sessionDate !== null && !isRealDate(meta.sessionDate)) {
    throw violation(type, '/meta/sessionDate', 'must be a date such as 2026-11-20 or null');
  }
}

/**
 * JRN-11: throws JournalError `SCHEMA_VIOLATION` (refuse; details.type, details.pointer, details.expected) for an event
 * whose envelope or data does not match its schema or cannot be applied by every fold; the pointer is a JSON pointer into
 * the event.
 */
export function checkEvent(stream: string, event: NewEvent): void {
  const type: string = event.type;
  if (!isEventType(type)) throw violation(type.slice(0, 60), '/type', 'is not an event type of this program');
  if (!STREAM.test(stream)) throw violation(type, '/stream', 'must be a kind in small letters and an id');
  if (!UUID.test(event.id)) throw violation(type, '/id', 'must be a UUID in small letters');
  if (event.schemaVersion !== currentVersion(type)) {
    throw violation(type, '/schemaVersion', `must be ${currentVersion(type)}`);
  }
  if (!isRealTime(event.occurredAt))
    throw violation(type, '/occurredAt', 'must be UTC such as 2026-11-20T14:30:00.123Z');
  checkMeta(event);
  const validate = validatorOf(type);
  if (!validate(event.data)) throw fromAjv(type, validate.errors?.[0]);
  const refusal = refusalOf(type, event.data);
  if (refusal !== undefined) throw violation(type, `/data${refusal.pointer}`, refusal.expected);
}
