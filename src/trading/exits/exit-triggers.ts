import type { Decimal } from '../../kernel/decimal.js';
import { MINUTE_MS, parseUtcText, plusMs, toUtcText, type EpochMs } from '../../kernel/time.js';
import { priceToDecimal, type Price } from '../../domain/market/types.js';
import type { SymbolView } from '../../domain/market/view.js';
import { decideOrder } from '../../domain/orders/decide-order.js';
import { riskGate } from '../../domain/risk/gate.js';
import { isStopHit, trailingStop, type TrailingStop } from '../../domain/risk/trailing-stop.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { cancelForExit, type ExitReason } from '../../domain/session/exit-decision.js';
import type { PositionRun } from '../../domain/session/session-run.js';
import type { Strategy } from '../../strategies/strategy.js';
import { spreadFraction } from '../../strategies/screening.js';
import { record, type Action, type Rule } from '../action.js';
import type { TradingContext } from '../context.js';
import { exposureOf, limitsOf } from '../risk/exposure.js';
import { withTimeBudget } from '../time-budget.js';
import { clientOrderIdOf } from '../orders/order-ids.js';
import { recordOrderEvents } from '../orders/order-follow-up.js';
import { averagePrice, entryFills, firstFillAt } from '../positions/position-bookkeeping.js';
import { STREAMS } from '../../events/streams.js';

/** A position that the broker refuses to close this often in a session is left to a person, or to the next session. */
const MAX_EXIT_ORDERS = 25;

interface ExitRequest {
  readonly position: PositionRun;
  readonly reason: ExitReason;
  readonly now: EpochMs;
}

/** Stops, targets and time for every open position; the first stop is set as soon as the entry is filled. */
export const positionManagement: Rule = (state, context, now, atMinute) => {
  for (const position of state.positions.values()) {
    if (position.quantity.sign() <= 0 || !position.opened) continue;
    const action = manageWithinBudget(state, context, position, { now, atMinute });
    if (action !== undefined) return action;
  }
  return undefined;
};

interface Instant {
  readonly now: EpochMs;
  readonly atMinute: boolean;
}

function manageWithinBudget(
  state: EngineState,
  context: TradingContext,
  position: PositionRun,
  instant: Instant,
): Action | undefined {
  const strategy = context.strategies.find((candidate) => candidate.name === position.strategy);
  if (strategy === undefined || context.budget === undefined) {
    return managePosition(state, context, position, { ...instant, strategy });
  }
  // one that has failed is not asked any more: its positions keep their stops and the end of their window
  const asked = state.session?.strategies.get(position.strategy)?.failed !== true;
  return withTimeBudget(context, { strategy, asked, causationId: position.lastEventId }, () =>
    managePosition(state, context, position, { ...instant, strategy: asked ? strategy : QUIET }),
  );
}

/** Its positions as they are managed without it. */
const QUIET: Managing = {
  manage: () => undefined,
  trailFraction: (settings) => settings.TRADING_TRAILING_STOP_PCT,
};

function managePosition(
  state: EngineState,
  context: TradingContext,
  position: PositionRun,
  { now, atMinute, strategy }: Instant & { readonly strategy: Managing | undefined },
): Action | undefined {
  const window = context.windows.get(position.strategy);
  if (strategy === undefined || window === undefined || position.sessionDate !== context.date || now >= window.endsAt) {
    const reason = position.exitReason ?? 'timeout';
    return atMinute ? exitPosition(state, context, { position, reason, now }) : undefined;
  }
  if (position.exitReason !== undefined) {
    return atMinute ? exitPosition(state, context, { position, reason: position.exitReason, now }) : undefined;
  }
  if (position.stop !== undefined && (!atMinute || position.stopMovedAt === toUtcText(now))) return undefined;
  const view = context.market.of(position.symbol);
  const stop = currentStop(context, position, { strategy, endsAt: window.endsAt, now, view });
  if (position.stop === undefined) return moveStop(position, stop);
  const bar = view.lastBar;
  if (bar !== undefined && view.lastBarEnd === now) {
    const worst: Price = position.side === 'long' ? bar.low : bar.high;
    if (isStopHit(position.side, position.stop, priceToDecimal(worst))) {
      return exitPosition(state, context, { position, reason: 'stop_loss', now });
    }
  }
  const seen = { symbol: position.symbol, side: position.side, ...entryOf(position) };
  if (strategy.manage(seen, context.market, context.strategyContext) !== undefined) {
    return exitPosition(state, context, { position, reason: 'target_hit', now });
  }
  return stop.moved ? moveStop(position, stop) : undefined;
}

function entryOf(position: PositionRun): { entryPrice: Decimal; entryAt: PositionRun['signalAt'] } {
  return { entryPrice: averagePrice(entryFills(position)), entryAt: firstFillAt(position) ?? position.signalAt };
}

type Managing = Pick<Strategy, 'manage' | 'trailFraction'>;

interface StopView {
  readonly strategy: Managing;
  readonly endsAt: EpochMs;
  readonly now: EpochMs;
  readonly view: SymbolView;
}

