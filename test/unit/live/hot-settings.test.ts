import { describe, expect, test } from '@jest/globals';
import { hotChange } from '../../../src/app/live/hot-settings.js';
import { parseSettings } from '../../../src/domain/config/settings.js';

const NOW = parseSettings({});

describe('settings saved while a session runs (RUN-30)', () => {
  test.each([
    { changes: {}, now: [], later: [] },
    { changes: { MIN_PRICE: '3' }, now: ['MIN_PRICE'], later: [] },
    { changes: { TOTAL_ALLOCATION: '0.05' }, now: [], later: ['TOTAL_ALLOCATION'] },
    { changes: { MIN_PRICE: '3', TOTAL_ALLOCATION: '0.05' }, now: ['MIN_PRICE'], later: ['TOTAL_ALLOCATION'] },
    { changes: { MIN_PRICE: '2.00' }, now: [], later: [] },
    {
      changes: { TRADING_TRAILING_STOP_PCT: '0.03' },
      now: ['TRADING_TRAILING_STOP_PCT', 'TRAIL_PCT_OPEN', 'TRAIL_PCT_MID', 'TRAIL_PCT_CLOSE'],
      later: [],
    },
  ])('%j', ({ changes, now, later }) => {
    const change = hotChange(NOW, parseSettings(changes));
    expect([...change.now].sort()).toEqual([...now].sort());
    expect(change.later).toEqual(later);
    expect(change.faults).toEqual([]);
  });

  test('cold keys keep the value from the start of the session', () => {
    const { settings } = hotChange(NOW, parseSettings({ MIN_PRICE: '3', MAX_TRADES: '2', WEIGHTS: '0.5,0.5' }));
    expect(settings.MIN_PRICE.shortText()).toBe('3');
    expect(settings.MAX_TRADES).toBe(4);
    expect(settings.WEIGHTS).toHaveLength(4);
  });
});
