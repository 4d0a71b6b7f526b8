import { reportedLoss } from '../../src/domain/risk/data-loss.js';
import { botCopyText } from '../../src/domain/risk/bot-copy.js';
import { clockFaultText } from '../../src/domain/risk/clock-fault.js';
import { COMMON_BOT_LOGS, type HomePaths } from '../../src/domain/home/home-paths.js';
import { OTHER_ACCOUNTING } from '../kit/accounting-types.js';
import { ignore, projection, type Emit, type Handlers, type LogLine, type Projection } from '../kit/projection.js';
import { csvHeader, csvLine, figuresText, jsonLine, type LogFormat, type OutputRecord } from '../kit/records.js';
import type { RecordedEvent } from '../../src/events/event.js';
import { ERROR_COLUMNS, FRESH, LOG_COLUMNS, logRecord, signalFields, type LogState } from './log-record.js';
import { conversionHandlers, orderHandlers, positionHandlers } from './order-lines.js';
import { strategyHandlers, strategyLine } from './strategy-lines.js';

/** A record for the log of this name; records of a strategy without a log are dropped. */
export interface LogEntry {
  readonly log: string;
  readonly record: OutputRecord;
}

/** Inputs of the logs in addition to the journal. */
interface LogsOptions {
  /** The names of the registered strategies; each has its own log. */
  readonly strategies: readonly string[];
  /** Default `json`. */
  readonly format?: LogFormat;
}

function columnsOf(log: string): readonly string[] {
  return log === 'error_tracebacks' ? ERROR_COLUMNS : LOG_COLUMNS;
}

/** Writes a line to disaster_mode.log: limits, broker or market data failed. */
function alarm(
  state: LogState,
  event: RecordedEvent,
  emit: Emit<LogEntry>,
  message: string,
  code: string | null,
): LogState {
  const figures = event.type === 'RiskLimitBreached' || event.type === 'KillSwitchTripped' ? event.data.figures : {};
  emit({ log: 'disaster_mode', record: logRecord(event, message, state.broker, { error_code: code, figures }) });
  return state;
}

const riskHandlers: Handlers<'risk', LogState, LogEntry> = {
  TradeBlocked: (state, event, emit) => {
    const { strategy, symbol, signalId, positionId, purpose, limit, figures } = event.data;
    const message = `${symbol} ${purpose} blocked by the risk gate: ${limit} (${figuresText(figures)})`;
    const fields = {
      ...signalFields(state, signalId),
      position_id: positionId,
      ticker: symbol,
      error_code: limit,
      figures,
    };
    emit(strategyLine(state)(event, strategy, message, fields));
    return state;
  },
  RiskLimitBreached: (state, event, emit) => {
    const { limit, figures } = event.data;
    return alarm(state, event, emit, `risk limit breached: ${limit} (${figuresText(figures)})`, limit);
  },
  KillSwitchTripped: (state, event, emit) => {
    const { code, figures } = event.data;
    return alarm(state, event, emit, `kill switch tripped: ${code} (${figuresText(figures)})`, code);
  },
  KillSwitchReset: (state, event, emit) => alarm(state, event, emit, `kill switch reset: ${event.data.reason}`, null),
  DefenseModeEntered: (state, event, emit) => {
    const { reason, tradeLimitPct, totalAllocation } = event.data;
    const limits = `${tradeLimitPct} % of trades, allocation ${totalAllocation} of the float`;
    return alarm(state, event, emit, `defense mode: ${reason}; ${limits}`, 'DEFENSE_MODE');
  },
  BotCopyFound: (state, event, emit) => alarm(state, event, emit, botCopyText(event.data), 'BOT_COPY'),
  BotCopyAcknowledged: (state, event, emit) =>
    alarm(state, event, emit, `another copy acknowledged: ${event.data.reason}`, null),
  ClockFaultDetected: (state, event, emit) => alarm(state, event, emit, clockFaultText(event.data), 'CLOCK_FAULT'),
  ClockFaultCleared: (state, event, emit) =>
    alarm(state, event, emit, `clock fault cleared: ${event.data.reason}`, null),
  DefenseModeReset: (state, event, emit) => alarm(state, event, emit, `defense mode ended: ${event.data.reason}`, null),
  BrokerSuspended: (state, event, emit) => {
    const { code, message } = event.data;
    return alarm(state, event, emit, `broker unavailable, entries suspended: ${message}`, code);
  },
  BrokerResumed: (state, event, emit) => {
    const { fetched, outageSeconds } = event.data;
    return alarm(
      state,
      event,
      emit,
      `broker available again after ${outageSeconds} s, ${fetched} missed records fetched`,
      null,
    );
  },
  MarketDataLost: (state, event, emit) => {
    const { symbols, since } = event.data;
    const text = `no market data for ${symbols.join(', ')} since ${since}${reportedLoss(event.data)}`;
    return alarm(state, event, emit, text, 'MARKET_DATA_LOST');
  },
  MarketDataRestored: (state, event, emit) => {
    const { symbols, gapSeconds } = event.data;
    return alarm(state, event, emit, `market data for ${symbols.join(', ')} restored after ${gapSeconds} s`, null);
  },
};

