import { describe, expect, test } from '@jest/globals';
import { parseSettings } from '../../../src/domain/config/settings.js';
import { price } from '../../../src/domain/market/types.js';
import { MarketView } from '../../../src/domain/market/view.js';
import type { OptionChain, OptionQuote } from '../../../src/domain/options/option-chain.js';
import { riskFreeRate } from '../../../src/domain/options/risk-free-rate.js';
import { parseSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { dateOf, MINUTE_MS, parseDateText, parseUtcText, plusMs } from '../../../src/kernel/time.js';
import { blackScholesFilter } from '../../../src/strategies/filters/black-scholes-filter.js';
import { STRATEGIES } from '../../../src/strategies/registry.js';
import type { FilterVerdict } from '../../../src/strategies/strategy.js';

const SYMBOL = parseSymbol('ABC');
const OPENS = parseUtcText('2026-01-06T14:30:00.000Z');
const NOW = plusMs(OPENS, 30 * MINUTE_MS);
const dec = (text: string): Decimal => Decimal.parse(text);

/** At the money, 31 days to the expiry, 30 % volatility: the model says 1.65 for the put, 1.83 for the call. */
const AT_THE_MONEY = {
  ...{
    expiry: '2026-02-06',
    strike: '50',
    right: 'put',
    bid: '1.60',
    ask: '1.70',
    volatility: '0.3',
    underlying: '50',
  },
};
type Texts = Partial<Record<keyof typeof AT_THE_MONEY, string | null>>;

function quote(texts: Texts): OptionQuote {
  const { expiry, strike, right, bid, ask, volatility, underlying } = { ...AT_THE_MONEY, ...texts };
  const exact = (text: string | null): Decimal | null => (text === null ? null : dec(text));
  return {
    ...{ expiry: parseDateText(expiry ?? ''), strike: dec(strike ?? ''), right: right === 'call' ? 'call' : 'put' },
    ...{ bid: exact(bid), ask: exact(ask), impliedVolatility: exact(volatility), underlying: exact(underlying) },
  };
}

interface Given {
  readonly quotes?: readonly Texts[];
  readonly side?: 'long' | 'short';
  readonly minutesOld?: number;
  readonly settings?: Readonly<Record<string, string>>;
  readonly optionChains?: boolean;
}

function judged({ quotes, side = 'short', minutesOld = 1, settings = {}, optionChains = true }: Given): FilterVerdict {
  const unknown = { previousClose: undefined, previousVolume: undefined, marketCap: undefined };
  const closesAt = plusMs(OPENS, 23_400_000);
  const market = new MarketView({ references: [{ symbol: SYMBOL, ...unknown }], opensAt: OPENS, closesAt });
  const right = side === 'long' ? 'call' : 'put';
  const at = plusMs(NOW, -minutesOld * MINUTE_MS);
  const chains: OptionChain[] = quotes === undefined ? [] : [{ symbol: SYMBOL, right, at, quotes: quotes.map(quote) }];
  market.apply({ start: plusMs(NOW, -MINUTE_MS), end: NOW, bars: [], quotes: [], halted: [], vix: undefined, chains });
  const signal = { symbol: SYMBOL, side, rule: 'x', price: price(500_000), figures: {} };
  const hours = { date: dateOf(OPENS), opensAt: OPENS, closesAt };
  return blackScholesFilter.judge(signal, market, { settings: parseSettings(settings), ...hours, optionChains });
}

function verdict(given: Given): string {
  const found = judged(given);
  if (!found.allow) return `blocked ${found.reason.code}`;
  return found.undecided === undefined ? 'allowed' : `undecided ${found.undecided.code}`;
}

const TWICE = { bid: '3.30', ask: '3.34' };

describe('the black-scholes-filter (TRD-31)', () => {
  test.each<readonly [string, Given, string]>([
    ['a quote at its value', { quotes: [{}] }, 'allowed'],
    ['a quote far above its value', { quotes: [TWICE] }, 'blocked OPTION_ABOVE_VALUE'],
    ['a quote far below its value', { quotes: [{ bid: '0.80', ask: '0.84' }] }, 'blocked OPTION_BELOW_VALUE'],
    ['a wide limit', { quotes: [TWICE], settings: { MAX_BSM_DEVIATION: '1.1' } }, 'allowed'],
    [
      'a call for a long',
      { side: 'long', quotes: [{ right: 'call', bid: '3.6', ask: '3.7' }] },
      'blocked OPTION_ABOVE_VALUE',
    ],
    ['a call at its value', { side: 'long', quotes: [{ right: 'call', bid: '1.8', ask: '1.86' }] }, 'allowed'],
    ['no chain yet', {}, 'undecided NO_OPTION_CHAIN'],
    ['a symbol without options', { quotes: [] }, 'undecided NO_OPTION_QUOTE'],
    ['a chain of a while ago', { quotes: [TWICE], minutesOld: 16 }, 'undecided OPTION_CHAIN_OLD'],
    ['no bid', { quotes: [{ ...TWICE, bid: null }] }, 'undecided NO_OPTION_QUOTE'],
    ['a bid of nothing', { quotes: [{ ...TWICE, bid: '0' }] }, 'undecided NO_OPTION_QUOTE'],
    ['bid and ask crossed', { quotes: [{ bid: '3.40', ask: '3.30' }] }, 'undecided NO_OPTION_QUOTE'],
    ['bid and ask too far apart', { quotes: [{ bid: '3', ask: '4' }] }, 'undecided NO_OPTION_QUOTE'],
    ['an expiry just far enough', { quotes: [{ ...TWICE, expiry: '2026-01-20' }] }, 'blocked OPTION_ABOVE_VALUE'],
    ['an expiry that is too near', { quotes: [{ ...TWICE, expiry: '2026-01-09' }] }, 'undecided NO_OPTION_QUOTE'],
    [
      'no volatility of the model, and no other contract',
      { quotes: [{ ...TWICE, volatility: null }] },
      'undecided NO_OPTION_VALUE',
    ],
    ['a worthless contract', { quotes: [{ strike: '20', bid: '0.01', ask: '0.01' }] }, 'undecided NO_OPTION_VALUE'],
  ])('%s', (_what, given, expected) => {
    expect(verdict(given)).toBe(expected);
  });

  test('without a model the other contracts of the expiry give the volatility', () => {
    const others = [
      { strike: '49', bid: '1.18', ask: '1.22', volatility: null },
      { strike: '51', bid: '2.18', ask: '2.22', volatility: null },
      { strike: '49', expiry: '2026-03-20', bid: '9', ask: '9.1', volatility: null },
    ];
    expect(verdict({ quotes: [{ volatility: null }, ...others] })).toBe('allowed');
    expect(verdict({ quotes: [{ ...TWICE, volatility: null }, ...others] })).toBe('blocked OPTION_ABOVE_VALUE');
  });

  test('the nearest expiry that is far enough away counts, then the strike nearest to the money', () => {
    const far = { ...TWICE, expiry: '2026-03-20' };
    const near = [{}, { strike: '45', bid: '0.25', ask: '0.26' }, { strike: '52.5', ...TWICE }];
    expect(verdict({ quotes: [far, ...near] })).toBe('allowed');
    expect(verdict({ quotes: [far, ...near], settings: { OPTION_MIN_DAYS: '40' } })).toBe('blocked OPTION_ABOVE_VALUE');
  });

  test('a block has its figures', () => {
    const found = judged({ quotes: [TWICE] });
    expect(found.allow ? {} : found.reason.figures).toEqual({
      ...{ right: 'put', expiry: '2026-02-06', strike: '50', quote: '3.32', limit: '0.15', rate: '0.045' },
      ...{ value: expect.stringMatching(/^1\.6/), deviation: expect.stringMatching(/^1\.0/), volatility: '0.300000' },
    });
  });

  test('at a broker without options it says that it judges nothing', () => {
    const hours = { date: dateOf(OPENS), opensAt: OPENS, closesAt: NOW };
    const context = { settings: parseSettings({}), ...hours, optionChains: false };
    const note = expect.stringContaining('no option chains');
    expect(blackScholesFilter.selfCheck(context)).toMatchObject({ ok: true, note });
    expect(blackScholesFilter.unavailable?.(context)).toMatchObject({ code: 'BROKER_WITHOUT_OPTIONS' });
    expect(verdict({ optionChains: false })).toBe('allowed');
    // a recorded session of a broker with options is judged by what was recorded
    expect(verdict({ optionChains: false, quotes: [TWICE] })).toBe('blocked OPTION_ABOVE_VALUE');
    expect(blackScholesFilter.selfCheck({ ...context, optionChains: true })).not.toHaveProperty('note');
  });

  test('the rate is that of the jurisdiction, or the setting', () => {
    const rate = (texts: Readonly<Record<string, string>>, jurisdiction?: string): string =>
      riskFreeRate(parseSettings(texts), jurisdiction).shortText();
    expect([rate({}, 'US'), rate({}, 'XX'), rate({})]).toEqual(['0.0433', '0.045', '0.045']);
    expect(rate({ RISK_FREE_RATE_SOURCE: 'static', RISK_FREE_RATE: '0.01' }, 'US')).toBe('0.01');
  });

  test('every strategy has it', () => {
    expect(STRATEGIES.every(({ filters }) => filters.includes(blackScholesFilter))).toBe(true);
  });
});
