import { isSymbol, type TickerSymbol } from '../../events/names.js';
import { configError } from '../../kernel/errors.js';

const MOST_SYMBOLS = 500;

/** The symbols of a feed, in the order given: at least one, none twice. */
export function checkedSymbols(symbols: readonly TickerSymbol[]): readonly TickerSymbol[] {
  const twice = symbols.find((symbol, index) => symbols.indexOf(symbol) !== index);
  if (twice !== undefined) {
    throw configError({
      code: 'SYMBOL_TWICE',
      message: `${twice} is in the list of symbols twice`,
      remedy: 'Name each symbol once.',
    });
  }
  if (symbols.length === 0 || symbols.length > MOST_SYMBOLS) {
    throw configError({
      code: 'BAD_SYMBOL_COUNT',
      message: `${symbols.length} symbols were requested`,
      remedy: `Give 1 to ${MOST_SYMBOLS} symbols, such as SPY,AIG.`,
    });
  }
  return [...symbols];
}

/** The symbols that files or folders of these names hold: in capitals, as they must be asked for. */
export function symbolsAmong(names: readonly string[]): readonly TickerSymbol[] {
  return [...new Set(names.map((name) => name.toUpperCase()).filter(isSymbol))].sort();
}
