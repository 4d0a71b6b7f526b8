import { canonicalSymbol, isSymbol, type TickerSymbol } from '../../events/names.js';
import { CONTRACT_UNITS, isOption, optionSymbol } from '../../domain/options/contract-name.js';
import { Decimal } from '../../kernel/decimal.js';
import type { DateText } from '../../kernel/time.js';
import type { WireContract } from './messages.js';

/**
 * The symbol of a share or of an option of 100 shares as this program writes it; undefined for another kind of security, and for one
 * in another currency. Options of other sizes are those of companies that split or merged.
 */
export function securitySymbol(contract: WireContract): TickerSymbol | undefined {
  const { secType, symbol, currency } = contract;
  if (currency !== '' && currency !== 'USD') return undefined;
  const text = canonicalSymbol(symbol);
  if (!isSymbol(text)) return undefined;
  if (secType === 'STK') return text;
  return secType === 'OPT' && contract.multiplier?.equals(CONTRACT_UNITS) === true
    ? contractSymbol(text, contract)
    : undefined;
}

function contractSymbol(
  underlying: TickerSymbol,
  { expiry, strike, right, tradingClass }: WireContract,
): TickerSymbol | undefined {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(expiry) ?? [];
  const isPut = right === 'P' || right === 'PUT';
  if (year === undefined || strike === undefined || !(isPut || right === 'C' || right === 'CALL')) return undefined;
  // contracts that were adjusted deliver something else under the same terms
  if (tradingClass !== '' && tradingClass !== optionClass(underlying)) return undefined;
  const date = `${year}-${month ?? ''}-${day ?? ''}` as DateText;
  return optionSymbol({ underlying, expiry: date, right: isPut ? 'put' : 'call', strike });
}

/** The symbol as the gateway writes it: classes of shares stand after a space. */
export function gatewaySymbol(symbol: TickerSymbol): string {
  return symbol.replace('.', ' ');
}

/** The trading class of the standard options of a share. */
export function optionClass(underlying: TickerSymbol): string {
  return underlying.replace('.', '');
}

/** What one of a symbol at the gateway is in units of the underlying: 100 for an option contract, else 1. */
export function unitsOfOne(symbol: TickerSymbol | undefined): Decimal {
  return symbol !== undefined && isOption(symbol) ? CONTRACT_UNITS : Decimal.ONE;
}

/** Units of the underlying for a quantity of the wire, which counts contracts. */
export function unitsOf(contract: WireContract, quantity: Decimal): Decimal {
  return quantity.times(unitsOfOne(securitySymbol(contract)));
}
