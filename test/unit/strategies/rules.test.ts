import { describe, expect, test } from '@jest/globals';
import { priceToDecimal } from '../../../src/domain/market/types.js';
import { parseSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { plusMs, toUtcText } from '../../../src/kernel/time.js';
import { closeStrategy } from '../../../src/strategies/close/close.js';
import { midStrategy } from '../../../src/strategies/mid/mid.js';
import { openStrategy } from '../../../src/strategies/open/open.js';
import type { SignalResult } from '../../../src/strategies/strategy.js';
import { contextOf, TestMarket, type Minute } from './market.js';

const AIG = parseSymbol('AIG');
const REFERENCES = { AIG: {} };

function short(result: SignalResult): string {
  return result.fired ? `${result.signal.side} ${result.signal.rule}` : result.reason.code;
}

describe('open: opening-range breakout (TRD-20)', () => {
  const context = contextOf();
  /** Range of the first twenty minutes: 49.50 to 50.00. */
  const afterRange = () =>
    new TestMarket(context, REFERENCES).run(20, (n) => ({ AIG: { close: n % 2 === 0 ? 49.5 : 50 } }));

  test.each([
    ['exactly high x 1.002', 50.1, 'INSIDE_RANGE'],
    ['one hundredth of a cent beyond', 50.1001, 'long OPENING_RANGE_BREAKOUT'],
    ['exactly low x 0.998', 49.401, 'INSIDE_RANGE'],
    ['one hundredth of a cent below', 49.4009, 'short OPENING_RANGE_BREAKDOWN'],
  ])('%s: %d gives %s', (_, close, expected) => {
    const { view } = afterRange().minute({ AIG: { close } });
    expect(short(openStrategy.signal(AIG, view, context))).toBe(expected);
  });

  test('a signal carries its figures', () => {
    const { view } = afterRange().minute({ AIG: { close: 50.2 } });
    const result = openStrategy.signal(AIG, view, context);
    expect(result).toMatchObject({
      fired: true,
      signal: {
        symbol: 'AIG',
        side: 'long',
        figures: { last: '50.20', rangeHigh: '50.00', rangeLow: '49.50', upper: '50.10', lower: '49.401' },
      },
    });
    if (result.fired) expect(priceToDecimal(result.signal.price).shortText(2)).toBe('50.20');
  });

  test('a minute after the range does not widen it, and an old price gives no new signal', () => {
    const market = afterRange().minute({ AIG: { close: 50.05 } });
    expect(short(openStrategy.signal(AIG, market.view, context))).toBe('INSIDE_RANGE');
    market.minute({ AIG: { close: 50.2 } });
    expect(short(openStrategy.signal(AIG, market.view, context))).toBe('long OPENING_RANGE_BREAKOUT');
    market.minute({});
    expect(short(openStrategy.signal(AIG, market.view, context))).toBe('NO_TRADE_IN_MINUTE');
  });

  test('no bar in the analysis, no range; halted, no signal', () => {
    const late = new TestMarket(context, REFERENCES).run(20, () => ({})).minute({ AIG: { close: 50 } });
    expect(short(openStrategy.signal(AIG, late.view, context))).toBe('NO_OPENING_RANGE');
    const halted = afterRange().minute({ AIG: { close: 60 } }, { halted: ['AIG'] });
    expect(short(openStrategy.signal(AIG, halted.view, context))).toBe('SYMBOL_HALTED');
  });
});

describe('mid: VWAP reversion (TRD-21)', () => {
  const context = contextOf();
  const at = (close: number, volume: number): Minute => ({ close, volume });
  /** VWAP 50 with nearly all of the volume; the last minute adds next to nothing. */
  const around = (close: number) =>
    new TestMarket(context, REFERENCES).run(160, () => ({ AIG: at(50, 1_000_000) })).minute({ AIG: at(close, 1) });

  test.each([
    [49.76, 'NEAR_VWAP'],
    [49.74, 'long VWAP_REVERSION'],
    [50.24, 'NEAR_VWAP'],
    [50.26, 'short VWAP_REVERSION'],
  ])('at %d: %s', (close, expected) => {
    expect(short(midStrategy.signal(AIG, around(close).view, context))).toBe(expected);
  });

  test.each([
    ['long', { close: 49.8, high: 49.99, low: 49.7 }, undefined],
    ['long', { close: 49.8, high: 50.1, low: 49.7 }, 'VWAP_TOUCH'],
    ['short', { close: 50.3, high: 50.4, low: 50.01 }, undefined],
    ['short', { close: 50.3, high: 50.4, low: 49.95 }, 'VWAP_TOUCH'],
  ] as const)('a %s with %j: %s', (side, minute, expected) => {
    const market = around(side === 'long' ? 49.74 : 50.26);
    const position = {
      symbol: AIG,
      side,
      entryPrice: Decimal.parse('49.74'),
      entryAt: toUtcText(market.view.now),
    };
    expect(midStrategy.manage(position, market.view, context)).toBeUndefined();
    market.minute({ AIG: { ...minute, volume: 1 } });
    expect(midStrategy.manage(position, market.view, context)?.code).toBe(expected);
  });

  test('the entry minute itself does not touch the target', () => {
    const market = around(49.74).minute({ AIG: { close: 49.8, high: 50.1, low: 49.7, volume: 1 } });
    const entryAt = toUtcText(plusMs(market.view.now, -30_000));
    const position = { symbol: AIG, side: 'long' as const, entryPrice: Decimal.parse('49.74'), entryAt };
    expect(midStrategy.manage(position, market.view, context)).toBeUndefined();
  });
});

describe('close: momentum or fade (TRD-22)', () => {
  const context = contextOf();
  /** 360 minutes around 50 with an ATR of 0.10, then five of analysis, then one that decides. */
  function day(tail: { readonly step: number; readonly last: Minute; readonly before?: number }) {
    const quiet = (close: number): Minute => ({ open: close, close, high: close + 0.05, low: close - 0.05 });
    const base = tail.before ?? 50;
    return new TestMarket(context, REFERENCES)
      .run(360, (n) => ({ AIG: quiet(n < 300 ? 50 : base) }))
      .run(5, (n) => ({ AIG: quiet(base + (n - 359) * tail.step) }))
      .minute({ AIG: tail.last });
  }
  const flat = (close: number): Minute => ({ open: close, close, high: close + 0.05, low: close - 0.05 });

  test.each<[string, Parameters<typeof day>[0], string]>([
    ['a rise above the VWAP continues', { step: 0.06, last: flat(50.36) }, 'long MOMENTUM_CONTINUATION'],
    ['a fall below the VWAP continues', { step: -0.06, last: flat(49.64) }, 'short MOMENTUM_CONTINUATION'],
    [
      'a rise on a day far below its VWAP is none',
      { step: 0.06, last: flat(49.36), before: 49 },
      'NO_MOMENTUM_NO_SPIKE',
    ],
    ['a small move is none', { step: 0.01, last: flat(50.06) }, 'NO_MOMENTUM_NO_SPIKE'],
    ['a spike up is faded', { step: 0, last: { open: 50, close: 50.6, high: 50.6, low: 50 } }, 'short SPIKE_REVERSAL'],
    ['a spike down is faded', { step: 0, last: { open: 50, close: 49.4, high: 50, low: 49.4 } }, 'long SPIKE_REVERSAL'],
  ])('%s', (_, tail, expected) => {
    expect(short(closeStrategy.signal(AIG, day(tail).view, context))).toBe(expected);
  });

  test('with too few bars for an ATR there is no signal', () => {
    const few = new TestMarket(context, REFERENCES, 360).run(5, () => ({ AIG: flat(50) }));
    expect(short(closeStrategy.signal(AIG, few.view, context))).toBe('NO_ATR');
  });

  test('the target is time or the stop only', () => {
    const { view } = day({ step: 0.06, last: flat(50.36) });
    const position = {
      symbol: AIG,
      side: 'long' as const,
      entryPrice: Decimal.parse('50'),
      entryAt: toUtcText(view.now),
    };
    expect(closeStrategy.manage(position, view, context)).toBeUndefined();
    expect(openStrategy.manage(position, view, context)).toBeUndefined();
  });
});

describe('the same market gives the same signals (TRD-25), and later minutes change no earlier one (BT-5)', () => {
  test('two runs of one day agree in every minute, whatever follows', () => {
    const context = contextOf();
    const wave = (n: number): Minute => ({ close: 50 + ((n * 37) % 101) / 100, volume: 1_000 + ((n * 13) % 50) });
    const seen = (minutes: number, tail: number): readonly string[] => {
      const market = new TestMarket(context, REFERENCES);
      const answers: string[] = [];
      for (let n = 0; n < 388; n += 1) {
        market.run(1, (m) => ({ AIG: m < minutes ? wave(m) : { close: tail } }));
        for (const strategy of [openStrategy, midStrategy, closeStrategy]) {
          answers.push(JSON.stringify(strategy.signal(AIG, market.view, context)));
        }
      }
      return answers.slice(0, minutes * 3);
    };
    expect(seen(380, 10)).toEqual(seen(380, 200));
  });
});
