import { parseOption } from '../../domain/options/contract-name.js';
import type { RecordedEvent } from '../../events/event.js';
import type { TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { moneyText } from '../../kernel/money.js';
import { eachEvent } from './chain.js';
import { figureAnswer, type Contribution, type ExplainParts, type Explanation } from './explanation.js';
import { valuedHoldings, type Holding } from './market-figures.js';
import { nothingKnown } from './refusals.js';

type Stop = RecordedEvent<'TrailingStopMoved'>;

/** The last price of a symbol that is held: the valuation that has it. */
export async function explainPrice(parts: ExplainParts, symbol: TickerSymbol): Promise<Explanation> {
  const { price, mark } = await holdingIn(parts, symbol);
  return figureAnswer({
    name: `last price of ${symbol}`,
    value: price,
    formula: 'the price in the last valuation of the session; in an open session there is one every five minutes',
    contributions: [
      {
        ...{ at: mark.occurredAt, amount: price, total: price, description: `valuation: ${mark.data.occasion}` },
        ...{ subject: mark.id, eventId: mark.id },
      },
    ],
    agrees: null,
  });
}

/** How far the last price of a symbol is from its stop, as a share of the price; below zero when it is past the stop. */
export async function explainToStop(parts: ExplainParts, symbol: TickerSymbol): Promise<Explanation> {
  const holding = await holdingIn(parts, symbol);
  const stop = (await stopsOf(parts.journal)).get(symbol);
  if (stop === undefined) throw nothingKnown(`a stop of ${symbol}`);
  const price = Decimal.parse(holding.price);
  const distance = distanceOf(holding, stop);
  const below = price.minus(distance).shortText(2);
  const side = holding.quantity.sign() > 0 ? 'the last price less the stop' : 'the stop less the last price';
  return figureAnswer({
    name: `way to the stop of ${symbol}`,
    value: distance.divide(price, { scale: 4, round: 'halfEven' }).text(),
    formula: `${side} (${distance.shortText(2)}) divided by the last price (${holding.price})`,
    contributions: [
      {
        ...{ at: holding.mark.occurredAt, amount: holding.price, total: holding.price },
        ...{ description: 'last price', subject: `price:${symbol}`, eventId: holding.mark.id },
      },
      {
        ...{ at: stop.occurredAt, amount: distance.negated().shortText(2), total: below },
        ...{ description: `stop at ${stop.data.stop}`, subject: `stop:${symbol}`, eventId: stop.id },
      },
    ],
    agrees: null,
  });
}

/** What the open positions lose from their last prices when every stop fills at its price. */
export async function explainAtStops(parts: ExplainParts): Promise<Explanation> {
  const stops = await stopsOf(parts.journal);
  let total = Decimal.ZERO;
  const contributions = (await valuedHoldings(parts)).flatMap((holding): readonly Contribution[] => {
    const stop = stops.get(holding.symbol);
    if (stop === undefined || parseOption(holding.symbol) !== undefined) return [];
    const shares = holding.quantity.abs();
    const loss = distanceOf(holding, stop).times(shares).rounded(2, 'halfEven');
    total = total.plus(loss);
    return [
      {
        ...{ at: stop.occurredAt, amount: moneyText(loss), total: moneyText(total) },
        description: `${shares.shortText()} ${holding.symbol} from ${holding.price} to the stop at ${stop.data.stop}`,
        ...{ subject: `tostop:${holding.symbol}`, eventId: stop.id },
      },
    ];
  });
  return figureAnswer({
    name: 'loss if every stop fills',
    value: moneyText(total),
    formula: 'of each open position with a stop: its shares times the way from the last price to the stop',
    contributions,
    agrees: null,
  });
}

async function holdingIn(parts: ExplainParts, symbol: TickerSymbol): Promise<Holding> {
  const holding = (await valuedHoldings(parts)).find((one) => one.symbol === symbol);
  if (holding === undefined) throw nothingKnown(`a valued holding of ${symbol}`);
  return holding;
}

/** The last stop of each symbol. */
async function stopsOf(journal: ExplainParts['journal']): Promise<ReadonlyMap<TickerSymbol, Stop>> {
  const stops = new Map<TickerSymbol, Stop>();
  await eachEvent(journal, (event) => {
    if (event.type === 'TrailingStopMoved') stops.set(event.data.symbol, event);
    if (event.type === 'PositionClosed') stops.delete(event.data.symbol);
  });
  return stops;
}

function distanceOf({ price, quantity }: Holding, { data }: Stop): Decimal {
  const above = Decimal.parse(price).minus(Decimal.parse(data.stop));
  return quantity.sign() > 0 ? above : above.negated();
}
