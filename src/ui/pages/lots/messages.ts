/** Texts of the open lots. */
export const lots = {
  title: 'Open lots',
  position: (symbol: string, side: string): string => `${symbol}, ${side}`,
  facts: { quantity: 'Shares', cost: 'Cost', proceeds: 'Proceeds', last: 'Last price', unrealized: 'Unrealized' },
  columns: { opened: 'Opened (UTC)', lot: 'Lot', quantity: 'Shares left', price: 'Price', amount: 'Cost left' },
  unknownSince: 'opening of the books; the real day is not known',
  notValued: 'not valued yet',
  none: 'No lots are open.',
  noneWhy: 'The bot holds no shares. A lot is opened by each execution that enters a position.',
} as const;
