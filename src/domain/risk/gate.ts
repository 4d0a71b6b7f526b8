import type { Figures, StrategyName, TickerSymbol } from '../../events/names.js';
import type { Decimal } from '../../kernel/decimal.js';
import { moneyText } from '../../kernel/money.js';
import { allowsEntries, type BotState } from '../lifecycle/bot-state.js';
import { sessionCap, weightSlice } from './capital.js';
import type { RiskLimits } from './defense.js';

/** An order that opens a position. */
export interface EntryOrder {
  readonly purpose: 'entry';
  readonly strategy: StrategyName;
  readonly symbol: TickerSymbol;
  /** Dollars invested at the reference price, long or short. */
  readonly cost: Decimal;
  /** Reference price in dollars. */
  readonly price: Decimal;
  /** Loss in dollars when its initial stop fills at the stop price. */
  readonly lossAtStop: Decimal;
}

/** An order that reduces risk. */
export interface ExitOrder {
  readonly purpose: 'exit';
  readonly strategy: StrategyName;
  readonly symbol: TickerSymbol;
}

/** Input of the gate (TRD-40), money in dollars. */
export interface GateInput {
  readonly order: EntryOrder | ExitOrder;
  readonly limits: RiskLimits;
  readonly bot: { readonly state: BotState; readonly killSwitchTripped: boolean };
  readonly account: { readonly floatAtStart: Decimal; readonly buyingPower: Decimal };
  readonly session: {
    /** Filled and working entries of this strategy in this session, without those that ended unfilled. */
    readonly entriesOfStrategy: number;
    /** Open positions and entries in progress, all strategies. */
    readonly openPositions: number;
    /** Cost of these positions and of working entries. */
    readonly capitalAtWork: Decimal;
    /** Symbols of these positions. */
    readonly symbolsAtWork: ReadonlySet<TickerSymbol>;
  };
  readonly market: {
    /** Whether the exchange is in its regular session. */
    readonly isOpen: boolean;
    /** Whether trading in the symbol is halted. */
    readonly halted: boolean;
    /** Volume in shares of the previous session; when unknown, of this session so far. */
    readonly volume: number;
    /** Ask minus bid as a fraction of the mid price; undefined, and not checked, when the feed has no quotes. */
    readonly spread: Decimal | undefined;
  };
}

export type GateLimit =
  | 'DISABLE_ALL_TRADES'
  | 'MARKET_CLOSED'
  | 'SYMBOL_HALTED'
  | 'STATE_FORBIDS_ENTRY'
  | 'KILL_SWITCH'
  | 'MAX_TRADES'
  | 'MAX_OPEN_POSITIONS'
  | 'DUPLICATE_TICKER'
  | 'PRICE_BELOW_MIN'
  | 'PRICE_ABOVE_MAX'
  | 'VOLUME_BELOW_MIN'
  | 'SPREAD_TOO_WIDE'
  | 'BAD_ENTRY'
  | 'WEIGHT_SLICE'
  | 'SESSION_CAP'
  | 'MAX_RISK_PER_TRADE'
  | 'BUYING_POWER';

export type GateVerdict =
  { readonly allow: true } | { readonly allow: false; readonly limit: GateLimit; readonly figures: Figures };

type EntryInput = GateInput & { readonly order: EntryOrder };
interface Check<I> {
  readonly limit: GateLimit;
  /** The figures of a breach; undefined when the order is within the limit. */
  readonly breach: (input: I) => Figures | undefined;
}

const over = (asked: Decimal, limit: Decimal, more: Figures = {}): Figures | undefined =>
  asked.gt(limit) ? { asked: asked.shortText(2), limit: limit.shortText(2), ...more } : undefined;
const full = (used: number, limit: number): Figures | undefined =>
  used >= limit ? { used: String(used), limit: String(limit) } : undefined;

function weightBreach({ order, limits, account, session }: EntryInput): Figures | undefined {
  const cap = sessionCap(account.floatAtStart, limits);
  const slice = weightSlice(cap, limits, session.entriesOfStrategy);
  return over(order.cost, slice, { entry: String(session.entriesOfStrategy + 1), sessionCap: cap.text() });
}

function capBreach({ order, limits, account, session }: EntryInput): Figures | undefined {
  const cap = sessionCap(account.floatAtStart, limits);
  if (session.capitalAtWork.plus(order.cost).lte(cap)) return undefined;
  return { asked: order.cost.shortText(2), used: session.capitalAtWork.shortText(2), limit: cap.text() };
}

