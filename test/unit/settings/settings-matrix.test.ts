import { describe, expect, test } from '@jest/globals';
import { EXCHANGE_ZONE, sessionOf } from '../../../src/domain/calendar/nyse.js';
import { wallClockOf } from '../../../src/domain/calendar/clock-time.js';
import { withPending } from '../../../src/domain/config/pending-settings.js';
import { planSettings, type SettingsPlan } from '../../../src/domain/config/settings-change.js';
import {
  DEFAULT_SETTINGS,
  describeSettings,
  parseSettings,
  SETTING_TABLE,
  type Settings,
} from '../../../src/domain/config/settings.js';
import type { MarketView } from '../../../src/domain/market/view.js';
import { costAtMaxRisk, entryBudget } from '../../../src/domain/risk/capital.js';
import { riskLimits } from '../../../src/domain/risk/defense.js';
import { riskGate } from '../../../src/domain/risk/gate.js';
import { sizeEntry } from '../../../src/domain/risk/sizing.js';
import { botSession, tradingHoursOf } from '../../../src/domain/schedule/trading-hours.js';
import { parseSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { addDays, parseDateText, parseUtcText, toUtcText } from '../../../src/kernel/time.js';
import { strategiesToRun } from '../../../src/strategies/registry.js';
import type { Signal, Strategy, StrategyContext } from '../../../src/strategies/strategy.js';

/** Numbers without a list of their own: the bounds that the table names, and the values next to the default. */
function boundsOf(mustBe: string): readonly string[] {
  const range = /from (-?[\d.]+) to (-?[\d.]+)/.exec(mustBe);
  return range === null ? [] : [String(range[1]), String(range[2])];
}

const TIMES = ['09:30@America/New_York', '12:45', '15:00', '12:00@America/New_York', '15:57@America/New_York', '00:00'];

/** Every listed choice, the bounds of every number, times in UTC and in New York, each list as a whole and one by one. */
function valuesOf(key: string): readonly string[] {
  const spec = SETTING_TABLE[key as keyof typeof SETTING_TABLE];
  const { kind, choices, mustBe } = spec;
  if (kind === 'clock-time') return TIMES;
  if (kind === 'list' && key === 'WEIGHTS')
    return ['1', '0.000000001', '0.5,0.5', '0.4,0.3,0.2,0.1', '0.000000001,0.9,0.05,0.04'];
  if (choices !== undefined) return choices;
  return boundsOf(mustBe);
}

/** Keys that decide whether and when a session trades; the journal is fixed, and the others concern pages and reports. */
const KEYS = Object.entries(SETTING_TABLE)
  .filter(
    ([, { takesEffect, secret, group }]) => takesEffect && !secret && !['access', 'health', 'journal'].includes(group),
  )
  .map(([key]) => key)
  .filter((key) => valuesOf(key).length > 0);

/** Keys whose combinations can end all trading: each pair of their values is tried. */
const PAIRED = KEYS.filter((key) =>
  /^(STRAT_\w+_ENABLED|STRATEGY_OVERRIDE|START_TIME_CLOSE|MARKET_\w+|WEIGHTS|TOTAL_ALLOCATION|FRACTIONAL|M\w\w_PRICE|MAX_SPREAD_PCT|VIX_GATE_ENABLED|ADX_MAX)$/.test(
    key,
  ),
);

type Texts = Readonly<Record<string, string>>;

const STORED = { texts: { ...describeSettings(DEFAULT_SETTINGS), VERSION_TAG: '0.2.0' }, pending: [] };
const SINCE = toUtcText(parseUtcText('2026-01-07T16:00:00.000Z'));
const FLOAT = Decimal.parse('25000');

function planOf(changes: Texts, open?: string): SettingsPlan {
  return planSettings(STORED, {
    ...{ changes, withdraw: [], versionTag: '0.2.0', float: FLOAT },
    open: open === undefined ? undefined : parseDateText(open),
    by: { since: SINCE, actor: 'user:ann', reason: 'matrix' },
  });
}

/** Weeks of standard time and of daylight saving time. */
const DAYS = ['2026-01-05', '2026-07-06'].flatMap((monday) =>
  [0, 1, 2, 3, 4].map((days) => addDays(parseDateText(monday), days)),
);

/** A market as good as there can be for a candidate: huge volume, the smallest spread, a calm trend, a record VIX. */
const IDEAL = { vix: 85, of: () => ({ adx: 6, bollinger: undefined }) } as unknown as MarketView;
const SYMBOL = parseSymbol('SPY');

function pricesFor({ MIN_PRICE: low, MAX_PRICE: high }: Settings): readonly Decimal[] {
  const middle = low.plus(high).divide(Decimal.of(2), { scale: 2, round: 'down' });
  return [low.rounded(2, 'up'), middle, high.rounded(2, 'down')].filter((price) => price.gte(low) && price.lte(high));
}

/** Whether the rules let the best of candidates in, at a price that the settings admit. */
function admits(settings: Settings, strategy: Strategy, price: Decimal): boolean {
  const limits = riskLimits(settings, settings.DEFENSE_MODE_ACTIVE);
  const lossPerShare = price.times(strategy.trailFraction(settings));
  const slice = entryBudget({
    ...{ floatAtStart: FLOAT, limits, entriesOfStrategy: 0, capitalAtWork: Decimal.ZERO, buyingPower: FLOAT },
    costAtMaxRisk: costAtMaxRisk({ floatAtStart: FLOAT, limits, price, lossPerShare }),
  });
  const asset = { fractionable: true, minQuantity: Decimal.ZERO };
  const size = sizeEntry({ side: 'long', slice, price, fractional: settings.FRACTIONAL, asset });
  if (size.kind !== 'quantity') return false;
  const tick = Decimal.parse(price.lt(Decimal.ONE) ? '0.0001' : '0.01');
  const { name } = strategy;
  return riskGate({
    order: {
      ...{ purpose: 'entry', strategy: name, symbol: SYMBOL, price, cost: size.quantity.times(price) },
      lossAtStop: lossPerShare.times(size.quantity),
    },
    limits,
    bot: { state: 'trading', killSwitchTripped: false },
    account: { floatAtStart: FLOAT, buyingPower: FLOAT },
    session: { entriesOfStrategy: 0, openPositions: 0, capitalAtWork: Decimal.ZERO, symbolsAtWork: new Set() },
    market: {
      ...{ isOpen: true, halted: false, volume: 10_000_000_000 },
      spread: tick.divide(price, { scale: 6, round: 'up' }),
    },
  }).allow;
}

function passesFilters(strategy: Strategy, context: StrategyContext, price: Decimal): boolean {
  const signal = {
    symbol: SYMBOL,
    side: 'long',
    rule: 'MATRIX',
    price: Number(price.text()),
    figures: {},
  } as unknown as Signal;
  const measured = strategy.filters.filter(({ name }) => name === 'vix-gatekeeper' || name === 'adx-filter');
  return measured.every((filter) => !filter.enabled(context.settings) || filter.judge(signal, IDEAL, context).allow);
}

/** Whether on some day of the two weeks some strategy has a window with entries and would take an ideal candidate. */
function canTrade(settings: Settings): boolean {
  return DAYS.some((date) => {
    const day = botSession(date, tradingHoursOf(settings));
    if (day === undefined) return false;
    const context = { settings, date, opensAt: day.opensAt, closesAt: day.closesAt };
    return strategiesToRun(settings).some(
      (strategy) =>
        strategy.selfCheck(context).every(({ ok }) => ok) &&
        pricesFor(settings).some(
          (price) => passesFilters(strategy, context, price) && admits(settings, strategy, price),
        ),
    );
  });
}

/** Whether a plan is as it must be: refused with a key and a remedy, confirmed, or able to trade. */
function wrongWith(changes: Texts): string | undefined {
  const plan = planOf(changes);
  if (plan.faults.length > 0) {
    const vague = plan.faults.filter(({ key, problem }) => !(key in SETTING_TABLE) || !problem.startsWith('must '));
    return vague.length === 0 ? undefined : `vague: ${JSON.stringify(vague)}`;
  }
  if (plan.endsTrading.length > 0) return undefined;
  return canTrade(parseSettings(plan.after.texts)) ? undefined : 'accepted, and silently trades nothing';
}

function wrongAmong(all: Iterable<Texts>): readonly string[] {
  const wrong: string[] = [];
  for (const changes of all) {
    const why = wrongWith(changes);
    if (why !== undefined && wrong.length < 20) wrong.push(`${JSON.stringify(changes)}: ${why}`);
  }
  return wrong;
}

function* pairs(keys: readonly string[]): Iterable<Texts> {
  for (const [index, first] of keys.entries()) {
    for (const second of keys.slice(index + 1)) {
      for (const one of valuesOf(first)) for (const other of valuesOf(second)) yield { [first]: one, [second]: other };
    }
  }
}

/** A generator of numbers from a seed, from 0 to below `below`. */
function chanceFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
}

