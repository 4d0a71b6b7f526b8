import { Decimal } from '../../kernel/decimal.js';
import { SECOND_MS } from '../../kernel/time.js';
import type { Figures } from '../../events/names.js';
import { priceToDecimal } from '../../domain/market/types.js';
import { entryBudget } from '../../domain/risk/capital.js';
import { riskGate, type GateLimit } from '../../domain/risk/gate.js';
import { sizeEntry } from '../../domain/risk/sizing.js';
import { lossAtStop, trailingStop } from '../../domain/risk/trailing-stop.js';
import { entriesHeld } from '../../domain/session/trading-permissions.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { SignalRun } from '../../domain/session/session-run.js';
import { runFilters } from '../../strategies/filters/run-filters.js';
import { TICKER_BLOCKLIST, tickerBlocklist } from '../../strategies/filters/ticker-blocklist.js';
import type { Signal } from '../../strategies/strategy.js';
import { spreadFraction } from '../../strategies/screening.js';
import { record, type Action } from '../action.js';
import type { TradingContext } from '../context.js';
import type { Draft } from '../../events/draft.js';
import { entriesOf, exposureOf, limitsOf } from '../risk/exposure.js';
import { clientOrderIdOf } from '../orders/order-ids.js';
import type { StrategyStep } from '../lifecycle/strategy-windows.js';
import { STREAMS } from '../../events/streams.js';

type Candidate = NonNullable<StrategyStep['run']['pool']>['candidates'][number];

interface Case {
  readonly step: StrategyStep;
  readonly candidate: Candidate;
  readonly signal: Signal;
  readonly told: SignalRun;
  /** Better ranked candidates with a signal that were refused (TRD-13). */
  readonly fallbackLevel: number;
}

/**
 * The router (TRD-13): walks the pool in rank order. A candidate whose signal fires is told, filtered, checked for
 * tradability, sized, passed through the gate, and intended or refused; a refused one falls to the next. A filter's
 * block is not the end: while the signal lasts it is judged again each minute.
 */
export function nextForCandidates(state: EngineState, context: TradingContext, step: StrategyStep): Action | undefined {
  let fallbackLevel = 0;
  for (const candidate of step.run.pool?.candidates ?? []) {
    const told = step.run.signals.get(candidate.symbol);
    if (told?.status === 'rejected' || told?.status === 'blocked') fallbackLevel += 1;
    if (step.run.decided.has(candidate.symbol)) continue;
    const answer = step.strategy.signal(candidate.symbol, context.market, context.strategyContext);
    if (!answer.fired) continue;
    if (told === undefined) return tellSignal(context, step, candidate, answer.signal);
    if (told.data.side !== answer.signal.side) continue;
    const level = told.status === 'blocked' ? fallbackLevel - 1 : fallbackLevel;
    const action = decideCandidate(state, context, {
      step,
      candidate,
      signal: answer.signal,
      told,
      fallbackLevel: level,
    });
    if (action !== undefined) return action;
  }
  return undefined;
}

function tellSignal(context: TradingContext, step: StrategyStep, candidate: Candidate, signal: Signal): Action {
  const signalId = `${context.date}/${step.strategy.name}/${candidate.symbol}`;
  return record(STREAMS.strategy(step.strategy.name, context.date), {
    type: 'SignalTriggered',
    data: {
      signalId,
      strategy: step.strategy.name,
      symbol: candidate.symbol,
      side: signal.side,
      rule: signal.rule,
      price: priceToDecimal(signal.price).shortText(2),
      poolRank: candidate.rank,
      figures: signal.figures,
    },
    correlationId: signalId,
    causationId: step.run.poolEventId,
  });
}

