import type { AccountingBook } from '../../src/domain/accounting/book.js';
import type { EventData } from '../../src/events/event.js';
import type { DateText } from '../../src/kernel/time.js';
import type { DayValue } from '../kit/day-value.js';
import type { MarketQuality } from '../kit/market-quality.js';

/** Milliseconds between two steps of the orders of a day. */
export interface Latencies {
  readonly signal_to_intent: number[];
  readonly intent_to_submit: number[];
  readonly submit_to_ack: number[];
  readonly ack_to_first_fill: number[];
  readonly signal_to_first_fill: number[];
}

export interface OrderTimes {
  readonly intendedAt: string;
  readonly signalAt: string | null;
  submittedAt: string | null;
  acknowledgedAt: string | null;
  filled: boolean;
}

/** The figures of a closed position for the averages, money as text. */
export interface TradeFact {
  readonly strategy: string;
  readonly symbol: string;
  readonly grossPnl: string;
  readonly fees: string;
  readonly netPnl: string;
  readonly slippage: string;
  readonly holdingMs: number;
  readonly exitReason: string;
}

export interface StrategyCounts {
  candidates: number;
  signals: number;
  blocked: number;
  entries: number;
  failed: string | null;
}

export type Counter = Record<string, number>;

/** Everything that the summary reports about one day. */
export interface Day {
  readonly date: DateText;
  readonly broker: string;
  readonly versionTag: string;
  readonly openingEquity: string;
  readonly floatAtStart: string;
  readonly value: DayValue;
  /** Shares were held when the session opened: their results and fees are not of this day alone. */
  readonly heldAtOpen: boolean;
  readonly strategies: Record<string, StrategyCounts>;
  readonly signals: Record<string, string>;
  readonly orders: Record<string, OrderTimes>;
  readonly latencies: Latencies;
  readonly trades: TradeFact[];
  readonly blocksByFilter: Counter;
  readonly blocksByGate: Counter;
  readonly refusedCandidates: Counter;
  readonly refusedOrders: Counter;
  readonly orderCounts: {
    intended: number;
    filled: number;
    cancelled: number;
    expired: number;
    unresolved: number;
    fills: number;
  };
  readonly riskTriggers: { at: string; event: string; code: string }[];
  readonly errors: Counter;
  reconciliation: { ok: boolean; mismatches: number } | null;
  marketData: MarketQuality | null;
  compiled: EventData<'DailySummaryCompiled'> | null;
  closed: EventData<'SessionClosed'> | null;
}

/** The books continue from day to day; the day is reset. */
export interface SummaryState {
  readonly book: AccountingBook;
  readonly day: Day | null;
}

/** The day of a session that has opened. */
export function newDay(opened: EventData<'SessionOpened'>, value: DayValue, heldAtOpen: boolean): Day {
  const { date, broker, versionTag, openingEquity, floatAtStart } = opened;
  return {
    date,
    broker,
    versionTag,
    openingEquity,
    floatAtStart,
    value,
    heldAtOpen,
    strategies: {},
    signals: {},
    orders: {},
    latencies: {
      signal_to_intent: [],
      intent_to_submit: [],
      submit_to_ack: [],
      ack_to_first_fill: [],
      signal_to_first_fill: [],
    },
    trades: [],
    blocksByFilter: {},
    blocksByGate: {},
    refusedCandidates: {},
    refusedOrders: {},
    orderCounts: { intended: 0, filled: 0, cancelled: 0, expired: 0, unresolved: 0, fills: 0 },
    riskTriggers: [],
    errors: {},
    reconciliation: null,
    marketData: null,
    compiled: null,
    closed: null,
  };
}

export function count(counter: Counter, key: string): void {
  counter[key] = (Object.hasOwn(counter, key) ? (counter[key] ?? 0) : 0) + 1;
}
