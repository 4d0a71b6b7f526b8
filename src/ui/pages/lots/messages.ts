import { FIGURES } from '../../parts/figures.js';

/** Texts of the open lots. */
export const lots = {
  title: 'Open lots',
  position: (symbol: string, side: string): string => `${symbol}, ${side}`,
  facts: { last: FIGURES['lots.last'].name, unrealized: FIGURES['open_positions.unrealized'].name },
  columns: {
    ...{ opened: 'Opened (UTC)', lot: 'Lot', quantity: FIGURES['lot.quantity'].name },
    price: FIGURES['lot.price'].name,
  },
  unknownSince: 'opening of the books; the real day is not known',
  notValued: 'not valued yet',
  filter: 'Symbol',
  none: 'No lots are open.',
  noneOf: (symbol: string): string => `No lots of ${symbol} are open.`,
  noneWhy: 'The bot holds no shares. A lot is opened by each execution that enters a position.',
} as const;
