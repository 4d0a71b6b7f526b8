import { describe, expect, test } from '@jest/globals';
import type { DayHarness } from './support/day-harness.js';
import { home } from './support/days.js';
import { BREAKOUT, MADE_DAY, QUIET, withMadeFeed, type MadeMinutes } from './support/made-minutes.js';
import { expectGoodBooks } from './support/oracle.js';

const PLAIN = { slippageType: 'none', partialFillProbability: 0 } as const;
const OPEN_TO_ALL = { MIN_VOLUME_THRESHOLD: '0', TOTAL_ALLOCATION: '0.5' };

async function madeDay(
  symbols: Readonly<Record<string, MadeMinutes>>,
  options: Parameters<typeof home>[0] = {},
): Promise<DayHarness> {
  const { settings, profile, ...rest } = options;
  return withMadeFeed(symbols, async (feed) => {
    const day = home({ feed, settings: { ...OPEN_TO_ALL, ...settings }, profile: { ...PLAIN, ...profile }, ...rest });
    await day.run(MADE_DAY);
    return day;
  });
}

describe('what lies before a fill does not act on it (TRD-44)', () => {
  // filled some 45 s into the minute; its extreme against the position was at its open
  const late = { profile: { latencyMs: 45_000 } };

  test.each<[string, MadeMinutes]>([
    [
      'long',
      {
        '13:51': ['98.60', '101.50', '98.60', '101.00', 5_000],
        '13:52': ['101.00', '101.10', '100.90', '101.00', 5_000],
      },
    ],
    [
      'short',
      {
        '13:50': ['100.00', '100.00', '99.20', '99.20', 5_000],
        '13:51': ['101.40', '101.40', '98.50', '99.00', 5_000],
        '13:52': ['99.00', '99.10', '98.90', '99.00', 5_000],
      },
    ],
  ])('the minute of the entry does not hit the stop of a %s with a price of before it', async (side, minutes) => {
    const day = await madeDay({ ABC: { ...BREAKOUT, ...minutes } }, late);
    await expectGoodBooks(day, { trades: 1 });
    const [filled] = await day.eventsOf('OrderFilled');
    expect(filled?.data).toMatchObject({ positionEffect: `open_${side}` });
    expect(filled?.data.filledAt.slice(11, 18)).toBe('13:51:4');
    expect((await day.eventsOf('PositionClosed')).map(({ data }) => data.exitReason)).toEqual(['timeout']);
  });
});

describe('no trade, no price', () => {
  test('minutes in which nobody traded give no signal and no fill, and are no outage', async () => {
    const silent: MadeMinutes = { '13:50': ['100.80', '100.85', '100.75', '100.80', 0] };
    const day = await madeDay({ ABC: { ...QUIET, ...silent } });
    await expectGoodBooks(day, { trades: 0 });
    expect(await day.eventsOf('SignalTriggered')).toEqual([]);
    expect((await day.eventsOf('CandidateRejected')).map(({ data }) => [data.strategy, data.code])).toEqual(
      expect.arrayContaining([['open', 'NO_TRADE_IN_MINUTE']]),
    );
    expect(await day.eventsOf('MarketDataLost')).toEqual([]);
  });

  test('a position waits for the next trade: no stop, no exit and no fill before it', async () => {
    const falls: MadeMinutes = {
      '13:55': ['95.00', '95.00', '90.00', '90.00', 0],
      '14:40': ['100.80', '100.85', '100.75', '100.80', 5_000],
    };
    const day = await madeDay({ ABC: { ...BREAKOUT, ...falls } });
    await expectGoodBooks(day, { trades: 1 });
    const exit = (await day.eventsOf('OrderFilled')).find(({ data }) => data.positionEffect === 'close_long');
    expect(exit?.data.filledAt.slice(11, 16)).toBe('14:40');
    expect((await day.eventsOf('PositionClosed')).map(({ data }) => data.exitReason)).toEqual(['timeout']);
  });
});
