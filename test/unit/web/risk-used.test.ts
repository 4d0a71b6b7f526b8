import { describe, expect, test } from '@jest/globals';
import { riskUsed, type RiskStatus } from '../../../src/app/web-queries/risk-used.js';

const POSITION = {
  ticker: 'AIG',
  trade_side: 'long',
  size: '10',
  amount: '500.00',
  last_price: '51.00',
  stop: '49.50',
};

const status = (over: Partial<RiskStatus> = {}): RiskStatus => ({
  float: '25000.00',
  session_cap: '2000.00',
  daily_gain_loss: '-125.00',
  thresholds: { DAILY_LOSS_LIMIT: '0.05', MAX_OPEN_POSITIONS: '4' },
  open_positions: [POSITION],
  ...over,
});

describe('limits in use', () => {
  test('loss of the day, capital at work and positions, each with its share of the limit', () => {
    expect(riskUsed(status()).limits).toEqual([
      { code: 'DAILY_LOSS_LIMIT', used: '125.00', limit: '1250.00', unit: 'dollars', share: '0.1000' },
      { code: 'SESSION_CAP', used: '500.00', limit: '2000.00', unit: 'dollars', share: '0.2500' },
      { code: 'MAX_OPEN_POSITIONS', used: '1', limit: '4', unit: 'count', share: '0.2500' },
    ]);
  });

  test('a gain uses nothing of the loss limit', () => {
    expect(riskUsed(status({ daily_gain_loss: '80.00' })).limits[0]).toMatchObject({ used: '0.00', share: '0.0000' });
  });

  test('a limit of zero has no share, and an unknown limit is left out', () => {
    const limits = riskUsed(status({ session_cap: '0.00', float: null, thresholds: {} })).limits;
    expect(limits).toEqual([{ code: 'SESSION_CAP', used: '500.00', limit: '0.00', unit: 'dollars', share: null }]);
  });
});

describe('distance to the stop', () => {
  test('below the price for a long, above it for a short, and the loss of all of them', () => {
    const short = { ...POSITION, ticker: 'BAC', trade_side: 'short', size: '4', last_price: '20.00', stop: '20.75' };
    const { stops, lossAtStops } = riskUsed(status({ open_positions: [POSITION, short] }));
    expect(stops).toEqual([
      { symbol: 'AIG', distance: '1.50', share: '0.0294', loss: '15.00' },
      { symbol: 'BAC', distance: '0.75', share: '0.0375', loss: '3.00' },
    ]);
    expect(lossAtStops).toBe('18.00');
  });

  test('past its stop a position has a distance below zero', () => {
    const past = { ...POSITION, last_price: '49.00' };
    expect(riskUsed(status({ open_positions: [past] })).stops[0]).toMatchObject({ distance: '-0.50', loss: '-5.00' });
  });

  test('without a stop, without a price and for an option there is none', () => {
    const open = [
      { ...POSITION, stop: null },
      { ...POSITION, last_price: null },
      { ...POSITION, ticker: 'AAPL261218P152.5' },
    ];
    expect(riskUsed(status({ open_positions: open }))).toMatchObject({ stops: [], lossAtStops: null });
  });
});
