import { Decimal } from '../../kernel/decimal.js';
import type { DateText, EpochMs } from '../../kernel/time.js';
import type { BrokerActivity } from '../../ports/account-queries.js';
import type { BrokerOrder, OrderRequest } from '../../ports/order-entry.js';
import type { ClientOrderId } from '../../events/names.js';
import type { AccountSnapshot } from './account.js';

/** A request of the bot, or of a person, to the broker, with its time. */
export type SimRequest = { readonly at: EpochMs } & (
  | { readonly kind: 'submit'; readonly order: OrderRequest }
  /** The connection broke before it arrived: the exchange never sees it. */
  | { readonly kind: 'lost_submit'; readonly order: OrderRequest }
  | { readonly kind: 'cancel'; readonly clientOrderId: ClientOrderId }
  | {
      readonly kind: 'transfer';
      readonly reference: string;
      readonly amount: Decimal;
      readonly direction: 'in' | 'out';
    }
);

/** A day in the broker's records; `closing` is null until the session has ended. */
export interface SimDay {
  readonly date: DateText;
  readonly opening: AccountSnapshot;
  readonly closing: AccountSnapshot | null;
}

export interface StoredOrder {
  readonly request: OrderRequest;
  readonly order: BrokerOrder;
}

/** The records of a session; written in one transaction. */
export interface SessionRecords {
  readonly closing: AccountSnapshot;
  readonly orders: readonly StoredOrder[];
  readonly activities: readonly BrokerActivity[];
}

/** A cash movement after the end of a day. */
export interface Amendment {
  readonly request: SimRequest;
  readonly closing: AccountSnapshot;
  readonly activity: BrokerActivity;
}

/** All records, or those that are not fills: a year has thousands of fills and a few cash movements. */
export type ActivityChoice = 'all' | 'cash';

export interface ActivityQuery {
  /** Activity id, exclusive; null is from the first on. */
  readonly after: string | null;
  readonly limit: number;
  /** A day to leave out. */
  readonly without: DateText | null;
  readonly which: ActivityChoice;
}

/**
 * The broker's own memory. Requests of a day are kept until the next day begins, so that a day whose bot crashed, even
 * after the close, can be replayed. Every write is complete when the call returns, and survives the end of the process.
 */
export interface SimStore {
  /** The account of the store; the first caller's, from then on. */
  accountId(claim: string): string;
  lastDay(): SimDay | undefined;
  /** Begins a day (or records a completed one, with its closing), deleting the request log of earlier days. */
  beginDay(date: DateText, opening: AccountSnapshot, closing: AccountSnapshot | null): void;
  append(date: DateText, request: SimRequest): void;
  /** Ordered by time, then by order of arrival. */
  requests(date: DateText): readonly SimRequest[];
  /** Replaces the records of an earlier end of the same day. */
  endDay(date: DateText, records: SessionRecords): void;
  /** In one transaction: the request, its record, and the current closing. */
  amendDay(date: DateText, amendment: Amendment): void;
  order(clientOrderId: ClientOrderId): (StoredOrder & { readonly date: DateText }) | undefined;
  /** Of completed sessions. */
  activities(query: ActivityQuery): readonly BrokerActivity[];
  close(): void;
}

export function toStored(value: unknown): string {
  return JSON.stringify(marked(value));
}

/** The value with each exact number marked, since JSON has none. */
function marked(value: unknown): unknown {
  if (value instanceof Decimal) return { $decimal: value.text() };
  if (Array.isArray(value)) return value.map(marked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, marked(member)]));
}

/** Only for texts that `toStored` of the same type wrote. */
export function fromStored<T>(text: string): T {
  return unmarked(JSON.parse(text)) as T;
}

/** The exact numbers of a parsed text, in place: its members are nobody else's yet. */
function unmarked(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const members = value as Record<string, unknown>;
  const { $decimal: exact } = members;
  if (typeof exact === 'string') return Decimal.parse(exact);
  for (const key of Object.keys(members)) {
    const member = members[key];
    if (typeof member === 'object' && member !== null) members[key] = unmarked(member);
  }
  return value;
}

interface MemoryDay {
  readonly opening: string;
  readonly log: string[];
  closing: string | null;
  activities: readonly MemoryActivity[];
}

interface MemoryActivity {
  readonly id: string;
  readonly isCash: boolean;
  readonly body: string;
}

/** For tests and backtests: lives with its object, and loses types exactly as a file does. */
export class MemorySimStore implements SimStore {
  private account: string | undefined;
  private readonly days = new Map<DateText, MemoryDay>();
  private latest: DateText | undefined;
  private readonly orders = new Map<ClientOrderId, { readonly date: DateText; readonly body: string }>();

  accountId(claim: string): string {
    this.account ??= claim;
    return this.account;
  }

  lastDay(): SimDay | undefined {
    const last = this.latest === undefined ? undefined : this.days.get(this.latest);
    if (this.latest === undefined || last === undefined) return undefined;
    const closing = last.closing === null ? null : fromStored<AccountSnapshot>(last.closing);
    return { date: this.latest, opening: fromStored<AccountSnapshot>(last.opening), closing };
  }

  beginDay(date: DateText, opening: AccountSnapshot, closing: AccountSnapshot | null): void {
    const before = this.latest === undefined ? undefined : this.days.get(this.latest);
    if (before !== undefined) before.log.length = 0;
    const end = closing === null ? null : toStored(closing);
    this.days.set(date, { opening: toStored(opening), log: [], closing: end, activities: [] });
    this.latest = date;
  }

  append(date: DateText, request: SimRequest): void {
    this.days.get(date)?.log.push(toStored(request));
  }

  requests(date: DateText): readonly SimRequest[] {
    return (this.days.get(date)?.log ?? []).map((text) => fromStored<SimRequest>(text)).sort((a, b) => a.at - b.at);
  }

  endDay(date: DateText, records: SessionRecords): void {
    const day = this.days.get(date);
    if (day === undefined) return;
    day.closing = toStored(records.closing);
    day.activities = records.activities.map(memoryActivity);
    for (const each of records.orders) this.orders.set(each.request.clientOrderId, { date, body: toStored(each) });
  }

  amendDay(date: DateText, { request, closing, activity }: Amendment): void {
    const day = this.days.get(date);
    if (day === undefined || day.closing === null) return;
    day.log.push(toStored(request));
    day.closing = toStored(closing);
    day.activities = [...day.activities, memoryActivity(activity)];
  }

  order(clientOrderId: ClientOrderId): (StoredOrder & { readonly date: DateText }) | undefined {
    const found = this.orders.get(clientOrderId);
    return found === undefined ? undefined : { ...fromStored<StoredOrder>(found.body), date: found.date };
  }

  activities({ after, limit, without, which }: ActivityQuery): readonly BrokerActivity[] {
    const found: BrokerActivity[] = [];
    for (const [date, day] of this.days) {
      if (date === without) continue;
      for (const { id, isCash, body } of day.activities) {
        if ((after !== null && id <= after) || (which === 'cash' && !isCash)) continue;
        if (found.push(fromStored<BrokerActivity>(body)) === limit) return found;
      }
    }
    return found;
  }

  close(): void {
    // Memory needs no closing.
  }
}

function memoryActivity(activity: BrokerActivity): MemoryActivity {
  return { id: activity.activityId, isCash: activity.kind !== 'fill', body: toStored(activity) };
}
