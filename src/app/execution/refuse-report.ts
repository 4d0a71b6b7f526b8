import type { TradeBotError } from '../../kernel/errors.js';
import type { EpochMs } from '../../kernel/time.js';
import { STREAMS } from '../../events/streams.js';
import type { BrokerUpdate } from '../../ports/order-entry.js';
import { unpostableExecution } from '../../trading/orders/broker-news.js';
import {
  brokerFactRefused,
  keyOfContent,
  refusedFactId,
  type RefusedReport,
} from '../../trading/orders/refused-facts.js';
import { isKnownKind } from '../../trading/orders/report-form.js';
import type { EngineAppender } from '../journal/engine-appender.js';

/** Where refused reports are recorded, and under which names. */
export interface RefusalPlace {
  readonly appender: EngineAppender;
  readonly broker: string;
  readonly correlationId: string;
}

/** Keeps a report that cannot be booked with its content, once. */
export async function keepReport(
  { appender, broker, correlationId }: RefusalPlace,
  update: BrokerUpdate,
  fault: TradeBotError,
  key = namesOf(update),
): Promise<void> {
  const kind: RefusedReport['kind'] = isKnownKind(update.kind) ? update.kind : 'other';
  const refused = { kind, key, report: update, at: update.at };
  if (appender.state.refusedFacts.has(refusedFactId(broker, refused))) return;
  await appender.append(STREAMS.accounting, [brokerFactRefused(broker, refused, fault, correlationId)]);
}

/** Keeps a report that cannot be booked, and reports it as an error once. */
export async function refuseReport(place: RefusalPlace, update: BrokerUpdate, fault: TradeBotError): Promise<void> {
  await keepReport(place, update, fault);
  await reportRefused(place, update, fault);
}

/** Keeps a report of which no member can be relied on; `now` is the time of its error. */
export async function refuseUnreadable(
  place: RefusalPlace,
  update: BrokerUpdate,
  fault: TradeBotError,
  now: EpochMs,
): Promise<void> {
  await keepReport(place, update, fault, keyOfContent(update));
  await reportRefused(place, { ...update, at: now }, fault);
}

async function reportRefused(place: RefusalPlace, update: BrokerUpdate, fault: TradeBotError): Promise<void> {
  const { appender, correlationId } = place;
  const error = unpostableExecution(appender.state, update, fault, correlationId);
  if (error !== undefined) await appender.append(STREAMS.errors, [error]);
}

function namesOf(update: BrokerUpdate): readonly string[] {
  const id = 'executionId' in update ? update.executionId : update.brokerOrderId;
  return [update.clientOrderId, id, update.rawSha256];
}
