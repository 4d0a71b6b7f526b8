import { LOCKED_HOME } from '../../../src/app/ownership/effects-guard.js';
import { describe, expect, test } from '@jest/globals';
import type { Action } from '../../../src/trading/action.js';
import { newEffectMemory } from '../../../src/trading/orders/effect-memory.js';
import type { TradingContext } from '../../../src/trading/context.js';
import { Engine } from '../../../src/app/execution/engine.js';
import type { EngineOptions } from '../../../src/app/execution/engine-options.js';
import { averagePrice } from '../../../src/domain/session/position-cost.js';
import { closedPosition } from '../../../src/trading/positions/round-trip.js';
import type { PositionFill, PositionRun } from '../../../src/domain/session/session-run.js';
import { parseClientOrderId, parseStrategyName, parseSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { firstFillAt } from '../../../src/domain/session/position-cost.js';
import { centsFromText } from '../../../src/kernel/money.js';
import { epochMs, toUtcText, parseUtcText } from '../../../src/kernel/time.js';

const ID = parseClientOrderId('B01-20260106-1');
const at = (text: string): PositionFill['filledAt'] => toUtcText(parseUtcText(`2026-01-06T${text}.000Z`));

function fill(id: string, opens: boolean, quantity: string, price: string, filledAt: string): PositionFill {
  return {
    executionId: id,
    opens,
    quantity: Decimal.parse(quantity),
    price: Decimal.parse(price),
    referencePrice: Decimal.parse('10.00'),
    fees: centsFromText('0.35'),
    filledAt: at(filledAt),
    recordedAt: at('20:00:00'),
  };
}

function position(fills: readonly PositionFill[], changes: Partial<PositionRun> = {}): PositionRun {
  return {
    positionId: 'P',
    strategy: parseStrategyName('open'),
    symbol: parseSymbol('SPY'),
    side: 'long',
    sessionDate: null,
    signalId: null,
    signalAt: at('14:59:00'),
    correlationId: 'P',
    entryOrder: ID,
    orders: [ID],
    fills: new Map(fills.map((each) => [each.executionId, each])),
    reported: new Map(),
    gross: centsFromText('3.00'),
    fees: centsFromText('1.05'),
    quantity: Decimal.ZERO,
    opened: true,
    stop: undefined,
    best: undefined,
    stopMovedAt: undefined,
    exitReason: 'stop_loss',
    exitBlocks: new Set(),
    exitOrders: 1,
    lastEventId: null,
    ...changes,
  };
}

describe('the engine', () => {
  test('two rules that undo each other are stopped', async () => {
    let asked = 0;
    const again = (): Action => {
      asked += 1;
      return { act: 'cancel', clientOrderId: ID };
    };
    const options = {
      broker: { cancel: () => Promise.resolve() },
      clock: { now: () => epochMs(0) },
      appender: { state: {} },
      effects: LOCKED_HOME,
      context: { memory: newEffectMemory() } as unknown as TradingContext,
      rules: [again],
    } as unknown as EngineOptions;
    await expect(new Engine(options).settle(false)).rejects.toMatchObject({
      code: 'RULES_DO_NOT_SETTLE',
      callerMust: 'stop',
    });
    expect(asked).toBe(10_001);
  });
});

describe('the report of a round trip', () => {
  const entries = [fill('E2', true, '2', '10.10', '15:01:00'), fill('E1', true, '1', '10.04', '15:00:00')];
  const exits = [fill('X1', false, '3', '11.08', '15:30:00')];

  test('averages, times and slippage come from the fills, the result from the books', () => {
    expect(closedPosition(position([...entries, ...exits]))).toMatchObject({
      quantity: '3',
      entryPrice: '10.08',
      exitPrice: '11.08',
      entryAt: at('15:00:00'),
      exitAt: at('15:30:00'),
      grossPnl: '3.00',
      fees: '1.05',
      netPnl: '1.95',
      slippage: '-3.00',
      exitReason: 'stop_loss',
    });
  });

  test('after a busted exit it has the entry of the earlier round', () => {
    const reported = new Map(entries.map((each) => [each.executionId, each]));
    expect(closedPosition(position(exits, { reported }))).toMatchObject({
      quantity: '3',
      entryPrice: '10.08',
      entryAt: at('15:00:00'),
    });
  });

  test('without shares there is no average', () => {
    expect(averagePrice([]).isZero()).toBe(true);
  });
});

describe('the first fill of a position', () => {
  test('is the earliest by time, not the first that was reported', () => {
    const late = fill('E1', true, '1', '10.00', '15:00:09');
    const early = fill('E2', true, '1', '10.01', '15:00:02');
    expect(firstFillAt(position([late, early]))).toBe(early.filledAt);
    expect(firstFillAt(position([fill('X', false, '1', '10.02', '15:00:01'), late, early]))).toBe(early.filledAt);
    expect(firstFillAt(position([]))).toBeUndefined();
  });

  test('is not later than its record, whatever the clock of the broker says', () => {
    const ahead = { ...fill('E1', true, '1', '10.00', '21:00:00'), recordedAt: at('15:00:00') };
    expect(firstFillAt(position([ahead]))).toBe(at('15:00:00'));
  });
});
