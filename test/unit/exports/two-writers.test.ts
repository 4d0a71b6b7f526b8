import { beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryJournal } from '../../../src/adapters/journal-memory/memory-journal.js';
import { JournalTree } from '../../../src/app/audit/journal-tree.js';
import { sealSession } from '../../../src/app/audit/seal-journal.js';
import { exportBooks, exportSession } from '../../../src/app/exports/export-books.js';
import { EngineAppender } from '../../../src/app/journal/engine-appender.js';
import { foldJournal } from '../../../src/app/journal/fold-journal.js';
import { EngineState } from '../../../src/domain/session/engine-state.js';
import { STREAMS } from '../../../src/events/streams.js';
import type { Position } from '../../../src/events/event.js';
import { dateOf, epochMs, type UtcText } from '../../../src/kernel/time.js';
import { BOT } from '../../contract/support/journal-events.js';
import { appendSessionOpened } from '../../contract/support/session-opened.js';
import { CODES } from '../support/fills.js';
import { fullDay } from '../support/groups.js';

const CLOSE = Date.parse('2013-10-07T20:00:00.000Z');
const DATE = dateOf(epochMs(CLOSE));
let time = CLOSE;
const clock = { now: () => epochMs((time += 10)) };

/** The engine at the end of a session, and a worker of which the engine has folded nothing. */
async function twoWriters(): Promise<{ journal: MemoryJournal; engine: EngineAppender; worker: EngineAppender }> {
  const journal = new MemoryJournal({ clock });
  await appendSessionOpened(journal, BOT, CLOSE);
  const writer = async (): Promise<EngineAppender> => {
    const state = new EngineState(CODES);
    await foldJournal(journal, state);
    return new EngineAppender({ journal, clock, identity: BOT, actor: 'system:engine', state });
  };
  return { journal, engine: await writer(), worker: await writer() };
}

const checked = {
  type: 'ProjectionsChecked',
  data: { ok: true, position: '1', projections: [] },
  correlationId: 'projections-check',
  causationId: null,
} as const;

const statement = (): ReturnType<typeof fullDay> => fullDay();
const projector = { catchUp: () => Promise.resolve({ projections: [{ name: 'ledger', stopped: null }] }) };
const period = {
  range: { from: '2013-10-06T20:00:00.000Z' as UtcText, to: '2013-10-07T20:00:00.000Z' as UtcText },
  entries: { after: null, upTo: '0000000000000001' as Position },
};

describe('the engine and a worker report at the same time', () => {
  let both: Awaited<ReturnType<typeof twoWriters>>;
  const typesOf = async (): Promise<readonly string[]> => (await both.journal.readAll()).map(({ type }) => type);

  beforeEach(async () => {
    both = await twoWriters();
    await both.worker.append(STREAMS.reporting, [checked]);
  });

  test('the statements of a session are exported once', async () => {
    await exportSession({ appender: both.engine, statement }, DATE);
    await exportSession({ appender: both.engine, statement }, DATE);
    expect(await typesOf()).toEqual([
      ...['SessionOpened', 'ProjectionsChecked'],
      ...['OfxExported', 'BooksExported', 'BooksExported', 'BooksExported'],
    ]);
  });

  test('the session is sealed once', async () => {
    const parts = {
      ...{ appender: both.engine, clock, tree: new JournalTree(both.journal) },
      chain: { verifyNews: () => Promise.resolve() },
    };
    await sealSession(parts, DATE);
    await sealSession(parts, DATE);
    expect(await typesOf()).toEqual(['SessionOpened', 'ProjectionsChecked', 'JournalSealed']);
  });

  test('of two exports with one name and different contents the later gets the next number', async () => {
    const parts = { journal: both.journal, projector };
    const other = { ...fullDay(), asOf: '2013-10-07T19:00:00.000Z' as UtcText };
    const request = { format: 'ofx', name: 'range_2013-10-07_2013-10-07', period } as const;
    const first = await exportBooks({ ...parts, appender: both.worker, statement }, request);
    const second = await exportBooks({ ...parts, appender: both.engine, statement: () => other }, request);
    expect([first.name, second.name]).toEqual([request.name, `${request.name}_2`]);
  });
});
