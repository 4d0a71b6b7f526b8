import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DEFAULT_SETTINGS } from '../../src/domain/config/settings.js';
import { costAtMaxRisk, entryBudget, sessionCap, weightSlice } from '../../src/domain/risk/capital.js';
import { riskLimits } from '../../src/domain/risk/defense.js';
import { isOnTick } from '../../src/domain/market/tick.js';
import { riskGate, type GateInput } from '../../src/domain/risk/gate.js';
import { sizeEntry } from '../../src/domain/risk/sizing.js';
import { trailingStop } from '../../src/domain/risk/trailing-stop.js';
import { parseStrategyName, parseSymbol } from '../../src/events/names.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { runs } from '../support/runs.js';

const decimal = (max: number, scale: number) => fc.integer({ min: 0, max }).map((units) => Decimal.of(units, scale));
const SYMBOLS = ['SPY', 'AIG', 'BAC'].map(parseSymbol);

const gateInput: fc.Arbitrary<GateInput> = fc.record({
  order: fc.record({
    purpose: fc.constant('entry' as const),
    strategy: fc.constant(parseStrategyName('open')),
    symbol: fc.constantFrom(...SYMBOLS),
    cost: decimal(100_000, 2),
    price: decimal(4_000_000, 4),
    lossAtStop: decimal(400_000, 2),
  }),
  limits: fc.boolean().map((defense) => riskLimits(DEFAULT_SETTINGS, defense)),
  bot: fc.record({
    state: fc.constantFrom('trading' as const, 'trading' as const, 'idle' as const),
    killSwitchTripped: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  }),
  account: fc.record({ floatAtStart: decimal(20_000_000, 2), buyingPower: decimal(10_000_000, 2) }),
  session: fc.record({
    entriesOfStrategy: fc.nat(5),
    openPositions: fc.nat(6),
    capitalAtWork: decimal(300_000, 2),
    symbolsAtWork: fc.subarray(SYMBOLS).map((symbols) => new Set(symbols)),
  }),
  market: fc.record({
    isOpen: fc.constant(true),
    halted: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    volume: fc.integer({ min: 0, max: 2_000_000 }),
    spread: fc.option(decimal(200, 4), { nil: undefined }),
  }),
});

