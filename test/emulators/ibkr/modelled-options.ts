import { exchangeDateOf } from '../../../src/domain/calendar/nyse.js';
import { optionValue } from '../../../src/domain/options/black-scholes.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { addDays, DAY_MS, type Clock } from '../../../src/kernel/time.js';
import type { EmulatedOptions } from './market-wire.js';

const [VOLATILITY, RATE] = [0.4, 0.0433];
const STRIKES = 5;
const LEAST = Decimal.of(5, 2);

/** Options of a share whose quotes follow its price by the model: two expiries, and strikes around the price in whole dollars. */
export function modelledOptions({
  clock,
  price,
}: {
  readonly clock: Clock;
  readonly price: () => Decimal;
}): EmulatedOptions {
  const expiries = (): readonly string[] => {
    const today = exchangeDateOf(clock.now());
    return [25, 60].map((days) => addDays(today, days).replaceAll('-', ''));
  };
  return {
    get expiries() {
      return expiries();
    },
    get strikes() {
      const middle = price().rounded(0, 'halfEven');
      const around = Array.from({ length: 2 * STRIKES + 1 }, (_, n) => middle.plus(Decimal.of(n - STRIKES)));
      return around.filter((strike) => strike.sign() > 0).map((strike) => strike.shortText());
    },
    quote: ({ expiry, strike, right }) => {
      const ends = Date.parse(`${expiry.slice(0, 4)}-${expiry.slice(4, 6)}-${expiry.slice(6)}T20:00:00.000Z`);
      const value = optionValue({
        right: right.startsWith('P') ? 'put' : 'call',
        spot: Number(price().shortText()),
        strike: Number(strike),
        years: (ends - clock.now()) / (365 * DAY_MS),
        ...{ rate: RATE, dividendYield: 0, volatility: VOLATILITY },
      });
      const bid = Decimal.max(LEAST, Decimal.of(Math.round(value * 100), 2));
      const ask = bid.plus(Decimal.of(2, 2));
      return { bid: bid.shortText(2), ask: ask.shortText(2), impliedVolatility: String(VOLATILITY) };
    },
  };
}
