import { canonicalJson } from '../../kernel/canonical-json.js';
import { Decimal } from '../../kernel/decimal.js';
import { dataError, type TradeBotError } from '../../kernel/errors.js';
import { naturalKeyId, sha256Hex } from '../../kernel/hash.js';
import type { EpochMs } from '../../kernel/time.js';
import type { Draft } from '../../events/draft.js';
import type { EventData } from '../../events/event.js';
import { canonicalSymbol } from '../../events/names.js';
import { historyOf, type Order } from '../../domain/orders/order.js';

/** The kept content of a refused report, in characters. */
const MOST_CONTENT = 4_000;
const MOST_MESSAGE = 500;

/** A report of the broker that the journal or the books cannot take. */
export interface RefusedReport {
  readonly kind: EventData<'BrokerFactRefused'>['kind'];
  /** Names of the report at the broker: the same report has the same ones. */
  readonly key: readonly string[];
  readonly report: object;
  readonly at: EpochMs;
}

/** The id of a refused report. */
export function refusedFactId(broker: string, { kind, key }: Pick<RefusedReport, 'kind' | 'key'>): string {
  return `RF-${naturalKeyId('refused', broker, kind, ...key).slice(0, 13)}`;
}

/** Keeps a refused report with its content, so that nothing of it is lost and a person can book it. */
export function brokerFactRefused(
  broker: string,
  refused: RefusedReport,
  fault: TradeBotError,
  correlationId: string,
): Draft<'BrokerFactRefused'> {
  const text = canonicalJson(plain(refused.report));
  const ascii = text.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return {
    type: 'BrokerFactRefused',
    data: {
      factId: refusedFactId(broker, refused),
      kind: refused.kind,
      code: fault.code,
      message: fault.message.slice(0, MOST_MESSAGE),
      content: ascii.slice(0, MOST_CONTENT),
      contentSha256: sha256Hex(text),
      isCut: ascii.length > MOST_CONTENT,
    },
    naturalKey: ['BrokerFactRefused', broker, refused.kind, ...refused.key],
    correlationId,
    causationId: null,
  };
}

/** The report as JSON has it, whatever its members are. */
function plain(report: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(report).map(([name, value]: [string, unknown]) => [name, plainValue(value)]),
  );
}

function plainValue(value: unknown): string | boolean | number | null {
  if (value instanceof Decimal) return value.shortText();
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'number' || typeof value === 'bigint' || value === undefined) return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Names of a report whose members cannot be relied on: its whole content, without its number in the result of a query. */
export function keyOfContent(report: object): readonly string[] {
  return [sha256Hex(canonicalJson({ ...plain(report), occurrence: undefined }))];
}

/** Codes of errors that refuse an event for its content: it would be refused again. */
const CONTENT_CODES: readonly string[] = ['SCHEMA_VIOLATION', 'BOOKS_OUT_OF_RANGE'];

/** Whether the journal or the books refused an event for its content. */
export function isContentRefused({ code }: TradeBotError): boolean {
  return CONTENT_CODES.includes(code);
}

/** What a report says of an execution. */
interface ReportedExecution {
  readonly kind: 'filled' | 'corrected';
  readonly executionId: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly quantity: Decimal;
  readonly price: Decimal;
  readonly soFar?: object;
}

function isExecution(report: { readonly kind: string }): report is ReportedExecution {
  return report.kind === 'filled' || report.kind === 'corrected';
}

/**
 * Why a report of an execution cannot belong to its order: another symbol or side, or figures that differ from every
 * booking of its id. Such a report is neither a repetition nor a correction. Undefined when it fits.
 */
export function contradiction(order: Order, update: { readonly kind: string }): TradeBotError | undefined {
  if (!isExecution(update)) return undefined;
  const { clientOrderId, symbol, side } = order.intent;
  if (canonicalSymbol(update.symbol) !== symbol || update.side !== side) {
    return differs(clientOrderId, `execution ${update.executionId} is a ${update.side} of ${update.symbol}`);
  }
  // the figures of a growth depend on what was seen before: only its sum counts
  if (update.kind === 'corrected' || update.soFar !== undefined || !order.executions.has(update.executionId))
    return undefined;
  const { bookings } = historyOf(order, update.executionId);
  const isKnown = bookings.some(
    ({ quantity, price }) => quantity.equals(update.quantity) && price.equals(update.price),
  );
  if (isKnown) return undefined;
  const figures = `${update.quantity.shortText()} at ${update.price.shortText(2)}`;
  return differs(clientOrderId, `execution ${update.executionId} comes again with ${figures}`);
}

function differs(clientOrderId: string, what: string): TradeBotError {
  return dataError({
    code: 'EXECUTION_DIFFERS',
    message: `${what.slice(0, 200)}, which does not fit order ${clientOrderId}`,
    remedy: 'Ask the broker what it is, and book it with an adjusting entry.',
  });
}
