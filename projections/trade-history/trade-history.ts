import type { HomePaths } from '../../src/domain/home/home-paths.js';
import { parseUtcText, SECOND_MS } from '../../src/kernel/time.js';
import { Decimal } from '../../src/kernel/decimal.js';
import type { RecordedEvent } from '../../src/events/event.js';
import { conversionNote } from '../../src/domain/accounting/posting/notes.js';
import { OTHER_ACCOUNTING } from '../kit/accounting-types.js';
import { ignore, projection, type Handlers, type Projection } from '../kit/projection.js';
import { csvHeader, csvLine, jsonLine, own, type OutputRecord } from '../kit/records.js';

/** What a closed trade needs from its earlier events; all but the conversions is reset at each session. */
interface TradeState {
  readonly broker: string | null;
  readonly signals: Record<string, { readonly price: string; readonly rule: string }>;
  readonly entries: Record<string, { readonly signalId: string | null; readonly poolRank: number | null }>;
  /** Client order id to position, and the last refusal of an order of a position. */
  readonly orders: Record<string, string>;
  readonly refusals: Record<string, string>;
  /** Splits and changes of symbol of each open position that had some. */
  readonly conversions: Record<string, readonly string[]>;
}

/**
 * One closed position. Fields have the names of OUT-3; `PnL` is net of commissions and fees, to the cent as in the
 * ledger. `timestamp` is the time when the position was flat.
 */
export const TRADE_COLUMNS = [
  'timestamp',
  'session_date',
  'strategy_name',
  'signal_trigger_time',
  'entry_timestamp',
  'exit_timestamp',
  'trade_side',
  'ticker',
  'size',
  'signal_price',
  'entry_price',
  'exit_price',
  'gross_pnl',
  'fees',
  'PnL',
  'slippage',
  'currency',
  'holding_seconds',
  'broker',
  'exit_reason',
  'error_code',
  'rule',
  'pool_rank',
  'signal_id',
  'position_id',
  'journal_position',
  'share_conversions',
] as const;

type TradeContexts = 'lifecycle' | 'strategy' | 'orders' | 'positions' | 'accounting';

const fresh = (broker: string | null, conversions: TradeState['conversions']): TradeState => ({
  ...{ broker, signals: {}, entries: {}, orders: {}, refusals: {} },
  conversions,
});

/** Whole milliseconds as seconds, exact. */
function holdingSeconds(from: string, to: string): string {
  const ms = Math.max(0, parseUtcText(to) - parseUtcText(from));
  return Decimal.of(ms).divide(Decimal.of(SECOND_MS), { scale: 3, round: 'down' }).text();
}

function tradeRecord(state: TradeState, event: RecordedEvent<'PositionClosed'>): OutputRecord {
  const { data } = event;
  const entry = own(state.entries, data.positionId);
  const signal = own(state.signals, entry?.signalId ?? null);
  const record: Record<(typeof TRADE_COLUMNS)[number], string | number | null> = {
    timestamp: event.occurredAt,
    session_date: event.meta.sessionDate,
    strategy_name: data.strategy,
    signal_trigger_time: data.signalAt,
    entry_timestamp: data.entryAt,
    exit_timestamp: data.exitAt,
    trade_side: data.side,
    ticker: data.symbol,
    size: data.quantity,
    signal_price: signal?.price ?? null,
    entry_price: data.entryPrice,
    exit_price: data.exitPrice,
    gross_pnl: data.grossPnl,
    fees: data.fees,
    PnL: data.netPnl,
    slippage: data.slippage,
    currency: 'USD',
    holding_seconds: holdingSeconds(data.entryAt, data.exitAt),
    broker: state.broker,
    exit_reason: data.exitReason,
    error_code: own(state.refusals, data.positionId) ?? null,
    rule: signal?.rule ?? null,
    pool_rank: entry?.poolRank ?? null,
    signal_id: entry?.signalId ?? null,
    position_id: data.positionId,
    journal_position: event.position,
    share_conversions: own(state.conversions, data.positionId)?.join('; ') ?? null,
  };
  return record;
}

