import { isSymbol, type TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { dateOf, type DateText, type EpochMs } from '../../kernel/time.js';

export type OptionRight = 'call' | 'put';

/** What a standard contract is of, in units of the underlying: every quantity in engine and books counts these. */
export const CONTRACT_UNITS = Decimal.of(100);

/** An option by its terms. */
export interface OptionContract {
  readonly underlying: TickerSymbol;
  readonly expiry: DateText;
  readonly right: OptionRight;
  /** Dollars. */
  readonly strike: Decimal;
}

const LETTERS: Readonly<Record<OptionRight, string>> = { call: 'C', put: 'P' };
/** No share has six digits and more in its symbol, so none reads as an option. */
const NAME = /^([A-Z][A-Z.]*)(\d{2})(\d{2})(\d{2})([CP])(\d+(?:\.\d+)?)$/;

/**
 * The symbol of a contract: underlying, yymmdd, C or P and the strike in its shortest form, such as `AAPL261218P152.5`. Undefined for
 * one that does not fit into a symbol: it is not traded.
 */
export function optionSymbol({ underlying, expiry, right, strike }: OptionContract): TickerSymbol | undefined {
  const name = `${underlying}${expiry.slice(2).replaceAll('-', '')}${LETTERS[right]}${strike.shortText()}`;
  return isSymbol(name) && parseOption(name) !== undefined ? name : undefined;
}

/** The contract that a symbol names; undefined for the symbol of a share. */
export function parseOption(symbol: string): OptionContract | undefined {
  const [whole, underlying = '', year = '', month = '', day = '', letter, price = ''] = NAME.exec(symbol) ?? [];
  const at = Date.parse(`20${year}-${month}-${day}T00:00:00.000Z`);
  if (whole === undefined || !isSymbol(whole) || !isSymbol(underlying) || Number.isNaN(at)) return undefined;
  const expiry = dateOf(at as EpochMs);
  const strike = Decimal.parse(price);
  // one spelling only: two symbols of one contract would be two positions
  const isCanonical = strike.sign() > 0 && strike.shortText() === price && expiry === `20${year}-${month}-${day}`;
  return isCanonical ? { underlying, expiry, right: letter === 'C' ? 'call' : 'put', strike } : undefined;
}

/** Whether a symbol names an option. */
export function isOption(symbol: TickerSymbol): boolean {
  return parseOption(symbol) !== undefined;
}

/** The share that a symbol is about: the underlying of an option, or the share itself. */
export function underlyingOf(symbol: TickerSymbol): TickerSymbol {
  return parseOption(symbol)?.underlying ?? symbol;
}
