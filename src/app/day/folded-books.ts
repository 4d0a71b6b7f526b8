import { bookCash } from '../../domain/accounting/book.js';
import { allLots, netPosition } from '../../domain/accounting/lots.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { TickerSymbol } from '../../events/names.js';
import type { Decimal } from '../../kernel/decimal.js';
import { centsToDecimal } from '../../kernel/money.js';
import type { Books } from '../../ports/books.js';

/** The books folded by the engine: the same rules over the same events as the ledger's rows. */
export function foldedBooks(state: EngineState): Books {
  return {
    cash: () => centsToDecimal(bookCash(state.book)),
    positions: () => bookPositions(state),
    isBalanced: () => [...state.book.balances.values()].reduce((sum, balance) => sum + balance, 0n) === 0n,
    close: () => undefined,
  };
}

/** Shares of each symbol by the books; below zero for a short. */
export function bookPositions({ book }: EngineState): ReadonlyMap<TickerSymbol, Decimal> {
  const symbols = [...new Set(allLots(book.lots).map((lot) => lot.symbol))];
  return new Map(symbols.map((symbol) => [symbol, netPosition(book.lots, symbol)]));
}
