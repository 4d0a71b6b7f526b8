import { Decimal } from '../../kernel/decimal.js';
import { SECOND_MS } from '../../kernel/time.js';
import type { Figures, TickerSymbol } from '../../events/names.js';
import { splitOfPrices, splitWords } from '../../domain/accounting/split-ratio.js';
import { foreignShares } from '../../domain/accounting/foreign-account.js';
import { STREAMS } from '../../events/streams.js';
import { priceToDecimal } from '../../domain/market/types.js';
import { CONTRACT_UNITS, isOption, underlyingOf } from '../../domain/options/contract-name.js';
import { costAtMaxRisk, entryBudget } from '../../domain/risk/capital.js';
import { riskGate, type GateLimit } from '../../domain/risk/gate.js';
import { sizeEntry } from '../../domain/risk/sizing.js';
import { lossAtStop, trailingStop } from '../../domain/risk/trailing-stop.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { entriesHeld } from '../../domain/session/trading-permissions.js';
import { priceText } from '../../strategies/figures.js';
import { spreadFraction } from '../../strategies/screening.js';
import { record, type Action } from '../action.js';
import type { AssetTerms, TradingContext } from '../context.js';
import { entriesOf, exposureOf, limitsOf } from '../risk/exposure.js';
import { awaitConfirmation, waitingFor } from './confirmation.js';
import type { EntryCandidate, TradedCandidate } from './entry-candidate.js';
import { meansOf } from './entry-funds.js';
import { intendEntry } from './entry-order.js';
import { trailOf } from '../exits/stop.js';
import { tradedOn } from './bearish.js';
import { filterEntry } from './filter-blocks.js';
import { termsOf } from './long-put.js';
import { rejectedCandidate } from './rejected-candidate.js';

/**
 * Decides on one candidate: rejected, blocked or entered. Undefined when there is nothing new to record: a filter still
 * blocks, or the candidate waits for the broker.
 */
export function decideEntry(state: EngineState, context: TradingContext, at: EntryCandidate): Action | undefined {
  const traded = tradedOn(state, context, at);
  if (traded === 'waits') return undefined;
  if ('code' in traded) return reject(context, at, traded.code, traded.figures);
  const filtered = filterEntry(state, context, at);
  if (filtered !== 'pass') return filtered;
  const other: Figures =
    traded.symbol === at.candidate.symbol ? {} : { [isOption(traded.symbol) ? 'contract' : 'etf']: traded.symbol };
  const asset = termsOf(context, traded.symbol);
  if (asset?.tradable !== true) {
    const brokerSays = asset === undefined ? 'symbol not known' : 'not tradable';
    return reject(context, at, 'NOT_TRADABLE', { ...other, brokerSays });
  }
  if (traded.side === 'short' && asset.shortable === false) {
    return reject(context, at, 'NOT_SHORTABLE', { brokerSays: 'not to be sold short' });
  }
  const others = othersIn(state, traded.symbol);
  if (others !== undefined) return reject(context, at, 'SHARED_SYMBOL', { ...other, ...others });
  const split = suspectedSplit(context, at.candidate.symbol) ?? suspectedSplit(context, traded.symbol);
  if (split !== undefined) return reject(context, at, 'SPLIT_SUSPECTED', split);
  if (entriesHeld(state)) return undefined;
  if (state.session?.dataLostSince !== undefined) return reject(context, at, 'MARKET_DATA_LOST', {});
  return sizeAndGate(state, context, { ...at, traded }, asset);
}

/** What others have in a symbol of the account: the broker nets it with the bot's, so an exit could trade their shares. */
function othersIn({ foreign }: EngineState, symbol: TickerSymbol): Figures | undefined {
  const shares = foreignShares(foreign, symbol);
  const orders = foreign.orders.filter((order) => order.symbol === symbol).length;
  return shares.isZero() && orders === 0
    ? undefined
    : { othersShares: shares.shortText(), othersOrders: String(orders) };
}

/**
 * A symbol that opens where a split would put it, although its previous close should be in shares of today: its gap, and what was
 * learnt of it before, are of other shares.
 */
function suspectedSplit({ market }: TradingContext, symbol: TickerSymbol): Figures | undefined {
  const { reference, sessionOpen: open } = market.of(symbol);
  const { previousClose: close } = reference;
  if (close === undefined || open === undefined) return undefined;
  const ratio = splitOfPrices(close, open);
  if (ratio === undefined) return undefined;
  const prices = { previousClose: priceText(close), open: priceText(open) };
  return { symbol, ...prices, ratio: splitWords(ratio) };
}