/** Undefined when a filter still blocks as it did, or when it must wait for the broker: there is nothing new to tell. */
function decideCandidate(state: EngineState, context: TradingContext, at: Case): Action | undefined {
  if (at.signal.side === 'short' && at.step.strategy.shortType(context.settings) !== 'ShortSell') {
    return reject(context, at, 'SHORT_DISABLED', { shortType: at.step.strategy.shortType(context.settings) });
  }
  const filtered = filterCandidate(state, context, at);
  if (filtered !== 'pass') return filtered;
  const asset = context.assets.get(at.candidate.symbol);
  if (asset?.tradable !== true) return reject(context, at, 'NOT_TRADABLE', {});
  if (at.signal.side === 'short' && !asset.shortable) return reject(context, at, 'NOT_SHORTABLE', {});
  if (entriesHeld(state)) return undefined;
  if (state.session?.dataLostSince !== undefined) return reject(context, at, 'MARKET_DATA_LOST', {});
  return sizeAndGate(state, context, at, asset);
}

function filterCandidate(state: EngineState, context: TradingContext, at: Case): Action | undefined | 'pass' {
  const { step, told, candidate } = at;
  const traded = state.session?.tickersTraded ?? new Set();
  const listed = tickerBlocklist(candidate.symbol, traded);
  const ran = runFilters(step.strategy.filters, at.signal, context.market, context.strategyContext);
  const fault = ran.faults.find(({ filter }) => !state.toldErrors.has(faultKey(told, filter)));
  if (fault !== undefined) return tellFault(context, at, fault);
  const blocks = [
    ...(listed.allow ? [] : [{ filter: TICKER_BLOCKLIST, reason: listed.reason }]),
    ...ran.verdicts.flatMap(({ filter, verdict }) => (verdict.allow ? [] : [{ filter, reason: verdict.reason }])),
  ];
  if (blocks.length === 0) return 'pass';
  const drafts = blocks
    .filter(({ filter, reason }) => !told.blocks.has(`${filter}/${reason.code}`))
    .map(({ filter, reason }): Draft => ({
      type: 'EnhancementBlocked',
      data: {
        strategy: step.strategy.name,
        symbol: candidate.symbol,
        signalId: told.data.signalId,
        filter,
        code: reason.code,
        figures: reason.figures,
      },
      correlationId: told.data.signalId,
      causationId: told.eventId,
    }));
  return drafts.length === 0 ? undefined : record(STREAMS.strategy(step.strategy.name, context.date), ...drafts);
}

function faultKey(told: SignalRun, filter: string): string {
  return `${told.data.signalId}/${filter}`;
}

/** A filter that throws does not decide: the core logic stands, and the fault is told once. */
function tellFault(
  context: TradingContext,
  { step, told }: Case,
  fault: { readonly filter: string; readonly message: string },
): Action {
  return record(STREAMS.errors, {
    type: 'ErrorRecorded',
    data: {
      errorType: 'LogicError',
      errorCode: 'FILTER_FAILED',
      message: `${fault.filter} failed, the signal is judged without it: ${fault.message}`,
      strategy: step.strategy.name,
      broker: null,
      context: { key: faultKey(told, fault.filter), date: context.date },
      traceback: null,
    },
    correlationId: told.data.signalId,
    causationId: told.eventId,
  });
}

function reject(context: TradingContext, at: Case, code: string, figures: Figures): Action {
  const { step, candidate, told } = at;
  return record(STREAMS.strategy(step.strategy.name, context.date), {
    type: 'CandidateRejected',
    data: {
      strategy: step.strategy.name,
      symbol: candidate.symbol,
      signalId: told.data.signalId,
      poolRank: candidate.rank,
      fallbackLevel: at.fallbackLevel,
      code,
      figures,
    },
    correlationId: told.data.signalId,
    causationId: told.eventId,
  });
}

