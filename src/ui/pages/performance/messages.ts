import { FIGURES } from '../../parts/figures.js';

/** Texts of the performance. */
export const performance = {
  summary: 'Closed positions',
  drawdownFrom: (from: string | null, to: string): string => (from === null ? `start to ${to}` : `${from} to ${to}`),
  noDrawdown: 'no loss so far',
  equity: 'Net P&L by session',
  equityChart: 'Net P&L of all sessions so far, and how far it is below its highest',
  series: { total: 'Total', drawdown: 'Drawdown', trades: 'Trades' },
  columns: {
    ...{ session: 'Session', equity: FIGURES.opening_equity.name, trades: FIGURES['trades.count'].name },
    ...{ net: FIGURES['trades.net'].name, total: FIGURES['trades.total'].name },
    ...{ drawdown: FIGURES['trades.drawdown'].name, wins: FIGURES['trades.winRate'].name },
    ...{ average: FIGURES['trades.average'].name, range: 'Net P&L of a trade', from: 'From' },
  },
  by: {
    strategies: 'By strategy',
    symbols: 'By symbol',
    hours: 'By hour of entry (New York)',
    reasons: 'By exit reason',
  },
  keys: { strategies: 'Strategy', symbols: 'Symbol', hours: 'Hour', reasons: 'Exit reason' },
  distribution: 'Distribution of trades',
  distributionChart: 'Number of trades by their net P&L',
  range: (from: string, to: string): string => `${from} to ${to}`,
  asTable: 'Show as table',
  none: 'No closed trades yet.',
  noneWhy: 'Results appear when the first position is closed.',
} as const;
