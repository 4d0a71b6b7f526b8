import { capital, dollars, groupedIfNumber, span, words } from '../../lib/format.js';
import { ruleText } from '../decisions/text.js';
import { orders as texts } from './messages.js';

/** An event of the answer, as far as a timeline reads it. */
export interface LifeEvent {
  readonly id: string;
  readonly type: string;
  readonly position: string;
  readonly occurredAt: string;
  readonly recordedAt: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly frame: string | null;
}

/** What the timeline is made of. */
export interface LifeFacts {
  readonly events: readonly LifeEvent[];
  /** Ids of events that have an entry in the ledger. */
  readonly posted: ReadonlySet<string>;
  /** Position up to which the ledger has posted; null when that is not known. */
  readonly postedUpTo: string | null;
  readonly purpose: string;
  readonly isOpen: boolean;
}

/** A step of the life of an order. */
export interface Step {
  readonly key: string;
  readonly title: string;
  readonly tone: 'plain' | 'gap' | 'warn';
  /** Null for a step without a time of its own. */
  readonly at: string | null;
  /** Time since the step before; null at the first one. */
  readonly wait: string | null;
  readonly notes: readonly string[];
  readonly figures: readonly (readonly [name: string, value: string])[];
  readonly event: { readonly id: string; readonly type: string } | null;
  readonly frame: string | null;
}

const { steps: titles, gaps, figures: names } = texts;
/** Reports that come later than this are named. */
const LATE_MS = 2_000;
const REPORTED: readonly string[] = ['OrderFilled', 'OrderFillCorrected', 'OrderFillBusted'];
const FIRST_REPORTS: readonly string[] = [...REPORTED, 'OrderCancelled', 'OrderExpired'];

/** The life of an order as steps, oldest first, with what the record lacks as steps of their own. */
export function timelineOf(facts: LifeFacts): readonly Step[] {
  const { events, purpose, isOpen } = facts;
  const has = (type: string): boolean => events.some((event) => event.type === type);
  const steps: Step[] = [];
  let before: LifeEvent | undefined;
  let reported = false;
  for (const event of events) {
    if (event.type === 'OrderIntended') {
      if (purpose === 'entry' && !has('SignalTriggered')) steps.push(gap('signal', gaps.noSignal));
      steps.push({ ...gap('gate', gaps.gateValues), title: titles.passed });
    }
    if (!reported && FIRST_REPORTS.includes(event.type) && !has('OrderAcknowledged'))
      steps.push(gap('acknowledgement', gaps.noAcknowledgement));
    reported ||= FIRST_REPORTS.includes(event.type);
    if (event.type === 'OrderResolved' && before?.type === 'OrderUnresolved')
      steps.push(gap(`answer ${event.id}`, gaps.noAnswer(shortSpan(msBetween(before, event)))));
    steps.push(stepOf(event, before, facts));
    before = event;
  }
  if (isOpen) steps.push(gap('waiting', gaps.waiting));
  return steps;
}

/** "480 ms", "4.2 s", then whole units. */
export function shortSpan(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return span(ms / 1_000);
}

function stepOf(event: LifeEvent, before: LifeEvent | undefined, facts: LifeFacts): Step {
  const { id, type, occurredAt, data, frame } = event;
  return {
    ...{ key: id, at: occurredAt, event: { id, type }, frame },
    title: titleOf(type, data),
    tone: ['TradeBlocked', 'OrderRejected', 'OrderUnresolved', 'OrderFillBusted'].includes(type) ? 'warn' : 'plain',
    wait: before === undefined ? null : shortSpan(msBetween(before, event)),
    notes: notesOf(event, facts),
    figures: figuresOf(type, data),
  };
}

function gap(key: string, note: string): Step {
  return {
    ...{ key, title: titles.gap, tone: 'gap', at: null, wait: null, notes: [note], figures: [], event: null },
    frame: null,
  };
}

