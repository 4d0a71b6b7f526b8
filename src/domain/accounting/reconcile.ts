import type { TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { centsToDecimal, type Cents } from '../../kernel/money.js';

/** Account contents reported by one side. The order of positions is irrelevant; rows of one symbol are summed. */
export interface Holdings {
  readonly cash: Cents;
  readonly positions: readonly { readonly symbol: TickerSymbol; readonly quantity: Decimal }[];
}

/** A difference between the two sides. */
export interface Finding {
  readonly subject: 'cash' | 'position';
  readonly symbol: TickerSymbol | null;
  readonly ledger: Decimal;
  readonly broker: Decimal;
  /** Broker less ledger, never zero. */
  readonly delta: Decimal;
}

/** Exact differences: cash first, then by symbol. Empty when the books agree with the broker. */
export function reconcile(ours: Holdings, theirs: Holdings): readonly Finding[] {
  const ledger = bySymbol(ours);
  const broker = bySymbol(theirs);
  const symbols = [...new Set([...ledger.keys(), ...broker.keys()])].sort();
  return [
    finding('cash', null, centsToDecimal(ours.cash), centsToDecimal(theirs.cash)),
    ...symbols.map((symbol) =>
      finding('position', symbol, ledger.get(symbol) ?? Decimal.ZERO, broker.get(symbol) ?? Decimal.ZERO),
    ),
  ].filter((found) => !found.delta.isZero());
}

function finding(subject: Finding['subject'], symbol: TickerSymbol | null, ledger: Decimal, broker: Decimal): Finding {
  return { subject, symbol, ledger, broker, delta: broker.minus(ledger) };
}

function bySymbol(holdings: Holdings): ReadonlyMap<TickerSymbol, Decimal> {
  const sums = new Map<TickerSymbol, Decimal>();
  for (const { symbol, quantity } of holdings.positions) {
    sums.set(symbol, (sums.get(symbol) ?? Decimal.ZERO).plus(quantity));
  }
  return sums;
}
