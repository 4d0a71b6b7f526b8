import { storedOrder, type StoredOrder } from '../../domain/orders/reload-order.js';
import type { Position, RecordedEvent } from '../../events/event.js';
import type { ClientOrderId } from '../../events/names.js';
import { STREAMS } from '../../events/streams.js';
import type { Journal } from '../../ports/journal.js';

const PAGE = 1_000;

/** What reads orders back. */
export type OrderJournal = Pick<Journal, 'readStream' | 'readAll'>;

/** An order as its stream has it; undefined when the journal does not know it. */
export async function orderOfJournal(journal: OrderJournal, id: ClientOrderId): Promise<StoredOrder | undefined> {
  const events: RecordedEvent[] = [];
  for (;;) {
    const page = await journal.readStream(STREAMS.order(id), { from: events.length, limit: PAGE });
    events.push(...page);
    if (page.length < PAGE) return storedOrder(events);
  }
}

/** The orders of a position, its entry first; reads the intents of the journal backwards to the entry. */
export async function ordersOfPosition(journal: OrderJournal, positionId: string): Promise<readonly StoredOrder[]> {
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
