import { chainKindOf } from '../audit/chain.js';
import { sessionExportName } from '../home/home-paths.js';
import { Decimal } from '../../kernel/decimal.js';
import { centsFromText, NO_CENTS } from '../../kernel/money.js';
import type { EventData, Position, RecordedEvent } from '../../events/event.js';
import { carriedAt } from './day-result.js';
import type { EngineState } from './engine-state.js';
import type { SessionRun, SignalRun, StrategyRun } from './session-run.js';

/** Applies an event of the running session. Events before SessionOpened only record preparations. */
export function reduceSessionEvent(state: EngineState, event: RecordedEvent): void {
  if (event.type === 'SessionOpened') {
    state.forgetEarlierSessions();
    state.session = openedSession(event, state.session);
    for (const position of state.positions.values()) {
      if (!position.quantity.isZero()) state.session.carried.set(position.positionId, carriedAt(position, undefined));
      position.exitBlocks.clear();
      position.exitOrders = 0;
    }
    return;
  }
  if (event.type === 'SelfCheckCompleted') state.selfCheck = { date: event.meta.sessionDate, data: event.data };
  const session = state.session;
  if (session === undefined) return;
  if (event.type === 'PositionsMarked') {
    noteMarks(state, session, event.data);
    return;
  }
  if (event.type === 'SessionClosed') {
    session.closed = event.data;
    state.closedSessions.set(event.data.date, session.opened);
    endStatement(state, session, event.position);
    for (const [id, position] of state.positions) {
      const live = position.orders.some((order) => state.liveOrders.has(order));
      if (position.quantity.isZero() && !live) state.positions.delete(id);
    }
    return;
  }
  reduceStrategyEvent(session, event);
  reduceConfirmation(session, event);
  reduceDayEvent(session, event);
  const isExport = event.type === 'OfxExported' || event.type === 'BooksExported';
  if (isExport && event.data.name === sessionExportName(session.opened.date)) {
    endStatement(state, session, endIn(state, session, event.position, event.data.entries?.upTo));
  }
}

/**
 * Where a statement ends in this journal. One that was made before the journal was moved names a position of the other
 * journal; it ended with the event before its own.
 */
function endIn({ positionBefore }: EngineState, { openedPosition }: SessionRun, at: Position, upTo = at): Position {
  const isOfThisJournal = chainKindOf(upTo) === chainKindOf(at) && upTo >= openedPosition && upTo <= at;
  return isOfThisJournal ? upTo : (positionBefore ?? at);
}

/** The first statement of a session says where it ends; a session without one ends when it is closed. */
function endStatement(state: EngineState, { opened }: SessionRun, position: Position): void {
  const { date, closesAt } = opened;
  if (!state.sessionEnds.has(date)) state.sessionEnds.set(date, { closesAt, position });
}

/** The price of each valued symbol; those of the opening valuation are what the day of a carried position begins with. */
function noteMarks(state: EngineState, session: SessionRun, data: EventData<'PositionsMarked'>): void {
  session.marks = data;
  state.marks.clear();
  for (const { symbol, price } of data.holdings) state.marks.set(symbol, Decimal.parse(price));
  if (data.occasion !== 'open') return;
  for (const position of state.positions.values()) {
    if (!session.carried.has(position.positionId)) continue;
    session.carried.set(position.positionId, carriedAt(position, state.marks.get(position.symbol)));
  }
}

/** An outage that the session before did not see the end of is still open. */
function openedSession(event: RecordedEvent<'SessionOpened'>, before: SessionRun | undefined): SessionRun {
  return {
    opened: event.data,
    openedEventId: event.id,
    openedPosition: event.position,
    openedAt: event.occurredAt,
    phases: new Map(),
    strategies: new Map(),
    skipped: new Set(),
    tickersTraded: new Set(),
    orderSeq: 0,
    snapshotTaken: false,
    deviationReported: false,
    dataLostSince: before?.dataLostSince,
    suspendedSince: before?.suspendedSince,
    suspendedFor: before?.suspendedFor,
    marketRecorded: false,
    reconciled: undefined,
    mismatches: new Set(),
    summary: undefined,
    exports: new Set(),
    signals: 0,
    trades: 0,
    wins: 0,
    grossPnl: NO_CENTS,
    fees: NO_CENTS,
    halted: false,
    carried: new Map(),
    cashFlow: NO_CENTS,
    resultAtReset: Decimal.ZERO,
    marks: undefined,
    closed: undefined,
    sealed: false,
  };
}

