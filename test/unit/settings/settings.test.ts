import { describe, expect, test } from '@jest/globals';
import {
  DEFAULT_SETTINGS,
  describeSettings,
  parseSettings,
  SETTING_TABLE,
  settingsSha256,
} from '../../../src/domain/config/settings.js';
import { TradeBotError } from '../../../src/kernel/errors.js';

function refusal(overrides: Record<string, string>): TradeBotError {
  try {
    parseSettings(overrides);
  } catch (error) {
    if (error instanceof TradeBotError) return error;
  }
  throw new Error('the settings were taken');
}

describe('defaults of the settings table', () => {
  test.each([
    ['TOTAL_ALLOCATION', '0.02'],
    ['MAX_TRADES', '4'],
    ['CANDIDATE_MULTIPLIER', '5'],
    ['WEIGHTS', '0.4,0.2,0.2,0.2'],
    ['DAILY_LOSS_LIMIT', '0.05'],
    ['MAX_RISK_PER_TRADE', '0.025'],
    ['MAX_OPEN_POSITIONS', '5'],
    ['MAX_SPREAD_PCT', '0.015'],
    ['DEFENSE_MODE_TRADE_LIMIT_PCT', '66'],
    ['DEFENSE_MODE_TOTAL_ALLOCATION', '0.01'],
    ['TRAIL_TIGHTENING_BUFFER_S', '150'],
    ['MIN_PRICE', '2'],
    ['MAX_PRICE', '300'],
    ['MIN_VOLUME_THRESHOLD', '500000'],
    ['MAX_GAP_PCT_MID', '0.1'],
    ['MIN_MARKET_CAP_CLOSE', '300000000'],
    ['MAX_MARKET_CAP_OPEN', '10000000000'],
    ['TRADING_DAYS', 'mon,tue,wed,thu,fri'],
    ['STRATEGY_SEQUENCE', 'open,mid,close'],
    ['STRATEGY_OVERRIDE', ''],
    ['START_TIME_OPEN', '09:30@America/New_York'],
    ['OPEN_ANALYSIS_TIME', '20'],
    ['STRAT_OPEN_BUFFER', '0.002'],
    ['START_TIME_MID', '12:00@America/New_York'],
    ['STRAT_MID_VWAP_THRESHOLD', '0.005'],
    ['START_TIME_CLOSE', '15:30@America/New_York'],
    ['CLOSE_BREAKOUT_TIME', '3'],
    ['STRAT_CLOSE_VIX_THRESHOLD', '15'],
    ['SHORT_TYPE_CLOSE', 'disabled'],
    ['ADX_MAX', '25'],
    ['REBALANCE_THRESHOLD', '0.1'],
    ['SLIPPAGE_MEAN_PCT', '0.15'],
    ['SIMULATED_LATENCY_MS', '500'],
    ['LOG_FORMAT', 'json'],
    ['BROKER_NAME', 'SIM'],
    ['FRACTIONAL', 'true'],
  ] as const)('%s is %s', (key, text) => {
    expect(describeSettings(DEFAULT_SETTINGS)[key]).toBe(text);
  });

  test('every setting has a label, a help text and its allowed values', () => {
    for (const spec of Object.values(SETTING_TABLE)) {
      expect(spec.label).not.toBe('');
      expect(spec.help).toMatch(/\.$/);
      expect(spec.mustBe).not.toBe('');
    }
  });

  test('a strategy with an empty or missing trailing stop inherits the general one', () => {
    const settings = parseSettings({
      TRADING_TRAILING_STOP_PCT: '0.03',
      TRAIL_PCT_OPEN: '',
      TRAIL_PCT_CLOSE: '0.01',
    });
    expect(settings.TRAIL_PCT_OPEN.text()).toBe('0.03');
    expect(settings.TRAIL_PCT_MID.text()).toBe('0.03');
    expect(settings.TRAIL_PCT_CLOSE.text()).toBe('0.01');
  });

  test('the settings cannot be changed', () => {
    expect(Object.isFrozen(DEFAULT_SETTINGS)).toBe(true);
  });
});

