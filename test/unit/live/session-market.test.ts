import { describe, expect, test } from '@jest/globals';
import { nextSessionWithData } from '../../../src/app/live/session-market.js';
import { parseSettings } from '../../../src/domain/config/settings.js';
import { tradingHoursOf } from '../../../src/domain/schedule/trading-hours.js';
import { parseDateText } from '../../../src/kernel/time.js';
import { at, LoopWorld } from './support.js';

const NO_DATA = 'there is no minute data for SPY';

/** A world on Monday 2013-10-07, in which some days have no data. */
async function worldWithout(...dates: readonly string[]): Promise<LoopWorld> {
  const world = await new LoopWorld('2013-10-07T12:00').stand('provisioning', 'bootstrapping', 'started', 'idle');
  for (const date of dates) world.marketFaults.set(date, `${NO_DATA} on ${date}`);
  return world;
}

async function leftOut(world: LoopWorld): Promise<readonly unknown[]> {
  const events = await world.journal.readAll({ filter: { types: ['SessionLeftOut'] } });
  return events.map(({ recordedAt, data }) => [recordedAt.slice(0, 16), data]);
}

describe('a day without market data', () => {
  test('its session is left out with an event, and the bot trades the next day with data', async () => {
    const world = await worldWithout('2013-10-08', '2013-10-09');
    const reported = await world.runUntil('2013-10-10T21:00');
    expect(reported).toEqual(['session 2013-10-07 from 13:30', 'session 2013-10-10 from 13:30']);
    expect(await leftOut(world)).toEqual([
      ['2013-10-08T13:25', { date: '2013-10-08', reason: `${NO_DATA} on 2013-10-08`, nextSession: '2013-10-09' }],
      ['2013-10-09T13:25', { date: '2013-10-09', reason: `${NO_DATA} on 2013-10-09`, nextSession: '2013-10-10' }],
    ]);
    expect(world.state.botState).not.toBe('error');
  });

  test('a start in the middle of it leaves it out once, however often the bot is started', async () => {
    const first = await worldWithout('2013-10-07');
    await first.runUntil('2013-10-07T15:00');
    const second = new LoopWorld('2013-10-07T15:01', first.journal);
    second.marketFaults.set('2013-10-07', NO_DATA);
    await second.runUntil('2013-10-07T16:00');
    expect(await leftOut(second)).toHaveLength(1);
    expect(second.reported).toEqual([]);
  });

  test('with data for it the rest of the day is traded', async () => {
    const first = await worldWithout('2013-10-07');
    await first.runUntil('2013-10-07T15:00');
    const second = new LoopWorld('2013-10-07T15:01', first.journal);
    expect(await second.runUntil('2013-10-07T16:00')).toContain('session 2013-10-07 from 15:01');
  });

  test('a session in progress is not left out', async () => {
    const first = await worldWithout();
    await first.runUntil('2013-10-07T15:00');
    const second = new LoopWorld('2013-10-07T15:01', first.journal);
    second.marketFaults.set('2013-10-07', NO_DATA);
    expect(await second.runUntil('2013-10-07T16:00')).toContain('session 2013-10-07 from 15:01');
    expect(await leftOut(second)).toEqual([]);
  });
});

describe('the market data of the bot is in the journal', () => {
  const selected = async (world: LoopWorld): Promise<number> =>
    (await world.journal.readAll({ filter: { types: ['MarketFeedSelected'] } })).length;

  test('once, and again only when it is another', async () => {
    const first = await worldWithout();
    await first.runUntil('2013-10-07T12:30');
    expect(await selected(first)).toBe(1);
    const second = new LoopWorld('2013-10-07T12:31', first.journal);
    await second.runUntil('2013-10-07T12:40');
    expect(await selected(second)).toBe(1);
  });
});

describe('the next session with data', () => {
  const hours = tradingHoursOf(parseSettings({ TRADING_DAYS: 'mon,wed' }));
  const days = ['2013-10-05', '2013-10-07', '2013-10-08', '2013-10-09', '2014-06-09'].map(parseDateText);

  test.each([
    ['before the first', '2013-10-01T00:00', undefined, '2013-10-07'],
    ['on a day, before its close', '2013-10-07T19:59', undefined, '2013-10-07'],
    ['after its close', '2013-10-07T20:00', undefined, '2013-10-09'],
    ['on a day whose session is closed', '2013-10-07T15:00', '2013-10-07', '2013-10-09'],
    ['months before the next day', '2013-10-10T00:00', undefined, '2014-06-09'],
    ['after the last day', '2014-06-10T00:00', undefined, undefined],
  ])('%s', (_, now, after, expected) => {
    const from = { now: at(now), ...(after === undefined ? {} : { after: parseDateText(after) }) };
    expect(nextSessionWithData(days, hours, from)?.date).toBe(expected);
  });

  test('a market with every day has the next session of the bot', () => {
    expect(nextSessionWithData(undefined, hours, { now: at('2013-10-08T00:00') })?.date).toBe('2013-10-09');
  });
});
