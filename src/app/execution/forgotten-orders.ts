import { reloadedData, storedOrder, type StoredOrder } from '../../domain/orders/reload-order.js';
import type { Order } from '../../domain/orders/order.js';
import type { Draft } from '../../events/draft.js';
import type { EventData, Position, RecordedEvent } from '../../events/event.js';
import { isClientOrderId, type ClientOrderId } from '../../events/names.js';
import { STREAMS } from '../../events/streams.js';
import type { Journal } from '../../ports/journal.js';
import type { EngineAppender } from '../journal/engine-appender.js';

const PAGE = 1_000;

/** What reads orders back. */
export type OrderJournal = Pick<Journal, 'readStream' | 'readAll'>;

/** An order as its stream has it; undefined when the journal does not know it. */
async function orderOfJournal(journal: OrderJournal, id: ClientOrderId): Promise<StoredOrder | undefined> {
  const events: RecordedEvent[] = [];
  for (;;) {
    const page = await journal.readStream(STREAMS.order(id), { from: events.length, limit: PAGE });
    events.push(...page);
    if (page.length < PAGE) return storedOrder(events);
  }
}

/** The orders of a position, its entry first; reads the intents of the journal backwards to the entry. */
async function ordersOfPosition(journal: OrderJournal, positionId: string): Promise<readonly StoredOrder[]> {
  const orders: StoredOrder[] = [];
  for (const id of await intentsOf(journal, positionId)) {
    const stored = await orderOfJournal(journal, id);
    if (stored !== undefined) orders.push(stored);
  }
  return orders;
}

async function intentsOf(journal: OrderJournal, positionId: string): Promise<readonly ClientOrderId[]> {
  const ids: ClientOrderId[] = [];
  let after: Position | undefined;
  for (;;) {
    const page = await journal.readAll({
      direction: 'backwards',
      limit: PAGE,
      filter: { types: ['OrderIntended'] },
      ...(after === undefined ? {} : { after }),
    });
    for (const event of page) {
      if (event.type !== 'OrderIntended' || event.data.positionId !== positionId) continue;
      ids.unshift(event.data.clientOrderId);
      if (event.data.purpose === 'entry') return ids;
    }
    after = page.at(-1)?.position;
    if (page.length < PAGE) return ids;
  }
}

/** The orders of a forgotten position as they are taken back: the given one comes last. */
async function reloadedOrders(
  journal: OrderJournal,
  intent: EventData<'OrderIntended'>,
): Promise<readonly Draft<'OrderReloaded'>[]> {
  const { positionId, clientOrderId } = intent;
  const all = await ordersOfPosition(journal, positionId);
  const entry = all[0]?.order.intent ?? intent;
  const isGiven = ({ order }: StoredOrder): boolean => order.intent.clientOrderId === clientOrderId;
  return [...all.filter((each) => !isGiven(each)), ...all.filter(isGiven)].map((stored) => ({
    type: 'OrderReloaded',
    data: reloadedData(stored, entry),
    correlationId: stored.intended.meta.correlationId,
    causationId: stored.order.lastEventId,
  }));
}

/** Orders that the state has forgotten: only the journal knows them, and it may be away. */
export class ForgottenOrders {
  constructor(
    private readonly deps: {
      readonly journal: OrderJournal;
      readonly appender: Pick<EngineAppender, 'append' | 'readJournal'>;
    },
  ) {}

  /** The order of an id, which may be anything; undefined when the journal has none. */
  async find(id: string): Promise<Order | 'journal away' | undefined> {
    if (!isClientOrderId(id)) return undefined;
    const { appender, journal } = this.deps;
    const read = await appender.readJournal(async () => ({ stored: await orderOfJournal(journal, id) }));
    return read === undefined ? 'journal away' : read.stored?.order;
  }

  /**
   * Takes back a position of an earlier session with all its orders; the given one comes last, so a crash repeats it. False, and
   * nothing was taken back, when the journal is away.
   */
  async reload({ intent }: Order): Promise<boolean> {
    const { appender, journal } = this.deps;
    const drafts = await appender.readJournal(() => reloadedOrders(journal, intent));
    for (const draft of drafts ?? []) await appender.append(STREAMS.order(draft.data.clientOrderId), [draft]);
    return drafts !== undefined;
  }
}
