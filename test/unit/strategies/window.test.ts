import { describe, expect, test } from '@jest/globals';
import { parseSettings } from '../../../src/domain/config/settings.js';
import { botSession, tradingHoursOf } from '../../../src/domain/schedule/trading-hours.js';
import { parseDateText, parseUtcText, toUtcText } from '../../../src/kernel/time.js';
import { STRATEGIES, strategiesToRun } from '../../../src/strategies/registry.js';
import { contextOf } from './market.js';

function windowText(name: string, date: string, overrides: Record<string, string> = {}): string {
  const strategy = STRATEGIES.find((candidate) => candidate.name === name);
  const window = strategy?.window(contextOf(date, overrides));
  if (window === undefined) return '';
  return [window.analysisFrom, window.breakoutFrom, window.monitoringFrom, window.endsAt]
    .map((at) => toUtcText(at).slice(11, 16))
    .join(' ');
}

function failures(name: string, date: string, overrides: Record<string, string> = {}): readonly string[] {
  const strategy = STRATEGIES.find((candidate) => candidate.name === name);
  const checks = strategy?.selfCheck(contextOf(date, overrides)) ?? [];
  return checks.filter((check) => !check.ok).map((check) => `${check.cause}. ${check.remedy}`);
}

describe('windows', () => {
  test.each([
    ['open', '2013-10-07', '13:30 13:50 14:00 14:30'],
    ['mid', '2013-10-07', '16:00 16:15 16:25 16:55'],
    ['close', '2013-10-07', '19:30 19:35 19:38 19:53'],
    ['open', '2026-01-05', '14:30 14:50 15:00 15:30'],
    ['mid', '2015-12-24', '17:00 17:15 17:25 17:55'],
    ['close', '2015-12-24', '17:30 17:35 17:38 17:53'],
  ])('%s on %s: %s', (name, date, expected) => {
    expect(windowText(name, date)).toBe(expected);
    expect(failures(name, date)).toEqual([]);
  });

  test('a window ends at least two minutes before the close to leave time for closing positions', () => {
    expect(windowText('close', '2013-10-07', { CLOSE_MONITORING_TIME: '22' })).toBe('19:30 19:35 19:38 19:58');
  });

  test.each([
    ['a whole day', '2013-10-07', '15:45', '19:30 19:35 19:38 19:43'],
    ['a half day', '2015-12-24', '12:45', '17:30 17:35 17:38 17:43'],
  ])('MARKET_CLOSE does not move the start of the close strategy on %s', (_, date, ends, expected) => {
    const settings = parseSettings({ MARKET_CLOSE: `${ends}@America/New_York` });
    const hours = botSession(parseDateText(date), tradingHoursOf(settings));
    const close = STRATEGIES.find(({ name }) => name === 'close');
    if (hours === undefined || close === undefined) throw new Error('no close strategy on this day');
    const { analysisFrom, breakoutFrom, monitoringFrom, endsAt } = close.window({ settings, ...hours });
    const texts = [analysisFrom, breakoutFrom, monitoringFrom, endsAt].map((at) => toUtcText(at).slice(11, 16));
    expect(texts.join(' ')).toBe(expected);
  });

  test('a close of the exchange that no calendar has moves the close strategy', () => {
    const context = { ...contextOf('2013-10-07'), closesAt: parseUtcText('2013-10-07T18:00:00.000Z') };
    const close = STRATEGIES.find(({ name }) => name === 'close');
    expect(toUtcText(close?.window(context).analysisFrom ?? context.opensAt)).toBe('2013-10-07T17:30:00.000Z');
  });

  test('a mid window that would start after an early close does not run that day', () => {
    const late = { START_TIME_MID: '14:00@America/New_York' };
    expect(windowText('mid', '2015-12-24', late)).toBe('18:00 18:00 18:00 18:00');
    expect(failures('mid', '2015-12-24', late)).toEqual([
      'START_TIME_MID=14:00@America/New_York leaves no time for analysis and entries in the session ' +
        '2015-12-24T14:30:00.000Z to 2015-12-24T18:00:00.000Z. ' +
        'Set START_TIME_MID so that analysis and entries are inside the session, or do not trade on this day.',
    ]);
  });

  test('a UTC start of the other season fails its check instead of trading before the open', () => {
    expect(failures('open', '2013-10-07', { START_TIME_OPEN: '13:30' })).toEqual([]);
    expect(failures('open', '2026-01-05', { START_TIME_OPEN: '13:30' })).toHaveLength(1);
  });
});

describe('bearish signals (TRD-23)', () => {
  test.each(['open', 'mid', 'close'])('%s refuses what no broker of this version supports', (name) => {
    const key = `SHORT_TYPE_${name.toUpperCase()}`;
    expect(failures(name, '2013-10-07', { [key]: 'ShortSell' })).toEqual([]);
    expect(failures(name, '2013-10-07', { [key]: 'InverseETF' })).toEqual([]);
    const atIbkr = { [key]: 'LongPut', BROKER_NAME: 'IBKR' };
    expect(failures(name, '2013-10-07', atIbkr)).toEqual([]);
    expect(failures(name, '2013-10-07', { ...atIbkr, MARKET_DATA: 'finnhub' })[0]).toContain(
      'set MARKET_DATA to broker',
    );
    expect(failures(name, '2013-10-07', { [key]: 'LongPut' })[0]).toContain(
      'buys options, which are traded at Interactive Brokers only (BROKER_NAME=IBKR), not with Simulator',
    );
  });
});

describe('registry (RUN-23)', () => {
  test.each([
    [{}, 'open mid close'],
    [{ STRATEGY_SEQUENCE: 'close,open' }, 'close open'],
    [{ STRATEGY_OVERRIDE: 'mid' }, 'mid'],
    [{ STRAT_MID_ENABLED: 'false' }, 'open close'],
    [{ STRATEGY_OVERRIDE: 'mid', STRAT_MID_ENABLED: 'false' }, ''],
  ])('%j runs %s', (overrides, names) => {
    const settings = parseSettings(overrides);
    expect(
      strategiesToRun(settings)
        .map((strategy) => strategy.name)
        .join(' '),
    ).toBe(names);
  });

  test('each strategy has its own trailing stop key', () => {
    const settings = parseSettings({ TRAIL_PCT_OPEN: '0.01', TRAIL_PCT_MID: '0.02', TRAIL_PCT_CLOSE: '0.03' });
    expect(STRATEGIES.map((strategy) => strategy.trailFraction(settings).text())).toEqual(['0.01', '0.02', '0.03']);
  });
});
