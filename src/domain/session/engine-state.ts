import { Decimal } from '../../kernel/decimal.js';
import { TradeBotError } from '../../kernel/errors.js';
import { addCents, type Cents } from '../../kernel/money.js';
import type { Sha256Hex, Uuid } from '../../kernel/hash.js';
import { parseUtcText, type DateText, type EpochMs, type UtcText } from '../../kernel/time.js';
import type { EventData, Position, RecordedEvent, StreamName } from '../../events/event.js';
import type { ClientOrderId, TickerSymbol } from '../../events/names.js';
import { applyToBook, initialBook, type AccountingBook } from '../accounting/book.js';
import type { BookCodes } from '../accounting/book-codes.js';
import { foreignFillOf, NO_FOREIGN_ACCOUNT, reduceForeign } from '../accounting/foreign-account.js';
import { NO_COMPARISON, reduceComparison } from '../accounting/comparison-state.js';
import { pendingAfter, type RecordedPendings } from '../config/pending-fold.js';
import type { BotState, HaltCommand } from '../lifecycle/bot-state.js';
import { haltAfter } from '../lifecycle/bot-state.js';
import {
  amountsAfter,
  minus as minusCharges,
  NO_CHARGES,
  plus as plusCharges,
  unbookedAfter,
} from '../orders/charges.js';
import { leavesAfter } from '../lifecycle/bot-state-changed.js';
import { isDone, isOrderEvent, reduceOrder, type Order, type OrderEvent } from '../orders/order.js';
import {
  foreignFillKey,
  partsOfForeign,
  registerForeignBust,
  registerForeignFill,
  unbookedOfForeign,
} from './reduce-foreign.js';
import {
  reducePositionEvent,
  registerCancel,
  registerExecution,
  registerOrder,
  registerReload,
} from './reduce-positions.js';
import { registerConversion } from './reduce-conversion.js';
import { realizedOfDay } from './day-result.js';
import { reduceSessionEvent } from './reduce-session.js';
import type { PositionRun, SessionRun } from './session-run.js';

/** The end of a session for the books: its close, and the position of the last event that its statement covers. */
export interface SessionEnd {
  readonly closesAt: UtcText;
  readonly position: Position;
}

/** An event that changed nothing but perhaps the books, and why. */
export interface RefusedByRules {
  readonly event: RecordedEvent;
  readonly fault: TradeBotError;
  /** Whether the books took it: then no order has it, and an entry that books it would count it twice. */
  readonly inBooks: boolean;
}

const MOST_REFUSED = 1_000;

/**
 * The whole state of the engine, folded only from the journal (RUN-2): applying the events in order reproduces it.
 * Mutable; only `apply` changes it.
 */
