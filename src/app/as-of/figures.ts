import { figuresOf, type LedgerFigures } from '../../domain/accounting/figures.js';
import type { AccountingBook } from '../../domain/accounting/book.js';
import { allLots, netPosition } from '../../domain/accounting/lots.js';
import { trialBalance, type TrialBalance } from '../../domain/accounting/trial-balance.js';
import type { Balances } from '../../domain/accounting/balances.js';
import type { TickerSymbol } from '../../events/names.js';
import type { Decimal } from '../../kernel/decimal.js';
import type { Position } from '../../events/event.js';

/** The books at a moment; money in cents. */
export interface BookFigures extends LedgerFigures {
  readonly trialBalance: TrialBalance;
  /** Shares by symbol in order, negative is short; flat symbols are left out. */
  readonly positions: readonly { readonly symbol: TickerSymbol; readonly quantity: Decimal }[];
}

/** Trial balance by the chart at that time, positions from the lots, gains and fees from the postings. */
export function bookFigures(book: AccountingBook): BookFigures {
  const symbols = [...new Set(allLots(book.lots).map((lot) => lot.symbol))].sort();
  return {
    ...figuresOf(book),
    trialBalance: trialBalance(book.balances, book.coa.accounts),
    positions: symbols
      .map((symbol) => ({ symbol, quantity: netPosition(book.lots, symbol) }))
      .filter(({ quantity }) => !quantity.isZero()),
  };
}

/** The part of the ledger that an answer is compared with. */
export interface LedgerThen {
  /** The last event that it has processed; null when it has none. */
  reached(): Position | null;
  balances(asOf: { readonly position: Position }): Balances;
  figures(asOf: { readonly position: Position }): LedgerFigures;
  positions(asOf: { readonly position: Position }): ReadonlyMap<TickerSymbol, Decimal>;
}

/**
 * Whether the ledger file has the same figures at the same position, to the cent and the share; null when it has not
 * processed that far. Two independent sources: the ledger's rows, and the fold of the events.
 */
export function ledgerAgrees(book: AccountingBook, ledger: LedgerThen, position: Position): boolean | null {
  const reached = ledger.reached();
  if (reached === null || reached < position) return null;
  const theirs = ledger.balances({ position });
  const codes = new Set([...book.balances.keys(), ...theirs.keys()]);
  const sameMoney = [...codes].every((code) => (book.balances.get(code) ?? 0n) === (theirs.get(code) ?? 0n));
  const shares = ledger.positions({ position });
  const ours = bookFigures(book).positions;
  const sameShares =
    ours.length === shares.size && ours.every(({ symbol, quantity }) => shares.get(symbol)?.equals(quantity) === true);
  return sameMoney && sameShares && sameFigures(figuresOf(book), ledger.figures({ position }));
}

/** The figures besides balances; sums by account type follow the chart, which may have changed since. */
function sameFigures(ours: LedgerFigures, theirs: LedgerFigures): boolean {
  return ours.cash === theirs.cash && ours.realized === theirs.realized && ours.fees === theirs.fees;
}
