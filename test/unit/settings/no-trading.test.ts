import { describe, expect, test } from '@jest/globals';
import { noTradingReasons } from '../../../src/domain/config/no-trading.js';
import { planSettings, type SettingsPlan } from '../../../src/domain/config/settings-change.js';
import { DEFAULT_SETTINGS, describeSettings, parseSettings } from '../../../src/domain/config/settings.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { parseUtcText, toUtcText } from '../../../src/kernel/time.js';

/** A save of these texts over the defaults. */
function planOf(changes: Readonly<Record<string, string>>): SettingsPlan {
  const by = { since: toUtcText(parseUtcText('2026-03-02T16:00:00.000Z')), actor: 'user:ann', reason: 'r' };
  const stored = { texts: { ...describeSettings(DEFAULT_SETTINGS), VERSION_TAG: '0.2.0' }, pending: [] };
  const more = { withdraw: [], open: undefined, versionTag: '0.2.0', float: undefined, by };
  return planSettings(stored, { changes, ...more });
}

function saveFaultOf(changes: Readonly<Record<string, string>>, key: string): string | undefined {
  return planOf(changes).faults.find((fault) => fault.key === key)?.problem;
}

const ONLY_MID = { STRATEGY_SEQUENCE: 'mid' };
const ONLY_CLOSE = { STRATEGY_OVERRIDE: 'close' };

describe('settings that end all trading are named (CFG-3)', () => {
  test.each([
    [{ DISABLE_ALL_TRADES: 'true' }, 'DISABLE_ALL_TRADES'],
    [{ STRAT_OPEN_ENABLED: 'false', STRAT_MID_ENABLED: 'false', STRAT_CLOSE_ENABLED: 'false' }, 'NO_STRATEGY'],
    [{ ...ONLY_MID, STRAT_MID_ENABLED: 'false' }, 'NO_STRATEGY'],
    [{ MIN_PRICE: '300' }, 'PRICE_RANGE'],
    [{ MIN_PRICE: '999999', MAX_PRICE: '1000000' }, 'MIN_PRICE'],
    [{ MIN_VOLUME_THRESHOLD: '1000000000000' }, 'MIN_VOLUME'],
    [{ MAX_SPREAD_PCT: '0.0001', MAX_PRICE: '99' }, 'MAX_SPREAD'],
    [{ ...ONLY_MID, ADX_MAX: '1' }, 'mid:ADX_MAX'],
    [{ ...ONLY_CLOSE, STRAT_CLOSE_VIX_THRESHOLD: '200' }, 'close:STRAT_CLOSE_VIX_THRESHOLD'],
    [{ ...ONLY_MID, MIN_MARKET_CAP_MID: '5', MAX_MARKET_CAP_MID: '5' }, 'mid:MARKET_CAP'],
  ])('%j', (texts, code) => {
    const reasons = noTradingReasons(texts);
    expect(reasons.map((reason) => reason.code)).toEqual([code]);
    expect(reasons[0]?.remedy).toMatch(/\.$/);
  });

  test.each([
    [{}],
    [{ MAX_SPREAD_PCT: '0.0001', MAX_PRICE: '100' }],
    [{ MAX_SPREAD_PCT: '0.0001', MIN_PRICE: '0.5', MAX_PRICE: '0.99' }, 'MAX_SPREAD'],
    [{ ADX_MAX: '1' }],
    [{ ...ONLY_MID, ADX_MAX: '1', ADX_FILTER_ENABLED: 'false' }],
    [{ ...ONLY_CLOSE, STRAT_CLOSE_VIX_THRESHOLD: '200', VIX_GATE_ENABLED: 'false' }],
  ])('a bot that can trade has no reason: %j', (texts, ...codes) => {
    const reasons = noTradingReasons(texts);
    expect(reasons.map((reason) => reason.code)).toEqual(codes);
  });

  test.each([
    [{ MARKET_OPEN: '20:00' }, 'From March to November'],
    [{ MARKET_OPEN: '20:00', STRATEGY_OVERRIDE: 'close' }, 'From March to November'],
    [{ MARKET_CLOSE: '14:25' }, 'From November to March'],
    [{ MARKET_OPEN: '15:00@America/New_York' }, undefined],
    [{ MARKET_CLOSE: '16:00' }, undefined],
    [{}, undefined],
  ])('hours in UTC that leave months without an entry are asked about: %j', (changes, text) => {
    const reasons = planOf(changes).endsTrading;
    expect(reasons).toEqual(text === undefined ? [] : [expect.stringContaining(text)]);
    expect(planOf(changes).faults).toEqual([]);
  });

  test('a float that buys no share needs fractions', () => {
    const whole = { FRACTIONAL: 'false', TOTAL_ALLOCATION: '0.01' };
    const float = Decimal.parse('100');
    expect(noTradingReasons(whole)).toEqual([]);
    expect(noTradingReasons(whole, float).map(({ code }) => code)).toEqual([
      'open:ENTRY_SIZE mid:ENTRY_SIZE close:ENTRY_SIZE',
    ]);
    expect(noTradingReasons(whole, float)[0]?.text).toContain('the first entry, 0.40 USD of a float of 100.00');
    expect(noTradingReasons({ ...whole, FRACTIONAL: 'true' }, float)).toEqual([]);
    expect(noTradingReasons(whole, Decimal.parse('100000'))).toEqual([]);
    const small = { ...whole, WEIGHTS: '0.0001,0.3,0.3,0.3' };
    expect(noTradingReasons(small, Decimal.parse('100000')).map(({ code }) => code)).toHaveLength(1);
  });

  test('a reason is asked about once: what was confirmed before does not block other changes', () => {
    const by = { since: toUtcText(parseUtcText('2026-03-02T16:00:00.000Z')), actor: 'user:ann', reason: 'r' };
    const more = { withdraw: [], open: undefined, versionTag: '0.2.0', float: undefined, by };
    const texts = { ...describeSettings(DEFAULT_SETTINGS), VERSION_TAG: '0.2.0' };
    const first = planSettings({ texts, pending: [] }, { changes: { DISABLE_ALL_TRADES: 'true' }, ...more });
    expect(first.endsTrading).toEqual(['DISABLE_ALL_TRADES is true: no position is opened']);
    const next = planSettings(first.after, { changes: { MAX_SPREAD_PCT: '0.01' }, ...more });
    expect(next).toMatchObject({ faults: [], endsTrading: [] });
  });
});