describe('faults (CFG-2)', () => {
  test('one error lists all faults, each with its key, value and allowed values', () => {
    const error = refusal({ MAX_TRADES: 'many', LOG_FORMAT: 'xml', FRACTIONAL: 'yes', MAX_TRADE: '3' });
    expect(error.code).toBe('SETTINGS_INVALID');
    expect(error.message).toContain('4 invalid settings');
    expect(error.details).toEqual({
      MAX_TRADES: 'must be a whole number from 1 to 100, not "many"',
      LOG_FORMAT: 'must be one of json, csv, not "xml"',
      FRACTIONAL: 'must be true or false, not "yes"',
      MAX_TRADE: 'is an unknown setting; did you mean MAX_TRADES?',
    });
  });

  test.each([
    ['TOTAL_ALLOCATION', '1.5', 'a decimal from 0.0001 to 1'],
    ['TOTAL_ALLOCATION', '2e-2', 'a decimal from 0.0001 to 1'],
    ['TOTAL_ALLOCATION', '', 'a decimal from 0.0001 to 1'],
    ['MAX_OPEN_POSITIONS', '-1', 'a whole number from 1 to 1000'],
    ['MAX_OPEN_POSITIONS', '2.5', 'a whole number from 1 to 1000'],
    ['ADX_MAX', 'Infinity', 'a number from 1 to 100'],
    ['BROKER_NAME', 'alpaca', 'must be one of SIM, ALPACA, TRADIER, IBKR'],
    ['MARKET_DATA', 'yahoo', 'must be one of broker, alpaca, tradier, ibkr, finnhub'],
    ['SHORT_TYPE_OPEN', 'shortsell', 'one of disabled, ShortSell, InverseETF, LongPut'],
    ['START_TIME_OPEN', '9:30', 'HH:MM[:SS] in UTC, or with a zone'],
    ['START_TIME_OPEN', '09:30@Mars/Base', 'HH:MM[:SS] in UTC, or with a zone'],
    ['WEIGHTS', '0.4,,0.2', 'a list of fractions'],
    ['WEIGHTS', '0.4,0,0.2,0.2', 'a list of fractions'],
    ['STRATEGY_SEQUENCE', 'open,open', 'each at most once'],
    ['STRATEGY_OVERRIDE', 'Lunch', 'empty, one of open, mid, close, or the name of an own strategy'],
    ['TRADING_DAYS', 'mon,sun', 'a list of mon'],
  ])('%s=%s must be %s', (key, text, mustBe) => {
    expect(refusal({ [key]: text }).details[key]).toContain(mustBe);
  });

  test.each([
    'ALPACA_ENABLED',
    'IBKR_ENABLED',
    'TRADIER_ENABLED',
    'TEST_MODE',
    'PAPER_MODE',
    'LIVE_MODE',
    'ALPACA_MODE',
    'IBKR_MODE',
  ])('the fault of %s names its replacement', (key) => {
    expect(refusal({ [key]: 'true' }).details[key]).toContain('replaced by');
  });

  test('the value of an unknown key is not shown', () => {
    expect(refusal({ BROKER_SECRET: 'hunter2' }).line).not.toContain('hunter2');
  });

  test.each(['toString', '__proto__', 'constructor'])('%s is an unknown key', (key) => {
    expect(refusal(Object.fromEntries([[key, 'x']])).message).toContain(`${key} is an unknown setting`);
  });
});

