import { initialBook } from '../../src/domain/accounting/book.js';
import { parseBook, serializeBook } from '../../src/domain/accounting/book-codec.js';
import { isFailure } from '../../src/domain/session/skipped.js';
import type { EventContext, RecordedEvent } from '../../src/events/event.js';
import type { HomePaths } from '../../src/domain/home/home-paths.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { addCents, cents, centsFromText } from '../../src/kernel/money.js';
import { bookAfter, figuresOf } from '../kit/ledger-figures.js';
import {
  projection,
  type Handler,
  type Handlers,
  type Projection,
  type ProjectionDefinition,
} from '../kit/projection.js';
import { figuresText, own } from '../kit/records.js';
import type { BooksOptions } from '../daily-summary/daily-summary.js';
import { statusText } from './render-status.js';
import { noteBuildCheck, noteCrash, noteProcess, noteTestRun, noteWatchdog } from './status-health.js';
import {
  newBody,
  newStrategy,
  NO_TROUBLE,
  type Job,
  type StatusBody,
  type StatusState,
  type StrategyStatus,
  type Trouble,
} from './status-state.js';

type StatusHandlers<C extends EventContext> = Handlers<C, StatusState, never>;
type Of<T extends RecordedEvent['type']> = RecordedEvent<T>;

/** Notes the event in the body, and that the status is now as of it. */
function noted<E extends RecordedEvent>(note: (body: StatusBody, event: E) => void) {
  return (state: StatusState, event: E): StatusState => {
    stamp(state.body, event);
    note(state.body, event);
    return state;
  };
}

function stamp(body: StatusBody, event: RecordedEvent): void {
  body.asOfPosition = event.position;
  body.asOfTime = event.recordedAt;
  body.identity = event.meta.botIdentity;
}

/** Of no other consequence than that time went on. */
const seen = noted(() => undefined);

function booked<E extends RecordedEvent>(note: (body: StatusBody, event: E) => void = () => undefined) {
  return (state: StatusState, event: E): StatusState => {
    stamp(state.body, event);
    note(state.body, event);
    return { ...state, book: bookAfter(state.book, event) };
  };
}

const since = (event: RecordedEvent, why: string): Trouble => ({ since: event.occurredAt, why });
const ran = (event: RecordedEvent, result: string): Job => ({ last_run: event.occurredAt, result });

function strategyOf(body: StatusBody, name: string): StrategyStatus {
  const known = own(body.strategies, name);
  if (known !== undefined) return known;
  const made = newStrategy();
  body.strategies[name] = made;
  return made;
}

function without<T>(record: Record<string, T>, key: string): void {
  Reflect.deleteProperty(record, key);
}

const openSession: Handler<'SessionOpened', StatusState, never> = (state, event) => {
  const { body, book } = state;
  stamp(body, event);
  const { realized, fees, net } = figuresOf(book);
  body.session = {
    opened: event.data,
    realizedBefore: String(realized),
    feesBefore: String(fees),
    netBefore: String(net),
    phase: null,
    closed: null,
    trades: 0,
    wins: 0,
    errors: 0,
  };
  body.float = event.data.floatAtStart;
  body.reconciliation = null;
  return state;
};

