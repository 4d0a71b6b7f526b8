import type { ComponentType } from 'react';
import type { IconName } from '../parts/icon.js';

/** The groups of the menu, in order. */
export const GROUPS = ['Trading', 'Books', 'Proof', 'System'] as const;

/** What a page shows of one symbol or account: the parameter of its address that names it. */
export interface AskedBy {
  readonly by: 'symbol' | 'account';
  readonly param: string;
  /** What stands before the symbol or account there: a stream is that of the position. */
  readonly prefix?: string;
  /** What is shown then: "Orders" of AIG. */
  readonly name: string;
  readonly search?: Readonly<Record<string, string>>;
}

/** A page of the app: the router, the menu, the command palette, the crawler and the screenshots read this table alone. */
export interface PageEntry {
  readonly id: string;
  /** Below the prefix of the app; `$name` is a part that varies. */
  readonly path: string;
  readonly title: string;
  readonly icon: IconName;
  /** Null: reached by links and the command palette, but not in the menu. */
  readonly group: (typeof GROUPS)[number] | null;
  /** The permission that a user needs; null: every user. */
  readonly needs: string | null;
  /** Words that the command palette finds it by. */
  readonly keywords: string;
  /** Whether the page can show a past position; otherwise it says that it knows the present only. */
  readonly past?: boolean;
  /** What the command palette asks it for when a symbol or an account is typed. */
  readonly asks?: readonly AskedBy[];
  /** Loads the page when it is opened; its module has it as default export. */
  readonly load: () => Promise<{ readonly default: ComponentType }>;
}

const of = (name: string): AskedBy => ({ by: 'symbol', param: 'symbol', name });

/** Of this symbol alone: one that begins with it has a stream of its own. */
const EVENTS_OF_POSITION = { name: 'Events of the position', search: { whole: '1' } } as const;

