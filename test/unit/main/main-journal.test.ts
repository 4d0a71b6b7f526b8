import { afterAll, describe, expect, test } from '@jest/globals';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { SqliteJournal } from '../../../src/adapters/journal-sqlite/sqlite-journal.js';
import { EventAppender } from '../../../src/app/journal/event-appender.js';
import { STREAMS } from '../../../src/events/streams.js';
import { composeBotIdentity } from '../../../src/kernel/identity.js';
import { epochMs } from '../../../src/kernel/time.js';
import { MainJournal } from '../../../src/processes/main/main-journal.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';

afterAll(removeTemporaryHomes);

const identity = composeBotIdentity({ entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' });
const NOON = Date.parse('2013-10-07T12:00:00.000Z');

async function at<T>(path: string, ms: number, work: (journal: MainJournal) => Promise<T>): Promise<T> {
  const clock = new VirtualClock(epochMs(ms));
  const journal = new MainJournal({ journal: SqliteJournal.open({ path, clock }), clock, identity });
  try {
    return await work(journal);
  } finally {
    await journal.close();
  }
}

describe("main's journal", () => {
  test('a clock set back while nothing ran is reported once (RUN-27)', async () => {
    const path = `${temporaryHome()}/journal.db`;
    expect(await at(path, NOON, (journal) => journal.clockWentBack())).toBe(undefined);
    await at(path, NOON, (journal) => journal.processStarted('main', { versionTag: '0', nodeVersion: '24.0.0' }, 0));
    expect(await at(path, NOON - 900, (journal) => journal.clockWentBack())).toBe(undefined);
    expect(await at(path, NOON + 1, (journal) => journal.clockWentBack())).toBe(undefined);
    expect(await at(path, NOON - 60_000, (journal) => journal.clockWentBack())).toBe('2013-10-07T12:00:00.000Z');
    const journal = SqliteJournal.open({ path, clock: new VirtualClock(epochMs(NOON)) });
    const [last] = await journal.readAll({ direction: 'backwards', limit: 1 });
    await journal.close();
    expect(last).toMatchObject({
      type: 'ClockJumped',
      data: { kind: 'backwards', from: '2013-10-07T12:00:00.000Z', to: '2013-10-07T11:59:00.000Z', missed: [] },
    });
    expect(await at(path, NOON - 60_000, (again) => again.clockWentBack())).toBe(undefined);
  });

  const CLOSING = 'graceful_closing_positions';
  test.each([
    ['the end of the program, cut short while it closed', [['idle', CLOSING, true]], true],
    [
      'the end of the program, cut short when all was closed',
      [
        ['idle', CLOSING, true],
        [CLOSING, 'stopped'],
      ],
      true,
    ],
    [
      'a stop by a user',
      [
        ['idle', CLOSING],
        [CLOSING, 'stopped'],
      ],
      false,
    ],
    [
      'a stop by a user while the program ended',
      [
        ['idle', CLOSING, true],
        [CLOSING, CLOSING],
      ],
      false,
    ],
    [
      'such a stop, all closed',
      [
        ['idle', CLOSING, true],
        [CLOSING, CLOSING],
        [CLOSING, 'stopped'],
      ],
      false,
    ],
    [
      'a stop after all was closed',
      [
        ['idle', CLOSING, true],
        [CLOSING, 'stopped'],
        ['stopped', 'stopped'],
      ],
      false,
    ],
    [
      'a kill while the program ended',
      [
        ['idle', CLOSING, true],
        [CLOSING, 'emergency_closing_positions'],
      ],
      false,
    ],
    [
      'an orderly end',
      [
        ['idle', CLOSING, true],
        [CLOSING, 'stopped'],
        ['stopped', 'shutdown_triggered'],
      ],
      false,
    ],
  ] as const)('what the next start finds after %s', async (_what, changes, leaves) => {
    const path = `${temporaryHome()}/journal.db`;
    const clock = new VirtualClock(epochMs(NOON));
    const journal = SqliteJournal.open({ path, clock });
    const appender = new EventAppender({ journal, clock, identity, actor: 'system:test' });
    for (const [from, to, resumes] of changes) {
      const data = { from, to, reason: 'a test', ...(resumes === undefined ? {} : { resumes }) };
      await appender.append(STREAMS.lifecycle, [
        { type: 'BotStateChanged', data, correlationId: 'lifecycle', causationId: null },
      ]);
    }
    await journal.close();
    expect(await at(path, NOON, (main) => main.wasLeaving())).toBe(leaves);
  });
});
