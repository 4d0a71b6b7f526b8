import { canonicalSymbol, isSymbol, type TickerSymbol } from '../../events/names.js';
import type { WireContract } from './messages.js';

/** The symbol of a share as this program writes it; undefined for another kind of security, or another currency. */
export function shareSymbol({ secType, symbol, currency }: WireContract): TickerSymbol | undefined {
  if (secType !== 'STK' || (currency !== '' && currency !== 'USD')) return undefined;
  const text = canonicalSymbol(symbol);
  return isSymbol(text) ? text : undefined;
}

/** The symbol as the gateway writes it: classes of shares stand after a space. */
export function gatewaySymbol(symbol: TickerSymbol): string {
  return symbol.replace('.', ' ');
}
