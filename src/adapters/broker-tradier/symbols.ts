import { canonicalSymbol, type TickerSymbol } from '../../events/names.js';

/** The symbol as the broker writes it: a class of shares has a slash. */
export function wireSymbol(symbol: TickerSymbol): string {
  return symbol.replace('.', '/');
}

/** The symbol of an answer as this program writes it; those of options and others stay as they are. */
export function symbolOf(text: string): TickerSymbol {
  return canonicalSymbol(text.toUpperCase());
}
