import type { Position, RecordedEvent } from '../../events/event.js';
import { Decimal } from '../../kernel/decimal.js';
import type { Journal } from '../../ports/journal.js';
import { eachEvent } from './chain.js';

/**
 * What the broker reported in parts of a cent and what of it is booked, for executions that stand: one sentence, dollars.
 * Undefined when it reported whole cents only.
 */
export async function partsOfACent(
  journal: Pick<Journal, 'readAll'>,
  isAsked: (position: Position) => boolean,
): Promise<string | undefined> {
  const standing = new Map<string, { readonly reported: Decimal; readonly booked: Decimal }>();
  await eachEvent(journal, (event: RecordedEvent) => {
    if (event.type === 'OrderFillBusted') standing.delete(`${event.data.clientOrderId}/${event.data.executionId}`);
    if (event.type !== 'OrderFilled' && event.type !== 'OrderFillCorrected') return;
    const { clientOrderId, executionId, commission, fee, reportedCharges: exact } = event.data;
    if (event.type === 'OrderFillCorrected') standing.delete(`${clientOrderId}/${event.data.correctsExecutionId}`);
    if (exact === undefined || !isAsked(event.position)) return;
    standing.set(`${clientOrderId}/${executionId}`, {
      reported: Decimal.parse(exact.commission).plus(Decimal.parse(exact.fee)),
      booked: Decimal.parse(commission).plus(Decimal.parse(fee)),
    });
  });
  if (standing.size === 0) return undefined;
  const reported = Decimal.sum([...standing.values()].map((charges) => charges.reported));
  const booked = Decimal.sum([...standing.values()].map((charges) => charges.booked));
  return (
    `the broker charged ${reported.shortText(2)} for ${standing.size} executions in parts of a cent, ` +
    `of which ${booked.shortText(2)} is booked`
  );
}
