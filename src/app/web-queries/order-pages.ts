import { averagePrice } from '../../domain/session/position-cost.js';
import { storedOrder, type StoredOrder } from '../../domain/orders/reload-order.js';
import type { EventType, Position, RecordedEvent, StreamName } from '../../events/event.js';
import { parseStrategyName, type ClientOrderId } from '../../events/names.js';
import { STREAMS } from '../../events/streams.js';
import { Decimal } from '../../kernel/decimal.js';
import type { Journal } from '../../ports/journal.js';
import { JournalPages, type Page, type PageQuery } from './journal-pages.js';

type Reader = Pick<Journal, 'readAll' | 'readStream'>;

/** Which orders or trades; a part that is left out leaves all in. */
export interface TradingQuery extends PageQuery {
  readonly symbol?: string | undefined;
  readonly strategy?: string | undefined;
  /** Date of the session. */
  readonly session?: string | undefined;
  /** Nothing after this position. */
  readonly asof?: Position | undefined;
}

/** An order in one row. Prices, quantities and dollars are exact texts. */
export interface OrderRow {
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly strategy: string;
  readonly side: string;
  readonly purpose: string;
  readonly exitReason: string | null;
  readonly orderType: string;
  readonly quantity: string | null;
  readonly notional: string | null;
  readonly limitPrice: string | null;
  readonly stopPrice: string | null;
  /** The price that the order was decided at. */
  readonly referencePrice: string;
  readonly stage: string;
  readonly filled: string;
  readonly averagePrice: string | null;
  readonly fees: string;
  /** Dollars that the fills cost more than the reference price; below zero they cost less. Null without a fill. */
  readonly slippage: string | null;
  readonly intendedAt: string;
  readonly sessionDate: string | null;
  readonly positionId: string;
  readonly position: Position;
}

/** An order and the events of its life, in journal order. */
export interface OrderLife {
  readonly order: OrderRow;
  readonly events: readonly RecordedEvent[];
}

const PAGE = 200;
/** Events that one page of a filtered list looks at. */
const MOST_EXAMINED = 2_000;
const MOST_OF_ORDER = 1_000;
const MOST_OF_STRATEGY = 5_000;
/** Events of the position that follow the intent: an opening, a stop, a close. */
const MOST_OF_POSITION = 200;

/** Newest orders first. */
export async function orderRows(journal: Reader, query: TradingQuery): Promise<Page<OrderRow>> {
  const { items, nextCursor } = await newest(journal, 'OrderIntended', query);
  const rows = await Promise.all(items.map((event) => rowOf(journal, event, query.asof)));
  return { items: rows.flatMap((row) => row ?? []), nextCursor };
}

/** Newest trades first: each closed position. */
export function closedTrades(journal: Reader, query: TradingQuery): Promise<Page<RecordedEvent<'PositionClosed'>>> {
  return newest(journal, 'PositionClosed', query);
}

/**
 * What led to an order, what became of it, and what it did to its position; undefined for an id that no order has. Reads
 * the streams of the order, its strategy and its position only.
 */
export async function orderLife(
  journal: Reader,
  id: ClientOrderId,
  asof: Position | undefined,
): Promise<OrderLife | undefined> {
  const own = await eventsOfOrder(journal, STREAMS.order(id), asof);
  const stored = storedOrder(own);
  if (stored === undefined) return undefined;
  const { intended } = stored;
  const last = own.at(-1)?.position ?? intended.position;
  const [before, after] = await Promise.all([decisionsOf(journal, intended), consequencesOf(journal, intended, own)]);
  const events = [...before, ...own, ...after]
    .filter(({ position }) => asof === undefined || position <= asof)
    .sort((a, b) => (a.position < b.position ? -1 : 1));
  return { order: orderRow(stored, last), events };
}

/** Newest events of a type that fit the query; a page may have fewer than its limit and still have a next one. */
async function newest<T extends 'OrderIntended' | 'PositionClosed'>(
  journal: Reader,
  type: T,
  { limit, cursor: asked, asof, ...wanted }: TradingQuery,
): Promise<Page<RecordedEvent<T>>> {
  const pages = new JournalPages(journal);
  const found: RecordedEvent<T>[] = [];
  let cursor = asked ?? (await firstAfter(journal, asof));
  for (let examined = 0; examined < MOST_EXAMINED; examined += PAGE) {
    const { items, nextCursor } = await pages.events({ limit: PAGE, cursor, types: [type satisfies EventType] });
    for (const event of items as readonly RecordedEvent<T>[]) {
      if (!fits(event, wanted)) continue;
      if (found.length === limit) return { items: found, nextCursor: found.at(-1)?.position ?? null };
      found.push(event);
    }
    if (nextCursor === null) return { items: found, nextCursor: null };
    cursor = nextCursor;
  }
  return { items: found, nextCursor: cursor ?? null };
}

