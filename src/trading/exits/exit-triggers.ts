import { Decimal } from '../../kernel/decimal.js';
import { epochMs, MINUTE_MS, parseUtcText, toUtcText, type EpochMs } from '../../kernel/time.js';
import { extremesAfter, firstWholeMinute } from '../../domain/market/since.js';
import { priceToDecimal } from '../../domain/market/types.js';
import type { MarketView, SymbolView } from '../../domain/market/view.js';
import { parseOption } from '../../domain/options/contract-name.js';
import { isStopHit } from '../../domain/risk/trailing-stop.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { PositionRun } from '../../domain/session/session-run.js';
import type { OpenPositionView, Strategy } from '../../strategies/strategy.js';
import type { Action, Rule } from '../action.js';
import type { TradingContext } from '../context.js';
import { withTimeBudget } from '../time-budget.js';
import { exitPosition } from './exit-order.js';
import { stopMadeWay } from './resting-stop.js';
import { currentStop, entryOf, moveStop } from './stop.js';

/** Applies stops, targets and time limits to open positions; the initial stop is set as soon as the entry fills. */
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
  if (strategy === undefined || (context.budget === undefined && strategy.codeSha256 === undefined)) {
    return managePosition(state, context, position, { ...instant, strategy });
  }
  // a failed strategy is not called again; its positions keep their stops and the end of their window
  const asked = state.session?.strategies.get(position.strategy)?.failed !== true;
  const managed = (by: Managing): Action | undefined =>
    managePosition(state, context, position, { ...instant, strategy: by });
  const { lastEventId: causationId } = position;
  const window = context.windows.get(position.strategy);
  const isOver = window === undefined || position.sessionDate !== context.date || instant.now >= window.endsAt;
  const step = { strategy, asked, causationId, isOver, without: () => managed(QUIET) };
  return withTimeBudget(context, step, () => managed(asked ? strategy : QUIET));
}

type Managing = Pick<Strategy, 'manage' | 'trailFraction'>;

/** Position management without the strategy. */
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
  const isOver = window === undefined || position.sessionDate !== context.date || now >= window.endsAt;
  if (strategy === undefined || isOver || isLastChance(context, position, now)) {
    const isPassed = position.sessionDate !== context.date && isStopPassed(context.market, position);
    const reason = position.exitReason ?? (isPassed ? 'stop_loss' : 'timeout');
    return atMinute || stopMadeWay(state, position)
      ? exitPosition(state, context, { position, reason, now })
      : undefined;
  }
  if (position.exitReason !== undefined) {
    return atMinute || stopMadeWay(state, position)
      ? exitPosition(state, context, { position, reason: position.exitReason, now })
      : undefined;
  }
  if (position.stop !== undefined && (!atMinute || position.stopMovedAt === toUtcText(now))) return undefined;
  // a renamed symbol that the feed does not carry has no price to judge: it closes at the end of its window
  if (!context.market.knows(position.symbol)) return undefined;
  const view = context.market.of(position.symbol);
  const stop = currentStop(context, position, { strategy, endsAt: window.endsAt, now, view });
  if (position.stop === undefined) return moveStop(position, stop);
  if (isStopHitNow(position, view, context.market.now) || isStopPassed(context.market, position))
    return exitPosition(state, context, { position, reason: 'stop_loss', now });
  const seen = targetOf(state, position);
  if (seen !== undefined && strategy.manage(seen, context.market, context.strategyContext) !== undefined) {
    return exitPosition(state, context, { position, reason: 'target_hit', now });
  }
  return stop.moved ? moveStop(position, stop) : undefined;
}

/**
 * What a strategy judges the target of a position by: itself, or for an option the share that the signal was about, in the direction
 * and from the price of the signal. Undefined when that signal is not of this session.
 */
function targetOf({ session }: EngineState, position: PositionRun): OpenPositionView | undefined {
  const { symbol, side, strategy } = position;
  const option = parseOption(symbol);
  const { entryPrice, entryAt } = entryOf(position);
  if (option === undefined) return { symbol, side, entryPrice, entryAt };
  const signal = session?.strategies.get(strategy)?.signals.get(option.underlying);
  if (signal === undefined) return undefined;
  const price = Decimal.parse(signal.data.price);
  return { symbol: option.underlying, side: option.right === 'put' ? 'short' : 'long', entryPrice: price, entryAt };
}

/** Before the close of its last day an option is sold, whatever the strategy holds: exercised, it would be shares. */
const LAST_CHANCE_MS = 15 * MINUTE_MS;

function isLastChance({ date, strategyContext }: TradingContext, { symbol }: PositionRun, now: EpochMs): boolean {
  const expiry = parseOption(symbol)?.expiry;
  return expiry !== undefined && expiry <= date && now >= strategyContext.closesAt - LAST_CHANCE_MS;
}

/**
 * Whether a whole minute since the stop was set traded at it, also one that nobody judged: the engine was down, or the session
 * opened beyond it. A stop at an exchange would have been triggered.
 */
function isStopPassed(market: MarketView, position: PositionRun): boolean {
  const { stop, stopMovedAt, side, symbol } = position;
  if (stop === undefined || stopMovedAt === undefined || !market.knows(symbol)) return false;
  const setAt = parseUtcText(stopMovedAt);
  const entered = firstWholeMinute(parseUtcText(entryOf(position).entryAt));
  // a stop is set by the minute that had just ended then
  const from = Math.max(entered, setAt - (setAt % MINUTE_MS));
  const seen = market.of(symbol).range(epochMs(from), market.now);
  return seen !== undefined && isStopHit(side, stop, priceToDecimal(side === 'long' ? seen.low : seen.high));
}

/** Whether the minute just seen traded at the stop after the entry: what lies before the fill does not act on it. */
function isStopHitNow(position: PositionRun, { lastBar, lastBarEnd }: SymbolView, seenTo: EpochMs): boolean {
  if (position.stop === undefined || lastBar === undefined || lastBarEnd !== seenTo) return false;
  const seen = extremesAfter(lastBar, parseUtcText(entryOf(position).entryAt));
  if (seen === undefined) return false;
  return isStopHit(position.side, position.stop, priceToDecimal(position.side === 'long' ? seen.low : seen.high));
}
