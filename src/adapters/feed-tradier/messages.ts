import { PRICE_SCALE, type Bar, type Price, type Trade } from '../../domain/market/types.js';
import type { TickerSymbol } from '../../events/names.js';
import type { Decimal } from '../../kernel/decimal.js';
import { epochMs, SECOND_MS } from '../../kernel/time.js';
import {
  figureOf,
  neededFigure,
  neededText,
  textOf,
  timeOf,
  unreadable,
  type Members,
} from '../broker-tradier/shapes.js';
import { symbolOf } from '../broker-tradier/symbols.js';
import type { SingleQuote } from '../feed-common/quote-minutes.js';

/** Digits of a cumulative volume, so that ids of trades sort as the trades came. */
const VOLUME_DIGITS = 12;

/** A price in 1/10,000 dollar; the rules of the minute judge whether it is possible. */
export function priceOf(value: Decimal): Price {
  return Number(value.rounded(PRICE_SCALE, 'halfEven').toUnits(PRICE_SCALE)) as Price;
}

function sharesOf(value: Decimal): number {
  return Number(value.rounded(0, 'floor').toUnits(0));
}

/**
 * A trade of the stream. It has no id: the volume of the day with it is its own, and stays the same when it is sent again.
 * @throws BrokerError BROKER_ANSWER_UNREADABLE
 */
export function readTrade(message: Members): Trade {
  const price = neededFigure(message, 'price');
  const size = neededFigure(message, 'size');
  const at = timeOf(message, 'date');
  if (at === undefined) throw unreadable('"date" of a trade is no time');
  const volume = textOf(message, 'cvol');
  const id =
    volume === undefined
      ? `${price.text()}-${size.text()}-${textOf(message, 'exch') ?? ''}`
      : volume.padStart(VOLUME_DIGITS, '0');
  return {
    id: `${at}-${id}`,
    symbol: symbolOf(neededText(message, 'symbol')),
    at,
    price: priceOf(price),
    size: sharesOf(size),
  };
}

/** A quote of the stream; a side without an offer has no price. @throws BrokerError BROKER_ANSWER_UNREADABLE */
export function readQuote(message: Members): SingleQuote {
  const times = [timeOf(message, 'biddate'), timeOf(message, 'askdate')].flatMap((time) => time ?? []);
  if (times.length === 0) throw unreadable('a quote has no time');
  const side = (name: string): Price | undefined => {
    const figure = figureOf(message, name);
    return figure !== undefined && figure.sign() > 0 ? priceOf(figure) : undefined;
  };
  const size = (name: string): number => {
    const figure = figureOf(message, name);
    return figure === undefined ? 0 : sharesOf(figure);
  };
  return {
    symbol: symbolOf(neededText(message, 'symbol')),
    at: epochMs(Math.max(...times)),
    ...{ bid: side('bid'), ask: side('ask'), bidSize: size('bidsz'), askSize: size('asksz') },
  };
}

/** A minute of the history, whose start is given in seconds. @throws BrokerError BROKER_ANSWER_UNREADABLE */
export function readMinute(row: Members, symbol: TickerSymbol): Bar {
  const seconds = Number(neededFigure(row, 'timestamp').rounded(0, 'floor').text());
  const at = (name: string): Price => priceOf(neededFigure(row, name));
  const prices = { open: at('open'), high: at('high'), low: at('low'), close: at('close') };
  return { symbol, start: epochMs(seconds * SECOND_MS), ...prices, volume: sharesOf(neededFigure(row, 'volume')) };
}
