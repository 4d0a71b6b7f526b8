import { describe, expect, test } from '@jest/globals';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { MemoryJournal } from '../../../src/adapters/journal-memory/memory-journal.js';
import type { Draft } from '../../../src/events/draft.js';
import { STREAMS } from '../../../src/events/streams.js';
import { EventAppender } from '../../../src/app/journal/event-appender.js';
import { parseBotIdentity } from '../../../src/kernel/identity.js';
import { epochMs } from '../../../src/kernel/time.js';

const identity = parseBotIdentity('DEMO_US_SIM_B01');

function parts() {
  const clock = new VirtualClock(epochMs(1_381_000_000_000));
  const journal = new MemoryJournal({ clock });
  const appender = (actor: `system:${string}`) => new EventAppender({ journal, clock, identity, actor });
  return { journal, appender };
}

function started(attempt: number): Draft {
  return {
    type: 'ProcessStarted',
    data: { process: 'web', versionTag: 'v0', attempt },
    correlationId: 'processes',
    causationId: null,
  };
}

describe('appender', () => {
  test('writers that race for one stream in one millisecond all succeed', async () => {
    const { journal, appender } = parts();
    const writers = [appender('system:main'), appender('system:web'), appender('system:web')];
    await Promise.all(
      [...Array(10).keys()].flatMap((round) =>
        writers.map((writer, at) => writer.append(STREAMS.processes, [started(3 * round + at)])),
      ),
    );
    const events = await journal.readStream(STREAMS.processes, { limit: 100 });
    expect(events.map((event) => event.revision)).toEqual([...Array(30).keys()]);
    expect(new Set(events.map((event) => event.id)).size).toBe(30);
  });

  test('a bot state follows the last one; an invalid transition is refused and nothing is written', async () => {
    const { journal, appender } = parts();
    const main = appender('system:main');
    expect(await main.botState()).toBe('initialize');
    await main.changeBotState('provisioning', 'set-up');
    await expect(main.changeBotState('trading', 'too early')).rejects.toMatchObject({ code: 'BOT_STATE_TRANSITION' });
    expect(await main.botState()).toBe('provisioning');
    expect((await journal.head())?.count).toBe(1);
  });

  test('of two concurrent state changes only one finds its transition valid', async () => {
    const { appender } = parts();
    const results = await Promise.allSettled([
      appender('system:main').changeBotState('provisioning', 'a'),
      appender('system:worker').changeBotState('provisioning', 'b'),
    ]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});
