import { canonicalSymbol, isSymbol } from '../../events/names.js';

/** A symbol that no universe has, with who said so and why. */
export interface BlockedSymbol {
  readonly symbol: string;
  readonly reason: string;
  readonly since: string;
  readonly provider: string;
}

export interface Blocklist {
  readonly blocked: ReadonlyMap<string, BlockedSymbol>;
  /** Lines that could not be read; their symbol is blocked all the same when it can be read. */
  readonly faults: readonly string[];
}

/** The first lines of a new blocklist. */
export const BLOCKLIST_HEADER = '# SYMBOL|reason|UTC|provider\n';

/** Reads lines of the form SYMBOL|reason|UTC|provider; empty lines and those that begin with # say nothing. */
export function parseBlocklist(text: string): Blocklist {
  const blocked = new Map<string, BlockedSymbol>();
  const faults: string[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === '' || line.trimStart().startsWith('#')) return;
    const [first = '', reason = '', since = '', provider = '', ...more] = line.split('|').map((part) => part.trim());
    const symbol = canonicalSymbol(first.toUpperCase());
    const whole = reason !== '' && since !== '' && provider !== '' && more.length === 0;
    if (!isSymbol(symbol)) faults.push(`line ${index + 1}: "${first.slice(0, 20)}" is not a symbol`);
    else {
      if (!whole)
        faults.push(`line ${index + 1}: ${symbol} is blocked, but the line is not SYMBOL|reason|UTC|provider`);
      if (!blocked.has(symbol)) {
        blocked.set(symbol, { symbol, reason: reason || 'no reason given', since, provider });
      }
    }
  });
  return { blocked, faults };
}
