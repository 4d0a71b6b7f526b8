import type { EventData, Position } from '../../events/event.js';
import { Decimal } from '../../kernel/decimal.js';
import { dataError } from '../../kernel/errors.js';
import type { Booked, TradeBooks } from './book-fill.js';
import { executionsOf, newestFirst } from './executions.js';
import { lotsOf, netPosition, openLot, withoutLots, type LotBook, type LotSide } from './lots.js';
import { postConversion } from './posting/conversion.js';
import type { PostingSource } from './posting/source.js';
import type { OpenLot } from './types.js';

/** Shares before and after a split or a change of symbol, as the journal has them. */
export type Conversion = EventData<'SharesConverted'>;

/** What a share was and what it is: so many shares before are so many after. */
export interface Ratio {
  readonly before: Decimal;
  readonly after: Decimal;
}

/** Decimals of a share: beyond those of every broker, so that a small lot does not vanish in a reverse split. */
const SHARE_SCALE = 12;
const PRICE_SCALE = 6;

/** The ratio of a conversion, both sides without sign. */
export function ratioOf({ sharesBefore, sharesAfter }: Pick<Conversion, 'sharesBefore' | 'sharesAfter'>): Ratio {
  return { before: Decimal.parse(sharesBefore).abs(), after: Decimal.parse(sharesAfter).abs() };
}

/** Shares after a conversion, half to even. */
export function sharesAfter(shares: Decimal, { before, after }: Ratio): Decimal {
  return shares.times(after).divide(before, { scale: SHARE_SCALE, round: 'halfEven' });
}

/** Price of a share after a conversion, half to even at six decimals: the cost of a position stays. */
export function priceAfter(price: Decimal, { before, after }: Ratio): Decimal {
  return price.times(before).divide(after, { scale: PRICE_SCALE, round: 'halfEven' });
}

/** Parts of a whole after a conversion: rounded one after the other, so that they add up to what the whole is. */
export function partsAfter(parts: readonly Decimal[], ratio: Ratio): readonly Decimal[] {
  let before = Decimal.ZERO;
  let given = Decimal.ZERO;
  return parts.map((part) => {
    before = before.plus(part);
    const until = sharesAfter(before, ratio);
    const now = until.minus(given);
    given = until;
    return now;
  });
}

/**
 * Books a split or a change of symbol: each lot keeps its cost, its time and its place, and has other shares. The books must
 * hold what the broker replaced. Executions from before it can no longer be taken back by their numbers.
 *
 * @throws DataError CONVERSION_SHARES when the books hold other shares than the broker replaced
 */
export function bookConversion(books: TradeBooks, source: PostingSource, data: Conversion): Booked {
  const side = sideOf(books.lots, data);
  const before = lotsOf(books.lots, data.symbol, side);
  const opened = convertedLots(before, data);
  let lots = withoutLots(books.lots, data.symbol, side);
  for (const lot of opened) lots = openLot(lots, lot);
  const converted = new Map(books.converted);
  for (const symbol of [data.symbol, data.newSymbol]) converted.set(symbol, source.position);
  const executions = executionsOf(
    newestFirst(books.executions)
      .filter(({ fill }) => fill.symbol !== data.symbol && fill.symbol !== data.newSymbol)
      .toReversed(),
  );
  const postings = postConversion(source, data, { before, after: opened });
  return { ...postings, lots, withdrawn: before, opened, executions, converted };
}

/** The position of the journal at which the shares of a symbol were last replaced. */
export type ConvertedSymbols = ReadonlyMap<string, Position>;

function convertedLots(before: readonly OpenLot[], { newSymbol, ...data }: Conversion): readonly OpenLot[] {
  const ratio = ratioOf(data);
  const shares = partsAfter(
    before.map(({ quantity }) => quantity),
    ratio,
  );
  return before.map((lot, index) => ({
    ...lot,
    symbol: newSymbol,
    quantity: shares[index] ?? Decimal.ZERO,
    price: priceAfter(lot.price, ratio),
  }));
}

function sideOf(lots: LotBook, { symbol, newSymbol, ...data }: Conversion): LotSide {
  const held = netPosition(lots, symbol);
  const before = Decimal.parse(data.sharesBefore);
  const after = Decimal.parse(data.sharesAfter);
  const others = newSymbol === symbol ? Decimal.ZERO : netPosition(lots, newSymbol);
  const isSameSide = others.isZero() || others.sign() === held.sign();
  if (before.sign() !== 0 && held.equals(before) && after.sign() === before.sign() && isSameSide) {
    return before.sign() > 0 ? 'long' : 'short';
  }
  throw dataError({
    code: 'CONVERSION_SHARES',
    message:
      `the broker replaced ${data.sharesBefore} shares of ${symbol} by ${data.sharesAfter} of ${newSymbol}, ` +
      `the books hold ${held.shortText()} of ${symbol}`,
    remedy: 'Compare the books with the account, and book the difference with an adjusting entry.',
    details: { symbol, newSymbol, held: held.text() },
  });
}
