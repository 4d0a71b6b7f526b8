import { Decimal } from '../../kernel/decimal.js';
import type { Journal } from '../../ports/journal.js';

/** The float in dollars, from its adjustments; undefined before the first. */
export async function currentFloat(journal: Pick<Journal, 'readAll'>): Promise<Decimal | undefined> {
  const events = await journal.readAll({ filter: { types: ['FloatAdjusted'] } });
  if (events.length === 0) return undefined;
  return events.reduce((float, event) => {
    if (event.type !== 'FloatAdjusted') return float;
    const amount = Decimal.parse(event.data.amount);
    return event.data.direction === 'inject' ? float.plus(amount) : float.minus(amount);
  }, Decimal.ZERO);
}