describe('combinations that can never be meant are refused with the remedy (CFG-3)', () => {
  test.each([
    [{ STRATEGY_OVERRIDE: 'mid', STRAT_MID_ENABLED: 'false' }, 'STRATEGY_OVERRIDE', 'STRAT_MID_ENABLED is false'],
    [{ SHORT_TYPE_OPEN: 'LongPut' }, 'SHORT_TYPE_OPEN', 'must be disabled or ShortSell: LongPut buys options'],
    [{ SHORT_TYPE_OPEN: 'LongPut', BROKER_NAME: 'ALPACA' }, 'SHORT_TYPE_OPEN', '(BROKER_NAME=IBKR), not with Alpaca'],
    [
      { SHORT_TYPE_MID: 'LongPut', BROKER_NAME: 'IBKR', MARKET_DATA: 'finnhub' },
      'SHORT_TYPE_MID',
      'needs the quotes of what it buys, which MARKET_DATA=finnhub does not send: set MARKET_DATA to broker',
    ],
    [{ SHORT_TYPE_CLOSE: 'InverseETF' }, 'SHORT_TYPE_CLOSE', 'must be disabled or ShortSell'],
    [{ MARKET_CLOSE: '12:45' }, 'MARKET_CLOSE', 'has no zone and is UTC, 07:45 New York; write 12:45@America/New_York'],
    [{ MARKET_OPEN: '21:30' }, 'MARKET_OPEN', 'MARKET_OPEN=21:30 has no zone and is UTC, 16:30 New York'],
    [
      { MARKET_OPEN: '15:00@America/New_York', MARKET_CLOSE: '10:00@America/New_York' },
      'MARKET_CLOSE',
      'MARKET_OPEN=15:00@America/New_York is 15:00 New York',
    ],
    [
      { MARKET_CLOSE: '12:45@America/New_York', STRATEGY_OVERRIDE: 'close' },
      'START_TIME_CLOSE',
      'MARKET_CLOSE=12:45@America/New_York is 12:45 New York. No strategy could trade in these hours',
    ],
    [{ MARKET_OPEN: '10:30@America/New_York', STRATEGY_SEQUENCE: 'open' }, 'START_TIME_OPEN', 'is 10:30 New York'],
    [{ START_TIME_OPEN: '09:30' }, 'START_TIME_OPEN', 'has no zone and is UTC, 04:30 New York'],
    [
      {
        START_TIME_CLOSE: '15:57@America/New_York',
        CLOSE_ANALYSIS_TIME: '1',
        CLOSE_BREAKOUT_TIME: '1',
        CLOSE_MONITORING_TIME: '1',
      },
      'START_TIME_CLOSE',
      'no entry is made in the last 2 minutes',
    ],
  ])('%j', (texts, key, words) => {
    expect(saveFaultOf(texts as unknown as Readonly<Record<string, string>>, key)).toContain(words);
  });

  test('a strategy that does not run needs no window and no way to trade bearish signals', () => {
    const off = { STRAT_CLOSE_ENABLED: 'false', SHORT_TYPE_CLOSE: 'LongPut' };
    const hours = { MARKET_CLOSE: '12:00@America/New_York' };
    expect(saveFaultOf({ ...off, STRAT_MID_ENABLED: 'false', ...hours }, 'SHORT_TYPE_CLOSE')).toBeUndefined();
    expect(saveFaultOf(hours, 'START_TIME_CLOSE')).toBeUndefined();
    const atIbkr = { SHORT_TYPE_CLOSE: 'LongPut', BROKER_NAME: 'IBKR' };
    expect(saveFaultOf(atIbkr, 'SHORT_TYPE_CLOSE')).toBeUndefined();
    expect(parseSettings({ SHORT_TYPE_CLOSE: 'LongPut' }).SHORT_TYPE_CLOSE).toBe('LongPut');
  });

  test.each(['EST', 'MST', 'EST5EDT', 'Etc/GMT+5'])(
    'a time with the fixed offset or short name %s is refused: daylight saving would move the session',
    (zone) => {
      const fault = saveFaultOf({ START_TIME_OPEN: `10:00@${zone}`, STRATEGY_SEQUENCE: 'open' }, 'START_TIME_OPEN');
      expect(fault).toContain(`${zone} is no city and does not follow daylight saving`);
    },
  );
});
