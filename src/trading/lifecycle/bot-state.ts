import { MINUTE_MS, parseUtcText, toUtcText } from '../../kernel/time.js';
import { changeState, mayChange, stepTowards, type BotState } from '../../domain/lifecycle/bot-state.js';
import { isFlat, isHalted, openRemainder } from '../../domain/session/trading-permissions.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { record, type Rule } from '../action.js';
import { sessionCorrelation, type TradingContext } from '../context.js';
import { STREAMS } from '../../events/streams.js';

/** TRD-5: the whole feed silent for this many minutes while the market is open. */
const SILENT_MINUTES = 5;

/** The bot state follows the windows: analysis, entries, management, rest; after a stop or kill, closing, then stopped. */
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

interface NextState {
  readonly to: BotState;
  readonly reason: string;
}

function nextBotState(state: EngineState, context: TradingContext, now: number): NextState | undefined {
  const { botState } = state;
  if (botState === 'emergency_closing_positions') return endOfClosing(state, context, now);
  if (isHalted(state)) {
    return mayChange(botState, 'emergency_closing_positions')
      ? { to: 'emergency_closing_positions', reason: 'the kill switch tripped' }
      : undefined;
  }
  if (botState === 'graceful_closing_positions') return endOfClosing(state, context, now);
  if (botState === 'updating') return { to: state.updatedFrom, reason: 'the settings are taken up' };
  const wanted = wantedState(state, context, now);
  const to = stepTowards(botState, wanted.to);
  return to === undefined ? undefined : { to, reason: wanted.reason };
}

/** `stopped` only when everything is closed and known to be; what the close of the market leaves open is an error. */
function endOfClosing(state: EngineState, context: TradingContext, now: number): NextState | undefined {
  if (isFlat(state)) return { to: 'stopped', reason: 'everything is closed' };
  if (now < context.strategyContext.closesAt) return undefined;
  return { to: 'error', reason: `the session closed with positions open: ${openRemainder(state)}` };
}

function wantedState(state: EngineState, context: TradingContext, now: number): NextState {
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
  // a day that is seen to its end later has nothing to wait for
  if (!atMinute || session === undefined || now > context.strategyContext.closesAt) return undefined;
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

function lastDataAt(context: TradingContext): ReturnType<typeof parseUtcText> {
  let last = context.strategyContext.opensAt;
  for (const symbol of context.market.symbols) {
    const end = context.market.of(symbol).lastBarEnd;
    if (end !== undefined && end > last) last = end;
  }
  return last;
}