function reject(context: TradingContext, at: EntryCandidate, code: string, figures: Figures): Action {
  const { step, candidate, reported, fallbackLevel } = at;
  const { name: strategy } = step.strategy;
  const draft = rejectedCandidate(reported, { strategy, candidate, fallbackLevel, code, figures });
  return record(STREAMS.strategy(strategy, context.date), draft);
}

function sizeAndGate(
  state: EngineState,
  context: TradingContext,
  at: TradedCandidate,
  asset: AssetTerms,
): Action | undefined {
  const { step, traded } = at;
  const { side } = traded;
  // an option is as liquid as its quotes, which were judged when it was chosen: price, volume and spread are those of its share
  const share = underlyingOf(traded.symbol);
  const view = context.market.of(share);
  const limits = limitsOf(state, context);
  const exposure = exposureOf(state);
  const waiting = waitingFor(step.run, at.reported);
  const entriesOfStrategy = entriesOf(state, step.strategy.name, context.date) + waiting;
  const floatAtStart = Decimal.parse(state.session?.opened.floatAtStart ?? '0');
  const price = priceToDecimal(traded.price);
  const lossPerShare = lossAtStop(side, Decimal.ONE, price, firstStop(context, at, price));
  const { capitalAtWork } = exposure;
  const buyingPower = meansOf(side, { state, context }, { floatAtStart, capitalAtWork });
  const slice = entryBudget({
    floatAtStart,
    limits,
    entriesOfStrategy,
    capitalAtWork,
    buyingPower,
    costAtMaxRisk: costAtMaxRisk({ floatAtStart, limits, price, lossPerShare }),
  });
  const lots = share === traded.symbol ? {} : { lot: CONTRACT_UNITS };
  const size = sizeEntry({ side, slice, price, fractional: context.settings.FRACTIONAL, asset, ...lots });
  const quantity = size.kind === 'quantity' ? size.quantity : Decimal.ZERO;
  const verdict = riskGate({
    order: {
      purpose: 'entry',
      strategy: step.strategy.name,
      symbol: share,
      cost: quantity.times(price),
      price: share === traded.symbol ? price : priceToDecimal(at.signal.price),
      lossAtStop: lossPerShare.times(quantity),
    },
    limits,
    bot: { state: state.botState, killSwitchTripped: state.killTripped !== undefined },
    account: { floatAtStart, buyingPower },
    session: { entriesOfStrategy, ...exposure },
    market: {
      isOpen: step.now >= context.strategyContext.opensAt && step.now < context.strategyContext.closesAt,
      halted: view.halted,
      volume: view.reference.previousVolume ?? view.volume,
      spread: spreadFraction(view),
    },
  });
  // a size that cannot be made is reported in its own words, unless a limit explains it
  if (size.kind === 'rejected' && (verdict.allow || verdict.limit === 'BAD_ENTRY')) {
    return reject(context, at, size.code, size.figures);
  }
  if (!verdict.allow) {
    const mayFree = (waiting > 0 && verdict.limit === 'MAX_TRADES') || slotIsPending(state, at, verdict.limit);
    return mayFree ? undefined : block(context, at, verdict);
  }
  const confirmed = awaitConfirmation(context, at, { quantity, price });
  return confirmed === 'go' ? intendEntry(state, context, at, { quantity, price }) : confirmed;
}

/** Whether an unacknowledged entry holds the slot: if the broker rejects it, this candidate is next (TRD-13). */
function slotIsPending(state: EngineState, { step }: EntryCandidate, limit: GateLimit): boolean {
  if (limit !== 'MAX_TRADES' && limit !== 'MAX_OPEN_POSITIONS') return false;
  for (const { intent, stage, filled } of state.liveOrders.values()) {
    const isRival = limit === 'MAX_OPEN_POSITIONS' || intent.strategy === step.strategy.name;
    if (intent.purpose === 'entry' && isRival && stage !== 'working' && filled.isZero()) return true;
  }
  return false;
}

function firstStop(context: TradingContext, { step, traded }: TradedCandidate, price: Decimal): Decimal {
  return trailingStop({
    side: traded.side,
    entryPrice: price,
    bestPrice: price,
    trailFraction: trailOf(step.strategy, context.settings, traded.symbol),
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
  at: EntryCandidate,
  verdict: Exclude<ReturnType<typeof riskGate>, { allow: true }>,
): Action {
  const { step, candidate, reported } = at;
  return record(STREAMS.strategy(step.strategy.name, context.date), {
    type: 'TradeBlocked',
    data: {
      strategy: step.strategy.name,
      symbol: candidate.symbol,
      signalId: reported.data.signalId,
      positionId: null,
      purpose: 'entry',
      limit: verdict.limit,
      figures: verdict.figures,
    },
    correlationId: reported.data.signalId,
    causationId: reported.eventId,
  });
}
