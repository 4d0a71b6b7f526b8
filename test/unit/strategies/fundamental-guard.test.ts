import { describe, expect, test } from '@jest/globals';
import { parseSettings } from '../../../src/domain/config/settings.js';
import type { Fundamentals } from '../../../src/domain/market/fundamentals.js';
import { price } from '../../../src/domain/market/types.js';
import { MarketView } from '../../../src/domain/market/view.js';
import { parseSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { dateOf, parseUtcText, plusMs } from '../../../src/kernel/time.js';
import { fundamentalGuard } from '../../../src/strategies/filters/fundamental-guard.js';
import { STRATEGIES } from '../../../src/strategies/registry.js';

const SYMBOL = parseSymbol('ABC');
const OPENS = parseUtcText('2026-01-06T14:30:00.000Z');
const GOOD = { pe: '20', eps: '2', debtEquity: '0.9059', marketCap: '5000000000' };

type Texts = Readonly<Partial<Record<keyof Fundamentals, string | undefined>>>;

function verdict(texts: Texts | undefined, settings: Readonly<Record<string, string>> = {}): string {
  const figure = (name: keyof Fundamentals): Decimal | undefined => {
    const text = texts?.[name];
    return text === undefined ? undefined : Decimal.parse(text);
  };
  const fundamentals: Fundamentals = {
    ...{ pe: figure('pe'), eps: figure('eps') },
    ...{ debtEquity: figure('debtEquity'), marketCap: figure('marketCap') },
  };
  const unknown = { previousClose: undefined, previousVolume: undefined, marketCap: undefined };
  const reference = { symbol: SYMBOL, ...unknown, ...(texts === undefined ? {} : { fundamentals }) };
  const closesAt = plusMs(OPENS, 23_400_000);
  const market = new MarketView({ references: [reference], opensAt: OPENS, closesAt });
  const signal = { symbol: SYMBOL, side: 'long' as const, rule: 'x', price: price(100_000), figures: {} };
  const context = { settings: parseSettings(settings), date: dateOf(OPENS), opensAt: OPENS, closesAt };
  const judged = fundamentalGuard.judge(signal, market, context);
  return judged.allow ? 'allowed' : judged.reason.code;
}

describe('the fundamental guard (TRD-34)', () => {
  test.each([
    ['good figures', GOOD, 'allowed'],
    ['the highest ratio', { ...GOOD, pe: '50' }, 'allowed'],
    ['above the highest ratio', { ...GOOD, pe: '50.0001' }, 'PE_ABOVE_MAX'],
    ['a ratio after a weak year, however good the last twelve months', { ...GOOD, pe: '1446.0051' }, 'PE_ABOVE_MAX'],
    ['a negative ratio', { ...GOOD, pe: '-3' }, 'NO_EARNINGS'],
    ['a ratio that is missing next to a loss', { ...GOOD, pe: undefined, eps: '-0.01' }, 'NO_EARNINGS'],
    ['the highest debt', { ...GOOD, debtEquity: '2.5' }, 'allowed'],
    ['more debt, as a ratio', { ...GOOD, debtEquity: '2.51' }, 'DEBT_ABOVE_MAX'],
    ['no debt', { ...GOOD, debtEquity: '0' }, 'allowed'],
    ['negative equity', { ...GOOD, debtEquity: '-1.2' }, 'NEGATIVE_EQUITY'],
    ['the lowest market cap', { ...GOOD, marketCap: '2000000000' }, 'allowed'],
    ['a smaller company', { ...GOOD, marketCap: '1999999999.99' }, 'COMPANY_TOO_SMALL'],
  ])('%s: %j is %s', (_what, texts, expected) => {
    expect(verdict(texts)).toBe(expected);
  });

  test('missing figures go by the setting, figures that are known are judged all the same', () => {
    const block = { FUNDAMENTAL_GUARD_MISSING: 'block' };
    expect([verdict(undefined), verdict({ marketCap: GOOD.marketCap })]).toEqual(['allowed', 'allowed']);
    expect([verdict(undefined, block), verdict({ ...GOOD, pe: undefined }, block)]).toEqual([
      'FUNDAMENTALS_MISSING',
      'FUNDAMENTALS_MISSING',
    ]);
    expect(verdict({ debtEquity: '9' }, block)).toBe('DEBT_ABOVE_MAX');
    expect(verdict({ ...GOOD, eps: undefined }, block)).toBe('allowed');
  });

  test('every strategy has it', () => {
    expect(STRATEGIES.every(({ filters }) => filters.includes(fundamentalGuard))).toBe(true);
  });
});