/** Every page. A new one is a folder in pages/ and an entry here. */
export const PAGES: readonly PageEntry[] = [
  {
    ...{ id: 'main', path: '/', title: 'Overview', icon: 'dash', group: 'Trading', needs: 'read', past: true },
    keywords: 'home main positions profit loss equity strategies session briefing',
    load: () => import('./main/page.js'),
  },
  {
    ...{ id: 'status', path: '/status', title: 'Status', icon: 'status', group: 'System', needs: 'read', past: true },
    keywords: 'health conditions processes checks projections jobs lag',
    load: () => import('./status/page.js'),
  },
  {
    ...{ id: 'control', path: '/control', title: 'Control', icon: 'power', group: 'System', needs: 'read' },
    keywords: 'state shutdown error kill switch defense reset protections left open commands',
    load: () => import('./control/page.js'),
  },
  {
    ...{ id: 'health', path: '/health', title: 'Health', icon: 'heart', group: 'System', needs: 'read' },
    keywords: 'processes memory journal seal verify backup clock disk feed watchdog lag',
    load: () => import('./health/page.js'),
  },
  {
    ...{ id: 'orders', path: '/orders', title: 'Orders', icon: 'order', group: 'Trading', needs: 'read' },
    ...{ keywords: 'orders trades fills executions slippage blotter', past: true },
    asks: [of('Orders'), { ...of('Trades'), search: { tab: 'trades' } }],
    load: () => import('./orders/page.js'),
  },
  {
    ...{ id: 'order', path: '/orders/$id', title: 'Order', icon: 'receipt', group: null, needs: 'read', past: true },
    keywords: 'order life timeline',
    load: () => import('./orders/order-page.js'),
  },
  {
    ...{ id: 'decisions', path: '/decisions', title: 'Why no trade', icon: 'target', group: 'Trading', needs: 'read' },
    ...{ keywords: 'decisions blocked rejected candidates rules signals', past: true },
    asks: [of('Why no trade')],
    load: () => import('./decisions/page.js'),
  },
  {
    ...{
      id: 'chart',
      path: '/chart',
      title: 'Price chart',
      icon: 'candles',
      group: 'Trading',
      needs: 'read',
      past: true,
    },
    keywords: 'candles bars market vwap opening range stop halt entry exit',
    asks: [of('Price chart')],
    load: () => import('./chart/page.js'),
  },
  {
    ...{ id: 'performance', path: '/performance', title: 'Performance', icon: 'chart', group: 'Trading' },
    ...{ needs: 'read', past: true },
    keywords: 'profit loss equity drawdown win rate chart results distribution hour',
    load: () => import('./performance/page.js'),
  },
  {
    ...{ id: 'strategies', path: '/strategies', title: 'Strategies', icon: 'plan', group: 'Trading', needs: 'read' },
    ...{ keywords: 'open mid close inverse etf win rate tuning own modules', past: true },
    load: () => import('./strategies/page.js'),
  },
  {
    ...{ id: 'confirmations', path: '/confirmations', title: 'Confirmations', icon: 'shield', group: 'Trading' },
    ...{ needs: 'read', keywords: 'confirm refuse entries wait person' },
    load: () => import('./confirmations/page.js'),
  },
  {
    ...{ id: 'universe', path: '/universe', title: 'Universe', icon: 'filter', group: 'Trading', needs: 'read' },
    ...{ keywords: 'symbols screener build excluded blocklist why', past: true },
    asks: [of('In the universe or not')],
    load: () => import('./universe/page.js'),
  },
  {
    ...{ id: 'ledger', path: '/ledger', title: 'Ledger', icon: 'book', group: 'Books', needs: 'read', past: true },
    keywords: 'entries double entry debit credit balances trial balance accounts postings',
    asks: [of('Ledger entries'), { ...of('Ledger entries'), by: 'account', param: 'account' }],
    load: () => import('./ledger/page.js'),
  },
  {
    ...{ id: 'lots', path: '/lots', title: 'Open lots', icon: 'layers', group: 'Books', needs: 'read', past: true },
    keywords: 'lots cost basis positions holdings unrealized',
    asks: [of('Open lots')],
    load: () => import('./lots/page.js'),
  },
  {
    ...{ id: 'float', path: '/float', title: 'Float', icon: 'wallet', group: 'Books', needs: 'read', past: true },
    keywords: 'capital inject return transfer owner money',
    load: () => import('./float/page.js'),
  },
  {
    ...{ id: 'day', path: '/day', title: 'Day close', icon: 'calendar', group: 'Books', needs: 'read', past: true },
    keywords: 'day close sheet print equity bridge seal summary report',
    load: () => import('./day/page.js'),
  },
  {
    ...{ id: 'inbox', path: '/reconciliation', title: 'Reconciliation', icon: 'scale', group: 'Books', needs: 'read' },
    ...{ keywords: 'inbox mismatches differences broker unknown orders resolve unmapped', past: true },
    load: () => import('./inbox/page.js'),
  },
  {
    ...{
      id: 'accounts',
      path: '/accounts',
      title: 'Accounts',
      icon: 'accounts',
      group: 'Books',
      needs: 'read',
      past: true,
    },
    keywords: 'chart of accounts coa mapping rules posting versions',
    asks: [{ ...of('Chart of accounts'), by: 'account', param: 'search' }],
    load: () => import('./accounts/page.js'),
  },
  {
    ...{ id: 'exports', path: '/exports', title: 'Exports', icon: 'export', group: 'Books', needs: 'exports' },
    ...{ keywords: 'ofx csv json hledger beancount statement download', past: true },
    load: () => import('./exports/page.js'),
  },
  {
    ...{ id: 'books', path: '/books', title: 'Entries and tasks', icon: 'pen', group: 'Books', needs: 'verify' },
    keywords: 'books adjusting entry verify seal check rebuild files backup',
    load: () => import('./books/page.js'),
  },
  {
    ...{ id: 'events', path: '/events', title: 'Events', icon: 'chain', group: 'Proof', needs: 'read', past: true },
    keywords: 'journal audit history follow stream position',
    asks: [{ by: 'symbol', param: 'stream', prefix: 'position-', ...EVENTS_OF_POSITION }],
    load: () => import('./events/page.js'),
  },
  {
    ...{
      id: 'compare',
      path: '/compare',
      title: 'Compare',
      icon: 'compare',
      group: 'Proof',
      needs: 'read',
      past: true,
    },
    keywords: 'difference two positions moments first event changed figures',
    load: () => import('./compare/page.js'),
  },
  {
    ...{
      id: 'event',
      path: '/events/$position',
      title: 'Event',
      icon: 'journal',
      group: null,
      needs: 'read',
      past: true,
    },
    keywords: 'event cause effect hash proof',
    load: () => import('./events/event-page.js'),
  },
  {
    ...{ id: 'logs', path: '/log', title: 'Logs', icon: 'list', group: 'System', needs: 'read' },
    keywords: 'log tail download search lines',
    load: () => import('./logs/page.js'),
  },
  {
    ...{ id: 'broker', path: '/broker', title: 'Broker', icon: 'plug', group: 'System', needs: 'read', past: true },
    keywords: 'connection account permissions rate limit calls foreign orders messages',
    load: () => import('./broker/page.js'),
  },
  {
    ...{ id: 'settings', path: '/settings', title: 'Settings', icon: 'cog', group: 'System', needs: 'settings' },
    keywords: 'configuration keys limits pending history',
    load: () => import('./settings/page.js'),
  },
  {
    ...{ id: 'secrets', path: '/secrets', title: 'Secrets', icon: 'key', group: 'System', needs: 'secrets' },
    keywords: 'credentials keys broker mail network rotate master key',
    load: () => import('./secrets/page.js'),
  },
  {
    ...{ id: 'users', path: '/users', title: 'Users', icon: 'people', group: 'System', needs: 'users' },
    keywords: 'accounts roles sessions password denials refused matrix',
    load: () => import('./users/page.js'),
  },
  {
    ...{ id: 'tests', path: '/tests', title: 'Tests', icon: 'test', group: 'System', needs: 'test-mode' },
    keywords: 'checks test mode results rehearsal',
    load: () => import('./tests/page.js'),
  },
  {
    ...{ id: 'account', path: '/account', title: 'Account', icon: 'user', group: null, needs: null },
    keywords: 'password second factor totp tokens sessions',
    load: () => import('./account/page.js'),
  },
];

/** What opens without a log-in, once there are users: by address. */
export const OPEN_PAGES = {
  '/forgot': () => import('./reset/forgot.js'),
  '/reset': () => import('./reset/page.js'),
} as const;

/** What is shown instead of any page before there is a user: by the part of its life that the bot is in. */
export const STAGE_PAGES = {
  setup: () => import('./setup/page.js'),
  registration: () => import('./register/page.js'),
} as const;
