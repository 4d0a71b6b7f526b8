import type { EventContext, RecordedEvent } from '../../src/events/event.js';
import type { Emit, Handlers } from '../kit/projection.js';
import { figuresText } from '../kit/records.js';
import { logRecord, signalFields, type LogFields, type LogState } from './log-record.js';
import type { LogEntry } from './logs.js';

type Line = (event: RecordedEvent, strategy: string, message: string, fields: LogFields) => LogEntry;

/** A line in the log of a strategy. */
export function strategyLine(state: LogState): Line {
  return (event, strategy, message, fields) => ({
    log: strategy,
    record: logRecord(event, message, state.broker, { strategy_name: strategy, ...fields }),
  });
}

const hour = (utc: string): string => `${utc.slice(11, 19)}Z`;

function reasonText(code: string, figures: Readonly<Record<string, string>>): string {
  const text = figuresText(figures);
  return text === '' ? code : `${code} (${text})`;
}

type StrategyHandlers = Handlers<Extract<EventContext, 'strategy'>, LogState, LogEntry>;

/** One line a step: window, ranking, selected and excluded symbols, signals, blocks and refusals. */
export const strategyHandlers: StrategyHandlers = {
  StrategyStarted: (state, event, emit) => {
    const { strategy, analysisFrom, breakoutFrom, monitoringFrom, endsAt, shortType } = event.data;
    const window = `analysis from ${hour(analysisFrom)}, entries ${hour(breakoutFrom)} to ${hour(monitoringFrom)}, flat by ${hour(endsAt)}`;
    const figures = { analysisFrom, breakoutFrom, monitoringFrom, endsAt, shortType };
    emit(strategyLine(state)(event, strategy, `window started: ${window}; shorts: ${shortType}`, { figures }));
    return state;
  },
  CandidatesRanked: (state, event, emit) => {
    logRanking(state, event, emit);
    return state;
  },
  SignalTriggered: (state, event, emit) => {
    const { signalId, strategy, symbol, side, rule, price, poolRank, figures } = event.data;
    state.signals[signalId] = { at: event.occurredAt, side };
    const message = `${side} signal for ${symbol} at ${price}, rank ${poolRank}: ${reasonText(rule, figures)}`;
    emit(strategyLine(state)(event, strategy, message, { ...signalFields(state, signalId), ticker: symbol, figures }));
    return state;
  },
  EnhancementBlocked: (state, event, emit) => {
    const { strategy, symbol, signalId, filter, code, figures } = event.data;
    const message = `${symbol} blocked by filter ${filter}: ${reasonText(code, figures)}`;
    const fields = { ...signalFields(state, signalId), ticker: symbol, error_code: code, figures };
    emit(strategyLine(state)(event, strategy, message, fields));
    return state;
  },
  FilterUndecided: (state, event, emit) => {
    const { strategy, symbol, signalId, filter, code, figures } = event.data;
    const message = `${symbol} decided without filter ${filter}: ${reasonText(code, figures)}`;
    emit(strategyLine(state)(event, strategy, message, { ...signalFields(state, signalId), ticker: symbol, figures }));
    return state;
  },
  CandidateRejected: (state, event, emit) => {
    const { strategy, symbol, signalId, poolRank, fallbackLevel, code, figures } = event.data;
    const level = fallbackLevel === 0 ? '' : `, fallback ${fallbackLevel}`;
    const why = `${reasonText(code, figures)}${closestText(event.data)}`;
    const message = `${symbol} (rank ${poolRank}${level}) not traded: ${why}`;
    const fields = { ...signalFields(state, signalId), ticker: symbol, error_code: code, figures };
    emit(strategyLine(state)(event, strategy, message, fields));
    return state;
  },
  EntryConfirmationRequested: (state, event, emit) => {
    const { strategy, symbol, signalId, side, quantity, price, expiresAt } = event.data;
    const message = `${symbol} ${side} ${quantity} at ${price} waits for a confirmation until ${hour(expiresAt)}`;
    emit(strategyLine(state)(event, strategy, message, { ...signalFields(state, signalId), ticker: symbol }));
    return state;
  },
  EntryConfirmationDecided: (state, event, emit) => {
    const { strategy, symbol, signalId, outcome, reason } = event.data;
    const message = `${symbol}: confirmation ${outcome} by ${event.meta.actor}: ${reason}`;
    emit(strategyLine(state)(event, strategy, message, { ...signalFields(state, signalId), ticker: symbol }));
    return state;
  },
  StrategyEnded: (state, event, emit) => {
    const { strategy, candidates, signals, blocked, entries, reason } = event.data;
    const counts = `${candidates} candidates, ${signals} signals, ${blocked} blocked, ${entries} entries`;
    emit(strategyLine(state)(event, strategy, `window ended, ${reason}: ${counts}`, {}));
    return state;
  },
  StrategyFailed: (state, event, emit) => {
    const { strategy, code, message } = event.data;
    emit(strategyLine(state)(event, strategy, `skipped for this session: ${code}, ${message}`, { error_code: code }));
    return state;
  },
  StrategySkipped: (state, event, emit) => {
    const { strategy, code, figures } = event.data;
    const message = `does not run in this session: ${reasonText(code, figures)}`;
    emit(strategyLine(state)(event, strategy, message, { error_code: code, figures }));
    return state;
  },
};

function closestText({ observed }: RecordedEvent<'CandidateRejected'>['data']): string {
  if (observed === undefined || observed.closest === null) return '';
  const { at, figure, value, threshold } = observed.closest;
  return `; closest at ${hour(at)}: ${figure} ${value}, signal at ${threshold}`;
}

function logRanking(state: LogState, event: RecordedEvent<'CandidatesRanked'>, emit: Emit<LogEntry>): void {
  const { strategy, poolLimit, candidates, screenedOut } = event.data;
  const line = strategyLine(state);
  const head = `pool of at most ${poolLimit}: ${candidates.length} selected, ${screenedOut.length} excluded`;
  emit(line(event, strategy, head, {}));
  for (const { symbol, rank, fitness, figures } of candidates) {
    const text = figuresText(figures);
    const message = `${symbol} selected: rank ${rank} of ${candidates.length}, fitness ${fitness}${text === '' ? '' : ` (${text})`}`;
    emit(line(event, strategy, message, { ticker: symbol, figures: { rank: String(rank), fitness, ...figures } }));
  }
  for (const { symbol, code, figures } of screenedOut) {
    emit(
      line(event, strategy, `${symbol} excluded: ${reasonText(code, figures)}`, {
        ticker: symbol,
        error_code: code,
        figures,
      }),
    );
  }
}
