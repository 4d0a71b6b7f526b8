import type { AccountingBook } from '../../src/domain/accounting/book.js';
import { priceAfter, ratioOf } from '../../src/domain/accounting/convert-shares.js';
import { figuresOf } from '../../src/domain/accounting/figures.js';
import { valuedHoldings, type ValuedHolding } from '../../src/domain/accounting/market-value.js';
import type { EventData, RecordedEvent } from '../../src/events/event.js';
import { Decimal, type DecimalText } from '../../src/kernel/decimal.js';
import { addCents, cents, centsFromText, moneyText, subtractCents, type Cents } from '../../src/kernel/money.js';
import { own } from './records.js';

type Holdings = EventData<'PositionsMarked'>['holdings'];

/** What a session began with, and the last prices of its holdings; money in cents as text. */
export interface DayValue {
  readonly equityBefore: string;
  readonly realizedBefore: string;
  readonly feesBefore: string;
  readonly netBefore: string;
  unrealizedBefore: string;
  /** Symbol to dollars a share. */
  prices: Record<string, string>;
  /** Time of the last valuation; null before the first. */
  markedAt: string | null;
}

/** The day of a session that opens with these books; its holdings are at cost until they are valued. */
export function beginDay(book: AccountingBook): DayValue {
  const { equity, realized, fees, net } = figuresOf(book);
  return {
    equityBefore: String(equity),
    realizedBefore: String(realized),
    feesBefore: String(fees),
    netBefore: String(net),
    unrealizedBefore: '0',
    prices: {},
    markedAt: null,
  };
}

/** Takes the prices of a valuation; the one before the open also says what the day begins with. */
export function noteMarks(day: DayValue, { data, occurredAt }: RecordedEvent<'PositionsMarked'>): void {
  day.prices = Object.fromEntries(data.holdings.map(({ symbol, price }: Holdings[number]) => [symbol, price]));
  day.markedAt = occurredAt;
  if (data.occasion === 'open') day.unrealizedBefore = String(centsFromText(data.unrealized));
}

/** Takes the price of a symbol over a split or to its new name: the holding is worth what it was. */
export function convertPrices(day: DayValue, data: EventData<'SharesConverted'>): void {
  const { [data.symbol]: price, ...prices } = day.prices;
  if (price === undefined) return;
  const after = priceAfter(Decimal.parse(price), ratioOf(data)).shortText(2);
  day.prices = { ...prices, [data.newSymbol]: after };
}

/** The holdings with a price, valued at it. */
export function valuedAt(day: DayValue | undefined, book: AccountingBook): readonly ValuedHolding[] {
  return valuedHoldings(book.lots, (symbol) => {
    const price = day === undefined ? undefined : own(day.prices, symbol);
    return price === undefined ? undefined : Decimal.parse(price);
  });
}

/** Unrealized gain or loss of all holdings at their last prices, against cost. */
export function unrealizedNow(day: DayValue | undefined, book: AccountingBook): Cents {
  return addCents(...valuedAt(day, book).map(({ unrealized }) => unrealized));
}

/** From the value that the day began with to its value now: the first figure and all between them add up to the last. */
export interface EquityBridge {
  /** Equity when the session opened, carried positions at the previous close. */
  readonly opening_value: DecimalText;
  /** Gains less losses of what was closed, before fees, against cost. */
  readonly realized: DecimalText;
  /** Commissions and fees, below zero. */
  readonly fees: DecimalText;
  /** Dividends, interest and other income less other expenses. */
  readonly other_income: DecimalText;
  /** Change of the unrealized gain or loss since the open. */
  readonly unrealized: DecimalText;
  /** Money that was moved in or out, and other changes of equity that are no result. */
  readonly transfers: DecimalText;
  /** Equity now, with positions at their last prices. */
  readonly value: DecimalText;
}

/** The bridge of the day, and its result: everything between the two values but transfers. */
export function dayFigures(
  day: DayValue,
  book: AccountingBook,
): { readonly bridge: EquityBridge; readonly result: DecimalText } {
  const now = figuresOf(book);
  const unrealized = unrealizedNow(day, book);
  const since = (amount: Cents, before: string): Cents => subtractCents(amount, cents(BigInt(before)));
  const [realized, fees] = [since(now.realized, day.realizedBefore), since(now.fees, day.feesBefore)];
  const net = since(now.net, day.netBefore);
  const change = since(unrealized, day.unrealizedBefore);
  const opening = addCents(cents(BigInt(day.equityBefore)), cents(BigInt(day.unrealizedBefore)));
  const bridge = {
    opening_value: moneyText(opening),
    realized: moneyText(realized),
    fees: moneyText(cents(-fees)),
    other_income: moneyText(subtractCents(net, subtractCents(realized, fees))),
    unrealized: moneyText(change),
    transfers: moneyText(subtractCents(since(now.equity, day.equityBefore), net)),
    value: moneyText(addCents(now.equity, unrealized)),
  };
  return { bridge, result: moneyText(addCents(net, change)) };
}
