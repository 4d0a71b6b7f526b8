import { words } from '../lib/format.js';

/** How a figure is shown, on its page and where it is explained. */
export type Shape =
  /** Exact dollars. */
  | 'dollars'
  /** Dollars without their sign: the name says the side. */
  | 'size'
  /** A gain or loss in dollars, with its sign. */
  | 'change'
  /** A cost in dollars as what it takes away. */
  | 'cost'
  /** A gain or loss in dollars of which only a loss counts, without its sign. */
  | 'loss'
  /** A price, or a number of anything. */
  | 'plain'
  /** Shares, without the sign of a short position. */
  | 'shares'
  /** A number with its sign. */
  | 'difference'
  /** A share of one as a percentage. */
  | 'share'
  /** A value of a setting, a name. */
  | 'text';

/** Where the value of a figure stands that has no question of its own: its question is the id of what it belongs to. */
export type From =
  /** A member of the event that was asked for, or of the last one of this type behind it. */
  | { readonly event: string; readonly type?: string }
  /** A member of the order, the lot, the entry in the ledger, or a leg of it. */
  | { readonly order: string }
  | { readonly lot: string }
  | { readonly entry: 'amount' | 'charges' }
  | { readonly leg: 'debit' | 'credit' };

export interface FigureEntry {
  readonly name: string;
  readonly as: Shape;
  readonly from?: From;
}

const of = (name: string, as: Shape, from?: From): FigureEntry => ({
  name,
  as,
  ...(from === undefined ? {} : { from }),
});
const trade = (name: string, as: Shape, member: string): FigureEntry => of(name, as, { event: member });
const order = (name: string, as: Shape, member: string): FigureEntry => of(name, as, { order: member });
const MISMATCH = 'BooksMismatchFound';

/**
 * Every figure of the app by its key: the name that its page and its explanation give it, and how both show it. A figure of
 * the status has the path of its field as key.
 */
