import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import { openForReading } from '../../src/adapters/journal-sqlite/open-file.js';
import { PageReader } from '../../src/adapters/journal-sqlite/reader.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { spanOf, TypeSpans } from '../../src/adapters/journal-sqlite/type-spans.js';
import type { EventType, NewEvent } from '../../src/events/event.js';
import { positionText } from '../../src/adapters/journal-common/position.js';
import { eventually } from '../support/eventually.js';
import { ALPHA, BETA, float, reset } from './support/journal-events.js';

const EVENTS = 48_000;
/** Ends of spans, of what one query examines, and of the journal. */
const RARE = [1, 1_024, 1_025, 7_000, 20_000, 20_480, 20_481, 27_999, 28_000, 28_673, 44_000, EVENTS];
const TYPE: EventType = 'FloatSnapshotTaken';

let dir: string;
let path: string;
let journal: SqliteJournal;

const open = (looksAhead: boolean): SqliteJournal => SqliteJournal.open({ path, clock: new SystemClock(), looksAhead });

async function fill(count: number, rare: readonly number[]): Promise<void> {
  for (let from = 1; from <= count; from += 1_000) {
    const batch = Array.from({ length: Math.min(1_000, count - from + 1) }, (_, at): NewEvent => {
      const position = from + at;
      return rare.includes(position) ? float(`f${position}-${count}`) : reset(`e${position}-${count}`);
    });
    await journal.append(from % 3_000 === 1 ? BETA : ALPHA, batch, { expectedRevision: 'any' });
  }
}

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'journal-types-'));
  path = join(dir, 'journal.db');
  journal = open(false);
  await fill(EVENTS, RARE);
});

afterEach(async () => {
  await journal.close();
  rmSync(dir, { recursive: true });
});

/** Positions of the rare type, as the journal answers. */
async function found(options: {
  readonly direction: 'forwards' | 'backwards';
  readonly after?: number;
  readonly limit?: number;
  readonly types?: readonly EventType[];
}): Promise<readonly number[]> {
  const { direction, after, limit, types = [TYPE] } = options;
  const events = await journal.readAll({
    ...{ direction, filter: { types } },
    ...(after === undefined ? {} : { after: positionText(after) }),
    ...(limit === undefined ? {} : { limit }),
  });
  return events.map(({ position }) => Number(position));
}

const newestFirst = [...RARE].reverse();
const BORDERS = [1, 2, 1_024, 1_025, 20_000, 20_481, 20_482, 28_000, 28_001, 44_001, EVENTS, EVENTS + 1];

async function expectWhole(): Promise<void> {
  expect(await found({ direction: 'backwards' })).toEqual(newestFirst);
  expect(await found({ direction: 'forwards' })).toEqual(RARE);
  for (const border of BORDERS) {
    const [before, after] = [newestFirst.filter((at) => at < border), RARE.filter((at) => at > border)];
    expect([border, await found({ direction: 'backwards', after: border })]).toEqual([border, before]);
    expect([border, await found({ direction: 'backwards', after: border, limit: 2 })]).toEqual([
      border,
      before.slice(0, 2),
    ]);
    expect([border, await found({ direction: 'forwards', after: Math.min(border, EVENTS) })]).toEqual([border, after]);
  }
}

describe('a rare type among many events', () => {
  test('every one is found from every position, first by looking and again from memory', async () => {
    await expectWhole();
    await expectWhole();
    expect(await found({ direction: 'backwards', types: ['CoaChanged'] })).toEqual([]);
    expect(await found({ direction: 'forwards', types: ['CoaChanged'] })).toEqual([]);
    expect((await found({ direction: 'backwards', types: ['KillSwitchReset', TYPE] })).length).toBe(EVENTS);
  });

  test('what is appended after that is found as well, also a type that is new to the journal', async () => {
    await expectWhole();
    await fill(2_100, [3, 2_100]);
    expect(await found({ direction: 'backwards', limit: 3 })).toEqual([EVENTS + 2_100, EVENTS + 3, EVENTS]);
    expect(await found({ direction: 'forwards', after: EVENTS })).toEqual([EVENTS + 3, EVENTS + 2_100]);
  });

  test('a journal that looks ahead answers the same before and after, and what another process appends', async () => {
    await journal.close();
    journal = open(true);
    await expectWhole();
    const other = open(false);
    await other.append(BETA, [float('by another')], { expectedRevision: 'any' });
    await other.close();
    await eventually('the new one', async () => (await found({ direction: 'backwards', limit: 1 }))[0] === EVENTS + 1, {
      everyMs: 10,
    });
  });

  test('a reader of a file that it must not change answers the same', async () => {
    await journal.close();
    const db = openForReading(path);
    const reader = new PageReader(db);
    const positions: number[] = [];
    for (let before = EVENTS + 1, more = true; more;) {
      const page = reader.readPageBackwards(before, { types: [TYPE] }, 5);
      positions.push(...page.events.map(({ position }) => Number(position)));
      ({ cursor: before, more } = page);
    }
    db.close();
    expect(positions).toEqual(newestFirst);
    journal = open(false);
  });

  test('it reads no event of the spans that it knows', () => {
    const db = new Database(path, { readonly: true });
    const reader = new PageReader(db);
    const examined: number[] = [];
    const count = (cursor: number): number => {
      const page = reader.readPageBackwards(cursor, { types: [TYPE] }, 100);
      examined.push(page.events.length);
      return page.more ? page.cursor : 0;
    };
    for (let cursor = EVENTS + 1; cursor > 0;) cursor = count(cursor);
    const first = examined.length;
    examined.length = 0;
    for (let cursor = EVENTS + 1; cursor > 0;) cursor = count(cursor);
    db.close();
    // the second time each page but that of the newest events has one at least
    expect(examined.length).toBeLessThanOrEqual(first);
    expect(examined.slice(1).filter((events) => events === 0)).toEqual([]);
  });
});

test('spans know the types that lie in them, once they were looked through', () => {
  const db = new Database(path, { readonly: true });
  const spans = new TypeSpans(db);
  const bits = spans.bitsOf([TYPE]);
  expect(spans.has(spanOf(1), bits)).toBeUndefined();
  for (const position of [1, 1_025, 3_000]) spans.learn(spanOf(position));
  expect([1, 1_025, 3_000].map((position) => spans.has(spanOf(position), bits))).toEqual([true, true, false]);
  expect(spans.bitsOf(['CoaChanged'])).toBe(0n);
  db.close();
});

test('a position is in one span', () => {
  expect([1, 1_024, 1_025].map(spanOf)).toEqual([0, 0, 1]);
});
