import { describe, expect, test } from '@jest/globals';
import {
  impliedVolatility,
  optionDelta,
  optionValue,
  type OptionTerms,
} from '../../../src/domain/options/black-scholes.js';
import { cumulativeNormal } from '../../../src/domain/options/normal.js';

type Row = readonly [OptionTerms['right'], number, number, number, number, number, number];

const terms = ([right, spot, strike, years, rate, dividendYield, volatility]: Row): OptionTerms => ({
  ...{ right, spot, strike, years, rate, dividendYield, volatility },
});

describe('Black-Scholes-Merton (TRD-31)', () => {
  test.each([
    ['Hull, example 15.6', ['call', 42, 40, 0.5, 0.1, 0, 0.2], 4.7594],
    ['Hull, example 15.6', ['put', 42, 40, 0.5, 0.1, 0, 0.2], 0.8086],
    ['Haug, Black-Scholes', ['call', 60, 65, 0.25, 0.08, 0, 0.3], 2.1334],
    ['Haug, Merton, with dividends', ['put', 100, 95, 0.5, 0.1, 0.05, 0.2], 2.4648],
    ['Hull, index option, with dividends', ['call', 930, 900, 2 / 12, 0.08, 0.03, 0.2], 51.833],
  ] as const)('%s: the value of %j is %d', (_source, row, value) => {
    expect(optionValue(terms(row))).toBeCloseTo(value, value > 50 ? 3 : 4);
  });

  test.each([
    ['deep in the money: the discounted exercise', ['put', 50, 200, 0.25, 0.04, 0, 0.3], 200 * Math.exp(-0.01) - 50],
    ['deep out of the money: nothing', ['call', 50, 500, 0.25, 0.04, 0, 0.3], 0],
    ['at the expiry: the exercise', ['put', 95, 100, 0, 0.04, 0, 0.3], 5],
    ['after the expiry: the exercise', ['call', 105, 100, -0.1, 0.04, 0, 0.3], 5],
    ['at the expiry out of the money: nothing', ['put', 105, 100, 0, 0.04, 0, 0.3], 0],
    ['without volatility: the discounted difference', ['call', 105, 100, 1, 0.04, 0, 0], 105 - 100 * Math.exp(-0.04)],
    ['without volatility out of the money: nothing', ['put', 105, 100, 1, 0.04, 0, 0], 0],
  ] as const)('%s: %j', (_what, row, value) => {
    expect(optionValue(terms(row))).toBeCloseTo(value, 9);
  });

  test.each([
    ['Hull, delta of a call', ['call', 49, 50, 0.3846, 0.05, 0, 0.2], 0.522, 3],
    ['the put is the call less one', ['put', 49, 50, 0.3846, 0.05, 0, 0.2], -0.478, 3],
    ['Haug, delta of a call on a future', ['call', 105, 100, 0.5, 0.1, 0.1, 0.36], 0.5946, 4],
    ['Haug, delta of a put on a future', ['put', 105, 100, 0.5, 0.1, 0.1, 0.36], -0.3566, 4],
    ['at the expiry in the money', ['put', 95, 100, 0, 0.05, 0, 0.2], -1, 9],
    ['at the expiry out of the money', ['call', 95, 100, 0, 0.05, 0, 0.2], 0, 9],
  ] as const)('%s: %j', (_source, row, delta, digits) => {
    expect(optionDelta(terms(row))).toBeCloseTo(delta, digits);
  });

  test('the implied volatility gives the price again', () => {
    const { volatility: _, ...hull } = terms(['call', 21, 20, 0.25, 0.1, 0, 0]);
    expect(impliedVolatility(hull, 1.875)).toBeCloseTo(0.2345, 4);
    for (const right of ['call', 'put'] as const) {
      for (const strike of [80, 100, 120]) {
        const option = terms([right, 100, strike, 0.1, 0.04, 0.01, 0.27]);
        expect(impliedVolatility(option, optionValue(option))).toBeCloseTo(0.27, 6);
      }
    }
  });

  test.each([
    ['below the exercise', ['call', 100, 80, 0.5, 0.04, 0, 0], 20],
    ['above the share itself', ['call', 100, 80, 0.5, 0.04, 0, 0], 100],
    ['above the discounted strike', ['put', 100, 80, 0.5, 0.04, 0, 0], 79],
    ['of nothing', ['put', 100, 80, 0.5, 0.04, 0, 0], 0],
    ['no number', ['put', 100, 80, 0.5, 0.04, 0, 0], Number.NaN],
    ['at the expiry', ['call', 100, 80, 0, 0.04, 0, 0], 25],
  ] as const)('no volatility gives a price %s', (_what, row, price) => {
    expect(impliedVolatility(terms(row), price)).toBeUndefined();
  });

  test('a call less a put is the forward, at every strike', () => {
    for (let strike = 20; strike <= 400; strike += 20) {
      const pair = [
        terms(['call', 100, strike, 0.7, 0.05, 0.02, 0.4]),
        terms(['put', 100, strike, 0.7, 0.05, 0.02, 0.4]),
      ];
      const [call = 0, put = 0] = pair.map(optionValue);
      expect(call - put).toBeCloseTo(100 * Math.exp(-0.014) - strike * Math.exp(-0.035), 9);
    }
  });

  test.each([
    [0, 0.5],
    [1.96, 0.97500210485178],
    [-3, 0.00134989803163],
    [-7.5, 3.19089167291092e-14],
    [-40, 0],
    [40, 1],
  ])('the normal distribution at %d is %d', (x, probability) => {
    expect(Math.abs(cumulativeNormal(x) - probability)).toBeLessThan(1e-13);
  });
});