function notesOf({ id, type, position, occurredAt, recordedAt, data }: LifeEvent, facts: LifeFacts): readonly string[] {
  const notes = ['message', 'reason'].flatMap((key) => (typeof data[key] === 'string' ? [data[key]] : []));
  const late = Date.parse(recordedAt) - Date.parse(occurredAt);
  if (REPORTED.includes(type) && late > LATE_MS) notes.push(gaps.late(shortSpan(late)));
  if (REPORTED.includes(type) && facts.postedUpTo !== null && !facts.posted.has(id))
    notes.push(position > facts.postedUpTo ? gaps.notPosted : gaps.noEntry);
  return notes;
}

const TITLES: Readonly<Record<string, string>> = {
  SignalTriggered: titles.signal,
  CandidateRejected: titles.rejected,
  EnhancementBlocked: titles.filter,
  FilterUndecided: titles.undecided,
  EntryConfirmationRequested: titles.asked,
  EntryConfirmationDecided: titles.answered,
  TradeBlocked: titles.blocked,
  OrderIntended: titles.intent,
  OrderAcknowledged: titles.acknowledged,
  OrderFilled: titles.fill,
  OrderFillCorrected: titles.corrected,
  OrderFillBusted: titles.busted,
  OrderCancelRequested: titles.cancelling,
  OrderCancelled: titles.cancelled,
  OrderExpired: titles.expired,
  OrderRejected: titles.refused,
  OrderUnresolved: titles.unresolved,
  OrderResolved: titles.resolved,
  PositionOpened: titles.opened,
  PositionClosed: titles.closed,
  TrailingStopMoved: titles.stop,
};

function titleOf(type: string, data: LifeEvent['data']): string {
  if (type === 'OrderSubmitted') return titles.sent(Number(data['attempt'] ?? 1));
  return TITLES[type] ?? type;
}

/** Fields of an event that a reader of an order wants, in order; those of `figures` follow. */
const SHOWN: readonly (readonly [field: string, name: string])[] = [
  ['side', names.side],
  ['quantity', names.quantity],
  ['notional', names.dollars],
  ['orderType', names.type],
  ['price', names.price],
  ['referencePrice', names.reference],
  ['limitPrice', names.limit],
  ['stopPrice', names.stop],
  ['stop', names.stop],
  ['timeInForce', names.tif],
  ['poolRank', names.rank],
  ['rule', names.rule],
  ['code', names.rule],
  ['limit', names.limitCode],
  ['outcome', names.outcome],
  ['commission', names.commission],
  ['fee', names.fee],
  ['filledQuantity', names.filled],
  ['exitReason', names.reason],
  ['grossPnl', names.gross],
  ['fees', names.fees],
  ['netPnl', names.net],
  ['brokerOrderId', names.brokerOrder],
  ['executionId', names.execution],
];

const RULE_FIELDS: readonly string[] = ['rule', 'code', 'limit'];
const MONEY: readonly string[] = ['notional', 'commission', 'fee', 'fees', 'grossPnl', 'netPnl'];
/** Names that the broker gives may be digits. */
const IDS: readonly string[] = ['brokerOrderId', 'executionId'];

function textOf(field: string, value: string): string {
  if (RULE_FIELDS.includes(field)) return ruleText(value);
  if (isCode(field)) return words(value);
  if (IDS.includes(field)) return value;
  return MONEY.includes(field) ? dollars(value) : groupedIfNumber(value);
}

function figuresOf(type: string, data: LifeEvent['data']): Step['figures'] {
  const fills = REPORTED.includes(type);
  const own = SHOWN.flatMap(([field, name]): Step['figures'] => {
    // The acknowledgement has named it.
    if (fills && field === 'brokerOrderId') return [];
    const value = data[field];
    if (typeof value === 'number') return [[name, String(value)]];
    return typeof value === 'string' && value !== '' ? [[name, textOf(field, value)]] : [];
  });
  const more = Object.entries((data['figures'] ?? {}) as Readonly<Record<string, string>>);
  return [...own, ...more.map(([name, value]): Step['figures'][number] => [nameOf(name), groupedIfNumber(value)])];
}

/** "Range high" of `rangeHigh`. */
function nameOf(code: string): string {
  return capital(words(code).replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`));
}

function isCode(field: string): boolean {
  return ['side', 'exitReason', 'outcome'].includes(field);
}

function msBetween(from: LifeEvent, to: LifeEvent): number {
  return Date.parse(to.occurredAt) - Date.parse(from.occurredAt);
}