const lifecycle: StatusHandlers<'lifecycle'> = {
  SessionOpened: openSession,
  SessionClosed: noted((body, event: Of<'SessionClosed'>) => {
    if (body.session === null) return;
    body.session.closed = event.data;
    body.session.phase = null;
  }),
  BotStateChanged: noted((body, event: Of<'BotStateChanged'>) => {
    body.botState = event.data.to;
    body.botStateReason = event.data.reason;
    if (event.data.to === 'started') body.startedAt = event.recordedAt;
  }),
  PhaseStarted: noted((body, event: Of<'PhaseStarted'>) => {
    if (body.session !== null) body.session.phase = event.data.phase;
  }),
  PhaseEnded: noted((body, event: Of<'PhaseEnded'>) => {
    if (body.session?.phase === event.data.phase) body.session.phase = null;
  }),
  ErrorRecorded: noted((body, event: Of<'ErrorRecorded'>) => {
    const { errorCode: code, message, strategy } = event.data;
    body.lastError = { at: event.occurredAt, code, message };
    if (strategy !== null) strategyOf(body, strategy).lastError = `${code}: ${message}`;
    if (body.session !== null) body.session.errors += 1;
  }),
  ProcessCrashed: noted(noteCrash),
  SelfCheckCompleted: noted((body, event: Of<'SelfCheckCompleted'>) => {
    body.selfCheckFailures = event.data.checks
      .filter(({ ok }) => !ok)
      .map(({ module, cause }) => `${module}: ${cause}`);
  }),
};

const strategies: StatusHandlers<'strategy'> = {
  StrategyStarted: noted((body, event: Of<'StrategyStarted'>) => {
    const run = {
      running: true,
      failed: false,
      lastError: null,
      candidates: 0,
      signals: 0,
      entries: 0,
      trades: 0,
      pnl: '0',
    };
    const { strategy, analysisFrom } = event.data;
    Object.assign(strategyOf(body, strategy), run, { scheduledUtc: analysisFrom, lastRunDate: event.meta.sessionDate });
  }),
  CandidatesRanked: noted((body, event: Of<'CandidatesRanked'>) => {
    strategyOf(body, event.data.strategy).candidates = event.data.candidates.length;
  }),
  SignalTriggered: noted((body, event: Of<'SignalTriggered'>) => {
    strategyOf(body, event.data.strategy).signals += 1;
  }),
  StrategyEnded: noted((body, event: Of<'StrategyEnded'>) => {
    strategyOf(body, event.data.strategy).running = false;
  }),
  StrategyFailed: noted((body, event: Of<'StrategyFailed'>) => {
    const { strategy, code, message } = event.data;
    const failed = isFailure(code);
    const lastError = failed ? `${code}: ${message}` : null;
    Object.assign(strategyOf(body, strategy), { running: false, failed, lastError });
  }),
  CandidateRejected: seen,
  EnhancementBlocked: seen,
};

const orders: StatusHandlers<'orders'> = {
  OrderIntended: noted((body, event: Of<'OrderIntended'>) => {
    if (event.data.purpose === 'entry') strategyOf(body, event.data.strategy).entries += 1;
  }),
  OrderFilled: booked((body, event: Of<'OrderFilled'>) => {
    body.lastTradeId = event.data.executionId;
  }),
  OrderFillBusted: booked(),
  OrderFillCorrected: booked((body, event: Of<'OrderFillCorrected'>) => {
    body.lastTradeId = event.data.executionId;
  }),
  OrderUnresolved: noted((body, event: Of<'OrderUnresolved'>) => {
    body.unresolved[event.data.clientOrderId] = event.data.code;
  }),
  OrderResolved: noted((body, event: Of<'OrderResolved'>) => without(body.unresolved, event.data.clientOrderId)),
  TrailingStopMoved: noted((body, event: Of<'TrailingStopMoved'>) => {
    const position = own(body.positions, event.data.positionId);
    if (position !== undefined) position.stop = event.data.stop;
  }),
  OrderAcknowledged: seen,
  OrderCancelRequested: seen,
  OrderCancelled: seen,
  OrderExpired: seen,
  OrderRejected: seen,
  OrderSubmitted: seen,
};

function notePositionClosed(body: StatusBody, event: Of<'PositionClosed'>): void {
  const { positionId, strategy: name, netPnl } = event.data;
  without(body.positions, positionId);
  const won = Decimal.parse(netPnl).sign() > 0 ? 1 : 0;
  const strategy = strategyOf(body, name);
  strategy.trades += 1;
  strategy.pnl = String(addCents(cents(BigInt(strategy.pnl)), centsFromText(netPnl)));
  strategy.allTrades += 1;
  strategy.allWins += won;
  if (body.session === null) return;
  body.session.trades += 1;
  body.session.wins += won;
}

