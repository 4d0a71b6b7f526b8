import { strategies as texts } from './messages.js';

/** ETF by symbol. */
export type Entries = Readonly<Record<string, string>>;

/** One SYMBOL=ETF a line. */
export function linesOf(entries: Entries): string {
  return Object.entries(entries)
    .map((one) => one.join('='))
    .join('\n');
}

/** What was typed, in capital letters; a line without an ETF is left to the server, which refuses it. */
export function entriesOf(text: string): Entries {
  const lines = text.split('\n').map((line) => line.trim());
  const pairs = lines
    .filter((line) => line !== '')
    .map((line) => line.split('=').map((part) => part.trim().toUpperCase()));
  return Object.fromEntries(pairs.map(([symbol = '', etf = '']) => [symbol, etf]));
}

/** What a save would change, a sentence for each symbol. */
export function changesOfList(before: Entries, after: Entries): readonly string[] {
  const symbols = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return symbols.flatMap((symbol) => {
    const [old, next] = [before[symbol], after[symbol]];
    if (old === next) return [];
    if (old === undefined) return [texts.added(symbol, next ?? '')];
    return next === undefined ? [texts.removed(symbol, old)] : [texts.changed(symbol, old, next)];
  });
}
