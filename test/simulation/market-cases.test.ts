import { describe, expect, test } from '@jest/globals';
import { reportDay } from '../../src/app/day/day-report.js';
import { Decimal } from '../../src/kernel/decimal.js';
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

describe('limits shrink an entry, they do not refuse it', () => {
  const four = { AAA: BREAKOUT, BBB: BREAKOUT, CCC: BREAKOUT, DDD: BREAKOUT };
  const dollars = async (day: DayHarness): Promise<readonly number[]> =>
    (await day.eventsOf('OrderIntended'))
      .filter(({ data }) => data.purpose === 'entry')
      .map(({ data }) => Number(data.quantity) * Number(data.referencePrice));

  test('the last of four entries of a quarter each is smaller, and all are filled', async () => {
    const day = await madeDay(four, { settings: { TOTAL_ALLOCATION: '1', WEIGHTS: '0.25,0.25,0.25,0.25' } });
    await expectGoodBooks(day, { trades: 4 });
    expect(await day.eventsOf('OrderRejected')).toEqual([]);
    const costs = await dollars(day);
    expect(costs).toHaveLength(4);
    costs.slice(0, 3).forEach((cost) => expect(cost).toBeCloseTo(25_000, 0));
    expect(costs[3]).toBeLessThan(25_000);
    expect(costs[3]).toBeGreaterThan(22_500);
  });

  test.each<[string, Record<string, string>]>([
    ['a fraction of a share', {}],
    ['whole shares', { FRACTIONAL: 'false' }],
  ])('one entry of all the cash buys: %s', async (_, more) => {
    const settings = { TOTAL_ALLOCATION: '1', MAX_TRADES: '1', WEIGHTS: '1', ...more };
    const day = await madeDay({ AAA: BREAKOUT }, { settings });
    await expectGoodBooks(day, { trades: 1 });
    expect(await day.eventsOf('OrderRejected')).toEqual([]);
    expect((await dollars(day))[0]).toBeGreaterThan(97_500);
  });

  test('four shorts of a quarter each are filled', async () => {
    const falls: MadeMinutes = {
      ...QUIET,
      '13:50': ['100.00', '100.00', '99.20', '99.20', 50_000],
      '13:51': ['99.20', '99.25', '99.15', '99.20', 50_000],
    };
    const settings = { TOTAL_ALLOCATION: '1', WEIGHTS: '0.25,0.25,0.25,0.25', SHORT_TYPE_OPEN: 'ShortSell' };
    const day = await madeDay({ AAA: falls, BBB: falls, CCC: falls, DDD: falls }, { settings });
    await expectGoodBooks(day, { trades: 4 });
    expect(await day.eventsOf('OrderRejected')).toEqual([]);
  });

  test('an entry that the broker refuses is named among what was not traded, with the reason', async () => {
    const jump: MadeMinutes = { ...BREAKOUT, '13:51': ['110.00', '110.00', '110.00', '110.00', 50_000] };
    const day = await madeDay({ AAA: jump }, { settings: { TOTAL_ALLOCATION: '1', MAX_TRADES: '1', WEIGHTS: '1' } });
    const [refusal] = reportDay(MADE_DAY, await day.events()).refusals.filter(({ strategy }) => strategy === 'open');
    expect(refusal).toMatchObject({ symbol: 'AAA', code: 'INSUFFICIENT_BUYING_POWER' });
    expect(refusal?.figures['message']).toMatch(/needed, .* free/);
  });
});

describe('commissions of less than half a cent (TRD-61)', () => {
  test('they are charged when they make a cent and at the end of the day; the books equal the broker', async () => {
    const profile = { commission: { perShare: Decimal.parse('0.0035'), minimum: Decimal.ZERO } };
    const settings = { TOTAL_ALLOCATION: '0.006', DEFENSE_MODE_TOTAL_ALLOCATION: '0.006', FRACTIONAL: 'false' };
    const day = await madeDay({ AAA: BREAKOUT, BBB: BREAKOUT, CCC: BREAKOUT, DDD: BREAKOUT }, { profile, settings });
    await expectGoodBooks(day, { trades: 4 });
    const fills = (await day.eventsOf('OrderFilled')).map(({ data }) => `${data.quantity} ${data.commission}`);
    // two shares cost 0.007, one costs 0.0035
    expect(fills.filter((fill) => fill === '2 0.01')).toHaveLength(2);
    expect(fills.filter((fill) => fill === '1 0.01')).toHaveLength(2);
    expect(fills.filter((fill) => fill === '1 0.00')).toHaveLength(4);
    expect((await day.eventsOf('BrokerActivityImported')).map(({ data }) => [data.activityType, data.amount])).toEqual([
      ['fee', '0.01'],
    ]);
  });
});
