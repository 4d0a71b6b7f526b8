import { describe, expect, test } from '@jest/globals';
import { STREAMS } from '../../src/events/streams.js';
import type { EventData } from '../../src/events/event.js';
import { type Life, type LiveHarness, liveHome } from './support/live-harness.js';
import { expectGoodBooks } from './support/oracle.js';

type Watched = EventData<'WatchdogStateChanged'>;

async function watched(life: Life, subject: Watched['subject'], to: Watched['to']): Promise<void> {
  const data = { subject, from: to === 'down' ? 'healthy' : 'down', to, reason: 'test', figures: {} } as const;
  await life.appender.append(STREAMS.health, [
    { type: 'WatchdogStateChanged', data, correlationId: 'watchdog', causationId: null },
  ]);
}

async function entries(live: LiveHarness): Promise<readonly string[]> {
  const orders = await live.eventsOf('OrderIntended');
  return orders.filter(({ data }) => data.purpose === 'entry').map(({ occurredAt }) => occurredAt.slice(11, 16));
}

describe('failures seen by the watchdog (RUN-42)', () => {
  test.each(['disk', 'clock', 'journal'] as const)(
    'no entry without %s; entries resume when it is back',
    async (subject) => {
      const live = liveHome();
      const life = await live.start();
      life.pacer.plan(live.at('14:50:30.500'), () => watched(life, subject, 'down'));
      life.pacer.plan(live.at('15:40:00.500'), () => watched(life, subject, 'healthy'));
      await life.session.run();
      const made = await entries(live);
      expect(made.filter((at) => at < '15:40')).toEqual([]);
      expect(made.length).toBeGreaterThan(0);
      await expectGoodBooks(live.home, { trades: 1 });
    },
  );

  test('a broker outage has its own rule and does not suspend entries here', async () => {
    const live = liveHome();
    const life = await live.start();
    life.pacer.plan(live.at('14:50:30.500'), () => watched(life, 'broker', 'down'));
    await life.session.run();
    expect((await entries(live))[0]).toBe('14:51');
  });
});
