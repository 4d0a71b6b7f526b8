import type { EventData, RecordedEvent } from '../../src/events/event.js';
import type { DecimalText } from '../../src/kernel/decimal.js';
import { addCents, cents, moneyText, subtractCents, type Cents } from '../../src/kernel/money.js';
import { figuresOf } from '../../src/domain/accounting/figures.js';
import { dayFigures, unrealizedNow, type DayValue } from '../kit/day-value.js';
import { EVENT_REFUSED, IN_BOOKS, refusedEventId } from '../../src/domain/accounting/refused-event-id.js';
import { own } from '../kit/records.js';
import { foreignHandlers } from './foreign.js';
import { comparisonHandlers, noteReconciliation } from './comparison.js';
import {
  critical,
  NEVER_RUN,
  noted,
  ran,
  seen,
  warning,
  without,
  type EventOf,
  type FieldsOf,
  type FindingsOf,
  type Job,
  type StatusHandlers,
} from './status-part.js';

/** Reports and events that are not in the books. */
export interface AccountingStatus {
  sync: Job;
  /** Refused report to its code, until an adjustment settles it. */
  readonly refused: Record<string, string>;
  /** Position of an event that the rules of the engine left out to what it reported. */
  readonly refusedEvents: Record<string, string>;
  /** Positions of those that are in the books all the same. */
  readonly bookedEvents: Record<string, true>;
  /** Names of refused events that an adjustment settled. */
  readonly settledEvents: Record<string, true>;
}

/** Before the first event. */
export function newAccountingStatus(): AccountingStatus {
  return { sync: NEVER_RUN, refused: {}, refusedEvents: {}, bookedEvents: {}, settledEvents: {} };
}

/** Events of reconciliations. */
export const accountingHandlers: StatusHandlers<'accounting'> = {
  ReconciliationCompleted: noted((body, event: EventOf<'ReconciliationCompleted'>) => {
    noteReconciliation(body, event.data);
    body.sync = ran(event, event.data.ok ? 'ok' : `${event.data.mismatches} mismatches`, event.data.ok);
  }),
  ...comparisonHandlers,
  ...foreignHandlers,
  ActivityUnmapped: seen,
  BrokerFactRefused: noted((body, event: EventOf<'BrokerFactRefused'>) => {
    body.refused[event.data.factId] = event.data.code;
  }),
};

/**
 * The ledger's money: now, since the session opened, and since the first event; then the value of the day, with positions at
 * their last prices.
 */
export const moneyFields: FieldsOf = ({ book, body }) => {
  const figures = figuresOf(book);
  const day = body.session?.day;
  const valued = day === undefined ? undefined : dayFigures(day, book);
  const sinceOpen = (now: Cents, before: string | undefined): DecimalText | null =>
    before === undefined ? null : moneyText(subtractCents(now, cents(BigInt(before))));
  const unrealized = unrealizedNow(day, book);
  return {
    float: body.float,
    equity: moneyText(figures.equity),
    cash: moneyText(figures.cash),
    assets: moneyText(figures.assets),
    liabilities: moneyText(figures.liabilities),
    NAV: moneyText(figures.equity),
    valuation: 'positions at cost, by the ledger',
    market_value: moneyText(addCents(figures.equity, unrealized)),
    unrealized: moneyText(unrealized),
    valued_at: day?.markedAt ?? null,
    opening_equity: body.session?.opened.openingEquity ?? null,
    daily_gain_loss: valued?.result ?? null,
    daily: {
      gross_pnl: sinceOpen(figures.realized, day?.realizedBefore),
      fees: sinceOpen(figures.fees, day?.feesBefore),
      PnL: sinceOpen(figures.net, day?.netBefore),
      trading_pnl: sinceOpen(subtractCents(figures.realized, figures.fees), tradingBefore(day)),
      net_income: sinceOpen(figures.net, day?.netBefore),
    },
    equity_bridge: valued?.bridge ?? null,
    cumulative: {
      gross_pnl: moneyText(figures.realized),
      fees: moneyText(figures.fees),
      PnL: moneyText(figures.net),
      trading_pnl: moneyText(subtractCents(figures.realized, figures.fees)),
      net_income: moneyText(figures.net),
    },
  };
};

/** Gains less charges before the session opened, in cents. */
function tradingBefore(day: DayValue | undefined): string | undefined {
  return day === undefined ? undefined : String(BigInt(day.realizedBefore) - BigInt(day.feesBefore));
}

/** Activities without a mapping. */
export const pendingFindings: FindingsOf = ({ book }) =>
  book.pending.length > 0
    ? [warning('ACTIVITIES_UNMAPPED', `${book.pending.length} activities have no mapping`, 'Map them to accounts.')]
    : [];

/** An adjustment settles the refused report that it names. */
export function noteAdjustment(body: AccountingStatus, event: RecordedEvent): void {
  if (event.type !== 'AdjustmentBooked' || event.data.settles === null) return;
  without(body.refused, event.data.settles);
  if (event.data.settles.startsWith(refusedEventId(''))) body.settledEvents[event.data.settles] = true;
}

/** The engine reports an event that its rules could not apply. */
export function noteRefusedEvent(
  body: AccountingStatus,
  { errorCode, message, context }: EventData<'ErrorRecorded'>,
): void {
  const { position } = context;
  if (errorCode !== EVENT_REFUSED || position === undefined) return;
  body.refusedEvents[position] = message;
  if (context[IN_BOOKS] !== undefined) body.bookedEvents[position] = true;
}

/** Refused events that the conditions name, each with its position. */
const SHOWN_REFUSALS = 10;

const LEDGER = 'ledger';

/** Events that could not be applied, each once, until an adjustment settles it. */
export const refusedEventFindings: FindingsOf = ({ body }, health) => {
  const texts = new Map(Object.entries(body.refusedEvents));
  const notInLedger = new Set<string>();
  let unnamed = 0;
  for (const { name, refusals } of health) {
    unnamed += refusals.count - refusals.first.length;
    for (const { position, type, code, reason } of refusals.first) {
      const before =
        texts.get(position) ?? `the ${type} at position ${position} is left out: ${reason} (${code}); not in`;
      texts.set(position, `${before} ${name}`);
      if (name === LEDGER) notInLedger.add(position);
    }
  }
  const open = [...texts].filter(([position]) => !own(body.settledEvents, refusedEventId(position)));
  open.sort(([one], [other]) => (one < other ? -1 : 1));
  const shown = open.slice(0, SHOWN_REFUSALS);
  const more = open.length - shown.length + unnamed;
  return shown.map(([position, text], at) =>
    critical(
      EVENT_REFUSED,
      at === 0 && more > 0 ? `${text} (and ${more} more refusals)` : text,
      remedyOf(position, own(body.bookedEvents, position) === true && !notInLedger.has(position)),
    ),
  );
};

function remedyOf(position: string, inBooks: boolean): string {
  const settle = `tradebot adjust --settles ${refusedEventId(position)}`;
  return inBooks
    ? `Compare the books with the broker. When they agree settle it without an amount, for it is booked: ${settle}.`
    : `Read the event, book what is right, and settle it: ${settle}.`;
}

/** Reports of the broker that the books refused and nobody has settled. */
export const refusedFindings: FindingsOf = ({ body }) =>
  Object.keys(body.refused)
    .sort()
    .map((factId) =>
      warning(
        'BROKER_FACT_REFUSED',
        `a report of the broker is not in the books: ${factId} (${body.refused[factId] ?? ''})`,
        `Read it with tradebot events --type BrokerFactRefused, and book it with tradebot adjust --settles ${factId}.`,
      ),
    );
