import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { SETTING_TABLE } from '../../../src/domain/config/settings.js';
import { price } from '../../../src/domain/market/types.js';
import type { OptionQuote } from '../../../src/domain/options/option-chain.js';
import { parseSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { parseDateText } from '../../../src/kernel/time.js';
import { runFilters } from '../../../src/strategies/filters/run-filters.js';
import { STRATEGIES } from '../../../src/strategies/registry.js';
import type { Filter, Signal, StrategyContext } from '../../../src/strategies/strategy.js';
import { startBlocker } from '../../../src/trading/lifecycle/strategy-self-check.js';
import type { TradingContext } from '../../../src/trading/context.js';
import { contextOf, TestMarket } from './market.js';

const AIG = parseSymbol('AIG');
const day = contextOf();
const signal: Signal = { symbol: AIG, side: 'long', rule: 'TEST', price: price(500_000), figures: {} };
const market = (known: ConstructorParameters<typeof TestMarket>[1][string] = {}): TestMarket =>
  new TestMarket(day, { AIG: known });
const company = { pe: Decimal.parse('51'), eps: undefined, debtEquity: undefined, marketCap: undefined };
/** 31 days to the expiry at 30 % volatility: the model says 1.8, and the quote is twice that. */
const call: OptionQuote = {
  ...{ right: 'call', expiry: parseDateText('2013-11-07'), strike: Decimal.parse('50'), underlying: null },
  ...{ bid: Decimal.parse('3.6'), ask: Decimal.parse('3.7'), impliedVolatility: Decimal.parse('0.3') },
};
const auction = { symbol: AIG, volume: 1_000, price: undefined, imbalance: -9_000 };

interface Row {
  readonly filter: string;
  readonly toggle: string;
  /** A market in which it blocks a long of AIG at 50, and the code of the block. */
  readonly blocks: () => TestMarket;
  readonly code: string;
}

/** The enhancements that a strategy names as a filter, each with its toggle and a market that it blocks in. */
const ROWS: readonly Row[] = [
  {
    ...{ filter: 'adx-filter', toggle: 'ADX_FILTER_ENABLED', code: 'ADX_ABOVE_MAX' },
    blocks: () => market().run(60, (n) => ({ AIG: { close: 50 + n * 0.1, open: 49.92 + n * 0.1 } })),
  },
  {
    ...{ filter: 'black-scholes-filter', toggle: 'ENABLE_BSM_FILTER', code: 'OPTION_ABOVE_VALUE' },
    blocks: () => market().minute({}, { chains: [{ symbol: AIG, right: 'call', quotes: [call] }] }),
  },
  {
    ...{ filter: 'bollinger-confluence', toggle: 'BOLLINGER_CONFLUENCE_ENABLED', code: 'INSIDE_BOLLINGER_BANDS' },
    blocks: () => market().run(60, (n) => ({ AIG: { close: n % 2 === 0 ? 50 : 50.1 } })),
  },
  {
    ...{ filter: 'fundamental-guard', toggle: 'FUNDAMENTAL_GUARD_ENABLED', code: 'PE_ABOVE_MAX' },
    blocks: () => market({ fundamentals: company }),
  },
  {
    ...{ filter: 'imbalance-scanner', toggle: 'IMBALANCE_SCANNER_ENABLED', code: 'AUCTION_AGAINST_SIGNAL' },
    blocks: () =>
      market()
        .run(380, () => ({}))
        .minute({}, { auctions: [auction] }),
  },
  {
    ...{ filter: 'vix-gatekeeper', toggle: 'VIX_GATE_ENABLED', code: 'VIX_BELOW_THRESHOLD' },
    blocks: () => market().minute({}, { vix: 10 }),
  },
];

/** The other enhancements of TRD-30 to TRD-38, with their toggle, if they have one, and why they are not a row. */
const ELSEWHERE: Readonly<Record<string, { readonly toggle?: string; readonly because: string }>> = {
  'build-check': { because: 'it runs before each launch and cannot be switched off' },
  'ticker-blocklist': { because: 'the rule of entries that all strategies share, always on' },
  'tuning-tracker': { toggle: 'TUNING_TRACKER_ENABLED', because: 'it counts sessions and blocks nothing' },
};

const FILTERS = new Map(STRATEGIES.flatMap(({ filters }) => filters).map((filter) => [filter.name, filter]));

function filterOf(name: string): Filter {
  const found = FILTERS.get(name);
  if (found === undefined) throw new Error(`no strategy names the filter ${name}`);
  return found;
}

const withToggle = (toggle: string, value: boolean): StrategyContext => contextOf(day.date, { [toggle]: `${value}` });

describe('every enhancement (TRD-30 to TRD-38)', () => {
  test('is in this table, and each filter of a strategy is', () => {
    const text = readFileSync('docs/REQUIREMENTS.md', 'utf8');
    const required = [...text.matchAll(/^- TRD-3\d ([a-z-]+): /gm)].map((match) => match[1]);
    const known = [...ROWS.map(({ filter }) => filter), ...Object.keys(ELSEWHERE)];
    expect(required).toHaveLength(9);
    expect([...required].sort()).toEqual([...known].sort());
    expect([...FILTERS.keys()].filter((name) => !known.includes(name))).toEqual([]);
  });

  test('each toggle of the settings table belongs to one of them', () => {
    const toggles = Object.entries(SETTING_TABLE)
      .filter(([, { group, kind }]) => group === 'enhancements' && kind === 'boolean')
      .map(([key]) => key);
    const known = [...ROWS, ...Object.values(ELSEWHERE)].flatMap(({ toggle }) =>
      toggle === undefined ? [] : [toggle],
    );
    expect(toggles.length).toBeGreaterThan(5);
    expect([...toggles].sort()).toEqual([...known].sort());
  });
});

describe.each(ROWS)('$filter', ({ filter: name, toggle, blocks, code }) => {
  test('switched on it blocks with its code and figures', () => {
    const context = withToggle(toggle, true);
    const { block, faults } = runFilters([filterOf(name)], signal, blocks().view, context);
    expect(faults).toEqual([]);
    expect(block).toMatchObject({ filter: name, reason: { code } });
    expect(Object.keys(block?.reason.figures ?? {}).length).toBeGreaterThan(0);
  });

  test('switched off it judges nothing', () => {
    const run = runFilters([filterOf(name)], signal, blocks().view, withToggle(toggle, false));
    expect(run).toMatchObject({ verdicts: [], faults: [], block: undefined });
  });

  test('a failing self-check keeps its strategy from starting, only while it is switched on', () => {
    const filter = filterOf(name);
    expect(filter.selfCheck(day)).toMatchObject({ module: `filter ${name}`, ok: true, cause: '', remedy: '' });
    const broken: Filter = {
      ...filter,
      selfCheck: () => ({ module: `filter ${name}`, ok: false, cause: 'no figures', remedy: 'Wait.' }),
    };
    const strategy = STRATEGIES.find(({ filters }) => filters.includes(filter));
    if (strategy === undefined) throw new Error(`no strategy has ${name}`);
    const blockerWith = (value: boolean): string | undefined => {
      const strategyContext = withToggle(toggle, value);
      const { settings } = strategyContext;
      const context = { strategyContext, settings } as Partial<TradingContext> as TradingContext;
      const window = strategy.window(strategyContext);
      return startBlocker(context, { ...strategy, filters: [broken] }, window, day.opensAt)?.message;
    };
    expect([blockerWith(true), blockerWith(false)]).toEqual([`filter ${name}: no figures`, undefined]);
  });

  test('its toggle has an effect by the settings table', () => {
    expect(SETTING_TABLE[toggle as keyof typeof SETTING_TABLE]).toMatchObject({ takesEffect: true, change: 'hot' });
  });
});