export const FIGURES = {
  daily_gain_loss: of('P&L today', 'change'),
  equity: of('Equity at cost', 'dollars'),
  market_value: of('Equity at market', 'dollars'),
  NAV: of('Net asset value', 'dollars'),
  cash: of('Cash', 'dollars'),
  assets: of('Assets', 'dollars'),
  liabilities: of('Liabilities', 'dollars'),
  float: of('Float', 'dollars'),
  unrealized: of('Unrealized, total', 'change'),
  opening_equity: of('Opening equity', 'dollars'),
  'equity_bridge.opening_value': of('Opening value', 'dollars'),
  'equity_bridge.realized': of('Realized P&L today', 'change'),
  'equity_bridge.fees': of('Fees today', 'cost'),
  'equity_bridge.other_income': of('Other income today', 'change'),
  'equity_bridge.unrealized': of('Unrealized today', 'change'),
  'equity_bridge.transfers': of('Transfers today', 'change'),
  'equity_bridge.value': of('Equity at market', 'dollars'),
  'daily.gross_pnl': of('Realized P&L today', 'change'),
  'daily.fees': of('Fees today', 'dollars'),
  'daily.PnL': of('Net income today', 'change'),
  'daily.trading_pnl': of('Trading P&L today', 'change'),
  'daily.net_income': of('Net income today', 'change'),
  'cumulative.gross_pnl': of('Realized P&L, total', 'change'),
  'cumulative.fees': of('Fees, total', 'dollars'),
  'cumulative.PnL': of('Net income, total', 'change'),
  'cumulative.trading_pnl': of('Trading P&L, total', 'change'),
  'cumulative.net_income': of('Net income, total', 'change'),
  'win_rates.today': of('Win rate today', 'share'),
  'win_rates.all': of('Win rate', 'share'),
  'win_rates.per_strategy': of('Win rate', 'share'),
  setting: of('Setting', 'text'),
  session_cap: of('Session cap', 'dollars'),
  'open_positions.size': of('Size', 'shares'),
  'open_positions.amount': of('Cost', 'size'),
  'open_positions.average_price': of('Entry', 'plain'),
  'open_positions.last_price': of('Last', 'plain'),
  'open_positions.unrealized': of('Unrealized', 'change'),
  'open_positions.stop': of('Stop', 'plain'),
  'position.toStop': of('To stop', 'share'),

  'risk.loss': of('Daily loss limit, used', 'loss'),
  'risk.atWork': of('Capital at work', 'dollars'),
  'risk.cap': of('Capital at work, limit', 'dollars'),
  'risk.atStops': of('Loss if every stop fills', 'dollars'),
  'strategy.pnlToday': of('P&L today', 'change'),
  'strategy.pnl': of('P&L', 'change'),

  'books.change': of('Change of equity at cost', 'change'),
  'books.result': of('Net income', 'change'),
  'books.realized': of('Realized P&L', 'change'),
  'books.fees': of('Fees', 'dollars'),
  'books.trading': of('Trading P&L', 'change'),
  'books.assets': of('Change of assets', 'change'),
  'books.liabilities': of('Change of liabilities', 'change'),

  'trades.net': of('Net P&L', 'change'),
  'trades.gross': of('Gross P&L', 'change'),
  'trades.fees': of('Fees', 'dollars'),
  'trades.slippage': of('Slippage', 'dollars'),
  'trades.average': of('Average', 'change'),
  'trades.averageOfAll': of('Average per trade', 'change'),
  'trades.minutes': of('Average minutes', 'plain'),
  'trades.winRate': of('Win rate', 'share'),
  'trades.count': of('Trades', 'plain'),
  'trades.total': of('Total', 'change'),
  'trades.drawdown': of('Drawdown', 'change'),
  'trades.deepest': of('Deepest drawdown', 'change'),
  'tuning.pnl': of('P&L', 'change'),
  'tuning.average': of('Average P&L', 'change'),
  'tuning.minutes': of('Average minutes', 'plain'),

  'day.gain': of('P&L of the day', 'change'),
  'day.trading': of('Trading P&L after fees', 'change'),
  'day.trades': of('Closed positions', 'plain'),
  'day.float': of('Float at start', 'dollars'),
  'day.gross': of('Gross', 'change'),
  'day.net': of('Net', 'change'),
  'bridge.opening': of('Opening value', 'dollars'),
  'bridge.realized': of('Realized', 'change'),
  'bridge.fees': of('Commissions and fees', 'cost'),
  'bridge.other': of('Other income', 'change'),
  'bridge.unrealized': of('Unrealized', 'change'),
  'bridge.transfers': of('Transfers', 'change'),
  'bridge.value': of('Closing value', 'dollars'),

  'ledger.result': of('Result', 'dollars'),
  'ledger.debits': of('Total, Debit', 'dollars'),
  'ledger.credits': of('Total, Credit', 'dollars'),
  'ledger.debit': of('Debit', 'size'),
  'ledger.credit': of('Credit', 'size'),
  'account.balance': of('Balance', 'dollars'),
  'entry.cash': of('Effect on cash', 'change', { entry: 'amount' }),
  'entry.charges': of('Charges', 'dollars', { entry: 'charges' }),
  'entry.debit': of('Debit', 'dollars', { leg: 'debit' }),
  'entry.credit': of('Credit', 'dollars', { leg: 'credit' }),
  entry: of('Ledger entry', 'text'),

  position: of('Shares', 'plain'),
  'lots.shares': of('Shares', 'shares'),
  'lots.cost': of('Cost', 'dollars'),
  'lots.proceeds': of('Proceeds', 'size'),
  'lots.last': of('Last price', 'plain'),
  'lot.quantity': of('Shares left', 'plain', { lot: 'quantity' }),
  'lot.price': of('Price', 'plain', { lot: 'price' }),
  'lot.amount': of('Cost left', 'dollars', { lot: 'amount' }),
  'lot.proceeds': of('Proceeds left', 'dollars', { lot: 'amount' }),

  'order.quantity': order('Quantity', 'plain', 'quantity'),
  'order.notional': order('Quantity', 'dollars', 'notional'),
  'order.filled': order('Filled', 'plain', 'filled'),
  'order.price': order('Average price', 'plain', 'averagePrice'),
  'order.reference': order('Reference price', 'plain', 'referencePrice'),
  'order.limit': order('Limit price', 'plain', 'limitPrice'),
  'order.stop': order('Stop price', 'plain', 'stopPrice'),
  'order.fees': order('Fees', 'dollars', 'fees'),
  'order.slippage': order('Slippage', 'dollars', 'slippage'),
  'trade.net': trade('Net P&L', 'change', 'netPnl'),
  'trade.gross': trade('Gross P&L', 'change', 'grossPnl'),
  'trade.fees': trade('Fees', 'dollars', 'fees'),
  'trade.quantity': trade('Quantity', 'plain', 'quantity'),
  'trade.entry': trade('Entry', 'plain', 'entryPrice'),
  'trade.exit': trade('Exit', 'plain', 'exitPrice'),

  'float.amount': trade('Amount', 'dollars', 'amount'),
  'chart.high': trade('Range high', 'plain', 'figures.rangeHigh'),
  'chart.low': trade('Range low', 'plain', 'figures.rangeLow'),
  'chart.price': trade('Price', 'plain', 'price'),
  'chart.stop': trade('Price', 'plain', 'stop'),
  'confirmation.cost': of('Cost', 'dollars', { event: 'cost', type: 'EntryConfirmationRequested' }),
  'mismatch.books': of('Books', 'plain', { event: 'books', type: MISMATCH }),
  'mismatch.broker': of('Broker', 'plain', { event: 'broker', type: MISMATCH }),
  'mismatch.difference': of('Broker less books', 'difference'),
  'mismatch.cash.books': of('Books', 'dollars', { event: 'books', type: MISMATCH }),
  'mismatch.cash.broker': of('Broker', 'dollars', { event: 'broker', type: MISMATCH }),
  'mismatch.cash.difference': of('Broker less books', 'change'),
} as const satisfies Readonly<Record<string, FigureEntry>>;

