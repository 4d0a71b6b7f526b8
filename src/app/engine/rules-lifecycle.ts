import { MINUTE_MS, parseUtcText, toUtcText } from '../../kernel/time.js';
import { changeState, isActive, stepTowards, type BotState } from '../../domain/lifecycle/bot-state.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { record, type EngineContext, type Rule } from './action.js';
import { STREAMS } from './streams.js';

/** TRD-5: the whole feed silent for this many minutes while the market is open. */
const SILENT_MINUTES = 5;

export function sessionCorrelation(context: EngineContext): string {
  return `session/${context.date}`;
}

/** The bot state follows the windows: analysis, entries, management, rest; after a kill, closing and then stopped. */
export const botStateRule: Rule = (state, context, now) => {
  const next = nextBotState(state, context, now);
  if (next === undefined) return undefined;
  return record(STREAMS.lifecycle, {
    type: 'BotStateChanged',
    data: changeState(state.botState, next.to, next.reason),
    correlationId: sessionCorrelation(context),
    causationId: state.botStateEventId,
  });
};

function nextBotState(
  state: EngineState,
  context: EngineContext,
  now: number,
): { readonly to: BotState; readonly reason: string } | undefined {
  if (state.session?.halted === true) {
    if (isActive(state.botState)) return { to: 'emergency_closing_positions', reason: 'the kill switch tripped' };
    if (state.botState !== 'emergency_closing_positions') return undefined;
    if (isFlat(state)) return { to: 'stopped', reason: 'everything is closed' };
    if (now < context.strategyContext.closesAt) return undefined;
    return { to: 'error', reason: `the session closed with positions open: ${heldSymbols(state).join(', ')}` };
  }
  const wanted = wantedState(state, context, now);
  const to = stepTowards(state.botState, wanted.to);
  return to === undefined ? undefined : { to, reason: wanted.reason };
}

export function isFlat(state: EngineState): boolean {
  if (state.liveOrders.size > 0) return false;
  for (const position of state.positions.values()) if (!position.quantity.isZero()) return false;
  return true;
}

function heldSymbols(state: EngineState): readonly string[] {
  const held = [...state.positions.values()].filter(({ quantity }) => !quantity.isZero());
  return held.map(({ symbol }) => symbol).sort();
}

function wantedState(
  state: EngineState,
  context: EngineContext,
  now: number,
): { readonly to: BotState; readonly reason: string } {
  for (const strategy of context.strategies) {
    const run = state.session?.strategies.get(strategy.name);
    const window = context.windows.get(strategy.name);
    if (run === undefined || window === undefined || run.ended) continue;
    if (now < window.breakoutFrom) return { to: 'analyzing', reason: `${strategy.name} watches the market` };
    if (now < window.monitoringFrom) return { to: 'trading', reason: `${strategy.name} may enter` };
    return { to: 'monitoring', reason: `${strategy.name} manages its positions` };
  }
  return { to: 'idle', reason: 'no strategy has its window' };
}

/** MarketDataLost and MarketDataRestored for the feed as a whole; single thin symbols may well be silent. */
export const marketDataRule: Rule = (state, context, now, atMinute) => {
  const session = state.session;
  if (!atMinute || session === undefined) return undefined;
  const lastData = lastDataAt(context);
  if (session.dataLostSince === undefined) {
    if (now - lastData < SILENT_MINUTES * MINUTE_MS) return undefined;
    return record(STREAMS.risk, {
      type: 'MarketDataLost',
      data: { symbols: [...context.market.symbols], since: toUtcText(lastData) },
      correlationId: sessionCorrelation(context),
      causationId: session.openedEventId,
    });
  }
  if (lastData < now) return undefined;
  return record(STREAMS.risk, {
    type: 'MarketDataRestored',
    data: {
      symbols: [...context.market.symbols],
      gapSeconds: Math.round((now - parseUtcText(session.dataLostSince)) / 1_000),
    },
    correlationId: sessionCorrelation(context),
    causationId: session.openedEventId,
  });
};

function lastDataAt(context: EngineContext): ReturnType<typeof parseUtcText> {
  let last = context.strategyContext.opensAt;
  for (const symbol of context.market.symbols) {
    const end = context.market.of(symbol).lastBarEnd;
    if (end !== undefined && end > last) last = end;
  }
  return last;
}