export class EngineState {
  readonly revisions = new Map<StreamName, number>();
  readonly orders = new Map<ClientOrderId, Order>();
  readonly liveOrders = new Map<ClientOrderId, Order>();
  /** Time of the last recorded update of each live order. */
  readonly newsAt = new Map<ClientOrderId, EpochMs>();
  readonly positions = new Map<string, PositionRun>();
  /** The opening data of each closed session, by date. */
  readonly closedSessions = new Map<DateText, EventData<'SessionOpened'>>();
  /** The last price at which each holding was valued, dollars. */
  readonly marks = new Map<TickerSymbol, Decimal>();
  /** Where the statement of each session ends, by date. */
  readonly sessionEnds = new Map<DateText, SessionEnd>();
  readonly importedActivities = new Set<string>();
  /** Of the newest records that the opening balances include. */
  openingActivities: ReadonlySet<string> = new Set();
  /** Acknowledged float transfers whose cash the broker has not reported yet, by adjustment. */
  readonly openTransfers = new Map<string, EventData<'FloatAdjusted'>>();
  /** Test mode runs in progress, which suspend entries (RUN-35). */
  readonly testRuns = new Set<string>();
  /** Streams of ours that another program wrote to on the server; entries wait until an admin acknowledges it. */
  readonly blockedStreams = new Set<string>();
  /** Parts that the watchdog found down; some of them suspend entries, see `entriesHeld`. */
  readonly watchdogDown = new Set<EventData<'WatchdogStateChanged'>['subject']>();
  /** Whether a main supervises the engine; while none does, entries are suspended (RUN-2). */
  supervision: EventData<'EngineSupervisionChanged'>['to'] = 'main';
  /** The market data of a running bot, when the engine has recorded it. */
  marketFeed: EventData<'MarketFeedSelected'> | undefined;
  /** The broker account of a running bot, when the engine has recorded it. */
  brokerAccount: EventData<'BrokerSelected'> | undefined;
  /** The last trading day that had no usable market data. */
  leftOut: DateText | undefined;
  /** Reports of the broker that could not be booked, and those that an adjustment settled. */
  readonly refusedFacts = new Set<string>();
  readonly settledFacts = new Set<string>();
  /** Adjusting entries by id. */
  readonly adjustments = new Set<string>();
  /** The first events that no rule of this program could apply, in the order of the journal. */
  readonly refusedEvents: RefusedByRules[] = [];
  /** Keys of errors that are reported once: news of orders that are not ours, filters that failed. */
  readonly reportedErrors = new Set<string>();
  /** Orders that were settled when the current session began. */
  #settledBefore: ReadonlySet<ClientOrderId> = new Set();
  book: AccountingBook;
  botState: BotState = 'initialize';
  botStateEventId: Uuid | null = null;
  /** State that `updating` returns to (RUN-11). */
  updatedFrom: BotState = 'idle';
  /** The stop or kill that was begun and is not over: until everything is closed, or a user starts the bot. */
  openHalt: HaltCommand | undefined;
  /** Positions are closed only because the program ends. */
  leaves = false;
  float = Decimal.ZERO;
  /** Parts of a cent of the reported charges that no execution has booked yet. */
  unbookedCharges = NO_CHARGES;
  /** Parts of a cent that the amounts of executions took from the cash beyond the cents that the books round them to. */
  unbookedAmounts = Decimal.ZERO;
  /** Time of the opening balance: what was executed before it is part of it; undefined before it is recorded. */
  booksBeganAt: EpochMs | undefined;
  floatSet = false;
  /** The deviation of the account from the float that was reported last. */
  floatDeviation: EventData<'FloatDeviationDetected'> | undefined;
  coaVersion: string | undefined;
  mappingVersion: number | undefined;
  settings: Readonly<Record<string, string>> = {};
  settingsSha256: Sha256Hex | undefined;
  /** Changes of settings that wait for the next session. */
  pendingSettings: RecordedPendings = {};
  /** The own strategies as they were found last. */
  ownStrategies: EventData<'OwnStrategiesFound'> = { strategies: [], refused: [] };
  /** The list of inverse ETFs in force; undefined before a person made one. */
  inverseEtfs: EventData<'InverseEtfsChanged'> | undefined;
  killTripped: EventData<'KillSwitchTripped'> | undefined;
  defense: EventData<'DefenseModeEntered'> | undefined;
  /** The machine's clock cannot be right: entries are held. */
  clockFault: EventData<'ClockFaultDetected'> | undefined;
  /** The journal cannot be written: entries are held. */
  journalOutage: EventData<'JournalOutageBegan'> | undefined;
  /** Books against broker: open differences hold entries, see `entriesHeld`. */
  comparison = NO_COMPARISON;
  /** Orders and shares of others in the account. */
  foreign = NO_FOREIGN_ACCOUNT;
  /** Executions of others that are in the books, by `foreignFillKey`; what was busted stays. */
  readonly foreignFills = new Set<string>();
  /** Another copy of the bot trades the account: entries are held until an admin acknowledges it. */
  botCopy: EventData<'BotCopyFound'> | undefined;
  /** Its orders that were found, so that each holds entries once. */
  readonly copyOrders = new Set<string>();
  session: SessionRun | undefined;
  /** The last self-check; another start on the same day reports it again only when the result differs. */
  selfCheck: { readonly date: DateText | null; readonly data: EventData<'SelfCheckCompleted'> } | undefined;
  lastActivityId: string | null = null;
  eventCount = 0;
  lastPosition: Position | undefined;
  /** Of the event before the last one. */
  positionBefore: Position | undefined;
  /** Hash of the last event, to which the next appended event links. */
  lastHash: Sha256Hex | undefined;
  lastRecordedAt: EpochMs | undefined;

  constructor(codes: BookCodes) {
    this.book = initialBook(codes);
  }

  /** Revision of the last event in a stream; undefined when it has none. */
  revisionOf(stream: StreamName): number | undefined {
    return this.revisions.get(stream);
  }

