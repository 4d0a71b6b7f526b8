import type { AccountingBook } from '../../src/domain/accounting/book.js';
import type { UtcText } from '../../src/kernel/time.js';
import { newAccountingStatus, type AccountingStatus } from './accounting.js';
import { newComparisonStatus, type ComparisonStatus } from './comparison.js';
import { newConfirmationsStatus, type ConfirmationsStatus } from './confirmations.js';
import { newConfigStatus, type ConfigStatus } from './config.js';
import { newMarketStatus, type MarketStatus } from './market.js';
import type { ConversionsStatus } from './conversions.js';
import { newFloatStatus, type FloatStatus } from './float.js';
import { newForeignStatus, type ForeignStatus } from './foreign.js';
import { newHealthStatus, type HealthStatus } from './health.js';
import { newLifecycleStatus, type LifecycleStatus } from './lifecycle.js';
import { newOrdersStatus, type OrdersStatus } from './orders.js';
import { newPositionsStatus, type PositionsStatus } from './positions.js';
import { newOwnershipStatus, type OwnershipStatus } from './ownership.js';
import { newProcessesStatus, type ProcessesStatus } from './processes.js';
import { newReportingStatus, type ReportingStatus } from './reporting.js';
import { newRiskStatus, type RiskStatus } from './risk.js';
import { newStrategiesStatus, type StrategiesStatus } from './strategies.js';
import { newStopsStatus, type StopsStatus } from './stops.js';
import { newStreamsStatus, type StreamsStatus } from './streams.js';
import { newUniverseStatus, type UniverseStatus } from './universe.js';

/** The last event of the status, and the bot's identity; null before the first event. */
interface AsOfStatus {
  asOfPosition: string | null;
  asOfTime: UtcText | null;
  identity: string | null;
}

/** Everything that status.json shows except the books; each context owns its part. */
export type StatusBody = AsOfStatus &
  LifecycleStatus &
  ConfigStatus &
  RiskStatus &
  HealthStatus &
  StreamsStatus &
  ProcessesStatus &
  OwnershipStatus &
  MarketStatus &
  FloatStatus &
  StrategiesStatus &
  ConfirmationsStatus &
  PositionsStatus &
  OrdersStatus &
  StopsStatus &
  AccountingStatus &
  ComparisonStatus &
  ConversionsStatus &
  ForeignStatus &
  ReportingStatus &
  UniverseStatus;

/** The state of the fold: the books and the body. */
export interface StatusState {
  readonly book: AccountingBook;
  readonly body: StatusBody;
}

/** The body before the first event. */
export function newBody(): StatusBody {
  return {
    asOfPosition: null,
    asOfTime: null,
    identity: null,
    ...newLifecycleStatus(),
    ...newConfigStatus(),
    ...newRiskStatus(),
    ...newHealthStatus(),
    ...newStreamsStatus(),
    ...newProcessesStatus(),
    ...newOwnershipStatus(),
    ...newMarketStatus(),
    ...newFloatStatus(),
    ...newStrategiesStatus(),
    ...newConfirmationsStatus(),
    ...newPositionsStatus(),
    ...newOrdersStatus(),
    ...newStopsStatus(),
    ...newAccountingStatus(),
    ...newComparisonStatus(),
    ...newForeignStatus(),
    ...newReportingStatus(),
    ...newUniverseStatus(),
  };
}
