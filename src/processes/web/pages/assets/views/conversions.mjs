import { el, table } from '../lib/dom.mjs';
import { timeText } from '../lib/format.mjs';

const KINDS = { split: 'Split', symbol_change: 'Symbol changed' };

/** The last splits and changes of symbol that shares were held through; nothing where there were none. */
export function conversionsCard(conversions = []) {
  if (conversions.length === 0) return null;
  const rows = conversions
    .toReversed()
    .map((one) => [
      timeText(one.happened_at),
      KINDS[one.kind],
      `${one.shares_before} ${one.symbol}`,
      `${one.shares_after} ${one.new_symbol}`,
      one.description,
    ]);
  return el(
    'section',
    { class: 'card', 'aria-label': 'Splits and renamed symbols' },
    table(['When', 'What', 'Shares before', 'Shares after', 'Broker'], rows, {
      caption: 'Splits and renamed symbols',
      wide: [4],
    }),
  );
}
