import { describe, expect, test } from '@jest/globals';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { MemoryJournal } from '../../../src/adapters/journal-memory/memory-journal.js';
import type { Draft } from '../../../src/events/draft.js';
import { STREAMS } from '../../../src/events/streams.js';
import { Scribe } from '../../../src/app/scribe.js';
import { parseBotIdentity } from '../../../src/kernel/identity.js';
import { epochMs } from '../../../src/kernel/time.js';

const identity = parseBotIdentity('DEMO_US_SIM_B01');

function parts() {
  const clock = new VirtualClock(epochMs(1_381_000_000_000));
  const journal = new MemoryJournal({ clock });
  const scribe = (actor: `system:${string}`) => new Scribe({ journal, clock, identity, actor });
  return { journal, scribe };
}

function started(attempt: number): Draft {
  return {
    type: 'ProcessStarted',
    data: { process: 'web', versionTag: 'v0', attempt },
    correlationId: 'processes',
    causationId: null,
  };
}

describe('scribe', () => {
  test('writers that race for one stream in one millisecond all get their event in', async () => {
    const { journal, scribe } = parts();
    const writers = [scribe('system:main'), scribe('system:web'), scribe('system:web')];
    await Promise.all(
      [...Array(10).keys()].flatMap((round) =>
        writers.map((writer, at) => writer.record(STREAMS.processes, [started(3 * round + at)])),
      ),
    );
    const events = await journal.readStream(STREAMS.processes, { limit: 100 });
    expect(events.map((event) => event.revision)).toEqual([...Array(30).keys()]);
    expect(new Set(events.map((event) => event.id)).size).toBe(30);
  });

  test('a bot state follows the last one; a transition that is none is refused and nothing is written', async () => {
    const { journal, scribe } = parts();
    const main = scribe('system:main');
    expect(await main.botState()).toBe('initialize');
    await main.changeBotState('provisioning', 'set-up');
    await expect(main.changeBotState('trading', 'too early')).rejects.toMatchObject({ code: 'BOT_STATE_TRANSITION' });
    expect(await main.botState()).toBe('provisioning');
    expect((await journal.head())?.count).toBe(1);
  });

  test('of two who move the state at once only one finds the transition open', async () => {
    const { scribe } = parts();
    const results = await Promise.allSettled([
      scribe('system:main').changeBotState('provisioning', 'a'),
      scribe('system:worker').changeBotState('provisioning', 'b'),
    ]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});
