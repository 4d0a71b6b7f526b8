import type { EventData } from '../../events/event.js';

type Mismatch = Pick<
  EventData<'BooksMismatchFound'>,
  'kind' | 'symbol' | 'brokerSymbol' | 'books' | 'broker' | 'delta'
>;

/** A difference as a sentence: what differs, both amounts, and the difference as broker less books. */
export function mismatchText(mismatch: Mismatch): string {
  const { kind, symbol, brokerSymbol, books, broker, delta } = mismatch;
  const name = symbol ?? brokerSymbol ?? '';
  const amounts = `books ${books}, broker ${broker}, difference ${delta}`;
  switch (kind) {
    case 'cash':
      return `cash differs: ${amounts}`;
    case 'unknown_position':
      return `the broker holds ${name}, which the bot has not bought: ${amounts}`;
    case 'missing_position':
      return `the broker does not hold ${name}: ${amounts}`;
    case 'opposite_side':
      return `the position in ${name} is on the other side at the broker: ${amounts}`;
    case 'quantity':
      return `the number of shares of ${name} differs: ${amounts}`;
    case 'dust':
      return `a fraction of a share of ${name} differs: ${amounts}`;
    case 'unbookable_symbol':
      return `the broker holds ${name}, which the books cannot hold: ${amounts}`;
  }
}
