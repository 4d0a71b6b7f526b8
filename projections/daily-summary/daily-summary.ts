import type { RecordedEvent } from '../../src/events/event.js';
import type { HomePaths } from '../../src/domain/home/home-paths.js';
import { parseDateText, parseUtcText, type DateText } from '../../src/kernel/time.js';
import {
  bookHandlers,
  bookStateCodec,
  foldBook,
  newBook,
  type BooksOptions,
  type HandlersBesideBooks,
} from '../kit/book-fold.js';
import { allLots } from '../../src/domain/accounting/lots.js';
import { beginDay, convertPrices, noteMarks } from '../kit/day-value.js';
import { marketQuality } from '../kit/market-quality.js';
import { ignore, projection, type Emit, type Handlers, type Projection } from '../kit/projection.js';
import { own } from '../kit/records.js';
import { count, newDay, type Day, type StrategyCounts, type SummaryState } from './day-state.js';
import { summaryOf } from './summary.js';

/** A summary for the file of its date and for the latest. */
interface Summary {
  readonly date: DateText;
  readonly text: string;
}

type SummaryContexts =
  'lifecycle' | 'strategy' | 'orders' | 'positions' | 'risk' | 'accounting' | 'float' | 'reporting';
type SummaryHandlers<C extends SummaryContexts> = HandlersBesideBooks<C, SummaryState, Summary>;

/** Runs `note` on the current day; events outside a session are ignored. */
function noted<E extends RecordedEvent>(note: (day: Day, event: E) => void) {
  return (state: SummaryState, event: E): SummaryState => {
    if (state.day !== null) note(state.day, event);
    return state;
  };
}

const booked = bookHandlers<SummaryState, Summary>((state, event) => {
  if (event.type === 'OrderFilled' && state.day !== null) noteFill(state.day, event);
  if (event.type === 'SharesConverted' && state.day !== null) convertPrices(state.day.value, event.data);
  return foldBook(state, event);
});

function write(state: SummaryState, emit: Emit<Summary>): SummaryState {
  const { day, book } = state;
  if (day !== null) emit({ date: day.date, text: `${JSON.stringify(summaryOf(day, book), null, 2)}\n` });
  return state;
}

function strategyOf(day: Day, strategy: string): StrategyCounts {
  const known = own(day.strategies, strategy);
  if (known !== undefined) return known;
  const made = { candidates: 0, signals: 0, blocked: 0, entries: 0, failed: null };
  day.strategies[strategy] = made;
  return made;
}

const between = (from: string, to: string): number => Math.max(0, parseUtcText(to) - parseUtcText(from));

const lifecycle: SummaryHandlers<'lifecycle'> = {
  SessionOpened: (state, event) => {
    return { ...state, day: newDay(event.data, beginDay(state.book), allLots(state.book.lots).length > 0) };
  },
  SessionClosed: (state, event, emit) => {
    if (state.day !== null) state.day.closed = event.data;
    return write(state, emit);
  },
  ErrorRecorded: noted((day, event: RecordedEvent<'ErrorRecorded'>) => count(day.errors, event.data.errorCode)),
  ProcessCrashed: noted((day) => count(day.errors, 'PROCESS_CRASHED')),
  BotStateChanged: ignore,
  PhaseEnded: ignore,
  PhaseStarted: ignore,
  SelfCheckCompleted: ignore,
};

const strategy: SummaryHandlers<'strategy'> = {
  StrategyStarted: noted((day, event: RecordedEvent<'StrategyStarted'>) => {
    strategyOf(day, event.data.strategy);
  }),
  CandidatesRanked: noted((day, event: RecordedEvent<'CandidatesRanked'>) => {
    strategyOf(day, event.data.strategy).candidates = event.data.candidates.length;
    for (const { code } of event.data.screenedOut) count(day.refusedCandidates, code);
  }),
  SignalTriggered: noted((day, event: RecordedEvent<'SignalTriggered'>) => {
    strategyOf(day, event.data.strategy).signals += 1;
    day.signals[event.data.signalId] = event.occurredAt;
  }),
  EnhancementBlocked: noted((day, event: RecordedEvent<'EnhancementBlocked'>) => {
    strategyOf(day, event.data.strategy).blocked += 1;
    count(day.blocksByFilter, event.data.filter);
  }),
  CandidateRejected: noted((day, event: RecordedEvent<'CandidateRejected'>) => {
    count(day.refusedCandidates, event.data.code);
  }),
  StrategyFailed: noted((day, event: RecordedEvent<'StrategyFailed'>) => {
    strategyOf(day, event.data.strategy).failed = event.data.code;
  }),
  FilterUndecided: ignore,
  StrategyEnded: ignore,
  EntryConfirmationRequested: ignore,
  EntryConfirmationDecided: ignore,
  StrategySkipped: ignore,
};