  apply(event: RecordedEvent): void {
    this.revisions.set(event.stream, event.revision);
    this.eventCount += 1;
    this.pass(event);
    const gain = this.applyToBook(event);
    if (gain === undefined) return;
    if (isOrderEvent(event)) {
      this.applyOrderEvent(event, event, gain);
      return;
    }
    this.applyForeignEvent(event, gain);
    this.applyAccountEvent(event);
    this.comparison = reduceComparison(this.comparison, event);
    if (event.type === 'ForeignEventsFound' && event.data.inOurStream) this.blockedStreams.add(event.data.stream);
    if (event.type === 'ForeignEventsAcknowledged') this.blockedStreams.delete(event.stream);
    if (event.type === 'OrderReloaded') registerReload(this, event);
    if (event.type === 'BrokerFactRefused') this.refusedFacts.add(event.data.factId);
    if (event.type === 'AdjustmentBooked') this.adjustments.add(event.data.adjustmentId);
    if (event.type === 'AdjustmentBooked' && event.data.settles !== null) this.settledFacts.add(event.data.settles);
    reducePositionEvent(this, event);
    reduceSessionEvent(this, event);
  }

  /** The end of the journal, without what the event says: it was applied before it had its place there. */
  pass(event: RecordedEvent): void {
    this.positionBefore = this.lastPosition;
    this.lastPosition = event.position;
    this.lastHash = event.hash;
    this.lastRecordedAt = parseUtcText(event.recordedAt);
  }

  /** The gain that the books realized; undefined for an event that they refuse, which then changes nothing at all. */
  private applyToBook(event: RecordedEvent): Cents | undefined {
    const booked = this.unlessRefused(event, false, () => applyToBook(this.book, event));
    if (booked === undefined) return undefined;
    this.book = booked.book;
    return addCents(...booked.closures.map((closure) => closure.gain));
  }

  /**
   * The journal admits more than the rules do: another writer may have appended a fill of an order that was never
   * intended. Such an event is kept as refused, and the fold continues, as that of every projection.
   */
  private unlessRefused<T>(event: RecordedEvent, inBooks: boolean, apply: () => T): T | undefined {
    try {
      return apply();
    } catch (error) {
      if (!(error instanceof TradeBotError)) throw error;
      if (this.refusedEvents.length < MOST_REFUSED) this.refusedEvents.push({ event, fault: error, inBooks });
      return undefined;
    }
  }

  private applyOrderEvent(event: RecordedEvent, change: OrderEvent, gain: Cents): void {
    const id = change.data.clientOrderId;
    const before = this.orders.get(id);
    const order = this.unlessRefused(event, true, () => reduceOrder(before, change, event.id, event.occurredAt));
    if (order === undefined) return;
    this.unbookedCharges = unbookedAfter(this.unbookedCharges, before, order);
    this.unbookedAmounts = amountsAfter(this.unbookedAmounts, before, order);
    this.orders.set(id, order);
    if (isDone(order)) this.liveOrders.delete(id);
    else this.liveOrders.set(id, order);
    this.newsAt.set(id, parseUtcText(event.recordedAt));
    if (change.type === 'OrderIntended') registerOrder(this, event, change.data);
    if (change.type === 'OrderCancelRequested') registerCancel(this, change.data);
    if (change.type === 'OrderFilled' || change.type === 'OrderFillCorrected' || change.type === 'OrderFillBusted') {
      registerExecution(this, event, change, gain);
    }
  }

  private applyForeignEvent(event: RecordedEvent, gain: Cents): void {
    switch (event.type) {
      case 'ForeignFillBooked':
        registerForeignFill(this, event, gain);
        this.foreignFills.add(foreignFillKey(event.data));
        this.unbookedCharges = plusCharges(this.unbookedCharges, unbookedOfForeign(event.data));
        this.unbookedAmounts = this.unbookedAmounts.plus(partsOfForeign(event.data));
        break;
      case 'ForeignFillBusted': {
        const fill = foreignFillOf(this.foreign, event.data);
        if (fill === undefined) break;
        registerForeignBust(this, fill, gain);
        this.unbookedCharges = minusCharges(this.unbookedCharges, unbookedOfForeign(fill));
        this.unbookedAmounts = this.unbookedAmounts.minus(partsOfForeign(fill));
        break;
      }
      case 'SharesConverted':
        registerConversion(this, event);
        this.importedActivities.add(event.data.activityId);
        break;
      case 'BotCopyFound':
        this.botCopy = event.data;
        this.copyOrders.add(event.data.clientOrderId);
        break;
      case 'BotCopyAcknowledged':
        this.botCopy = undefined;
        break;
      default:
        break;
    }
    this.foreign = reduceForeign(this.foreign, event);
  }