function* samples(seed: number, count: number): Iterable<Texts> {
  const chance = chanceFrom(seed);
  for (let made = 0; made < count; made += 1) {
    const entries = Array.from({ length: 2 + chance(6) }, () => {
      const key = KEYS[chance(KEYS.length)] ?? '';
      const values = valuesOf(key);
      return [key, values[chance(values.length)] ?? ''] as const;
    });
    yield Object.fromEntries(entries);
  }
}

describe('no accepted combination of settings leaves a bot that silently cannot trade (CFG-3)', () => {
  test('the oracle: the defaults trade, and a bot without a window, a price or a share does not', () => {
    expect(canTrade(DEFAULT_SETTINGS)).toBe(true);
    expect(canTrade(parseSettings({ MARKET_CLOSE: '12:45' }))).toBe(false);
    expect(canTrade(parseSettings({ MIN_VOLUME_THRESHOLD: '1000000000000' }))).toBe(false);
    expect(canTrade(parseSettings({ STRATEGY_OVERRIDE: 'close', STRAT_CLOSE_VIX_THRESHOLD: '90' }))).toBe(false);
    expect(
      canTrade(
        parseSettings({ FRACTIONAL: 'false', TOTAL_ALLOCATION: '0.0001', DEFENSE_MODE_TOTAL_ALLOCATION: '0.0001' }),
      ),
    ).toBe(false);
    expect(
      wallClockOf(sessionOf(parseDateText('2026-01-07'))?.opensAt ?? parseUtcText(SINCE), EXCHANGE_ZONE).minutes,
    ).toBe(570);
  });

  test('each value of each key alone', () => {
    expect(wrongAmong(KEYS.flatMap((key) => valuesOf(key).map((value) => ({ [key]: value }))))).toEqual([]);
  });

  test('each pair of values of the keys that can end trading', () => {
    expect(wrongAmong(pairs(PAIRED))).toEqual([]);
  });

  test('random combinations of up to seven keys', () => {
    expect(wrongAmong(samples(19, 600))).toEqual([]);
  });

  test('during a session the same combinations are accepted, and wait', () => {
    for (const changes of samples(20, 200)) {
      const [later, now] = [planOf(changes, '2026-01-07'), planOf(changes)];
      if (now.faults.length > 0 || later.faults.length > 0) continue;
      expect(withPending(later.after.texts, later.after.pending)).toEqual({ ...now.after.texts });
    }
  });
});
