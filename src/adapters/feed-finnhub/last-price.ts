import { price, PRICE_SCALE, type Price } from '../../domain/market/types.js';
import type { TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { epochMs, SECOND_MS, type EpochMs } from '../../kernel/time.js';
import { answerObject, numberIn } from '../provider-common/read-answer.js';

/** The last price of a symbol, when it was made, and the close before its session. */
export interface LastPrice {
  readonly price: Price;
  readonly at: EpochMs;
  readonly previousClose: Price | undefined;
}

/** The request for a quote; the key is in a header. */
export function quotePath(symbol: TickerSymbol): string {
  return `/quote?symbol=${encodeURIComponent(symbol)}`;
}

/**
 * Reads a quote; undefined for a symbol that Finnhub does not know, which it answers with zeros. Throws PROVIDER_ANSWER for a text
 * that is no quote.
 */
export function readLastPrice(path: string, text: string): LastPrice | undefined {
  const answer = answerObject('finnhub', path, text);
  const [last, seconds, previous] = [numberIn(answer, 'c'), numberIn(answer, 't'), numberIn(answer, 'pc')];
  const at = seconds?.toApproximateNumber() ?? 0;
  const priced = last === undefined ? undefined : priceOf(last);
  if (priced === undefined || at <= 0) return undefined;
  const previousClose = previous === undefined ? undefined : priceOf(previous);
  return { price: priced, at: epochMs(Math.floor(at * SECOND_MS)), previousClose };
}

/** Undefined for zero, which means no price. */
function priceOf(value: Decimal): Price | undefined {
  const units = Number(
    value
      .times(Decimal.of(10 ** PRICE_SCALE))
      .rounded(0, 'halfEven')
      .text(),
  );
  return units > 0 ? price(units) : undefined;
}
