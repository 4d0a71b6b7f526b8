import type { Decimal } from '../../kernel/decimal.js';
import type { Uuid } from '../../kernel/hash.js';
import type { Cents } from '../../kernel/money.js';
import type { DateText, UtcText } from '../../kernel/time.js';
import type { EventData, Position } from '../../events/event.js';
import type { ClientOrderId, StrategyName, TickerSymbol } from '../../events/names.js';

/** Status of a signal: waiting behind a filter, or decided. */
export type SignalStatus = 'fired' | 'blocked' | 'rejected' | 'traded';

/** An entry that passed every check and waits for a person, or was decided by one (TRD-53). */
export interface ConfirmationRun {
  readonly eventId: Uuid;
  readonly expiresAt: UtcText;
  /** Time of the request while it waits. */
  readonly decidedAt: UtcText;
  /** Undefined while it waits. */
  readonly outcome: EventData<'EntryConfirmationDecided'>['outcome'] | undefined;
}

export interface SignalRun {
  readonly data: EventData<'SignalTriggered'>;
  readonly eventId: Uuid;
  readonly at: UtcText;
  status: SignalStatus;
  /** `filter/code` of every block that was recorded, so that each is reported once. */
  readonly blocks: Set<string>;
  /** Only with TRADE_CONFIRMATION_REQUIRED. */
  confirmation: ConfirmationRun | undefined;
}

/** State of one strategy in one session. */
export interface StrategyRun {
  readonly strategy: StrategyName;
  readonly startedEventId: Uuid | null;
  pool: EventData<'CandidatesRanked'> | undefined;
  poolEventId: Uuid | null;
  /** When the pool was ranked. */
  poolAt: UtcText | undefined;
  readonly signals: Map<TickerSymbol, SignalRun>;
  /** Symbols already rejected or traded in this session. */
  readonly decided: Set<TickerSymbol>;
  blocked: number;
  entries: number;
  ended: boolean;
  failed: boolean;
}

/** An execution of a position's orders with its effect on the books. */
export interface PositionFill {
  readonly executionId: string;
  /** Whether it adds shares to the side of the position. */
  readonly opens: boolean;
  readonly quantity: Decimal;
  readonly price: Decimal;
  readonly referencePrice: Decimal;
  readonly fees: Cents;
  readonly filledAt: UtcText;
  /** When the engine knew of it: the clock of a broker may be ahead. */
  readonly recordedAt: UtcText;
}

/** A position of one strategy in one symbol, from its entry intent to the last share. */
export interface PositionRun {
  readonly positionId: string;
  readonly strategy: StrategyName;
  readonly symbol: TickerSymbol;
  readonly side: 'long' | 'short';
  readonly sessionDate: DateText | null;
  readonly signalId: string | null;
  readonly signalAt: UtcText;
  readonly correlationId: string;
  readonly entryOrder: ClientOrderId;
  readonly orders: ClientOrderId[];
  /** Fills that no PositionClosed has reported yet, by order and execution. */
  readonly fills: Map<string, PositionFill>;
  /** Fills that a PositionClosed has reported: a bust or a correction may still come for them. */
  readonly reported: Map<string, PositionFill>;
  /** Gain realized since the last PositionClosed, as in the ledger. */
  gross: Cents;
  /** Charges since the last PositionClosed, less those of reversed executions. */
  fees: Cents;
  /** Shares held now; below zero when an over-filled exit or a bust left shares on the other side. */
  quantity: Decimal;
  opened: boolean;
  stop: Decimal | undefined;
  /** Best price since the entry by the last move of the stop, in dollars. */
  best: Decimal | undefined;
  /** Minute whose bar already moved the stop: a repeated step must not use it twice. */
  stopMovedAt: UtcText | undefined;
  /** Set by the first exit order, or by the cancel of the entry that makes way for it: from then on it is to be closed, however often that is refused. */
  exitReason: EventData<'PositionClosed'>['exitReason'] | undefined;
  /** Limits that blocked its exit in this session, so that each is reported once. */
  readonly exitBlocks: Set<string>;
  /** Number of exit orders in this session, rejected ones included. */
  exitOrders: number;
  lastEventId: Uuid | null;
}

/** The side of the shares that a position holds now: its own, or the other one when more was closed than held. */
export function heldSide({ side, quantity }: PositionRun): PositionRun['side'] {
  if (quantity.sign() >= 0) return side;
  return side === 'long' ? 'short' : 'long';
}

/** A position that was open when the session opened; shares are below zero for a short. */
export interface CarriedPosition {
  readonly shares: Decimal;
  /** Dollars a share, with which the day begins: of the opening valuation, else the cost. */
  readonly price: Decimal;
}

/** State of one trading session. */
export interface SessionRun {
  readonly opened: EventData<'SessionOpened'>;
  readonly openedEventId: Uuid;
  readonly openedPosition: Position;
  readonly openedAt: UtcText;
  readonly phases: Map<EventData<'PhaseStarted'>['phase'], 'started' | 'ended'>;
  readonly strategies: Map<StrategyName, StrategyRun>;
  /** Strategies that were reported as left out of this session. */
  readonly skipped: Set<StrategyName>;
  readonly tickersTraded: Set<TickerSymbol>;
  orderSeq: number;
  snapshotTaken: boolean;
  deviationReported: boolean;
  dataLostSince: UtcText | undefined;
  suspendedSince: UtcText | undefined;
  /** The code of the newest BrokerSuspended of the outage. */
  suspendedFor: string | undefined;
  marketRecorded: boolean;
  reconciled: EventData<'ReconciliationCompleted'> | undefined;
  readonly mismatches: Set<string>;
  summary: EventData<'DailySummaryCompiled'> | undefined;
  readonly exports: Set<string>;
  signals: number;
  trades: number;
  wins: number;
  /** Gain realized in this session by the books, before fees. */
  grossPnl: Cents;
  /** Commissions and fees of all executions. */
  fees: Cents;
  halted: boolean;
  /** Positions that were carried into this session, by position. */
  readonly carried: Map<string, CarriedPosition>;
  /** Money of the executions of this session before charges: sales less purchases, less those that were busted. */
  cashFlow: Cents;
  /** Realized result of the day, in dollars, when the kill switch was last reset: the daily loss counts from there. */
  resultAtReset: Decimal;
  /** The last valuation of this session. */
  marks: EventData<'PositionsMarked'> | undefined;
  closed: EventData<'SessionClosed'> | undefined;
  /** Whether the journal was sealed at the end of this session. */
  sealed: boolean;
}
