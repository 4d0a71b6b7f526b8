import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import {
  bodyText,
  chainHash,
  decodeEvent,
  encodeEvent,
  GENESIS_HASH,
  sameEvent,
  storedText,
} from '../../../src/adapters/event-codec/codec.js';
import { MemoryJournal } from '../../../src/adapters/journal-memory/memory-journal.js';
import { SqliteJournal } from '../../../src/adapters/journal-sqlite/sqlite-journal.js';
import type { NewEvent, Position, RecordedEvent } from '../../../src/events/event.js';
import { EVOLUTION, upcastData, UPCASTERS, type Evolution } from '../../../src/events/upcasters.js';
import { toUtcText } from '../../../src/kernel/time.js';
import type { Journal } from '../../../src/ports/journal.js';
import { ALPHA, float, reset, START } from '../../contract/support/journal-events.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';

/** A release two versions on: a reset first came to say who did it, then the reason became a text of its own. */
const LATER: Evolution = {
  current: { ...EVOLUTION.current, KillSwitchReset: 3 },
  upcasters: [
    {
      type: 'KillSwitchReset',
      fromVersion: 2,
      upcast: ({ reason, by }) => ({ by, reason: { text: reason } }),
    },
    { type: 'KillSwitchReset', fromVersion: 1, upcast: (data) => ({ ...data, by: 'unknown' }) },
  ],
};

afterAll(removeTemporaryHomes);

/** What `read` makes of a journal that this release wrote. */
async function later(kind: 'memory' | 'sqlite', read: (journal: Journal) => Promise<void>): Promise<void> {
  const clock = new VirtualClock(START);
  const path = join(temporaryHome(), 'journal.db');
  const made = kind === 'memory' ? new MemoryJournal({ clock, evolution: LATER }) : SqliteJournal.open({ path, clock });
  await made.append(ALPHA, [reset('a'), float('b')], { expectedRevision: 'noStream' });
  if (kind === 'memory') {
    await read(made);
    return;
  }
  await made.close();
  const opened = SqliteJournal.open({ path, clock, evolution: LATER });
  await read(opened);
  await opened.close();
}

describe.each(['memory', 'sqlite'] as const)('events of an older version in the %s journal (JRN-12)', (kind) => {
  test('they are read through every step up to the newest, and others unchanged', async () => {
    await later(kind, async (journal) => {
      for (const events of [await journal.readAll(), await journal.readStream(ALPHA)]) {
        const [old, other] = events;
        expect(old).toMatchObject({ schemaVersion: 3, data: { by: 'unknown', reason: { text: 'because a' } } });
        expect(other).toMatchObject({ schemaVersion: 1, data: { cash: '1.00' } });
      }
    });
  });

  test('they are not rewritten: hashes and stored texts are unchanged', async () => {
    await later(kind, async (journal) => {
      const [old, other] = await journal.readAll();
      expect(await journal.verify()).toMatchObject({ ok: true, count: 2, head: other?.hash });
      expect(storedText(old!)).toContain('"data":{"reason":"because a"}');
      expect(storedText(old!)).toContain('"schemaVersion":1');
      for (const event of [old!, other!]) expect(chainHash(event.prevHash, storedText(event))).toBe(event.hash);
    });
  });
});

function stored(event: NewEvent): Parameters<typeof decodeEvent>[0] {
  const body = bodyText(encodeEvent(ALPHA, event), toUtcText(START), 0);
  return {
    position: '0000000000000001' as Position,
    body,
    prevHash: GENESIS_HASH,
    hash: chainHash(GENESIS_HASH, body),
  };
}

describe('reading through upcasters', () => {
  test('an unknown type or version belongs to a newer program', () => {
    const known = stored(reset('a'));
    const older: Evolution = { current: { ...EVOLUTION.current, KillSwitchReset: undefined }, upcasters: [] };
    const newer = { ...known, body: known.body.replace('"schemaVersion":1', '"schemaVersion":2') };
    for (const read of [() => decodeEvent(known, older), () => decodeEvent(newer)]) {
      expect(read).toThrow(expect.objectContaining({ code: 'JOURNAL_NEWER', callerMust: 'stop' }));
    }
  });

  test('a missing step is named', () => {
    const gap: Evolution = { ...LATER, upcasters: LATER.upcasters.slice(1) };
    expect(() => decodeEvent(stored(reset('a')), gap)).toThrow(
      expect.objectContaining({ code: 'UPCASTER_MISSING', details: { type: 'KillSwitchReset', version: 2 } }),
    );
  });

  test('a text that is not an event is damage, not a defect', () => {
    const { body, ...rest } = stored(reset('a'));
    expect(() => decodeEvent({ ...rest, body: body.slice(1) })).toThrow(
      expect.objectContaining({ code: 'JOURNAL_CORRUPT' }),
    );
  });

  test('the same fact recorded again by a newer release is the same event (JRN-2)', () => {
    const second: Evolution = { current: { ...EVOLUTION.current, KillSwitchReset: 2 }, upcasters: LATER.upcasters };
    const old = reset('a');
    const encoded = encodeEvent(ALPHA, old);
    const reported = (data: string): typeof encoded => ({
      event: { ...old, schemaVersion: 2 },
      head: encoded.head.replace('{"reason":"because a"}', data),
      tail: encoded.tail.replace('"schemaVersion":1', '"schemaVersion":2'),
    });
    expect(sameEvent(encoded, stored(old).body, second)).toBe(true);
    expect(sameEvent(reported('{"by":"unknown","reason":"because a"}'), stored(old).body, second)).toBe(true);
    expect(sameEvent(reported('{"by":"alice","reason":"because a"}'), stored(old).body, second)).toBe(false);
  });

  test('every step starts at a released version and leads to the next', () => {
    for (const { type, fromVersion } of UPCASTERS) {
      expect(fromVersion).toBeLessThan(EVOLUTION.current[type] ?? 0);
      expect(UPCASTERS.filter((step) => step.type === type && step.fromVersion === fromVersion)).toHaveLength(1);
    }
    for (const [type, version] of Object.entries(EVOLUTION.current)) {
      const steps = UPCASTERS.filter((step) => step.type === type).map((step) => step.fromVersion);
      expect(steps.sort()).toEqual(Array.from({ length: (version ?? 1) - 1 }, (_, index) => index + 1));
    }
  });

  describe('OrderCancelRequested of version 1 has its exit reason in the text', () => {
    const exitReasonOf = (reason: string): unknown => {
      const data = { clientOrderId: 'A-1', reason };
      return upcastData(EVOLUTION, { type: 'OrderCancelRequested', version: 1, data })['exitReason'];
    };

    test.each(['target_hit', 'stop_loss', 'timeout', 'kill', 'manual'])('%s becomes a field', (reason) => {
      expect(exitReasonOf(`the position is closed: ${reason}`)).toBe(reason);
    });

    test.each(['the entry window closed', 'the kill switch tripped', 'the position is closed: by magic', ''])(
      '"%s" is not an exit reason',
      (reason) => {
        expect(exitReasonOf(reason)).toBeNull();
      },
    );
  });

  test('data of the newest version is unchanged', () => {
    const data = { reason: 'x' };
    expect(upcastData(EVOLUTION, { type: 'KillSwitchReset', version: 1, data })).toBe(data);
    const event: RecordedEvent = decodeEvent(stored(reset('a')));
    expect(storedText(event)).toBe(stored(reset('a')).body);
  });
});