const orders: SummaryHandlers<'orders'> = {
  OrderIntended: noted((day, event: RecordedEvent<'OrderIntended'>) => {
    const { clientOrderId, purpose, signalId } = event.data;
    const signalAt = purpose === 'entry' ? (own(day.signals, signalId) ?? null) : null;
    const times = { submittedAt: null, acknowledgedAt: null, filled: false };
    day.orders[clientOrderId] = { intendedAt: event.occurredAt, signalAt, ...times };
    day.orderCounts.intended += 1;
    if (purpose === 'entry') strategyOf(day, event.data.strategy).entries += 1;
    if (signalAt !== null) day.latencies.signal_to_intent.push(between(signalAt, event.occurredAt));
  }),
  OrderSubmitted: noted((day, event: RecordedEvent<'OrderSubmitted'>) => {
    const order = own(day.orders, event.data.clientOrderId);
    if (order?.submittedAt !== null) return;
    order.submittedAt = event.occurredAt;
    day.latencies.intent_to_submit.push(between(order.intendedAt, event.occurredAt));
  }),
  OrderAcknowledged: noted((day, event: RecordedEvent<'OrderAcknowledged'>) => {
    const order = own(day.orders, event.data.clientOrderId);
    if (order?.acknowledgedAt !== null) return;
    order.acknowledgedAt = event.occurredAt;
    if (order.submittedAt !== null) day.latencies.submit_to_ack.push(between(order.submittedAt, event.occurredAt));
  }),
  OrderReloaded: ignore,
  OrderRejected: noted((day, event: RecordedEvent<'OrderRejected'>) => count(day.refusedOrders, event.data.code)),
  OrderCancelled: noted((day) => {
    day.orderCounts.cancelled += 1;
  }),
  OrderExpired: noted((day) => {
    day.orderCounts.expired += 1;
  }),
  OrderUnresolved: noted((day) => {
    day.orderCounts.unresolved += 1;
  }),
  OrderCancelRequested: ignore,
  OrderResolved: ignore,
  TrailingStopMoved: ignore,
};

function noteFill(day: Day, event: RecordedEvent<'OrderFilled'>): void {
  day.orderCounts.fills += 1;
  const order = own(day.orders, event.data.clientOrderId);
  if (order === undefined || order.filled) return;
  order.filled = true;
  day.orderCounts.filled += 1;
  const { filledAt } = event.data;
  if (order.acknowledgedAt !== null) day.latencies.ack_to_first_fill.push(between(order.acknowledgedAt, filledAt));
  if (order.signalAt !== null) day.latencies.signal_to_first_fill.push(between(order.signalAt, filledAt));
}

const positions: SummaryHandlers<'positions'> = {
  PositionClosed: noted((day, event: RecordedEvent<'PositionClosed'>) => {
    const { strategy: name, symbol, grossPnl, fees, netPnl, slippage, entryAt, exitAt, exitReason } = event.data;
    const holdingMs = between(entryAt, exitAt);
    day.trades.push({ strategy: name, symbol, grossPnl, fees, netPnl, slippage, holdingMs, exitReason });
  }),
  PositionMismatchDetected: risky(
    (event: RecordedEvent<'PositionMismatchDetected'>) => `POSITION_MISMATCH ${event.data.symbol}`,
  ),
  PositionsMarked: noted((day, event: RecordedEvent<'PositionsMarked'>) => noteMarks(day.value, event)),
  ExchangePositionObserved: ignore,
  PositionMismatchResolved: ignore,
  PositionOpened: ignore,
};

/** A line of `risk_triggers`. */
function risky<E extends RecordedEvent>(codeOf: (event: E) => string) {
  return noted((day, event: E) => {
    day.riskTriggers.push({ at: event.occurredAt, event: event.type, code: codeOf(event) });
  });
}

