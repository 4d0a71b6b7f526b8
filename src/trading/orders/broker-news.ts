import { dataError, type TradeBotError } from '../../kernel/errors.js';
import type { EpochMs } from '../../kernel/time.js';
import type { Draft } from '../../events/draft.js';
import type { ClientOrderId } from '../../events/names.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { errorRecorded } from '../../events/error-recorded.js';

/** Characters kept of an id that somebody else chose. */
const MOST_NAME = 200;

/** Facts of a broker update that cannot be recorded itself. */
export interface BrokerNews {
  readonly kind: string;
  /** Null for an order without an id of ours. */
  readonly clientOrderId: string | null;
  readonly brokerOrderId: string;
  /** Only for an execution. */
  readonly executionId?: string;
  readonly at: EpochMs;
}

/** Why an execution of an order that the journal does not have is not booked. */
export function executionOfNobody({ kind, clientOrderId, brokerOrderId }: BrokerNews): TradeBotError {
  return dataError({
    code: 'ORDER_NOT_OURS',
    message: `${kind} for order ${(clientOrderId ?? brokerOrderId).slice(0, MOST_NAME)}, which the journal does not have`,
    remedy: 'Close what is left of it at the broker, and book it with an adjusting entry.',
  });
}

/** Reports once that an execution is left out of journal and books; the reconciliation shows the difference. */
export function unpostableExecution(
  state: EngineState,
  news: BrokerNews,
  fault: TradeBotError,
  correlationId: string,
): Draft | undefined {
  const key = `unbookable/${shown(news.executionId ?? news.brokerOrderId)}`;
  if (state.reportedErrors.has(key)) return undefined;
  const order = news.clientOrderId === null ? undefined : state.orders.get(news.clientOrderId as ClientOrderId);
  return errorRecorded(
    {
      errorType: 'BrokerError',
      errorCode: 'EXECUTION_NOT_BOOKABLE',
      message: `${shown(news.kind)} for order ${shown(news.clientOrderId)} is left out of the books: ${fault.message}`,
      strategy: order?.intent.strategy ?? null,
      context: { key, code: fault.code, brokerOrderId: shown(news.brokerOrderId) },
    },
    { occurredAt: news.at, correlationId, causationId: order?.lastEventId ?? null },
  );
}

/** A member of a report that may be anything, whatever its type says. */
function shown(member: unknown): string {
  return String(member).slice(0, MOST_NAME);
}