/** The stop as it follows from the entry and the minutes since: nothing but the last stop is remembered. */
function currentStop(context: TradingContext, position: PositionRun, at: StopView): TrailingStop {
  const { entryPrice, entryAt } = entryOf(position);
  const from = parseUtcText(entryAt);
  const firstWholeMinute = plusMs(from, (MINUTE_MS - (from % MINUTE_MS)) % MINUTE_MS);
  const range = at.view.range(firstWholeMinute, at.now);
  const best = range === undefined ? entryPrice : priceToDecimal(position.side === 'long' ? range.high : range.low);
  return trailingStop({
    side: position.side,
    entryPrice,
    bestPrice: best,
    trailFraction: at.strategy.trailFraction(context.settings),
    atrDistance: undefined,
    previousStop: position.stop,
    tightening: {
      secondsToEnd: Math.floor((at.endsAt - at.now) / 1_000),
      bufferSeconds: context.settings.TRAIL_TIGHTENING_BUFFER_S,
      factor: context.settings.TRAIL_TIGHTENING_FACTOR,
    },
  });
}

function moveStop(position: PositionRun, stop: TrailingStop): Action {
  return record(STREAMS.position(position.symbol), {
    type: 'TrailingStopMoved',
    data: {
      positionId: position.positionId,
      strategy: position.strategy,
      symbol: position.symbol,
      side: position.side,
      stop: stop.stop.shortText(2),
      previousStop: position.stop?.shortText(2) ?? null,
      extreme: stop.extreme.shortText(2),
      basis: stop.basis,
    },
    correlationId: position.correlationId,
    causationId: position.lastEventId,
  });
}

/**
 * The next step to be rid of a position: cancel what is left of its entry, then intend an exit for what is held.
 * Undefined while an exit is on its way, when nothing is held, or when only a person can help.
 */
export function exitPosition(state: EngineState, context: TradingContext, request: ExitRequest): Action | undefined {
  const { position, reason, now } = request;
  if (position.quantity.sign() <= 0 || !context.market.symbols.includes(position.symbol)) return undefined;
  const entry = state.liveOrders.get(position.entryOrder);
  if (entry !== undefined) {
    return recordOrderEvents(
      state,
      entry,
      decideOrder(entry, { kind: 'requestCancel', reason: cancelForExit(reason) }),
    );
  }
  if (position.orders.some((id) => state.liveOrders.has(id)) || position.exitOrders >= MAX_EXIT_ORDERS) {
    return undefined;
  }
  const verdict = gateExit(state, context, position, now);
  if (!verdict.allow) return blockedExit(context, position, verdict);
  return intendExit(state, context, request);
}

function gateExit(
  state: EngineState,
  context: TradingContext,
  position: PositionRun,
  now: EpochMs,
): ReturnType<typeof riskGate> {
  const view = context.market.of(position.symbol);
  const { opensAt, closesAt } = context.strategyContext;
  const exposure = exposureOf(state);
  return riskGate({
    order: { purpose: 'exit', strategy: position.strategy, symbol: position.symbol },
    limits: limitsOf(state, context),
    bot: { state: state.botState, killSwitchTripped: state.killTripped !== undefined },
    account: { floatAtStart: state.float, buyingPower: exposure.buyingPower },
    session: { entriesOfStrategy: 0, ...exposure },
    market: {
      isOpen: now >= opensAt && now < closesAt,
      halted: view.halted,
      volume: view.volume,
      spread: spreadFraction(view),
    },
  });
}

function blockedExit(
  context: TradingContext,
  position: PositionRun,
  verdict: Exclude<ReturnType<typeof riskGate>, { allow: true }>,
): Action | undefined {
  if (position.exitBlocks.has(verdict.limit)) return undefined;
  return record(STREAMS.strategy(position.strategy, context.date), {
    type: 'TradeBlocked',
    data: {
      strategy: position.strategy,
      symbol: position.symbol,
      signalId: position.signalId,
      positionId: position.positionId,
      purpose: 'exit',
      limit: verdict.limit,
      figures: verdict.figures,
    },
    correlationId: position.correlationId,
    causationId: position.lastEventId,
  });
}

function intendExit(state: EngineState, context: TradingContext, { position, reason }: ExitRequest): Action {
  const last = context.market.of(position.symbol).lastPrice;
  const reference = last === undefined ? averagePrice(entryFills(position)) : priceToDecimal(last);
  const clientOrderId = clientOrderIdOf(state, context);
  return record(STREAMS.order(clientOrderId), {
    type: 'OrderIntended',
    data: {
      clientOrderId,
      strategy: position.strategy,
      symbol: position.symbol,
      side: position.side === 'long' ? 'sell' : 'buy',
      positionEffect: position.side === 'long' ? 'close_long' : 'close_short',
      purpose: 'exit',
      quantity: position.quantity.shortText(),
      notional: null,
      orderType: 'market',
      limitPrice: null,
      stopPrice: null,
      timeInForce: 'day',
      referencePrice: reference.shortText(2),
      signalId: position.signalId,
      positionId: position.positionId,
      poolRank: null,
      exitReason: reason,
    },
    correlationId: position.correlationId,
    causationId: position.lastEventId,
  });
}
