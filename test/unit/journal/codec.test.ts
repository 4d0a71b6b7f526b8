import { describe, expect, test } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bodyText, columnsFit, decodeEvent, encodeEvent, sameEvent } from '../../../src/adapters/event-codec/codec.js';
import { checkEvent } from '../../../src/adapters/event-codec/validator.js';
import { SystemClock } from '../../../src/adapters/clock/system-clock.js';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import type { NewEvent, Position } from '../../../src/events/event.js';
import { CANONICAL } from '../../../src/events/generated/canonical.js';
import { canonicalJson } from '../../../src/kernel/canonical-json.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { plusMs, toUtcText } from '../../../src/kernel/time.js';
import { ALPHA, START, float, reset } from '../../contract/support/journal-events.js';

const SCHEMAS = fileURLToPath(new URL('../../../event-schemas/', import.meta.url));
const examples: readonly (readonly [string, number, unknown])[] = readdirSync(SCHEMAS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'common' && entry.name !== 'outputs')
  .flatMap((entry) => readdirSync(`${SCHEMAS}${entry.name}`).map((file) => `${SCHEMAS}${entry.name}/${file}`))
  .flatMap((file) => {
    const schema = JSON.parse(readFileSync(file, 'utf8')) as { readonly title: string; readonly examples: unknown[] };
    const version = Number(/\.v(\d+)\.json$/.exec(file)?.[1]);
    return schema.examples.map((example) => [schema.title, version, example] as const);
  });
/** Only the newest version of a type is written; older ones are read through the upcasters. */
const newest = examples.filter(
  ([type, version]) => !examples.some(([other, later]) => other === type && later > version),
);

describe('the codec', () => {
  test.each(newest)('%s v%i: the example of the schema is valid, and its text is RFC 8785', (type, version, data) => {
    const event = { ...reset('x'), type, schemaVersion: version, data } as unknown as NewEvent;
    expect(() => checkEvent(ALPHA, event)).not.toThrow();
    const write = CANONICAL[type as keyof typeof CANONICAL] as (value: unknown) => string;
    expect(write(data)).toBe(canonicalJson(data));
    const body = bodyText(encodeEvent(ALPHA, event), toUtcText(START), 12);
    expect(body).toBe(canonicalJson({ ...event, recordedAt: toUtcText(START), revision: 12, stream: ALPHA }));
    expect(columnsFit({ id: event.id, stream: ALPHA, revision: 12, type }, body)).toBe(true);
    expect(columnsFit({ id: event.id, stream: ALPHA, revision: 2, type }, body)).toBe(false);
  });

  test('an event is compared by its bytes, whenever it was recorded', () => {
    const body = bodyText(encodeEvent(ALPHA, reset('x')), toUtcText(plusMs(START, 5)), 3);
    expect(sameEvent(encodeEvent(ALPHA, reset('x')), body)).toBe(true);
    expect(sameEvent(encodeEvent(ALPHA, reset('x', 'else')), body)).toBe(false);
  });

  test('a decoded event is the stored text and its position', () => {
    const body = bodyText(encodeEvent(ALPHA, float('f')), toUtcText(START), 0);
    const hash = sha256Hex(body);
    const event = decodeEvent({ position: '1' as Position, body, prevHash: hash, hash });
    expect(event).toEqual({ ...(JSON.parse(body) as object), position: '1', prevHash: hash, hash });
  });

  test.each(['null', '7', '"text"', '{', ''])('an invalid stored text is corrupt: %s', (body) => {
    const hash = sha256Hex(body);
    expect(() => decodeEvent({ position: '1' as Position, body, prevHash: hash, hash })).toThrow(
      expect.objectContaining({ code: 'JOURNAL_CORRUPT', details: { position: '1' } }),
    );
  });

  const meta = reset('x').meta;
  test.each([
    [{ type: 'Nothing' }, '/type'],
    [{ id: 'X' }, '/id'],
    [{ schemaVersion: 2 }, '/schemaVersion'],
    [{ occurredAt: '2013-10-07T25:00:00.000Z' }, '/occurredAt'],
    [{ meta: undefined }, '/meta'],
    [{ meta: { ...meta, correlationId: '' } }, '/meta/correlationId'],
    [{ meta: { ...meta, causationId: 'x' } }, '/meta/causationId'],
    [{ meta: { ...meta, actor: 'nobody' } }, '/meta/actor'],
    [{ meta: { ...meta, botIdentity: 'B' } }, '/meta/botIdentity'],
    [{ meta: { ...meta, sessionDate: '2013-13-01' } }, '/meta/sessionDate'],
    [{ data: {} }, '/data/reason'],
    [{ data: { reason: 'x', 'a/b': 1 } }, '/data/a~1b'],
    [{ data: { reason: 7 } }, '/data/reason'],
  ])('%j is a SCHEMA_VIOLATION at %s', (change, pointer) => {
    const event = { ...reset('x'), ...change } as unknown as NewEvent;
    const refused = expect.objectContaining({
      code: 'SCHEMA_VIOLATION',
      details: expect.objectContaining({ pointer }),
    });
    expect(() => checkEvent(ALPHA, event)).toThrow(refused);
  });

  test('the error describes what was expected and never shows the value', () => {
    const secret = 'S'.repeat(5_000);
    const event = { ...float('f'), data: { ...float('f').data, cash: secret } } as unknown as NewEvent;
    try {
      checkEvent(ALPHA, event);
      throw new Error('was accepted');
    } catch (error) {
      expect((error as Error).message).toMatch(/^FloatSnapshotTaken: \/data\/cash must match pattern/);
      expect((error as Error).message).not.toContain('SSS');
    }
  });
});

describe('clocks', () => {
  test('the virtual clock can be set, but not back', () => {
    const clock = new VirtualClock(START);
    clock.advanceTo(START);
    clock.advanceTo(plusMs(START, 10));
    expect(clock.now()).toBe(plusMs(START, 10));
    expect(() => clock.advanceTo(START)).toThrow(expect.objectContaining({ code: 'CLOCK_BACKWARDS' }));
    expect(clock.now()).toBe(plusMs(START, 10));
  });

  test('the system clock reads the machine', () => {
    expect(new SystemClock().now()).toBeGreaterThan(START);
  });
});
