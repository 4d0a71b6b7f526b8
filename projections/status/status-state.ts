import type { AccountingBook } from '../../src/domain/accounting/book.js';
import type { EventData } from '../../src/events/event.js';

export interface StrategyStatus {
  scheduledUtc: string | null;
  running: boolean;
  failed: boolean;
  lastError: string | null;
  /** Figures of the last run that began; `pnl` in cents as text, after fees. */
  candidates: number;
  signals: number;
  entries: number;
  trades: number;
  pnl: string;
  lastRunDate: string | null;
  /** Closed positions and gains since the first event. */
  allTrades: number;
  allWins: number;
}

export interface OpenPosition {
  readonly position_id: string;
  readonly strategy_name: string;
  readonly ticker: string;
  readonly trade_side: 'long' | 'short';
  readonly entry_timestamp: string;
  readonly entry_price: string;
  stop: string | null;
}

export interface SessionStatus {
  readonly opened: EventData<'SessionOpened'>;
  readonly realizedBefore: string;
  readonly feesBefore: string;
  readonly netBefore: string;
  phase: string | null;
  closed: EventData<'SessionClosed'> | null;
  trades: number;
  wins: number;
  errors: number;
}

/** `since` is a time, `why` a reason; both null while all is well. */
export interface Trouble {
  readonly since: string | null;
  readonly why: string | null;
}

export const NO_TROUBLE: Trouble = { since: null, why: null };

export interface Job {
  readonly last_run: string | null;
  readonly result: string | null;
}

export const NEVER_RUN: Job = { last_run: null, result: null };

/** How a watched part stands; `since` is a time, both texts null before it was ever told of. */
export interface WatchStatus {
  readonly state: EventData<'WatchdogStateChanged'>['to'];
  readonly since: string;
  readonly reason: string;
}

export interface ProcessStatus {
  readonly state: 'running' | 'stopped' | 'dead';
  readonly since: string;
  /** Why it is not running; null while it does. */
  readonly reason: string | null;
  /** Deaths since the bot was last started. */
  readonly deaths: number;
}

export interface TestRunStatus {
  readonly runId: string;
  readonly test: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly ok: boolean | null;
}

/** All of the journal that status.json shows. */
export interface StatusBody {
  asOfPosition: string | null;
  asOfTime: string | null;
  identity: string | null;
  startedAt: string | null;
  botState: EventData<'BotStateChanged'>['to'] | null;
  /** Why it is in that state. */
  botStateReason: string;
  session: SessionStatus | null;
  readonly settings: Record<string, string | null>;
  brokerTrouble: Trouble;
  dataTrouble: Trouble;
  defense: Trouble;
  kill: Trouble;
  selfCheckFailures: string[];
  buildCheckFailures: string[];
  /** Subject to how it stands; one that was never told of is left out. */
  readonly watchdog: Record<string, WatchStatus>;
  readonly processes: Record<string, ProcessStatus>;
  testRun: TestRunStatus | null;
  /** Dollars as text. */
  float: string | null;
  floatDeviation: Trouble;
  readonly strategies: Record<string, StrategyStatus>;
  readonly positions: Record<string, OpenPosition>;
  /** Symbol to what differs between journal and broker. */
  readonly mismatches: Record<string, string>;
  /** Client order id to code. */
  readonly unresolved: Record<string, string>;
  reconciliation: EventData<'ReconciliationCompleted'> | null;
  sync: Job;
  exports: Job;
  backup: Job;
  projectionsCheck: Job;
  lastTradeId: string | null;
  lastError: { readonly at: string; readonly code: string; readonly message: string } | null;
}

export interface StatusState {
  readonly book: AccountingBook;
  readonly body: StatusBody;
}

export function newBody(): StatusBody {
  return {
    asOfPosition: null,
    asOfTime: null,
    identity: null,
    startedAt: null,
    botState: null,
    botStateReason: '',
    session: null,
    settings: {},
    brokerTrouble: NO_TROUBLE,
    dataTrouble: NO_TROUBLE,
    defense: NO_TROUBLE,
    kill: NO_TROUBLE,
    selfCheckFailures: [],
    buildCheckFailures: [],
    watchdog: {},
    processes: {},
    testRun: null,
    float: null,
    floatDeviation: NO_TROUBLE,
    strategies: {},
    positions: {},
    mismatches: {},
    unresolved: {},
    reconciliation: null,
    sync: NEVER_RUN,
    exports: NEVER_RUN,
    backup: NEVER_RUN,
    projectionsCheck: NEVER_RUN,
    lastTradeId: null,
    lastError: null,
  };
}

export function newStrategy(): StrategyStatus {
  return {
    scheduledUtc: null,
    running: false,
    failed: false,
    lastError: null,
    candidates: 0,
    signals: 0,
    entries: 0,
    trades: 0,
    pnl: '0',
    lastRunDate: null,
    allTrades: 0,
    allWins: 0,
  };
}
