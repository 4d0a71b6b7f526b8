import { price, PRICE_SCALE, priceToDecimal } from '../../domain/market/types.js';
import { CONTRACT_UNITS, isOption, optionSymbol } from '../../domain/options/contract-name.js';
import { nearestContract } from '../../domain/options/option-chain.js';
import type { TickerSymbol } from '../../events/names.js';
import { MINUTE_MS } from '../../kernel/time.js';
import type { Reason, Signal } from '../../strategies/strategy.js';
import type { AssetTerms, TradingContext } from '../context.js';
import type { Traded } from './entry-candidate.js';

/** Chains are asked for every five minutes; an older one is no offer any more. */
const OLDEST_MS = 7 * MINUTE_MS;

/**
 * The put that is bought on a bearish signal with SHORT_TYPE LongPut (TRD-23): of the nearest expiry that is far enough away, the strike
 * nearest to the money whose bid and ask are close together, at its ask. It waits for a chain that is new enough.
 */
export function putOn({ market, settings, date }: TradingContext, signal: Signal): Traded | Reason | 'waits' {
  const chain = market.optionsOf(signal.symbol, 'put');
  if (chain === undefined || market.now - chain.at > OLDEST_MS) return 'waits';
  const { OPTION_MIN_DAYS: minDays, OPTION_MAX_SPREAD: maxSpread } = settings;
  const quote = nearestContract(chain, priceToDecimal(signal.price), { date, minDays, maxSpread });
  const symbol = quote === undefined ? undefined : optionSymbol({ ...quote, underlying: chain.symbol });
  if (quote === undefined || symbol === undefined) {
    const figures = {
      contracts: String(chain.quotes.length),
      minDays: String(minDays),
      maxSpread: maxSpread.shortText(),
    };
    return { code: chain.quotes.length === 0 ? 'NO_OPTIONS_LISTED' : 'NO_PUT_IN_LIMITS', figures };
  }
  const ask = price(Number(quote.ask.rounded(PRICE_SCALE, 'ceil').toUnits(PRICE_SCALE)));
  return { symbol, side: 'long', price: ask };
}

/** Terms of every option: whole contracts. The broker lists the one that was chosen, because it quotes it. */
const OPTION_TERMS: AssetTerms = { tradable: true, fractionable: false, shortable: false, minQuantity: CONTRACT_UNITS };

/** Trading terms of a symbol; undefined when the broker does not know it. */
export function termsOf({ assets }: TradingContext, symbol: TickerSymbol): AssetTerms | undefined {
  return isOption(symbol) ? OPTION_TERMS : assets.get(symbol);
}
