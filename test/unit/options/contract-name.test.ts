import { describe, expect, test } from '@jest/globals';
import { isOption, optionSymbol, parseOption, underlyingOf } from '../../../src/domain/options/contract-name.js';
import { isSymbol, parseSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { parseDateText } from '../../../src/kernel/time.js';

const contract = (underlying: string, expiry: string, right: 'call' | 'put', strike: string) => ({
  ...{ underlying: parseSymbol(underlying), expiry: parseDateText(expiry), right },
  strike: Decimal.parse(strike),
});

describe('the symbol of an option (TRD-23)', () => {
  test.each([
    ['AAPL', '2026-12-18', 'put', '152.50', 'AAPL261218P152.5'],
    ['BRK.B', '2026-01-16', 'call', '500', 'BRK.B260116C500'],
    ['F', '2026-01-02', 'put', '0.5', 'F260102P0.5'],
  ] as const)('%s %s %s %s is %s, and reads back', (underlying, expiry, right, strike, symbol) => {
    const terms = contract(underlying, expiry, right, strike);
    expect(optionSymbol(terms)).toBe(symbol);
    const read = parseOption(symbol);
    expect(read).toMatchObject({ underlying, expiry, right });
    expect(read?.strike.equals(terms.strike)).toBe(true);
    expect([isOption(parseSymbol(symbol)), underlyingOf(parseSymbol(symbol))]).toEqual([true, underlying]);
  });

  test('a contract that does not fit, or has no price, has no symbol', () => {
    expect(optionSymbol(contract('GOOGL', '2026-12-18', 'put', '152.5'))).toBeUndefined();
    expect(optionSymbol(contract('AAPL', '2026-12-18', 'put', '0'))).toBeUndefined();
    expect(optionSymbol(contract('AAPL', '2026-12-18', 'put', '-5'))).toBeUndefined();
  });

  test.each([
    'AAPL',
    'BRK.B',
    'SPY261318P500',
    'SPY260231P500',
    'SPY260116P0500',
    'SPY260116P500.0',
    'SPY260116P0',
    'SPY260116X500',
    'SPY26116P500',
    'SPY260116P',
    '260116P500',
    'SPY260116P500.',
  ])('%s is no option', (symbol) => {
    expect(parseOption(symbol)).toBeUndefined();
    expect(underlyingOf(symbol as never)).toBe(symbol);
  });

  test('every contract of a year has its own symbol, and none is that of a share', () => {
    const seen = new Map<string, string>();
    for (let day = 1; day <= 28; day += 1)
      for (const strike of ['1', '10', '100', '100.5', '10.05', '1.005', '0.01'])
        for (const right of ['call', 'put'] as const) {
          const terms = contract('SPY', `2026-02-${String(day).padStart(2, '0')}`, right, strike);
          const symbol = optionSymbol(terms);
          if (symbol === undefined) continue;
          expect(isSymbol(symbol) && symbol.length <= 16).toBe(true);
          expect(seen.get(symbol)).toBeUndefined();
          seen.set(symbol, `${day} ${strike} ${right}`);
        }
    expect(seen.size).toBe(28 * 7 * 2);
  });
});
