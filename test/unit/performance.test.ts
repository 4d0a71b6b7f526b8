import { describe, expect, test } from '@jest/globals';
import { bucketsOf } from '../../src/domain/performance/buckets.js';
import { PerformanceFold } from '../../src/domain/performance/performance-fold.js';
import { PerformanceReader } from '../../src/app/web-queries/read-performance.js';
import type { EventData, Position, RecordedEvent } from '../../src/events/event.js';
import { cents } from '../../src/kernel/money.js';
import { recorded } from './support/events.js';

let last = 0;

function closed(
  date: string,
  net: string,
  over: Partial<Readonly<Record<keyof EventData<'PositionClosed'>, string>>> = {},
): RecordedEvent<'PositionClosed'> {
  last += 1;
  const data = {
    ...{ positionId: `${date}/open/AIG/${last}`, strategy: 'open', symbol: 'AIG', side: 'long', quantity: '1' },
    ...{
      entryPrice: '1.00',
      exitPrice: '1.00',
      exitReason: 'timeout',
      slippage: '0.00',
      signalAt: `${date}T14:30:00.000Z`,
    },
    ...{ entryAt: `${date}T14:40:00.000Z`, exitAt: `${date}T15:40:00.000Z` },
    ...{ grossPnl: net, fees: '0.00', netPnl: net, ...over },
  } as unknown as EventData<'PositionClosed'>;
  const event = recorded('PositionClosed', data, { at: data.exitAt, position: last });
  return { ...event, meta: { ...event.meta, sessionDate: date as never } };
}

const viewOf = (events: readonly RecordedEvent[]) => {
  const fold = new PerformanceFold();
  for (const event of events) fold.take(event);
  return fold.view();
};

describe('performance of closed positions', () => {
  const days = [
    closed('2026-01-05', '10.00'),
    closed('2026-01-05', '-2.50', { strategy: 'mid', symbol: 'IBM', entryAt: '2026-01-05T17:01:00.000Z' }),
    closed('2026-01-06', '-9.00', { exitReason: 'stop_loss' }),
    closed('2026-01-07', '-1.00'),
    closed('2026-01-08', '4.00', { symbol: 'IBM' }),
  ];

  test('totals, drawdown and parts add up to the cent', () => {
    const { all, drawdown, sessions, strategies, symbols, hours, reasons } = viewOf(days);
    expect(all).toMatchObject({ trades: 5, wins: 2, winRate: '0.4000', net: '1.50', average: '0.30' });
    expect(drawdown).toEqual({ amount: '-10.00', from: '2026-01-05', to: '2026-01-07' });
    expect(sessions.map(({ net, total, drawdown: below }) => [net, total, below])).toEqual([
      ['7.50', '7.50', '0.00'],
      ['-9.00', '-1.50', '-9.00'],
      ['-1.00', '-2.50', '-10.00'],
      ['4.00', '1.50', '-6.00'],
    ]);
    expect(strategies.map(({ key, net }) => [key, net])).toEqual([
      ['open', '4.00'],
      ['mid', '-2.50'],
    ]);
    expect(symbols.map(({ key, net }) => [key, net])).toEqual([
      ['IBM', '1.50'],
      ['AIG', '0.00'],
    ]);
    // 14:40 UTC is 09:40 in New York in winter
    expect(hours.map(({ key, trades }) => [key, trades])).toEqual([
      ['09', 4],
      ['12', 1],
    ]);
    expect(reasons.map(({ key }) => key)).toEqual(['timeout', 'stop_loss']);
  });

  test('without a trade there is nothing, and without a loss no drawdown', () => {
    expect(viewOf([])).toMatchObject({ all: null, drawdown: null, sessions: [], distribution: [] });
    expect(viewOf([closed('2026-01-05', '1.00')]).drawdown).toBeNull();
    expect(viewOf([closed('2026-01-05', '-1.00')]).drawdown).toEqual({ amount: '-1.00', from: null, to: '2026-01-05' });
  });

  test('a reader takes only what is new, and the past is as it was', async () => {
    const journal: RecordedEvent[] = days.slice(0, 3);
    const asked: (Position | undefined)[] = [];
    const reader = new PerformanceReader({
      readAll: ({ after } = {}) => {
        asked.push(after);
        return Promise.resolve(journal.filter(({ position }) => after === undefined || position > after));
      },
    });
    expect((await reader.read(undefined)).all?.net).toBe('-1.50');
    journal.push(...days.slice(3));
    expect((await reader.read(undefined)).all?.net).toBe('1.50');
    expect(asked).toEqual([undefined, days[2]?.position]);
    expect((await reader.read(days[0]?.position)).all?.net).toBe('10.00');
    expect((await reader.read(undefined)).all?.net).toBe('1.50');
  });
});

describe('buckets of results', () => {
  test('each trade is in one bucket, zero is a boundary, and there are never many', () => {
    for (const nets of [[0n], [-1n, 1n], [-1_234n, 5_678n, 0n, -1n], [-99_999_999n, 3n], [10n ** 12n, -(10n ** 12n)]]) {
      const buckets = bucketsOf(nets.map(cents));
      expect(buckets.length).toBeLessThanOrEqual(22);
      expect(buckets.reduce((sum, { trades }) => sum + trades, 0)).toBe(nets.length);
      expect(buckets.every(({ from }, at) => at === 0 || from === buckets[at - 1]?.to)).toBe(true);
      expect(buckets.some(({ from, to }) => from.startsWith('-') && !to.startsWith('-') && to !== '0.00')).toBe(false);
    }
    expect(bucketsOf([])).toEqual([]);
    expect(bucketsOf([-150n, 150n, 149n].map(cents))).toEqual(
      expect.arrayContaining([{ from: '1.40', to: '1.60', trades: 2 }]),
    );
  });
});
