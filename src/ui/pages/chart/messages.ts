import { FIGURES } from '../../parts/figures.js';

/** Texts of the price chart. */
export const chart = {
  session: 'Session',
  symbol: 'Symbol',
  openSession: (date: string): string => `${date}, open`,
  groups: { traded: 'Traded', others: 'Not traded' },
  title: (symbol: string, date: string): string => `${symbol}, ${date}`,
  picture: (symbol: string, date: string): string =>
    `Prices of ${symbol} on ${date} by minute (UTC), with signals, fills and stops. The table below lists them.`,
  legend: { vwap: 'VWAP', range: 'Opening range', stop: 'Stop', halt: 'Halted' },
  facts: { first: 'Open', last: 'Close', volume: 'Volume', vwap: 'VWAP' },
  marks: 'Signals, fills and stops',
  kinds: { signal: 'Signal', entry: 'Entry', exit: 'Exit', stop: 'Stop', end: 'Position closed', halt: 'Halted' },
  columns: {
    ...{
      at: 'Time (UTC)',
      kind: 'What',
      price: FIGURES['chart.price'].name,
      quantity: 'Quantity',
      strategy: 'Strategy',
    },
    decision: 'Decision',
  },
  why: 'Why',
  order: 'Order',
  noMarks: 'The bot had no signal and no fill in this symbol in this session.',
  noDays: 'No market data is recorded yet.',
  noDaysWhy: 'Each session records the minutes that it sees. The first one appears after its first minutes.',
  noBars: 'No minutes up to this moment.',
  zone: 'Times in UTC',
  credit: 'Drawn with TradingView Lightweight Charts\u2122',
} as const;
