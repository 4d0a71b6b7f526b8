import { FIGURES } from '../../parts/figures.js';

/** Texts of the sheet of a closed session. */
export const day = {
  session: 'Session',
  print: 'Print',
  bot: (identity: string, simulated: boolean): string => `${identity}${simulated ? ', simulated account' : ''}`,
  reviewed: 'Reviewed by',
  reviewedOn: 'Date',
  title: (date: string): string => `Day close, ${date}`,
  closedAt: 'Closed',
  bridge: 'Equity bridge',
  result: 'Result',
  strategies: 'Strategies',
  strategyHeads: {
    ...{ name: 'Strategy', signals: 'Signals', blocked: 'Blocked', trades: 'Trades', gross: FIGURES['day.gross'].name },
    ...{ fees: FIGURES['trades.fees'].name, net: FIGURES['day.net'].name },
  },
  counts: 'Orders and risk',
  orderNames: {
    ...{ intended: 'Orders', filled: 'Filled', cancelled: 'Cancelled', expired: 'Expired', unresolved: 'Unresolved' },
    fills: 'Fills',
  },
  riskTriggers: 'Risk triggers',
  errors: 'Errors',
  reconciliation: 'Reconciliation',
  agrees: 'Books and broker agree.',
  differs: (count: number): string =>
    `${count} ${count === 1 ? 'difference' : 'differences'} between books and broker.`,
  notReconciled: 'The books were not compared with the broker at the close.',
  checks: {
    closed_positions_equal_books: 'Closed positions equal the books',
    engine_summary_equals_books: 'Engine summary equals the books',
  },
  yes: 'yes',
  no: 'no',
  notComparable: 'not comparable',
  held: 'Held overnight',
  flat: 'No position was held overnight.',
  proof: 'Proof',
  proofRows: {
    sha256: 'SHA-256 of this summary',
    position: 'Sealed up to position',
    hash: 'Hash at that position',
    merkle: 'Merkle root',
    sealedAt: 'Sealed (UTC)',
  },
  noSeal: 'The journal is not sealed at this close yet.',
  entries: 'Entries in the ledger',
  none: 'No closed session yet.',
  noneWhy: 'The sheet of a session appears when it is closed.',
} as const;
