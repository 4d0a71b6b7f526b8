import { STREAMS } from '../../events/streams.js';
import { isActive, stepTowards, type BotState } from '../../domain/lifecycle/bot-state.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { isFlat, isHalted, openRemainder } from '../../domain/session/trading-permissions.js';
import { record, type Rule } from '../action.js';
import { sessionCorrelation, type TradingContext } from '../context.js';
import { botStateChanged } from '../../domain/lifecycle/bot-state-changed.js';

/** Sets the bot state by the strategy windows (analysis, entries, management, idle); after a stop or kill: closing, stopped. */
export const botStateRule: Rule = (state, context, now) => {
  const next = nextBotState(state, context, now);
  if (next === undefined) return undefined;
  const cause = { correlationId: sessionCorrelation(context), causationId: state.botStateEventId };
  return record(STREAMS.lifecycle, botStateChanged({ from: state.botState, ...next }, cause));
};

interface NextState {
  readonly to: BotState;
  readonly reason: string;
}

function nextBotState(state: EngineState, context: TradingContext, now: number): NextState | undefined {
  const { botState } = state;
  if (botState === 'emergency_closing_positions') return endOfClosing(state, context, now);
  if (isHalted(state)) {
    return isActive(botState) || botState === 'graceful_closing_positions'
      ? { to: 'emergency_closing_positions', reason: 'the kill switch tripped' }
      : undefined;
  }
  if (botState === 'graceful_closing_positions') return endOfClosing(state, context, now);
  if (botState === 'updating') return { to: state.updatedFrom, reason: 'the settings were applied' };
  const wanted = wantedState(state, context, now);
  const to = stepTowards(botState, wanted.to);
  return to === undefined ? undefined : { to, reason: wanted.reason };
}

/** `stopped` once all positions are known to be closed; positions left open at the market close are an error. */
function endOfClosing(state: EngineState, context: TradingContext, now: number): NextState | undefined {
  if (isFlat(state)) return { to: 'stopped', reason: 'all positions are closed' };
  if (now < context.strategyContext.closesAt) return undefined;
  return { to: 'error', reason: `the session closed with positions open: ${openRemainder(state)}` };
}

function wantedState(state: EngineState, context: TradingContext, now: number): NextState {
  for (const strategy of context.strategies) {
    const run = state.session?.strategies.get(strategy.name);
    const window = context.windows.get(strategy.name);
    if (run === undefined || window === undefined || run.ended) continue;
    if (now < window.breakoutFrom)
      return { to: 'analyzing', reason: `strategy ${strategy.name} is analyzing the market` };
    if (now < window.monitoringFrom) return { to: 'trading', reason: `strategy ${strategy.name} may enter positions` };
    return { to: 'monitoring', reason: `strategy ${strategy.name} is managing its positions` };
  }
  return { to: 'idle', reason: 'no strategy window is open' };
}