const positions: StatusHandlers<'positions'> = {
  PositionOpened: noted((body, event: Of<'PositionOpened'>) => {
    const { positionId, strategy, symbol, side, price } = event.data;
    body.positions[positionId] = {
      position_id: positionId,
      strategy_name: strategy,
      ticker: symbol,
      trade_side: side,
      entry_timestamp: event.occurredAt,
      entry_price: price,
      stop: null,
    };
  }),
  PositionClosed: noted(notePositionClosed),
  PositionMismatchDetected: noted((body, event: Of<'PositionMismatchDetected'>) => {
    const { symbol, journalQuantity, brokerQuantity } = event.data;
    body.mismatches[symbol] = `${journalQuantity} by the journal, ${brokerQuantity} at the broker`;
  }),
  PositionMismatchResolved: noted((body, event: Of<'PositionMismatchResolved'>) =>
    without(body.mismatches, event.data.symbol),
  ),
  ExchangePositionObserved: seen,
};

const risk: StatusHandlers<'risk'> = {
  KillSwitchTripped: noted((body, event: Of<'KillSwitchTripped'>) => {
    body.kill = since(event, `${event.data.code} (${figuresText(event.data.figures)})`);
  }),
  KillSwitchReset: noted((body) => {
    body.kill = NO_TROUBLE;
  }),
  DefenseModeEntered: noted((body, event: Of<'DefenseModeEntered'>) => {
    body.defense = since(event, event.data.reason);
  }),
  DefenseModeReset: noted((body) => {
    body.defense = NO_TROUBLE;
  }),
  BrokerSuspended: noted((body, event: Of<'BrokerSuspended'>) => {
    body.brokerTrouble = since(event, `${event.data.code}: ${event.data.message}`);
  }),
  BrokerResumed: noted((body) => {
    body.brokerTrouble = NO_TROUBLE;
  }),
  MarketDataLost: noted((body, event: Of<'MarketDataLost'>) => {
    body.dataTrouble = { since: event.data.since, why: `no data of ${event.data.symbols.join(', ')}` };
  }),
  MarketDataRestored: noted((body) => {
    body.dataTrouble = NO_TROUBLE;
  }),
  RiskLimitBreached: seen,
  TradeBlocked: seen,
};

const accounting: StatusHandlers<'accounting'> = {
  OpeningBalancesRecorded: booked(),
  BrokerActivityImported: booked(),
  CoaChanged: booked(),
  CoaMappingChanged: booked(),
  ReconciliationCompleted: noted((body, event: Of<'ReconciliationCompleted'>) => {
    body.reconciliation = event.data;
    body.sync = ran(event, event.data.ok ? 'ok' : `${event.data.mismatches} mismatches`);
  }),
  ReconciliationMismatchFound: seen,
  ActivityUnmapped: seen,
};

const float: StatusHandlers<'float'> = {
  FloatAdjusted: booked(),
  FloatSnapshotTaken: noted((body, event: Of<'FloatSnapshotTaken'>) => {
    body.float = event.data.float;
    body.floatDeviation = NO_TROUBLE;
  }),
  FloatDeviationDetected: noted((body, event: Of<'FloatDeviationDetected'>) => {
    body.floatDeviation = since(event, `deviation ${event.data.deviation}, threshold ${event.data.threshold}`);
  }),
};