  private applyAccountEvent(event: RecordedEvent): void {
    this.pendingSettings = pendingAfter(this.pendingSettings, event);
    switch (event.type) {
      case 'BotStateChanged':
        this.openHalt = haltAfter(this.openHalt, event.data.to);
        this.leaves = leavesAfter(this.leaves, event.data);
        this.botState = event.data.to;
        if (event.data.to === 'updating') this.updatedFrom = event.data.from;
        this.botStateEventId = event.id;
        break;
      case 'ConfigChanged':
        this.settings = {
          ...this.settings,
          ...Object.fromEntries(event.data.changes.map((change) => [change.key, change.to ?? ''])),
        };
        this.settingsSha256 = event.data.settingsSha256;
        break;
      case 'OpeningBalancesRecorded':
        this.booksBeganAt = parseUtcText(event.data.asOf);
        this.lastActivityId = event.data.activities?.at(-1) ?? null;
        this.openingActivities = new Set(event.data.activities);
        break;
      case 'FloatAdjusted': {
        const amount = Decimal.parse(event.data.amount);
        this.floatSet = true;
        if (event.data.source === 'acknowledged-transfer') this.openTransfers.set(event.data.adjustmentId, event.data);
        this.float = event.data.direction === 'inject' ? this.float.plus(amount) : this.float.minus(amount);
        break;
      }
      case 'BrokerActivityImported':
        this.importedActivities.add(event.data.activityId);
        if (event.data.adjustmentId !== null) this.openTransfers.delete(event.data.adjustmentId);
        this.lastActivityId = event.data.activityId;
        break;
      case 'ErrorRecorded': {
        const key = event.data.context['key'];
        if (key !== undefined) this.reportedErrors.add(key);
        break;
      }
      case 'CoaChanged':
        this.coaVersion = event.data.version;
        break;
      case 'CoaMappingChanged':
        this.mappingVersion = event.data.version;
        break;
      case 'KillSwitchTripped':
        this.killTripped = event.data;
        if (this.session !== undefined) this.session.halted = true;
        break;
      case 'KillSwitchReset':
        this.killTripped = undefined;
        if (this.session !== undefined)
          this.session.resultAtReset = realizedOfDay(this.session, this.positions.values());
        break;
      case 'DefenseModeEntered':
        this.defense = event.data;
        break;
      case 'DefenseModeReset':
        this.defense = undefined;
        break;
      case 'ClockFaultDetected':
        this.clockFault = event.data;
        break;
      case 'ClockFaultCleared':
        this.clockFault = undefined;
        break;
      default:
        this.applyProcessEvent(event);
    }
  }

  /** What the processes report; some of it suspends entries, see `entriesHeld`. */
  private applyProcessEvent(event: RecordedEvent): void {
    switch (event.type) {
      case 'FloatDeviationDetected':
        this.floatDeviation = event.data;
        break;
      case 'TestRunStarted':
        this.testRuns.add(event.data.runId);
        break;
      case 'TestRunEnded':
        this.testRuns.delete(event.data.runId);
        break;
      case 'EngineSupervisionChanged':
        this.supervision = event.data.to;
        break;
      case 'MarketFeedSelected':
        this.marketFeed = event.data;
        break;
      case 'BrokerSelected':
        this.brokerAccount = event.data;
        break;
      case 'OwnStrategiesFound':
        this.ownStrategies = event.data;
        break;
      case 'InverseEtfsChanged':
        this.inverseEtfs = event.data;
        break;
      case 'SessionLeftOut':
        this.leftOut = event.data.date;
        break;
      case 'WatchdogStateChanged':
        if (event.data.to === 'down') this.watchdogDown.add(event.data.subject);
        else this.watchdogDown.delete(event.data.subject);
        break;
      case 'JournalOutageBegan':
      case 'JournalOutageEnded':
        this.journalOutage = event.type === 'JournalOutageBegan' ? event.data : undefined;
        break;
      default:
        break;
    }
  }

  /**
   * Removes completed orders of positions that are closed, a session after the one in which they ended: brokers bust on the
   * next day. What comes later for them begins with an OrderReloaded.
   */
  forgetEarlierSessions(): void {
    const settled = [...this.orders].filter(([, o]) => isDone(o) && !this.positions.has(o.intent.positionId));
    for (const [id] of settled) if (this.#settledBefore.has(id)) this.orders.delete(id);
    this.#settledBefore = new Set(settled.map(([id]) => id));
    for (const id of this.newsAt.keys()) if (!this.orders.has(id)) this.newsAt.delete(id);
  }
}
