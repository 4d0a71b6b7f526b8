import { describe, expect, test } from '@jest/globals';
import { marketOf } from './support/market.js';
import { after, DAY, home, NEXT_DAY } from './support/days.js';
import type { DayHarness } from './support/day-harness.js';
import { disturbedFeed, silent } from './support/disturbed-feed.js';
import { dieAt, type LiveHarness, liveHome } from './support/live-harness.js';
import { expectGoodBooks } from './support/oracle.js';

/** Type, session and second of each event of an outage. */
async function outages(day: DayHarness): Promise<readonly string[]> {
  const types = ['BrokerSuspended', 'BrokerResumed', 'MarketDataLost', 'MarketDataRestored'];
  return (await day.events())
    .filter(({ type }) => types.includes(type))
    .map(({ type, recordedAt, meta }) => `${type} ${meta.sessionDate ?? ''} ${recordedAt.slice(11, 19)}`);
}

/** A process that dies in the first minute of an outage, and its successor some minutes later. */
async function diesAndContinues(live: LiveHarness): Promise<void> {
  await dieAt(live, await live.start(), '14:51:10.000');
  const next = await live.start({ startsAt: '14:55:20.000' });
  expect(await next.session.run()).toBe('closed');
}

describe('a condition that is open when its session ends', () => {
  test('market data that is lost at the close is restored with the first data of the next session', async () => {
    const day = home({ feed: disturbedFeed(marketOf(1), DAY, silent('20:50', '21:00')) });
    await day.run(DAY);
    await day.run(NEXT_DAY);
    expect(await outages(day)).toEqual([
      'MarketDataLost 2026-01-06 20:55:00',
      'MarketDataRestored 2026-01-07 14:31:00',
    ]);
    const [restored] = await day.eventsOf('MarketDataRestored');
    expect(restored?.data.gapSeconds).toBe(17 * 3_600 + 41 * 60);
    await expectGoodBooks(day, { trades: 0, left: 'any' });
  });

  test('a broker that is away at the close is back when the next session has connected to it', async () => {
    const day = home({ faults: [{ kind: 'disconnect', from: after('17:58:00.100'), to: after('22:00:00.000') }] });
    await day.run(DAY);
    day.options = { ...day.options, faults: [] };
    await day.run(NEXT_DAY);
    expect(await outages(day)).toEqual(['BrokerSuspended 2026-01-06 17:58:00', 'BrokerResumed 2026-01-07 14:30:00']);
    await expectGoodBooks(day, { trades: 0, left: 'any' });
  });

  test('the outage of a broker that ended while the bot was down does not hold the rest of the day', async () => {
    const live = liveHome({
      faults: [{ kind: 'disconnect', from: after('14:50:30.500'), to: after('14:53:30.500'), refuses: 'everything' }],
    });
    await diesAndContinues(live);
    expect((await outages(live.home)).map((line) => line.split(' ')[0])).toEqual(['BrokerSuspended', 'BrokerResumed']);
    await expectGoodBooks(live.home, { trades: 0, left: 'any' });
    expect((await live.eventsOf('OrderFilled')).length).toBeGreaterThan(0);
  });

  test('an outage that continues over a restart is reported again, and ends once', async () => {
    const live = liveHome({
      faults: [{ kind: 'disconnect', from: after('14:50:30.500'), to: after('14:58:30.500'), refuses: 'everything' }],
    });
    await diesAndContinues(live);
    expect((await outages(live.home)).map((line) => line.split(' ')[0])).toEqual([
      'BrokerSuspended',
      'BrokerResumed',
      'BrokerSuspended',
      'BrokerResumed',
    ]);
    await expectGoodBooks(live.home, { trades: 0, left: 'any' });
  });
});
