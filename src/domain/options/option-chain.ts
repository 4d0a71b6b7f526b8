import type { TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { addDays, type DateText, type EpochMs } from '../../kernel/time.js';
import { optionSymbol, type OptionRight } from './contract-name.js';

/** The quote of one option contract of 100 shares, in dollars for one share; a figure that the market does not have is null. */
export interface OptionQuote {
  readonly expiry: DateText;
  readonly strike: Decimal;
  readonly right: OptionRight;
  readonly bid: Decimal | null;
  readonly ask: Decimal | null;
  /** By the model of the broker, as a fraction of a year's standard deviation: 0.25 is 25 %. */
  readonly impliedVolatility: Decimal | null;
  /** Dollars: the share in the same model. */
  readonly underlying: Decimal | null;
}

/** What is known of the options of a symbol in one direction; no quotes: the broker lists none. */
export interface OptionChain {
  readonly symbol: TickerSymbol;
  readonly right: OptionRight;
  /** When the quotes came. */
  readonly at: EpochMs;
  readonly quotes: readonly OptionQuote[];
}

/** A quote with a price that somebody would trade at. */
export interface PricedQuote extends OptionQuote {
  readonly bid: Decimal;
  readonly ask: Decimal;
  /** Between bid and ask, to four decimals. */
  readonly middle: Decimal;
}

/** What a contract must have to be looked at. */
export interface ContractLimits {
  readonly date: DateText;
  /** Days from the session to the expiry, at least. */
  readonly minDays: number;
  /** Distance of bid and ask at most, as a fraction of their middle. */
  readonly maxSpread: Decimal;
}

const TWO = Decimal.of(2);
const PRICE_DECIMALS = 4;

/** The quote with its middle; undefined without a bid and an ask, with crossed ones, and when they are too far apart. */
export function pricedQuote(quote: OptionQuote, maxSpread: Decimal): PricedQuote | undefined {
  const { bid, ask } = quote;
  if (bid === null || ask === null || bid.sign() <= 0 || ask.lt(bid)) return undefined;
  const middle = bid.plus(ask).divide(TWO, { scale: PRICE_DECIMALS, round: 'halfEven' });
  return ask.minus(bid).gt(middle.times(maxSpread)) ? undefined : { ...quote, bid, ask, middle };
}

/**
 * The contract of a chain that is nearest to the money at `spot`: of the nearest expiry that is far enough away and has a usable
 * quote, the strike nearest to it; of two, the lower. A contract that has no symbol here does not count. Undefined when none qualifies.
 */
export function nearestContract(chain: OptionChain, spot: Decimal, limits: ContractLimits): PricedQuote | undefined {
  const from = addDays(limits.date, limits.minDays);
  let best: PricedQuote | undefined;
  for (const quote of chain.quotes) {
    if (quote.right !== chain.right || quote.expiry < from) continue;
    const priced = pricedQuote(quote, limits.maxSpread);
    if (priced === undefined || (best !== undefined && !isNearer(priced, best, spot))) continue;
    if (optionSymbol({ ...priced, underlying: chain.symbol }) !== undefined) best = priced;
  }
  return best;
}

function isNearer(one: PricedQuote, other: PricedQuote, spot: Decimal): boolean {
  if (one.expiry !== other.expiry) return one.expiry < other.expiry;
  const nearer = one.strike.minus(spot).abs().compare(other.strike.minus(spot).abs());
  return nearer === 0 ? one.strike.lt(other.strike) : nearer < 0;
}