describe('risk for any input', () => {
  test('no entry that passes the gate exceeds any limit', () => {
    let allowed = 0;
    fc.assert(
      fc.property(gateInput, (input) => {
        if (!riskGate(input).allow || input.order.purpose === 'exit') return;
        allowed += 1;
        const { order, limits, session, account, market, bot } = input;
        const cap = sessionCap(account.floatAtStart, limits);
        expect(bot.state === 'trading' && !bot.killSwitchTripped && !market.halted).toBe(true);
        expect(session.entriesOfStrategy + 1).toBeLessThanOrEqual(limits.maxTrades);
        expect(session.openPositions + 1).toBeLessThanOrEqual(limits.maxOpenPositions);
        expect(session.symbolsAtWork.has(order.symbol)).toBe(false);
        expect(order.cost.lte(weightSlice(cap, limits, session.entriesOfStrategy))).toBe(true);
        expect(session.capitalAtWork.plus(order.cost).lte(cap)).toBe(true);
        expect(order.lossAtStop.lte(account.floatAtStart.times(limits.maxRiskPerTrade))).toBe(true);
        expect(order.cost.lte(account.buyingPower)).toBe(true);
        expect(order.price.gte(limits.minPrice) && order.price.lte(limits.maxPrice)).toBe(true);
        expect(market.volume).toBeGreaterThanOrEqual(limits.minVolume);
        expect(market.spread?.lte(limits.maxSpread) ?? true).toBe(true);
      }),
      { numRuns: runs(5_000, 20_000), seed: 20261120 },
    );
    expect(allowed).toBeGreaterThan(20);
  });

  test('an entry allowed in defense mode is allowed by the normal limits', () => {
    fc.assert(
      fc.property(gateInput, (input) => {
        if (!riskGate({ ...input, limits: riskLimits(DEFAULT_SETTINGS, true) }).allow) return;
        expect(riskGate({ ...input, limits: riskLimits(DEFAULT_SETTINGS, false) }).allow).toBe(true);
      }),
      { numRuns: runs(700, 10_000), seed: 20261120 },
    );
  });

  test('an entry sized to its budget passes the money checks', () => {
    const price = fc.integer({ min: 20_000, max: 3_000_000 }).map((units) => Decimal.of(units, 4));
    const asset = { fractionable: true, minQuantity: Decimal.parse('0.000001') };
    const loss = fc.integer({ min: 0, max: 20_000 }).map((units) => Decimal.of(units, 4));
    fc.assert(
      fc.property(gateInput, price, loss, fc.boolean(), (input, at, lossPerShare, fractional) => {
        const { limits, account, session } = input;
        const most = costAtMaxRisk({ limits, floatAtStart: account.floatAtStart, price: at, lossPerShare });
        const budget = entryBudget({ limits, ...account, ...session, costAtMaxRisk: most });
        const size = sizeEntry({ side: 'long', slice: budget, price: at, fractional, asset });
        if (size.kind !== 'quantity') return;
        const cost = size.quantity.times(at);
        expect(cost.lte(budget)).toBe(true);
        const order = {
          ...input.order,
          purpose: 'entry' as const,
          cost,
          price: at,
          lossAtStop: lossPerShare.times(size.quantity),
        };
        const verdict = riskGate({ ...input, order });
        if (!verdict.allow) {
          expect(['WEIGHT_SLICE', 'SESSION_CAP', 'MAX_RISK_PER_TRADE', 'BUYING_POWER', 'BAD_ENTRY']).not.toContain(
            verdict.limit,
          );
        }
      }),
      { numRuns: runs(700, 10_000), seed: 20261120 },
    );
  });

  test('a stop is a price that a broker takes, at least a tick from the best price', () => {
    const units = fc.oneof(fc.integer({ min: 9_000, max: 11_000 }), fc.integer({ min: 2, max: 3_000_000 }));
    const fraction = fc.integer({ min: 5, max: 5_000 }).map((parts) => Decimal.of(parts, 4));
    fc.assert(
      fc.property(fc.constantFrom('long' as const, 'short' as const), units, fraction, (side, at, trailFraction) => {
        const entryPrice = Decimal.of(at, 4);
        const { stop } = trailingStop({
          side,
          entryPrice,
          bestPrice: entryPrice,
          trailFraction,
          atrDistance: undefined,
          previousStop: undefined,
          tightening: { secondsToEnd: 1_800, bufferSeconds: 150, factor: Decimal.ONE },
        });
        expect(isOnTick(stop)).toBe(true);
        expect(side === 'long' ? stop.lt(entryPrice) : stop.gt(entryPrice)).toBe(true);
      }),
      { numRuns: runs(700, 10_000), seed: 20261129 },
    );
  });

  test('a stop never moves against its position and never touches the best price', () => {
    const move = fc.record({ price: fc.integer({ min: 100, max: 500_000 }), atr: fc.nat(20_000), late: fc.boolean() });
    fc.assert(
      fc.property(
        fc.constantFrom('long' as const, 'short' as const),
        fc.integer({ min: 20_000, max: 500_000 }),
        fc.array(move, { minLength: 1, maxLength: 20 }),
        (side, entry, moves) => {
          const entryPrice = Decimal.of(entry, 4);
          const better = (a: Decimal, b: Decimal): Decimal => (side === 'long' ? Decimal.max(a, b) : Decimal.min(a, b));
          let best = entryPrice;
          let previousStop: Decimal | undefined;
          for (const { price, atr, late } of moves) {
            best = better(best, Decimal.of(price, 4));
            const result = trailingStop({
              side,
              entryPrice,
              bestPrice: best,
              trailFraction: Decimal.parse('0.02'),
              atrDistance: atr === 0 ? undefined : Decimal.of(atr, 4),
              previousStop,
              tightening: { secondsToEnd: late ? 10 : 1_000, bufferSeconds: 150, factor: Decimal.parse('0.5') },
            });
            if (previousStop !== undefined) expect(better(previousStop, result.stop).equals(result.stop)).toBe(true);
            expect(side === 'long' ? result.stop.lt(best) : result.stop.gt(best)).toBe(true);
            expect(result.stop.sign()).toBe(1);
            ({ stop: previousStop } = result);
          }
        },
      ),
      { numRuns: 1_000, seed: 20261120 },
    );
  });
});
