import { isInCalendar, sessionOf } from '../calendar/nyse.js';
import type { Decimal } from '../../kernel/decimal.js';
import { DAY_MS, parseUtcText, type DateText, type EpochMs } from '../../kernel/time.js';
import { impliedVolatility, optionDelta, optionValue, type OptionTerms } from './black-scholes.js';
import { pricedQuote, type OptionChain, type PricedQuote } from './option-chain.js';

/** Volatility is by calendar time. */
const YEAR_MS = 365 * DAY_MS;

/** A quote against the model: floats, in dollars and fractions. */
export interface ModelPrice {
  readonly value: number;
  readonly delta: number;
  readonly volatility: number;
  /** Distance of the middle of the quote from the value, as a fraction of the value: negative below it. */
  readonly deviation: number;
}

/** What a model price rests on besides the chain. */
export interface ModelInputs {
  /** Of the share, in dollars, when the quote itself does not say. */
  readonly spot: Decimal;
  readonly rate: Decimal;
  readonly maxSpread: Decimal;
}

/** The model's value of a contract of a chain; undefined when no volatility is known for it, or it has no value in the model. */
export function modelPrice(chain: OptionChain, quote: PricedQuote, inputs: ModelInputs): ModelPrice | undefined {
  const terms = termsOf(quote, chain.at, inputs);
  const volatility = quote.impliedVolatility?.toApproximateNumber() ?? othersVolatility(chain, quote, inputs);
  if (volatility === undefined || !(volatility > 0)) return undefined;
  const value = optionValue({ ...terms, volatility });
  // less than the smallest price: a fraction of nothing says nothing
  if (!(value >= SMALLEST_VALUE)) return undefined;
  const deviation = (quote.middle.toApproximateNumber() - value) / value;
  return { value, delta: optionDelta({ ...terms, volatility }), volatility, deviation };
}

/** Dollars. */
const SMALLEST_VALUE = 0.01;

function termsOf(quote: PricedQuote, at: EpochMs, { spot, rate }: ModelInputs): Omit<OptionTerms, 'volatility'> {
  return {
    right: quote.right,
    spot: (quote.underlying ?? spot).toApproximateNumber(),
    strike: quote.strike.toApproximateNumber(),
    years: (expiryOf(quote.expiry) - at) / YEAR_MS,
    rate: rate.toApproximateNumber(),
    dividendYield: 0,
  };
}

/** Contracts of an expiry end with its session; one that is no session counts to its noon in New York. */
function expiryOf(date: DateText): EpochMs {
  return (isInCalendar(date) ? sessionOf(date)?.closesAt : undefined) ?? parseUtcText(`${date}T17:00:00.000Z`);
}

/** The median of what the other contracts of the expiry are quoted at; the higher of the two in the middle. */
function othersVolatility(chain: OptionChain, quote: PricedQuote, inputs: ModelInputs): number | undefined {
  const found = chain.quotes
    .filter(({ expiry, strike }) => expiry === quote.expiry && !strike.equals(quote.strike))
    .flatMap((other) => pricedQuote(other, inputs.maxSpread) ?? [])
    .flatMap((other) => impliedVolatility(termsOf(other, chain.at, inputs), other.middle.toApproximateNumber()) ?? [])
    .sort((a, b) => a - b);
  return found[Math.floor(found.length / 2)];
}