describe('cross-key rules (CFG-3)', () => {
  test.each([
    [{ MAX_TRADES: '3' }, 'WEIGHTS', 'a list of 3 fractions'],
    [{ WEIGHTS: '0.5,0.5,0.5,0.1' }, 'WEIGHTS', 'the sum is 1.6'],
    [{ MIN_PRICE: '500' }, 'MIN_PRICE', 'at most MAX_PRICE, which is 300'],
    [{ MAX_MARKET_CAP_MID: '1000' }, 'MIN_MARKET_CAP_MID', 'at most MAX_MARKET_CAP_MID, which is 1000'],
    [{ DEFENSE_MODE_TOTAL_ALLOCATION: '0.03' }, 'DEFENSE_MODE_TOTAL_ALLOCATION', 'at most TOTAL_ALLOCATION'],
    [{ DEFENSE_MODE_TRADE_LIMIT_PCT: '101' }, 'DEFENSE_MODE_TRADE_LIMIT_PCT', 'a decimal from 1 to 100'],
    [{ START_TIME_OPEN: '09:00@America/New_York' }, 'START_TIME_OPEN', 'must keep the open window inside the session'],
    [{ CLOSE_MONITORING_TIME: '60' }, 'START_TIME_CLOSE', 'must keep the close window inside the session'],
    [{ START_TIME_MID: '10:15@America/New_York' }, 'START_TIME_MID', 'must not overlap the open window'],
    [{ START_TIME_OPEN: '20:00' }, 'START_TIME_CLOSE', 'must not overlap the open window'],
  ])('%j: %s must be %s', (overrides, key, mustBe) => {
    expect(refusal(overrides as Record<string, string>).details[key]).toContain(mustBe);
  });

  test('two faults of one key are both reported', () => {
    const problem = refusal({ WEIGHTS: '0.9,0.9' }).details['WEIGHTS'];
    expect(problem).toContain('must be a list of 4 fractions');
    expect(problem).toContain('the sum is 1.8');
  });

  test('a cross-key rule applies only when its keys are valid', () => {
    expect(Object.keys(refusal({ MAX_TRADES: 'x', WEIGHTS: '0.5,0.5' }).details)).toEqual(['MAX_TRADES']);
  });

  test('windows may touch, and a disabled strategy has none', () => {
    parseSettings({ START_TIME_MID: '10:30@America/New_York' });
    parseSettings({ START_TIME_MID: '10:15@America/New_York', STRAT_MID_ENABLED: 'false' });
  });

  test('only windows of strategies that run are checked', () => {
    const overlap = { START_TIME_MID: '10:15@America/New_York' };
    parseSettings({ ...overlap, STRATEGY_SEQUENCE: 'open,close' });
    parseSettings({ ...overlap, STRATEGY_OVERRIDE: 'open' });
    parseSettings({ ...overlap, STRATEGY_OVERRIDE: 'mid' });
    const late = { ...overlap, CLOSE_MONITORING_TIME: '60', STRATEGY_SEQUENCE: 'open,mid' };
    expect(Object.keys(refusal(late).details)).toEqual(['START_TIME_MID']);
    const alone = { CLOSE_MONITORING_TIME: '60', STRATEGY_SEQUENCE: 'open,mid', STRATEGY_OVERRIDE: 'close' };
    expect(Object.keys(refusal(alone).details)).toEqual(['START_TIME_CLOSE']);
  });

  test('a UTC start that is valid in one of the two seasons is accepted', () => {
    const summer = parseSettings({ START_TIME_OPEN: '13:30' });
    expect(summer.START_TIME_OPEN).toEqual({ hour: 13, minute: 30, second: 0, zone: 'UTC' });
  });
});

describe('digest', () => {
  test('equal values have one digest however they are written; other values differ', () => {
    expect(settingsSha256(parseSettings({ TOTAL_ALLOCATION: '0.0200', MAX_PRICE: ' 300.00 ' }))).toBe(
      settingsSha256(DEFAULT_SETTINGS),
    );
    expect(settingsSha256(parseSettings({ MAX_PRICE: '300.01' }))).not.toBe(settingsSha256(DEFAULT_SETTINGS));
  });

  test('a description parses to the same settings', () => {
    const settings = parseSettings({ START_TIME_MID: '12:05:30@America/New_York', TRAIL_PCT_MID: '0.015' });
    expect(settingsSha256(parseSettings(describeSettings(settings)))).toBe(settingsSha256(settings));
  });
});