function reduceStrategyEvent(session: SessionRun, event: RecordedEvent): void {
  switch (event.type) {
    case 'StrategyStarted':
      session.strategies.set(event.data.strategy, emptyRun(event, false));
      return;
    case 'StrategyFailed': {
      const run = session.strategies.get(event.data.strategy);
      if (run === undefined) session.strategies.set(event.data.strategy, emptyRun(event, true));
      else {
        run.ended = true;
        run.failed = true;
      }
      return;
    }
    case 'CandidatesRanked': {
      const run = session.strategies.get(event.data.strategy);
      if (run === undefined) return;
      run.pool = event.data;
      run.poolEventId = event.id;
      run.poolAt = event.occurredAt;
      return;
    }
    case 'SignalTriggered':
      session.signals += 1;
      session.strategies.get(event.data.strategy)?.signals.set(event.data.symbol, {
        data: event.data,
        eventId: event.id,
        at: event.occurredAt,
        status: 'fired',
        blocks: new Set(),
        confirmation: undefined,
      });
      return;
    case 'EnhancementBlocked': {
      const run = session.strategies.get(event.data.strategy);
      const signal = run?.signals.get(event.data.symbol);
      if (run === undefined || signal === undefined) return;
      if (signal.status === 'fired') {
        signal.status = 'blocked';
        run.blocked += 1;
      }
      signal.blocks.add(`${event.data.filter}/${event.data.code}`);
      return;
    }
    case 'FilterUndecided': {
      const { strategy, symbol, filter, code } = event.data;
      session.strategies.get(strategy)?.signals.get(symbol)?.blocks.add(`${filter}/${code}`);
      return;
    }
    case 'CandidateRejected':
    case 'TradeBlocked': {
      const run = session.strategies.get(event.data.strategy);
      if (run === undefined || (event.type === 'TradeBlocked' && event.data.purpose === 'exit')) return;
      const signal = run.signals.get(event.data.symbol);
      if (event.type === 'TradeBlocked' && signal?.status === 'fired') run.blocked += 1;
      if (signal !== undefined) signal.status = 'rejected';
      run.decided.add(event.data.symbol);
      return;
    }
    case 'StrategySkipped':
      session.skipped.add(event.data.strategy);
      return;
    case 'StrategyEnded': {
      const run = session.strategies.get(event.data.strategy);
      if (run !== undefined) run.ended = true;
      return;
    }
    default:
  }
}

/** Entries that wait for a person, and what was decided (TRD-53). */
function reduceConfirmation(session: SessionRun, event: RecordedEvent): void {
  if (event.type === 'EntryConfirmationRequested') {
    const { id: eventId, occurredAt: decidedAt, data } = event;
    const signal = signalOf(session, data);
    if (signal === undefined) return;
    signal.confirmation = { eventId, expiresAt: data.expiresAt, decidedAt, outcome: undefined };
  }
  if (event.type === 'EntryConfirmationDecided') {
    const { occurredAt: decidedAt, data } = event;
    const signal = signalOf(session, data);
    if (signal?.confirmation === undefined) return;
    signal.confirmation = { ...signal.confirmation, decidedAt, outcome: data.outcome };
  }
}

function signalOf(
  session: SessionRun,
  { strategy, signalId }: Pick<EventData<'EntryConfirmationRequested'>, 'strategy' | 'signalId'>,
): SignalRun | undefined {
  const signals = session.strategies.get(strategy)?.signals.values() ?? [];
  return [...signals].find((signal) => signal.data.signalId === signalId);
}

function emptyRun(event: RecordedEvent<'StrategyStarted' | 'StrategyFailed'>, failed: boolean): StrategyRun {
  return {
    strategy: event.data.strategy,
    startedEventId: event.id,
    pool: undefined,
    poolEventId: null,
    poolAt: undefined,
    signals: new Map(),
    decided: new Set(),
    blocked: 0,
    entries: 0,
    ended: failed,
    failed,
  };
}

function reduceDayEvent(session: SessionRun, event: RecordedEvent): void {
  switch (event.type) {
    case 'PhaseStarted':
      session.phases.set(event.data.phase, 'started');
      return;
    case 'PhaseEnded':
      session.phases.set(event.data.phase, 'ended');
      return;
    case 'FloatSnapshotTaken':
      session.snapshotTaken = true;
      return;
    case 'FloatDeviationDetected':
      session.deviationReported = true;
      return;
    case 'MarketDataLost':
      session.dataLostSince = event.data.since;
      return;
    case 'MarketDataRestored':
      session.dataLostSince = undefined;
      return;
    case 'BrokerSuspended':
      // a second one of an outage says more of its cause
      session.suspendedSince ??= event.occurredAt;
      session.suspendedFor = event.data.code;
      return;
    case 'BrokerResumed':
      session.suspendedSince = undefined;
      session.suspendedFor = undefined;
      return;
    case 'PositionClosed':
      session.trades += 1;
      if (centsFromText(event.data.netPnl) > 0n) session.wins += 1;
      return;
    case 'MarketDataRecorded':
      session.marketRecorded = true;
      return;
    case 'PositionMismatchDetected':
      session.mismatches.add(`position/${event.data.symbol}`);
      return;
    case 'ReconciliationMismatchFound':
      session.mismatches.add(`${event.data.subject}/${event.data.symbol ?? ''}`);
      return;
    case 'ReconciliationCompleted':
      session.reconciled = event.data;
      return;
    case 'DailySummaryCompiled':
      session.summary = event.data;
      return;
    case 'OfxExported':
      if (event.data.name === sessionExportName(session.opened.date)) session.exports.add('ofx');
      return;
    case 'BooksExported':
      if (event.data.name === sessionExportName(session.opened.date)) session.exports.add(event.data.format);
      return;
    case 'JournalSealed':
      if (event.data.sealId === session.opened.date) session.sealed = true;
      return;
    default:
  }
}