function sizeAndGate(
  state: EngineState,
  context: TradingContext,
  at: Case,
  asset: { readonly fractionable: boolean; readonly minQuantity: Decimal },
): Action | undefined {
  const { step, candidate, signal } = at;
  const view = context.market.of(candidate.symbol);
  const limits = limitsOf(state, context);
  const exposure = exposureOf(state);
  const entriesOfStrategy = entriesOf(state, step.strategy.name, context.date);
  const floatAtStart = Decimal.parse(state.session?.opened.floatAtStart ?? '0');
  const price = priceToDecimal(signal.price);
  const slice = entryBudget({ floatAtStart, limits, entriesOfStrategy, ...exposure });
  const size = sizeEntry({ side: signal.side, slice, price, fractional: context.settings.FRACTIONAL, asset });
  const quantity = size.kind === 'quantity' ? size.quantity : Decimal.ZERO;
  const verdict = riskGate({
    order: {
      purpose: 'entry',
      strategy: step.strategy.name,
      symbol: candidate.symbol,
      cost: quantity.times(price),
      price,
      lossAtStop: lossAtStop(signal.side, quantity, price, firstStop(context, at, price)),
    },
    limits,
    bot: { state: state.botState, killSwitchTripped: state.killTripped !== undefined },
    account: { floatAtStart, buyingPower: exposure.buyingPower },
    session: { entriesOfStrategy, ...exposure },
    market: {
      isOpen: step.now >= context.strategyContext.opensAt && step.now < context.strategyContext.closesAt,
      halted: view.halted,
      volume: view.reference.previousVolume ?? view.volume,
      spread: spreadFraction(view),
    },
  });
  // a size that cannot be made is told in its own words, unless a limit explains it
  if (size.kind === 'rejected' && (verdict.allow || verdict.limit === 'BAD_ENTRY')) {
    return reject(context, at, size.code, size.figures);
  }
  if (!verdict.allow) return slotIsPending(state, at, verdict.limit) ? undefined : block(context, at, verdict);
  return intendEntry(state, context, at, { quantity, price });
}

/** The slot is held by an entry that the broker has not answered: should it be refused, this candidate is next (TRD-13). */
function slotIsPending(state: EngineState, { step }: Case, limit: GateLimit): boolean {
  if (limit !== 'MAX_TRADES' && limit !== 'MAX_OPEN_POSITIONS') return false;
  for (const { intent, stage, filled } of state.liveOrders.values()) {
    const isRival = limit === 'MAX_OPEN_POSITIONS' || intent.strategy === step.strategy.name;
    if (intent.purpose === 'entry' && isRival && stage !== 'working' && filled.isZero()) return true;
  }
  return false;
}

function firstStop(context: TradingContext, { step, signal }: Case, price: Decimal): Decimal {
  return trailingStop({
    side: signal.side,
    entryPrice: price,
    bestPrice: price,
    trailFraction: step.strategy.trailFraction(context.settings),
    atrDistance: undefined,
    previousStop: undefined,
    tightening: {
      secondsToEnd: Math.floor((step.window.endsAt - step.now) / SECOND_MS),
      bufferSeconds: context.settings.TRAIL_TIGHTENING_BUFFER_S,
      factor: context.settings.TRAIL_TIGHTENING_FACTOR,
    },
  }).stop;
}

function block(
  context: TradingContext,
  at: Case,
  verdict: Exclude<ReturnType<typeof riskGate>, { allow: true }>,
): Action {
  const { step, candidate, told } = at;
  return record(STREAMS.strategy(step.strategy.name, context.date), {
    type: 'TradeBlocked',
    data: {
      strategy: step.strategy.name,
      symbol: candidate.symbol,
      signalId: told.data.signalId,
      positionId: null,
      purpose: 'entry',
      limit: verdict.limit,
      figures: verdict.figures,
    },
    correlationId: told.data.signalId,
    causationId: told.eventId,
  });
}

function intendEntry(
  state: EngineState,
  context: TradingContext,
  { step, candidate, signal, told }: Case,
  size: { readonly quantity: Decimal; readonly price: Decimal },
): Action {
  const clientOrderId = clientOrderIdOf(state, context);
  return record(STREAMS.order(clientOrderId), {
    type: 'OrderIntended',
    data: {
      clientOrderId,
      strategy: step.strategy.name,
      symbol: candidate.symbol,
      side: signal.side === 'long' ? 'buy' : 'sell',
      positionEffect: signal.side === 'long' ? 'open_long' : 'open_short',
      purpose: 'entry',
      quantity: size.quantity.shortText(),
      notional: null,
      orderType: 'market',
      limitPrice: null,
      stopPrice: null,
      timeInForce: 'day',
      referencePrice: size.price.shortText(2),
      signalId: told.data.signalId,
      positionId: told.data.signalId,
      poolRank: candidate.rank,
      exitReason: null,
    },
    correlationId: told.data.signalId,
    causationId: told.eventId,
  });
}