const HANDLERS: Handlers<TradeContexts, TradeState, OutputRecord> = {
  SessionOpened: ({ conversions }, event) => fresh(event.data.broker, conversions),
  SignalTriggered: (state, event) => {
    state.signals[event.data.signalId] = { price: event.data.price, rule: event.data.rule };
    return state;
  },
  OrderIntended: (state, event) => {
    const { clientOrderId, positionId, purpose, signalId, poolRank } = event.data;
    state.orders[clientOrderId] = positionId;
    if (purpose === 'entry') state.entries[positionId] = { signalId, poolRank };
    return state;
  },
  OrderReloaded: (state, event) => {
    const { positionId, purpose, signalId, poolRank } = event.data.intent;
    state.orders[event.data.clientOrderId] = positionId;
    if (purpose === 'entry') state.entries[positionId] = { signalId, poolRank };
    return state;
  },
  OrderRejected: (state, event) => {
    const positionId = own(state.orders, event.data.clientOrderId);
    if (positionId !== undefined) state.refusals[positionId] = event.data.code;
    return state;
  },
  PositionClosed: (state, event, emit) => {
    emit(tradeRecord(state, event));
    Reflect.deleteProperty(state.conversions, event.data.positionId);
    return state;
  },
  SharesConverted: (state, { data }) => {
    for (const { positionId, sharesBefore, sharesAfter } of data.positions) {
      const note = `${data.happenedAt}: ${conversionNote({ ...data, sharesBefore, sharesAfter })}`;
      state.conversions[positionId] = [...(own(state.conversions, positionId) ?? []), note];
    }
    return state;
  },
  BotStateChanged: ignore,
  ErrorRecorded: ignore,
  PhaseEnded: ignore,
  PhaseStarted: ignore,
  ProcessCrashed: ignore,
  SelfCheckCompleted: ignore,
  SessionClosed: ignore,
  CandidateRejected: ignore,
  CandidatesRanked: ignore,
  EnhancementBlocked: ignore,
  FilterUndecided: ignore,
  StrategyEnded: ignore,
  StrategyFailed: ignore,
  StrategySkipped: ignore,
  StrategyStarted: ignore,
  OrderAcknowledged: ignore,
  OrderCancelRequested: ignore,
  OrderCancelled: ignore,
  OrderExpired: ignore,
  OrderFillBusted: ignore,
  OrderFillCorrected: ignore,
  OrderFilled: ignore,
  OrderResolved: ignore,
  OrderSubmitted: ignore,
  OrderUnresolved: ignore,
  TrailingStopMoved: ignore,
  ExchangePositionObserved: ignore,
  PositionMismatchDetected: ignore,
  PositionMismatchResolved: ignore,
  PositionOpened: ignore,
  EntryConfirmationRequested: ignore,
  EntryConfirmationDecided: ignore,
  PositionsMarked: ignore,
  ...OTHER_ACCOUNTING,
};

/** Every closed position once, as CSV and as a JSON array that is always valid (OUT-1). */
export function tradeHistoryProjection(paths: HomePaths): Projection {
  const { tradeHistoryCsv, tradeHistoryJson } = paths.output;
  return projection<TradeContexts, TradeState, OutputRecord>({
    name: 'trade-history',
    version: 2,
    contexts: ['lifecycle', 'strategy', 'orders', 'positions', 'accounting'],
    initial: () => fresh(null, {}),
    handlers: HANDLERS,
    logs: {
      files: [
        { path: tradeHistoryCsv, framing: 'lines', header: csvHeader(TRADE_COLUMNS) },
        { path: tradeHistoryJson, framing: 'json-array', header: null },
      ],
      lines: (record) => [
        { path: tradeHistoryCsv, text: csvLine(TRADE_COLUMNS, record) },
        { path: tradeHistoryJson, text: jsonLine(record) },
      ],
    },
  });
}
