import { cumulativeNormal } from './normal.js';

/** A European option; rates and volatility are fractions a year, prices in any one unit. */
export interface OptionTerms {
  readonly right: 'call' | 'put';
  readonly spot: number;
  readonly strike: number;
  /** Years to the expiry; 0 or less at or after it. */
  readonly years: number;
  readonly rate: number;
  readonly dividendYield: number;
  /** Standard deviation of a year's return: 0.25 is 25 %. */
  readonly volatility: number;
}

/** Black-Scholes-Merton value of an option; at expiry, or without volatility, what its exercise is worth. */
export function optionValue(terms: OptionTerms): number {
  const { right, volatility } = terms;
  const { forwardSpot, forwardStrike, years } = presentValues(terms);
  const sign = right === 'call' ? 1 : -1;
  const spread = volatility * Math.sqrt(years);
  if (!(spread > 0)) return Math.max(0, sign * (forwardSpot - forwardStrike));
  const d1 = Math.log(forwardSpot / forwardStrike) / spread + spread / 2;
  const value =
    sign * (forwardSpot * cumulativeNormal(sign * d1) - forwardStrike * cumulativeNormal(sign * (d1 - spread)));
  return Math.max(0, value);
}

/** Change of the value for one unit of the spot: 0 to 1 for a call, -1 to 0 for a put. */
export function optionDelta(terms: OptionTerms): number {
  const { right, dividendYield, volatility } = terms;
  const { forwardSpot, forwardStrike, years } = presentValues(terms);
  const sign = right === 'call' ? 1 : -1;
  const whole = sign * Math.exp(-dividendYield * years);
  const spread = volatility * Math.sqrt(years);
  if (!(spread > 0)) return sign * (forwardSpot - forwardStrike) > 0 ? whole : 0;
  const d1 = Math.log(forwardSpot / forwardStrike) / spread + spread / 2;
  return whole * cumulativeNormal(sign * d1);
}

/** A market does not price a year's deviation outside these. */
const LEAST_VOLATILITY = 0.0001;
const MOST_VOLATILITY = 20;
/** Each step halves the range: 64 are below the precision of a float. */
const STEPS = 64;

/** The volatility at which the model gives a price; undefined when none does: below the exercise value, or above any. */
export function impliedVolatility(terms: Omit<OptionTerms, 'volatility'>, price: number): number | undefined {
  const valueAt = (volatility: number): number => optionValue({ ...terms, volatility });
  if (!(terms.years > 0) || !(price > valueAt(LEAST_VOLATILITY)) || !(price < valueAt(MOST_VOLATILITY)))
    return undefined;
  let low = LEAST_VOLATILITY;
  let high = MOST_VOLATILITY;
  for (let step = 0; step < STEPS; step += 1) {
    const middle = (low + high) / 2;
    if (valueAt(middle) < price) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function presentValues({ spot, strike, years: given, rate, dividendYield }: OptionTerms): {
  readonly forwardSpot: number;
  readonly forwardStrike: number;
  readonly years: number;
} {
  const years = Math.max(0, given);
  return {
    forwardSpot: spot * Math.exp(-dividendYield * years),
    forwardStrike: strike * Math.exp(-rate * years),
    years,
  };
}