const reporting: StatusHandlers<'reporting'> = {
  OfxExported: noted((body, event: Of<'OfxExported'>) => {
    body.exports = ran(event, `ofx ${event.data.name}`);
  }),
  BooksExported: noted((body, event: Of<'BooksExported'>) => {
    body.exports = ran(event, `${event.data.format} ${event.data.name}`);
  }),
  BackupCompleted: noted((body, event: Of<'BackupCompleted'>) => {
    body.backup = ran(event, `ok ${event.data.name}, ${event.data.count} events`);
  }),
  BackupFailed: noted((body, event: Of<'BackupFailed'>) => {
    body.backup = ran(event, `failed ${event.data.code}: ${event.data.message}`);
  }),
  ProjectionsChecked: noted((body, event: Of<'ProjectionsChecked'>) => {
    const { projections } = event.data;
    const differ = projections.filter(({ ok }) => !ok).map(({ name }) => name);
    const result = differ.length === 0 ? `ok, ${projections.length} compared` : `differ: ${differ.join(', ')}`;
    body.projectionsCheck = ran(event, result);
  }),
  DailySummaryCompiled: seen,
  JournalSealed: seen,
  MarketDataRecorded: seen,
};

const config: StatusHandlers<'config'> = {
  ConfigChanged: noted((body, event: Of<'ConfigChanged'>) => {
    for (const { key, to, secret } of event.data.changes) if (!secret) body.settings[key] = to;
  }),
};

const processes: StatusHandlers<'processes'> = {
  ProcessStarted: noted((body, event: Of<'ProcessStarted'>) => noteProcess(body, event, 'running')),
  ProcessStopped: noted((body, event: Of<'ProcessStopped'>) => noteProcess(body, event, 'stopped')),
  TestRunStarted: noted(noteTestRun),
  TestRunEnded: noted(noteTestRun),
  ControlFlagConsumed: seen,
  ControlFlagReported: seen,
  ClockJumped: seen,
  ProvisioningStarted: seen,
  ProvisioningStepDone: seen,
  ProvisioningCompleted: seen,
};

const health: StatusHandlers<'health'> = {
  WatchdogStateChanged: noted(noteWatchdog),
  BuildCheckCompleted: noted(noteBuildCheck),
};

type StatusContext = Exclude<EventContext, 'access' | 'secrets'>;

const HANDLERS: StatusHandlers<StatusContext> = {
  ...lifecycle,
  ...strategies,
  ...orders,
  ...positions,
  ...risk,
  ...accounting,
  ...float,
  ...reporting,
  ...config,
  ...processes,
  ...health,
};

function encodeStatus({ book, body }: StatusState): string {
  return `{"book":${serializeBook(book)},"body":${JSON.stringify(body)}}`;
}

function decodeStatus(text: string): StatusState {
  const { book, body } = JSON.parse(text) as { readonly book: object; readonly body: StatusBody };
  return { book: parseBook(JSON.stringify(book)), body };
}

/** status.json and its mirror (OUT-5): what the journal says of the bot now; the money is the ledger's, by the same rules. */
export function statusProjection(paths: HomePaths, books: BooksOptions): Projection {
  return projection<StatusContext, StatusState, never>(statusDefinition(paths, books));
}

export type StatusDefinition = ProjectionDefinition<StatusContext, StatusState, never>;

/** The same with its types open: for who folds a status of the past. */
export function statusDefinition(paths: HomePaths, books: BooksOptions): StatusDefinition {
  const files = [paths.output.statusJson, paths.output.statusMirror];
  return {
    name: 'status',
    version: 5,
    contexts: [
      'accounting',
      'config',
      'float',
      'health',
      'lifecycle',
      'orders',
      'positions',
      'processes',
      'reporting',
      'risk',
      'strategy',
    ],
    after: 'all',
    initial: () => ({ book: initialBook(books.codes, books.lotMethod), body: newBody() }),
    codec: { encode: encodeStatus, decode: decodeStatus },
    handlers: HANDLERS,
    files: {
      claims: [...files, paths.control.botState],
      render: (state, health) => {
        const text = statusText(state, health);
        const { botState } = state.body;
        const mirrors = files.map((path) => ({ path, text }));
        // for scripts and people: one word (RUN-10)
        return botState === null ? mirrors : [...mirrors, { path: paths.control.botState, text: `${botState}\n` }];
      },
    },
  };
}
