import { bookCash } from '../../domain/accounting/book.js';
import { allLots, netPosition } from '../../domain/accounting/lots.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { centsToDecimal } from '../../kernel/money.js';
import type { Books } from '../../ports/books.js';

/** The books folded by the engine: the same rules over the same events as the ledger's rows. */
export function foldedBooks(state: EngineState): Books {
  const symbols = [...new Set(allLots(state.book.lots).map((lot) => lot.symbol))];
  return {
    cash: () => centsToDecimal(bookCash(state.book)),
    positions: () => new Map(symbols.map((symbol) => [symbol, netPosition(state.book.lots, symbol)])),
    isBalanced: () => [...state.book.balances.values()].reduce((sum, balance) => sum + balance, 0n) === 0n,
    close: () => undefined,
  };
}