function fits(
  {
    data,
    meta,
  }: Pick<RecordedEvent, 'meta'> & { readonly data: { readonly symbol: string; readonly strategy: string } },
  { symbol, strategy, session }: Pick<TradingQuery, 'symbol' | 'strategy' | 'session'>,
): boolean {
  const same = (asked: string | undefined, has: string | null): boolean => asked === undefined || asked === has;
  return same(symbol, data.symbol) && same(strategy, data.strategy) && same(session, meta.sessionDate);
}

/** The position before which a list of the past starts; undefined at the head. */
async function firstAfter(journal: Reader, asof: Position | undefined): Promise<Position | undefined> {
  if (asof === undefined) return undefined;
  const [next] = await journal.readAll({ after: asof, limit: 1 });
  return next?.position;
}

async function rowOf(
  journal: Reader,
  { stream }: RecordedEvent,
  asof: Position | undefined,
): Promise<OrderRow | undefined> {
  const events = await eventsOfOrder(journal, stream, asof);
  const stored = storedOrder(events);
  return stored === undefined ? undefined : orderRow(stored, events.at(-1)?.position ?? stored.intended.position);
}

async function eventsOfOrder(
  journal: Reader,
  stream: StreamName,
  asof: Position | undefined,
): Promise<readonly RecordedEvent[]> {
  const events = await journal.readStream(stream, { limit: MOST_OF_ORDER });
  return asof === undefined ? events : events.filter(({ position }) => position <= asof);
}

function orderRow({ order, intended }: StoredOrder, position: Position): OrderRow {
  const { clientOrderId, symbol, strategy, side, purpose, exitReason, orderType, positionId } = order.intent;
  const { quantity, notional, limitPrice, stopPrice, referencePrice } = order.intent;
  const fills = [...order.executions.values()];
  const average = fills.length === 0 ? null : averagePrice(fills);
  const fees = Decimal.sum(fills.flatMap(({ commission, fee }) => [commission, fee]));
  return {
    ...{ clientOrderId, symbol, strategy, side, purpose, exitReason, orderType, positionId },
    ...{ quantity, notional, limitPrice, stopPrice, referencePrice },
    stage: order.stage,
    filled: order.filled.shortText(),
    averagePrice: average === null ? null : average.shortText(2),
    fees: fees.shortText(2),
    slippage: average === null ? null : slippageOf(order).rounded(2, 'halfEven').text(),
    intendedAt: intended.occurredAt,
    sessionDate: intended.meta.sessionDate,
    position,
  };
}

function slippageOf({ intent, executions }: StoredOrder['order']): Decimal {
  const reference = Decimal.parse(intent.referencePrice);
  const extra = Decimal.sum(
    [...executions.values()].map(({ price, quantity }) => price.minus(reference).times(quantity)),
  );
  return intent.side === 'buy' ? extra : extra.negated();
}

/** Signal, filters, confirmation and gate of the same story, up to the intent. */
async function decisionsOf(
  journal: Reader,
  { data, meta, position }: RecordedEvent<'OrderIntended'>,
): Promise<readonly RecordedEvent[]> {
  if (meta.sessionDate === null) return [];
  const stream = STREAMS.strategy(parseStrategyName(data.strategy), meta.sessionDate);
  const events = await journal.readStream(stream, { limit: MOST_OF_STRATEGY });
  return events.filter(
    (event) => event.position < position && event.meta.correlationId === meta.correlationId && isDecision(event, data),
  );
}

/** A gate that blocked another order of the story is no part of this order's life. */
function isDecision(event: RecordedEvent, { purpose }: RecordedEvent<'OrderIntended'>['data']): boolean {
  if (event.type === 'TradeBlocked') return event.data.purpose === purpose;
  return purpose === 'entry';
}

/** What the order did to its position: events that one of its own caused. */
async function consequencesOf(
  journal: Reader,
  { data, position }: RecordedEvent<'OrderIntended'>,
  own: readonly RecordedEvent[],
): Promise<readonly RecordedEvent[]> {
  const ids = new Set<string>(own.map(({ id }) => id));
  const stream = STREAMS.position(data.symbol);
  const from = await revisionAfter(journal, stream, position);
  const events = await journal.readStream(stream, { from, limit: MOST_OF_POSITION });
  return events.filter(({ meta }) => meta.causationId !== null && ids.has(meta.causationId));
}

/** The first revision of a stream after a position, by halves: a stream of a symbol can be long. */
async function revisionAfter(journal: Reader, stream: StreamName, position: Position): Promise<number> {
  const [last] = await journal.readStream(stream, { direction: 'backwards', limit: 1 });
  let low = 0;
  let high = last === undefined ? 0 : last.revision + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [event] = await journal.readStream(stream, { from: middle, limit: 1 });
    if (event !== undefined && event.position <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}
