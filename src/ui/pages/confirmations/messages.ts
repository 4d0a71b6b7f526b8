import { FIGURES } from '../../parts/figures.js';

/** Texts of the confirmations. */
export const confirmations = {
  waiting: 'Entries awaiting confirmation',
  ask: (side: string, quantity: string, symbol: string): string =>
    `${side === 'long' ? 'Buy' : 'Sell short'} ${quantity} ${symbol}?`,
  facts: {
    strategy: 'Strategy',
    price: 'Price',
    cost: FIGURES['confirmation.cost'].name,
    left: 'Expires (UTC)',
    signal: 'Signal',
  },
  none: 'No entries await confirmation.',
  noneWhy: 'Entries await confirmation only while the setting TRADE_CONFIRMATION_REQUIRED is on.',
  reason: 'Reason',
  reasonHelp: 'Kept in the journal with your name.',
  confirm: 'Confirm',
  refuse: 'Refuse',
  byHand: { confirmed: 'confirmed by hand', refused: 'refused by hand' },
  confirmed: (symbol: string): string =>
    `${symbol} is confirmed. It is checked again in the next minute and sent if every check passes.`,
  refused: (symbol: string): string => `${symbol} is refused and is not sent.`,
  notYours: 'An operator or an admin decides it.',
  history: 'Decisions',
  columns: {
    at: 'Time (UTC)',
    symbol: 'Symbol',
    strategy: 'Strategy',
    outcome: 'Outcome',
    reason: 'Reason',
    event: 'Event',
  },
  noHistory: 'No decisions yet.',
} as const;