function logError(state: LogState, event: RecordedEvent<'ErrorRecorded'>, emit: Emit<LogEntry>): LogState {
  const { errorType, errorCode, message, strategy, broker, context, traceback } = event.data;
  const fields = { strategy_name: strategy, error_code: errorCode, figures: context };
  const record = logRecord(event, `${errorCode}: ${message}`, broker ?? state.broker, fields);
  const more = { error_type: errorType, exception_repr: message, context, traceback };
  emit({ log: 'error_tracebacks', record: { ...record, ...more } });
  if (strategy !== null) emit({ log: strategy, record });
  return state;
}

const lifecycleHandlers: Handlers<'lifecycle', LogState, LogEntry> = {
  SessionOpened: ({ held }, event) => ({ ...freshState(), broker: event.data.broker, held }),
  ErrorRecorded: logError,
  ProcessCrashed: (state, event, emit) => {
    const { process, lastEventAt, action, exitCode, signal } = event.data;
    // main records the exit itself; the next process records a session that it finds open
    const how =
      exitCode === undefined
        ? 'ended without closing its session'
        : `died (${signal ?? `exit code ${exitCode ?? ''}`})`;
    const message = `${process} ${how}, last event ${lastEventAt}: ${action}`;
    const record = logRecord(event, message, state.broker, { error_code: 'PROCESS_CRASHED' });
    const more = { error_type: 'ProcessCrashed', exception_repr: message, context: {}, traceback: null };
    emit({ log: 'error_tracebacks', record: { ...record, ...more } });
    return state;
  },
  BotStateChanged: (state, event, emit) => {
    const { to, reason } = event.data;
    if (to !== 'emergency_closing_positions' && to !== 'error') return state;
    return alarm(state, event, emit, `bot state is ${to}: ${reason}`, to.toUpperCase());
  },
  SessionClosed: ignore,
  SelfCheckCompleted: ignore,
  PhaseStarted: ignore,
  PhaseEnded: ignore,
};

function freshState(): LogState {
  return { ...FRESH, signals: {}, orders: {}, positions: {}, held: {} };
}

type LogContexts = 'lifecycle' | 'strategy' | 'orders' | 'positions' | 'risk' | 'accounting';

const HANDLERS = {
  ...lifecycleHandlers,
  ...strategyHandlers,
  ...orderHandlers,
  ...positionHandlers,
  ...riskHandlers,
  ...OTHER_ACCOUNTING,
  ...conversionHandlers,
  ExchangePositionObserved: ignore,
  PositionsMarked: ignore,
  PositionMismatchDetected: (state, event, emit) => {
    const { symbol, journalQuantity, brokerQuantity } = event.data;
    const message = `position mismatch in ${symbol}: broker ${brokerQuantity}, journal ${journalQuantity}`;
    return alarm(state, event, emit, message, 'POSITION_MISMATCH');
  },
  PositionMismatchResolved: (state, event, emit) => {
    const { symbol, quantity, how } = event.data;
    return alarm(state, event, emit, `position mismatch in ${symbol} resolved at ${quantity}: ${how}`, null);
  },
} satisfies Handlers<LogContexts, LogState, LogEntry>;

/** The bot's logs (OUT-2, OUT-3): each line follows from one event, in the order of the journal. */
export function logsProjection(paths: HomePaths, { strategies, format = 'json' }: LogsOptions): Projection {
  const logs = [...strategies, ...COMMON_BOT_LOGS];
  const known = new Set<string>(logs);
  const lines = ({ log, record }: LogEntry): readonly LogLine[] => {
    if (!known.has(log)) return [];
    const text = format === 'json' ? jsonLine(record) : csvLine(columnsOf(log), record);
    return [{ path: paths.log(log), text }];
  };
  return projection<LogContexts, LogState, LogEntry>({
    name: 'logs',
    // Each format has its own version: a change of format rebuilds the logs, so no file mixes two formats.
    version: format === 'json' ? 8 : 9,
    contexts: ['lifecycle', 'strategy', 'orders', 'positions', 'risk', 'accounting'],
    initial: freshState,
    handlers: HANDLERS,
    logs: {
      files: logs.map((log) => ({
        path: paths.log(log),
        framing: 'lines',
        header: format === 'csv' ? csvHeader(columnsOf(log)) : null,
      })),
      lines,
    },
  });
}
