/** Texts of the confirmations. */
export const confirmations = {
  waiting: 'Entries that wait for a person',
  ask: (side: string, quantity: string, symbol: string): string =>
    `${side === 'long' ? 'Buy' : 'Sell short'} ${quantity} ${symbol}?`,
  facts: { strategy: 'Strategy', price: 'Price', cost: 'Cost', left: 'Expires (UTC)', signal: 'Signal' },
  none: 'No entry waits.',
  noneWhy: 'Entries are asked about when the setting TRADE_CONFIRMATION_REQUIRED is on.',
  reason: 'Reason',
  reasonHelp: 'Kept in the journal with your name.',
  confirm: 'Confirm',
  refuse: 'Refuse',
  byHand: { confirmed: 'confirmed by hand', refused: 'refused by hand' },
  confirmed: (symbol: string): string =>
    `${symbol} is confirmed. It is judged again with the next minute, and sent when every check passes.`,
  refused: (symbol: string): string => `${symbol} is refused and is not sent.`,
  notYours: 'An operator or an admin decides it.',
  history: 'Decided',
  columns: {
    at: 'Time (UTC)',
    symbol: 'Symbol',
    strategy: 'Strategy',
    outcome: 'Outcome',
    reason: 'Reason',
    event: 'Event',
  },
  noHistory: 'Nothing was decided yet.',
} as const;
