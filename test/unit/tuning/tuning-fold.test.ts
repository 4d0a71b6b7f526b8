import { expect, test } from '@jest/globals';
import { TuningFold } from '../../../src/domain/tuning/tuning-fold.js';
import { SETTING_TABLE } from '../../../src/domain/config/settings.js';
import type { RecordedEvent } from '../../../src/events/event.js';

const event = (type: string, data: object): RecordedEvent => ({ type, data }) as unknown as RecordedEvent;
const config = (settings: Readonly<Record<string, string>>) =>
  event('ConfigChanged', {
    changes: Object.entries(settings).map(([key, to]) => ({ key, from: null, to, secret: false })),
  });
const started = (strategy: string) => event('StrategyStarted', { strategy });
const closed = (strategy: string, positionId: string, netPnl: string, minutes = 10, symbol = 'AIG') =>
  event('PositionClosed', {
    ...{ strategy, positionId, netPnl, symbol },
    entryAt: '2026-01-05T15:00:00.000Z',
    exitAt: `2026-01-05T15:${String(minutes).padStart(2, '0')}:00.000Z`,
  });

function rowsOf(...events: readonly RecordedEvent[]): readonly string[] {
  const fold = new TuningFold();
  for (const one of events) fold.take(one);
  return fold.rows().map((row) => {
    const {
      strategy,
      parameter,
      value,
      sessions,
      trades,
      winRate,
      netPnl,
      averagePnl,
      averageMinutes,
      blocked,
      rejected,
      tickers,
    } = row;
    const symbols = tickers.map((one) => `${one.symbol} ${one.trades}`).join(' ');
    return [
      strategy,
      `${parameter}=${value}`,
      sessions,
      trades,
      winRate,
      netPnl,
      averagePnl,
      averageMinutes,
      blocked,
      rejected,
      symbols,
    ].join(' | ');
  });
}

test('each value of a setting has what the sessions made that began with it (TRD-37)', () => {
  expect(
    rowsOf(
      config({
        STRAT_OPEN_BUFFER: '0.001',
        STRAT_OPEN_ENABLED: 'true',
        MAX_OPEN_POSITIONS: '3',
        STRAT_MID_VWAP_THRESHOLD: '0.01',
      }),
      started('open'),
      event('EnhancementBlocked', { strategy: 'open' }),
      event('TradeBlocked', { strategy: 'open', purpose: 'entry' }),
      event('TradeBlocked', { strategy: 'open', purpose: 'exit' }),
      event('CandidateRejected', { strategy: 'open' }),
      closed('open', 'a', '10.01', 10),
      closed('open', 'b', '-4.00', 20, 'BAC'),
      config({ STRAT_OPEN_BUFFER: '0.002' }),
      closed('open', 'c', '1.00', 30),
      started('open'),
      closed('open', 'd', '-2.00', 5),
    ),
  ).toEqual([
    'open | STRAT_OPEN_BUFFER=0.001 | 1 | 3 | 0.6667 | 7.01 | 2.34 | 20.0 | 2 | 1 | AIG 2 BAC 1',
    'open | STRAT_OPEN_BUFFER=0.002 | 1 | 1 | 0.0000 | -2.00 | -2.00 | 5.0 | 0 | 0 | AIG 1',
  ]);
});

test('a correction after the end changes the result and is no other trade', () => {
  expect(
    rowsOf(
      config({ STRAT_OPEN_BUFFER: '0.001' }),
      started('open'),
      closed('open', 'a', '10.00'),
      closed('open', 'a', '-3.00'),
    ),
  ).toEqual(['open | STRAT_OPEN_BUFFER=0.001 | 1 | 1 | 1.0000 | 7.00 | 7.00 | 10.0 | 0 | 0 | AIG 1']);
});

test('an own strategy counts with its defaults, and what is set over them', () => {
  const found = event('OwnStrategiesFound', {
    strategies: [
      {
        name: 'gap-fade',
        settings: [
          { key: 'OWN_GAP_FADE_A', default: '1' },
          { key: 'OWN_GAP_FADE_B', default: '2' },
        ],
      },
    ],
    refused: [],
  });
  expect(rowsOf(found, config({ OWN_GAP_FADE_B: '3' }), started('gap-fade'))).toEqual([
    'gap-fade | OWN_GAP_FADE_A=1 | 1 | 0 |  | 0.00 |  |  | 0 | 0 | ',
    'gap-fade | OWN_GAP_FADE_B=3 | 1 | 0 |  | 0.00 |  |  | 0 | 0 | ',
  ]);
});

test('a session that begins while the tracker is off is not counted', () => {
  const settings = { STRAT_OPEN_BUFFER: '0.001' };
  const off = config({ TUNING_TRACKER_ENABLED: 'false' });
  expect(rowsOf(config(settings), off, started('open'), closed('open', 'a', '1.00'))).toEqual([]);
  expect(rowsOf(config(settings), started('open'), off, closed('open', 'a', '1.00'))).toEqual([
    'open | STRAT_OPEN_BUFFER=0.001 | 1 | 1 | 1.0000 | 1.00 | 1.00 | 10.0 | 0 | 0 | AIG 1',
  ]);
});

test('it has settings of the trading of strategies alone: everybody who may read sees it', () => {
  const fold = new TuningFold();
  const all = Object.keys(SETTING_TABLE).map((key) => [key, '1'] as const);
  for (const one of [config(Object.fromEntries(all)), ...['open', 'mid', 'close'].map(started)]) fold.take(one);
  const found = fold.rows().map(({ parameter }) => SETTING_TABLE[parameter as keyof typeof SETTING_TABLE]);
  expect(found.length).toBeGreaterThan(10);
  expect(found.filter(({ secret }) => secret)).toEqual([]);
  expect([...new Set(found.map(({ group }) => group))].sort()).toEqual(['close', 'filters', 'mid', 'open', 'trailing']);
});