const risk: SummaryHandlers<'risk'> = {
  TradeBlocked: noted((day, event: RecordedEvent<'TradeBlocked'>) => count(day.blocksByGate, event.data.limit)),
  RiskLimitBreached: risky((event: RecordedEvent<'RiskLimitBreached'>) => event.data.limit),
  KillSwitchTripped: risky((event: RecordedEvent<'KillSwitchTripped'>) => event.data.code),
  DefenseModeEntered: risky(() => 'DEFENSE_MODE'),
  BrokerSuspended: risky((event: RecordedEvent<'BrokerSuspended'>) => event.data.code),
  MarketDataLost: risky(() => 'MARKET_DATA_LOST'),
  BotCopyFound: risky(() => 'BOT_COPY'),
  BotCopyAcknowledged: ignore,
  ClockFaultDetected: risky(() => 'CLOCK_FAULT'),
  ClockFaultCleared: ignore,
  KillSwitchReset: ignore,
  DefenseModeReset: ignore,
  BrokerResumed: ignore,
  MarketDataRestored: ignore,
};

const accounting: SummaryHandlers<'accounting'> = {
  ReconciliationCompleted: noted((day, event: RecordedEvent<'ReconciliationCompleted'>) => {
    day.reconciliation = { ok: event.data.ok, mismatches: event.data.mismatches };
  }),
  ReconciliationMismatchFound: risky((event: RecordedEvent<'ReconciliationMismatchFound'>) => {
    return `RECONCILIATION ${event.data.symbol ?? event.data.subject}`;
  }),
  BooksMismatchFound: risky(
    (event: RecordedEvent<'BooksMismatchFound'>) =>
      `BOOKS_DIFFER ${event.data.symbol ?? event.data.brokerSymbol ?? event.data.subject}`,
  ),
  BooksCompared: ignore,
  BooksMismatchResolved: ignore,
  ActivityUnmapped: ignore,
  BrokerFactRefused: ignore,
  ForeignOrderSeen: ignore,
};

const float: SummaryHandlers<'float'> = {
  FloatDeviationDetected: risky(() => 'FLOAT_DEVIATION'),
  FloatSnapshotTaken: ignore,
};

const reporting: SummaryHandlers<'reporting'> = {
  DailySummaryCompiled: (state, event, emit) => {
    if (state.day !== null) state.day.compiled = event.data;
    return write(state, emit);
  },
  BackupCompleted: ignore,
  BackupFailed: ignore,
  BookTaskEnded: ignore,
  BookTaskStarted: ignore,
  BooksExported: ignore,
  MarketDataRecorded: noted((day, event: RecordedEvent<'MarketDataRecorded'>) => {
    day.marketData = marketQuality(event.data);
  }),
  OfxExported: ignore,
  JournalMoved: ignore,
  JournalRestored: ignore,
  JournalSealed: ignore,
  SealAnchorFailed: ignore,
  SealsAnchored: ignore,
  ProjectionsChecked: ignore,
};

const HANDLERS: Handlers<SummaryContexts, SummaryState, Summary> = {
  ...booked,
  ...lifecycle,
  ...strategy,
  ...orders,
  ...positions,
  ...risk,
  ...accounting,
  ...float,
  ...reporting,
};

/** One summary a session, under its date and as the latest (OUT-1, OUT-4), with the ledger's figures. */
export function dailySummaryProjection(paths: HomePaths, books: BooksOptions): Projection {
  const anyDay = parseDateText('2000-01-01');
  const claims = [paths.output.dailySummary, paths.dailySummaryOf(anyDay).replace(anyDay, '*')];
  return projection<SummaryContexts, SummaryState, Summary>({
    name: 'daily-summary',
    version: 7,
    contexts: ['lifecycle', 'strategy', 'orders', 'positions', 'risk', 'accounting', 'float', 'reporting'],
    initial: () => ({ book: newBook(books), day: null }),
    codec: bookStateCodec<SummaryState>(),
    handlers: HANDLERS,
    files: {
      claims,
      filesOf: ({ date, text }) => [
        { path: paths.dailySummaryOf(date), text },
        { path: paths.output.dailySummary, text },
      ],
    },
  });
}
