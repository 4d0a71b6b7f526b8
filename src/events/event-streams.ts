import type { EventType } from './event.js';

/** The beginnings of names of which there is a stream for each user, session, strategy, order or symbol. */
const USER = 'user-';
const SESSION = 'session-';
const STRATEGY = 'strategy-';
const ORDER = 'order-';
const POSITION = 'position-';

/**
 * The streams in which the events of a type lie: a whole name, or a beginning that ends with a dash. `anywhere` is a type
 * that may lie in any stream, or that no version of today writes. A server has an index of streams but none of types, so a
 * reader of one type reads these streams instead of the whole journal: a type in a stream that is not named here is not found.
 */
const STREAMS_OF_TYPE: Readonly<Record<EventType, readonly string[] | 'anywhere'>> = {
  AccessDenied: ['access', USER],
  AccessRefusalsCounted: ['access', USER],
  ActivityUnmapped: 'anywhere',
  AdjustmentBooked: ['accounting'],
  BackupCompleted: ['backup'],
  BackupFailed: ['backup'],
  BookTaskEnded: ['book-tasks'],
  BookTaskStarted: ['book-tasks'],
  BooksCompared: ['accounting'],
  BooksExported: ['reporting'],
  BooksMismatchFound: ['accounting'],
  BooksMismatchResolved: ['accounting'],
  BotCopyAcknowledged: ['risk'],
  BotCopyFound: ['risk'],
  BotStateChanged: ['lifecycle'],
  BreakGlassImported: ['processes'],
  BrokerActivityImported: ['accounting'],
  BrokerSelected: ['lifecycle'],
  BrokerFactRefused: ['accounting'],
  BrokerResumed: ['risk'],
  BrokerSuspended: ['risk'],
  BuildCheckCompleted: ['health'],
  CandidateRejected: [STRATEGY],
  CandidatesRanked: [STRATEGY],
  ClockFaultCleared: ['risk'],
  ClockFaultDetected: ['risk'],
  ClockJumped: ['health', 'processes'],
  CoaChanged: ['accounting'],
  CoaMappingChanged: ['accounting'],
  ConfigChangeDeferred: ['config'],
  ConfigChangeWithdrawn: ['config'],
  ConfigChanged: ['config'],
  ControlFlagConsumed: ['processes'],
  ControlFlagReported: ['processes'],
  DailySummaryCompiled: ['reporting'],
  DefenseModeEntered: ['risk'],
  DefenseModeReset: ['risk'],
  EngineSupervisionChanged: ['processes'],
  EnhancementBlocked: [STRATEGY],
  FilterUndecided: [STRATEGY],
  EntryConfirmationDecided: [STRATEGY],
  EntryConfirmationRequested: [STRATEGY],
  ErrorRecorded: ['errors'],
  EvidenceCompared: ['health'],
  ExchangePositionObserved: 'anywhere',
  FloatAdjusted: ['float'],
  FloatDeviationDetected: ['float'],
  FloatSnapshotTaken: ['float'],
  ForeignEventsAcknowledged: 'anywhere',
  ForeignEventsFound: ['streams'],
  ForeignFillBooked: ['accounting'],
  ForeignFillBusted: ['accounting'],
  ForeignOrderSeen: ['accounting'],
  InverseEtfsChanged: ['inverse-etfs'],
  JournalMoved: ['backup'],
  JournalOutageBegan: ['journal-outages'],
  JournalOutageEnded: ['journal-outages'],
  JournalRestored: ['backup'],
  JournalSealed: ['reporting'],
  KillSwitchReset: ['risk'],
  KillSwitchTripped: ['risk'],
  LoginFailed: ['access', USER],
  LoginSucceeded: ['access', USER],
  MarketDataLost: ['risk'],
  MarketDataRecorded: ['reporting'],
  MarketDataRestored: ['risk'],
  MarketFeedSelected: ['lifecycle'],
  OfxExported: ['reporting'],
  OpeningBalancesRecorded: ['accounting'],
  OrderAcknowledged: [ORDER],
  OrderCancelRequested: [ORDER],
  OrderCancelled: [ORDER],
  OrderExpired: [ORDER],
  OrderFillBusted: [ORDER],
  OrderFillCorrected: [ORDER],
  OrderFilled: [ORDER],
  OrderIntended: [ORDER],
  OrderRejected: [ORDER],
  OrderReloaded: [ORDER],
  OrderResolved: [ORDER],
  OrderSubmitted: [ORDER],
  OrderUnresolved: [ORDER],
  OwnStrategiesFound: ['own-strategies'],
  OwnershipClaimed: ['ownership'],
  OwnershipConfirmed: ['ownership'],
  OwnershipEnded: ['ownership'],
  OwnershipTaken: ['ownership'],
  PasswordChanged: ['access', USER],
  PasswordResetRequested: ['access', USER],
  PhaseEnded: [SESSION],
  PhaseStarted: [SESSION],
  PositionClosed: [POSITION],
  PositionMismatchDetected: 'anywhere',
  PositionMismatchResolved: 'anywhere',
  PositionOpened: [POSITION],
  PositionsMarked: [SESSION],
  ProcessCrashed: ['processes', 'lifecycle'],
  ProcessStarted: ['processes'],
  ProcessStopped: ['processes'],
  ProjectionsChecked: ['reporting'],
  ProvisioningCompleted: ['provisioning'],
  ProvisioningStarted: ['provisioning'],
  ProvisioningStepDone: ['provisioning'],
  ReconciliationCompleted: ['accounting'],
  ReconciliationMismatchFound: ['accounting'],
  RiskLimitBreached: ['risk'],
  SealAnchorFailed: ['backup'],
  SealsAnchored: ['backup'],
  SecondFactorChanged: ['access', USER],
  SecretChanged: ['secrets'],
  SecretsRotated: ['secrets'],
  SelfCheckCompleted: ['lifecycle'],
  SessionClosed: [SESSION],
  SessionEnded: ['access', USER],
  SessionLeftOut: ['lifecycle'],
  SessionOpened: [SESSION],
  SharesConverted: ['accounting'],
  SignalTriggered: [STRATEGY],
  StrategyEnded: [STRATEGY],
  StrategyFailed: [STRATEGY],
  StrategySkipped: [SESSION],
  StrategyStarted: [STRATEGY],
  StreamRightsChecked: ['streams'],
  StreamSettingsRestored: ['streams'],
  TestRunEnded: ['processes'],
  TestRunStarted: ['processes'],
  TokenIssued: ['access', USER],
  TokenRevoked: ['access', USER],
  TradeBlocked: [STRATEGY],
  TrailingStopMoved: [POSITION],
  UniverseBuildFailed: ['universe'],
  UniverseBuildProgressed: ['universe'],
  UniverseBuildSkipped: ['universe'],
  UniverseBuildStarted: ['universe'],
  UniversePublished: ['universe'],
  UserDisabled: ['access', USER],
  UserEnabled: ['access', USER],
  UserLocked: ['access', USER],
  UserRecordsCompared: ['access'],
  UserRegistered: ['access', USER],
  UserRoleChanged: ['access', USER],
  UserUnlocked: ['access', USER],
  WatchdogStateChanged: ['health'],
};

/** Streams in which events of a type lie: one with this name, or all whose names begin with it. */
export interface StreamPlace {
  readonly name: string;
  readonly isFamily: boolean;
}

const placeOf = (name: string): StreamPlace => ({ name, isFamily: name.endsWith('-') });

/**
 * The places of events of these types in streams whose names begin with `prefix`, without repetition; undefined when one
 * of the types may lie anywhere.
 */
export function placesOf(types: readonly EventType[], prefix: string): readonly StreamPlace[] | undefined {
  const found = new Map<string, StreamPlace>();
  for (const type of types) {
    const places = STREAMS_OF_TYPE[type];
    if (places === 'anywhere') return undefined;
    for (const place of places.map(placeOf)) {
      if (place.name.startsWith(prefix)) found.set(place.name, place);
      else if (place.isFamily && prefix.startsWith(place.name)) found.set(prefix, { name: prefix, isFamily: true });
    }
  }
  return [...found.values()];
}
