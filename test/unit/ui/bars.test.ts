import { describe, expect, test } from '@jest/globals';
import { percent } from '../../../src/ui/lib/format.js';
import { barsOf } from '../../../src/ui/pages/performance/bars.js';

describe('bars of amounts', () => {
  test('gains go to the right of zero, losses to the left, on one scale', () => {
    const { zero, bars } = barsOf(['30.00', '-10.00', '0.00']);
    expect(zero).toBe(25);
    expect(bars).toEqual([
      { left: 25, width: 75 },
      { left: 0, width: 25 },
      { left: 25, width: 0 },
    ]);
    expect(barsOf(['0.00'])).toEqual({ zero: 0, bars: [{ left: 0, width: 0 }] });
  });

  test('a share is shown in per cent without arithmetic', () => {
    expect(['0.6667', '1.0000', '0.0000', '0.05', '1', '-0.0120'].map(percent)).toEqual([
      '66.67%',
      '100.00%',
      '0.00%',
      '5.00%',
      '100.00%',
      '\u22121.20%',
    ]);
  });
});