export type FigureKey = keyof typeof FIGURES;

/** Whether a text of an address names a figure. */
export function isFigure(key: string | undefined): key is FigureKey {
  return key !== undefined && Object.hasOwn(FIGURES, key);
}

/** The entry of a figure. */
export function figureEntry(key: FigureKey): FigureEntry {
  return FIGURES[key];
}

/** What heads a figure: its name, and what it is of. */
export function headOf(key: FigureKey, of: string): string {
  return of === '' ? FIGURES[key].name : `${FIGURES[key].name}, ${of}`;
}

/** The figures of questions that come without the key of one: from the command line, or as part of another figure. */
const ASKED: Readonly<Record<string, FigureKey | { readonly whole: FigureKey; readonly part: FigureKey }>> = {
  ...{ cash: 'cash', float: 'float', value: 'market_value', atwork: 'risk.atWork', atstops: 'risk.atStops' },
  ...{ debits: 'ledger.debits', credits: 'ledger.credits', account: 'account.balance', drawdown: 'trades.drawdown' },
  ...{ pnl: 'trades.net', gross: 'trades.gross', charges: 'trades.fees', slippage: 'trades.slippage' },
  ...{ average: 'trades.average', minutes: 'trades.minutes', winrate: 'trades.winRate', count: 'trades.count' },
  ...{ position: 'position', cost: 'open_positions.amount', entry: 'open_positions.average_price' },
  ...{ price: 'open_positions.last_price', stop: 'open_positions.stop', tostop: 'position.toStop' },
  ...{ gain: 'day.gain', setting: 'setting', opening: 'opening_equity', bridge: 'bridge.value' },
  equity: { whole: 'equity', part: 'books.change' },
  assets: { whole: 'assets', part: 'books.assets' },
  liabilities: { whole: 'liabilities', part: 'books.liabilities' },
  result: { whole: 'cumulative.net_income', part: 'books.result' },
  trading: { whole: 'cumulative.trading_pnl', part: 'books.trading' },
  realized: { whole: 'cumulative.gross_pnl', part: 'books.realized' },
  fees: { whole: 'cumulative.fees', part: 'books.fees' },
  unrealized: { whole: 'unrealized', part: 'open_positions.unrealized' },
};
const PARTS: Readonly<Record<string, FigureKey>> = {
  ...{ 'opening/float': 'day.float', 'opening/cap': 'session_cap', 'bridge/opening': 'bridge.opening' },
  ...{ 'bridge/other': 'bridge.other', 'bridge/unrealized': 'bridge.unrealized' },
  'bridge/moved': 'bridge.transfers',
};

/** The figure that a question is about; undefined for an id. */
export function figureAsked(question: string): FigureKey | undefined {
  const [what, of] = cutAt(question, ':');
  const found = Object.hasOwn(ASKED, what) ? ASKED[what] : undefined;
  if (found === undefined) return undefined;
  if (typeof found === 'object') return of === '' ? found.whole : found.part;
  return PARTS[`${what}/${cutAt(of, '/')[1]}`] ?? found;
}

/** What the figure of a question is of, in words: a session, a symbol, a strategy, a setting; empty for all. */
export function askedOf(question: string): string {
  const [what, of] = cutAt(question, ':');
  const [kind, rest] = cutAt(of, '/');
  if (what === 'opening' || what === 'bridge') return kind;
  switch (kind) {
    case 'until':
      return `up to ${rest}`;
    case 'hour':
      return `${rest}:00`;
    case 'symbol':
      return rest;
    case 'reason':
      return words(rest);
    case 'setting': {
      const [strategy, setting] = cutAt(rest, '/');
      const [key, value] = cutAt(setting, '/');
      return `${strategy}, ${key} ${value}`;
    }
    default:
      return rest === '' ? kind : `${kind}, ${rest}`;
  }
}

function cutAt(text: string, mark: string): readonly [string, string] {
  const cut = text.indexOf(mark);
  return cut < 0 ? [text, ''] : [text.slice(0, cut), text.slice(cut + 1)];
}
