import type { Decimal } from '../../kernel/decimal.js';
import { addCents, centsFromText, moneyText } from '../../kernel/money.js';
import { MINUTE_MS } from '../../kernel/time.js';
import type { Draft } from '../../events/draft.js';
import type { EventData } from '../../events/event.js';
import type { TickerSymbol } from '../../events/names.js';
import { STREAMS } from '../../events/streams.js';
import { valuedHoldings } from '../../domain/accounting/market-value.js';
import { priceToDecimal, type SymbolReference } from '../../domain/market/types.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { record, type Rule } from '../action.js';
import { sessionCorrelation, type TradingContext } from '../context.js';
import { symbolMark } from './mark.js';

/** While the bot holds positions, the holdings are valued this often. */
const BETWEEN_MARKS_MS = 5 * MINUTE_MS;

type Marked = EventData<'PositionsMarked'>;
type PriceFrom = Marked['holdings'][number]['priceFrom'];

interface MarketPrice {
  readonly price: Decimal;
  readonly from: PriceFrom;
}

/**
 * Values the holdings at the last prices: every five minutes while the bot holds a position, and at the close. A valuation
 * that says the same as the last one is not repeated; that of the close says what the day ends with.
 */
export const markingRule: Rule = (state, context, now, atMinute) => {
  const session = state.session;
  if (!atMinute || session === undefined) return undefined;
  const { opensAt, closesAt } = context.strategyContext;
  const isClose = now >= closesAt;
  // by the end of the minute: a feed that settles later is judged later
  if (!isClose && ((context.market.now - opensAt) % BETWEEN_MARKS_MS !== 0 || !holdsPositions(state))) return undefined;
  const occasion = isClose ? 'close' : 'session';
  const holdings = holdingsAt(state, (symbol) => lastPrice(state, context, symbol));
  if (session.marks === undefined ? holdings.length === 0 : isRepeated(session.marks, { occasion, holdings })) {
    return undefined;
  }
  const values = marked({ occasion, holdings }, sessionCorrelation(context), session.openedEventId);
  return record(STREAMS.session(context.date), values);
};

/**
 * The valuation that a day begins with: at the previous close, else at the last valuation. Undefined without a holding
 * that has a price.
 */
export function openingMarks(
  state: EngineState,
  references: readonly SymbolReference[],
  correlationId: string,
): Draft | undefined {
  const closes = new Map(references.map(({ symbol, previousClose }) => [symbol, previousClose]));
  const holdings = holdingsAt(state, (symbol) => {
    const close = closes.get(symbol);
    return close === undefined
      ? earlierPrice(state, symbol)
      : { price: priceToDecimal(close), from: 'previous_close' as const };
  });
  return holdings.length === 0 ? undefined : marked({ occasion: 'open', holdings }, correlationId, null);
}

function holdsPositions(state: EngineState): boolean {
  for (const { quantity } of state.positions.values()) if (!quantity.isZero()) return true;
  return false;
}

function lastPrice(state: EngineState, { market }: TradingContext, symbol: TickerSymbol): MarketPrice | undefined {
  const mark = symbolMark(state, market, symbol);
  return mark === undefined ? earlierPrice(state, symbol) : { price: mark, from: 'last_trade' };
}

function earlierPrice(state: EngineState, symbol: TickerSymbol): MarketPrice | undefined {
  const price = state.marks.get(symbol);
  return price === undefined ? undefined : { price, from: 'last_mark' };
}

function holdingsAt(
  state: EngineState,
  priceOf: (symbol: TickerSymbol) => MarketPrice | undefined,
): Marked['holdings'] {
  const found = new Map<TickerSymbol, MarketPrice>();
  const valued = valuedHoldings(state.book.lots, (symbol) => {
    const market = priceOf(symbol);
    if (market !== undefined) found.set(symbol, market);
    return market?.price;
  });
  return valued.flatMap(({ symbol, quantity, cost, value, unrealized }) => {
    const market = found.get(symbol);
    if (market === undefined) return [];
    return {
      symbol,
      quantity: quantity.shortText(),
      cost: moneyText(cost),
      price: market.price.shortText(2),
      priceFrom: market.from,
      value: moneyText(value),
      unrealized: moneyText(unrealized),
    };
  });
}

function isRepeated(last: Marked, { occasion, holdings: a }: Pick<Marked, 'occasion' | 'holdings'>): boolean {
  const b = last.holdings;
  return (
    (occasion === 'session' || last.occasion === 'close') &&
    a.length === b.length &&
    a.every((one, index) => {
      const other = b[index];
      return one.symbol === other?.symbol && one.quantity === other.quantity && one.price === other.price;
    })
  );
}

function marked(
  { occasion, holdings }: Pick<Marked, 'occasion' | 'holdings'>,
  correlationId: string,
  causationId: Draft['causationId'],
): Draft {
  const unrealized = addCents(...holdings.map((holding) => centsFromText(holding.unrealized)));
  return {
    type: 'PositionsMarked',
    data: { occasion, holdings, unrealized: moneyText(unrealized) },
    correlationId,
    causationId,
  };
}