function riskBreach({ order, limits, account }: EntryInput): Figures | undefined {
  const most = account.floatAtStart.times(limits.maxRiskPerTrade);
  if (order.lossAtStop.lte(most)) return undefined;
  return { lossAtStop: order.lossAtStop.shortText(2), limit: most.shortText(2) };
}

/** Checks of every order, exits included: the state of the exchange. */
const CHECKS_OF_ALL: readonly Check<GateInput>[] = [
  { limit: 'MARKET_CLOSED', breach: ({ market }) => (market.isOpen ? undefined : {}) },
  { limit: 'SYMBOL_HALTED', breach: ({ market, order }) => (market.halted ? { symbol: order.symbol } : undefined) },
];

/** Checks of entries, in this order; the first breach is the reason: bans, the exchange, counts, the symbol, money. */
const CHECKS_OF_ENTRIES: readonly Check<EntryInput>[] = [
  { limit: 'DISABLE_ALL_TRADES', breach: ({ limits }) => (limits.disableAllTrades ? {} : undefined) },
  ...CHECKS_OF_ALL,
  {
    limit: 'STATE_FORBIDS_ENTRY',
    breach: ({ bot }) => (allowsEntries(bot.state) ? undefined : { state: bot.state }),
  },
  { limit: 'KILL_SWITCH', breach: ({ bot }) => (bot.killSwitchTripped ? {} : undefined) },
  { limit: 'MAX_TRADES', breach: ({ session, limits }) => full(session.entriesOfStrategy, limits.maxTrades) },
  {
    limit: 'MAX_OPEN_POSITIONS',
    breach: ({ session, limits }) => full(session.openPositions, limits.maxOpenPositions),
  },
  {
    limit: 'DUPLICATE_TICKER',
    breach: ({ session, order }) => (session.symbolsAtWork.has(order.symbol) ? { symbol: order.symbol } : undefined),
  },
  {
    limit: 'PRICE_BELOW_MIN',
    breach: ({ order, limits }) =>
      order.price.lt(limits.minPrice)
        ? { price: order.price.shortText(2), limit: limits.minPrice.shortText(2) }
        : undefined,
  },
  {
    limit: 'PRICE_ABOVE_MAX',
    breach: ({ order, limits }) =>
      order.price.gt(limits.maxPrice)
        ? { price: order.price.shortText(2), limit: limits.maxPrice.shortText(2) }
        : undefined,
  },
  {
    limit: 'VOLUME_BELOW_MIN',
    breach: ({ market, limits }) =>
      market.volume < limits.minVolume ? { volume: String(market.volume), limit: String(limits.minVolume) } : undefined,
  },
  {
    limit: 'SPREAD_TOO_WIDE',
    breach: ({ market, limits }) =>
      market.spread?.gt(limits.maxSpread) === true
        ? { spread: market.spread.rounded(6, 'up').text(), limit: limits.maxSpread.shortText() }
        : undefined,
  },
  {
    limit: 'BAD_ENTRY',
    breach: ({ order }) =>
      order.cost.sign() > 0 && order.lossAtStop.sign() >= 0
        ? undefined
        : { asked: moneyText(order.cost), lossAtStop: moneyText(order.lossAtStop) },
  },
  { limit: 'WEIGHT_SLICE', breach: weightBreach },
  { limit: 'SESSION_CAP', breach: capBreach },
  { limit: 'MAX_RISK_PER_TRADE', breach: riskBreach },
  { limit: 'BUYING_POWER', breach: ({ order, account }) => over(order.cost, account.buyingPower) },
];

function firstBreach<I>(checks: readonly Check<I>[], input: I): GateVerdict {
  for (const { limit, breach } of checks) {
    const figures = breach(input);
    if (figures !== undefined) return { allow: false, limit, figures };
  }
  return { allow: true };
}

/**
 * The gate that every order passes (TRD-40). Only the exchange (closed, halted) blocks an exit. Defense mode applies
 * through `limits` (see `riskLimits`).
 */
export function riskGate(input: GateInput): GateVerdict {
  if (input.order.purpose === 'exit') return firstBreach(CHECKS_OF_ALL, input);
  return firstBreach(CHECKS_OF_ENTRIES, { ...input, order: input.order });
}

/** The order of the checks, for documents and tests. */
export const GATE_LIMITS: readonly GateLimit[] = CHECKS_OF_ENTRIES.map(({ limit }) => limit);
