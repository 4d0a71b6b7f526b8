import { describe, expect, test } from '@jest/globals';
import { DEFAULT_SETTINGS, parseSettings } from '../../../src/domain/config/settings.js';
import type { BotState } from '../../../src/domain/lifecycle/bot-state.js';
import { riskLimits, type RiskLimits } from '../../../src/domain/risk/defense.js';
import {
  GATE_LIMITS,
  riskGate,
  type EntryOrder,
  type GateInput,
  type GateLimit,
} from '../../../src/domain/risk/gate.js';
import { parseStrategyName, parseSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';

const d = (text: string): Decimal => Decimal.parse(text);
const AIG = parseSymbol('AIG');
const open = parseStrategyName('open');

/** Float 100,000: session cap 2,000, first slice 800, risk 2,500. */
interface Change {
  readonly order?: Partial<EntryOrder>;
  readonly limits?: Partial<RiskLimits>;
  readonly bot?: Partial<GateInput['bot']>;
  readonly account?: Partial<GateInput['account']>;
  readonly session?: Partial<GateInput['session']>;
  readonly market?: Partial<GateInput['market']>;
}

function entry(change: Change = {}): GateInput {
  return {
    order: {
      purpose: 'entry',
      strategy: open,
      symbol: AIG,
      cost: d('799.99'),
      price: d('49.31'),
      lossAtStop: d('16'),
      ...change.order,
    },
    limits: { ...riskLimits(DEFAULT_SETTINGS, false), ...change.limits },
    bot: { state: 'trading', killSwitchTripped: false, ...change.bot },
    account: { floatAtStart: d('100000'), buyingPower: d('50000'), ...change.account },
    session: {
      entriesOfStrategy: 0,
      openPositions: 0,
      capitalAtWork: Decimal.ZERO,
      symbolsAtWork: new Set(),
      ...change.session,
    },
    market: { isOpen: true, halted: false, volume: 1_000_000, spread: d('0.001'), ...change.market },
  };
}

const exit = (change: Change = {}): GateInput => ({
  ...entry(change),
  order: { purpose: 'exit', strategy: open, symbol: AIG },
});

/** One breach of every limit, with its figures. */
const BREACHES: readonly (readonly [GateLimit, Change, Record<string, string>])[] = [
  ['DISABLE_ALL_TRADES', { limits: { disableAllTrades: true } }, {}],
  ['MARKET_CLOSED', { market: { isOpen: false } }, {}],
  ['SYMBOL_HALTED', { market: { halted: true } }, { symbol: 'AIG' }],
  ['STATE_FORBIDS_ENTRY', { bot: { state: 'graceful_closing_positions' } }, { state: 'graceful_closing_positions' }],
  ['KILL_SWITCH', { bot: { killSwitchTripped: true } }, {}],
  ['MAX_TRADES', { session: { entriesOfStrategy: 4 } }, { used: '4', limit: '4' }],
  ['MAX_OPEN_POSITIONS', { session: { openPositions: 5 } }, { used: '5', limit: '5' }],
  ['DUPLICATE_TICKER', { session: { symbolsAtWork: new Set([AIG]) } }, { symbol: 'AIG' }],
  ['PRICE_BELOW_MIN', { order: { price: d('1.9999') } }, { price: '1.9999', limit: '2.00' }],
  ['PRICE_ABOVE_MAX', { order: { price: d('300.01') } }, { price: '300.01', limit: '300.00' }],
  ['VOLUME_BELOW_MIN', { market: { volume: 499_999 } }, { volume: '499999', limit: '500000' }],
  ['SPREAD_TOO_WIDE', { market: { spread: d('0.0150001') } }, { spread: '0.015001', limit: '0.015' }],
  ['BAD_ENTRY', { order: { cost: d('0') } }, { asked: '0.00', lossAtStop: '16.00' }],
  [
    'WEIGHT_SLICE',
    { order: { cost: d('800.01') } },
    { asked: '800.01', limit: '800.00', entry: '1', sessionCap: '2000.00' },
  ],
  ['SESSION_CAP', { session: { capitalAtWork: d('1200.02') } }, { asked: '799.99', used: '1200.02', limit: '2000.00' }],
  ['MAX_RISK_PER_TRADE', { order: { lossAtStop: d('2500.01') } }, { lossAtStop: '2500.01', limit: '2500.00' }],
  ['BUYING_POWER', { account: { buyingPower: d('799.98') } }, { asked: '799.99', limit: '799.98' }],
];

describe('the gate: one row per check (TRD-40)', () => {
  test('an entry within every limit passes', () => {
    expect(riskGate(entry())).toEqual({ allow: true });
  });

  test.each(BREACHES)('%s stops an entry', (limit, change, figures) => {
    expect(riskGate(entry(change))).toEqual({ allow: false, limit, figures });
  });

  test('the table covers every limit in the order of the checks', () => {
    expect(BREACHES.map(([limit]) => limit)).toEqual(GATE_LIMITS);
  });

  test('with several breaches the first of the table is the reason', () => {
    for (let first = 0; first < BREACHES.length; first += 1) {
      const merged = BREACHES.slice(first).reduceRight<GateInput>((input, [, change]) => {
        const { order, limits, bot, account, session, market } = change;
        const base = input.order.purpose === 'entry' ? input.order : entry().order;
        return {
          order: { ...base, ...order } as EntryOrder,
          limits: { ...input.limits, ...limits },
          bot: { ...input.bot, ...bot },
          account: { ...input.account, ...account },
          session: { ...input.session, ...session },
          market: { ...input.market, ...market },
        };
      }, entry());
      expect(riskGate(merged)).toMatchObject({ allow: false, limit: BREACHES[first]?.[0] });
    }
  });

  test.each([
    ['at the price limits', { order: { price: d('2') } }],
    ['at the highest price', { order: { price: d('300') } }],
    ['at the slice', { order: { cost: d('800') } }],
    ['at the session cap', { session: { capitalAtWork: d('1200.01') } }],
    ['at the widest spread', { market: { spread: d('0.015') } }],
    ['at the least volume', { market: { volume: 500_000 } }],
    ['at the risk limit', { order: { lossAtStop: d('2500') } }],
    ['with a quote that the feed does not have', { market: { spread: undefined } }],
  ] as const)('a limit may be fully used: %s', (_, change) => {
    expect(riskGate(entry(change))).toEqual({ allow: true });
  });

  test('an exit is stopped by the exchange only', () => {
    const stoppers: readonly GateLimit[] = ['MARKET_CLOSED', 'SYMBOL_HALTED'];
    for (const [limit, change] of BREACHES) {
      const verdict = riskGate(exit(change));
      expect(verdict.allow).toBe(!stoppers.includes(limit));
    }
  });

  test.each<[BotState, boolean]>([
    ['initialize', false],
    ['provisioning', false],
    ['bootstrapping', false],
    ['registration', false],
    ['started', false],
    ['idle', false],
    ['analyzing', true],
    ['trading', true],
    ['monitoring', true],
    ['updating', false],
    ['graceful_closing_positions', false],
    ['emergency_closing_positions', false],
    ['stopped', false],
    ['shutdown_triggered', false],
    ['shutdown', false],
    ['error', false],
  ])('in state %s an entry is allowed: %s', (state, allowed) => {
    expect(riskGate(entry({ bot: { state } })).allow).toBe(allowed);
    expect(riskGate(exit({ bot: { state } })).allow).toBe(true);
  });

  test('a zero or negative float allows no entry', () => {
    expect(riskGate(entry({ account: { floatAtStart: d('0') } }))).toMatchObject({ limit: 'WEIGHT_SLICE' });
    expect(riskGate(entry({ account: { floatAtStart: d('-5000') } }))).toMatchObject({ limit: 'WEIGHT_SLICE' });
  });
});

describe('defense mode (TRD-42)', () => {
  test('66 % of four trades are two, and the session cap halves', () => {
    const limits = riskLimits(DEFAULT_SETTINGS, true);
    expect(limits.maxTrades).toBe(2);
    expect(limits.totalAllocation.text()).toBe('0.01');
    expect(riskGate(entry({ limits, session: { entriesOfStrategy: 2 } }))).toMatchObject({
      limit: 'MAX_TRADES',
      figures: { used: '2', limit: '2' },
    });
    expect(riskGate(entry({ limits }))).toMatchObject({ limit: 'WEIGHT_SLICE', figures: { limit: '400.00' } });
  });

  test('at least one trade is left', () => {
    const settings = parseSettings({ MAX_TRADES: '1', WEIGHTS: '1', DEFENSE_MODE_TRADE_LIMIT_PCT: '10' });
    expect(riskLimits(settings, true).maxTrades).toBe(1);
  });
});
