import type { ValuedHolding } from '../../src/domain/accounting/market-value.js';
import { Decimal, type DecimalText } from '../../src/kernel/decimal.js';
import { addCents, cents, centsFromText, moneyText } from '../../src/kernel/money.js';
import { noteMarks, valuedAt } from '../kit/day-value.js';
import { holdingsOf } from '../kit/holdings.js';
import { own } from '../kit/records.js';
import {
  critical,
  noted,
  seen,
  without,
  type EventOf,
  type FieldsOf,
  type FindingsOf,
  type StatusHandlers,
} from './status-part.js';
import type { StatusBody } from './status-state.js';
import { noteNoPosition, noteStopsHere } from './stops.js';
import { strategyOf } from './strategies.js';

/** A position that a strategy holds. */
export interface OpenPosition {
  readonly position_id: string;
  readonly strategy_name: string;
  ticker: string;
  readonly trade_side: 'long' | 'short';
  readonly entry_timestamp: string;
  entry_price: string;
  stop: string | null;
}

/** Open positions, and differences from the broker. */
export interface PositionsStatus {
  readonly positions: Record<string, OpenPosition>;
  /** Symbol to the difference between journal and broker. */
  readonly mismatches: Record<string, string>;
}

/** Before the first event. */
export function newPositionsStatus(): PositionsStatus {
  return { positions: {}, mismatches: {} };
}

function notePositionClosed(body: StatusBody, event: EventOf<'PositionClosed'>): void {
  const { positionId, strategy: name, netPnl } = event.data;
  without(body.positions, positionId);
  noteNoPosition(body, positionId);
  const won = Decimal.parse(netPnl).sign() > 0 ? 1 : 0;
  const strategy = strategyOf(body, name);
  strategy.trades += 1;
  strategy.pnl = String(addCents(cents(BigInt(strategy.pnl)), centsFromText(netPnl)));
  strategy.allTrades += 1;
  strategy.allWins += won;
  if (body.session === null) return;
  body.session.trades += 1;
  body.session.wins += won;
}

/** What positions change. */
export const positionHandlers: StatusHandlers<'positions'> = {
  PositionOpened: noted((body, event: EventOf<'PositionOpened'>) => {
    const { positionId, strategy, symbol, side, price } = event.data;
    body.positions[positionId] = {
      position_id: positionId,
      strategy_name: strategy,
      ticker: symbol,
      trade_side: side,
      entry_timestamp: event.occurredAt,
      entry_price: price,
      stop: null,
    };
  }),
  PositionClosed: noted(notePositionClosed),
  PositionMismatchDetected: noted((body, event: EventOf<'PositionMismatchDetected'>) => {
    const { symbol, journalQuantity, brokerQuantity } = event.data;
    body.mismatches[symbol] = `journal ${journalQuantity}, broker ${brokerQuantity}`;
  }),
  PositionMismatchResolved: noted((body, event: EventOf<'PositionMismatchResolved'>) =>
    without(body.mismatches, event.data.symbol),
  ),
  PositionsMarked: noted((body, event: EventOf<'PositionsMarked'>) => {
    if (body.session !== null) noteMarks(body.session.day, event);
    noteStopsHere(body);
  }),
  ExchangePositionObserved: seen,
};

/** Quantities come from the books, strategy and stop from the positions, prices from the last valuation. */
export const openPositionFields: FieldsOf = ({ book, body }) => {
  const open = Object.values(body.positions);
  const day = body.session?.day;
  const valued = new Map(valuedAt(day, book).map((holding) => [holding.symbol as string, holding]));
  return {
    open_positions: holdingsOf(book).map(({ symbol, side, quantity, amount, averagePrice }) => {
      const owners = open.filter((position) => position.ticker === symbol && position.trade_side === side);
      const owner = owners[0];
      return {
        ticker: symbol,
        trade_side: side,
        size: quantity,
        amount,
        average_price: averagePrice,
        last_price: day === undefined ? null : (own(day.prices, symbol) ?? null),
        unrealized: unrealizedText(valued.get(symbol)),
        strategy_name: owner?.strategy_name ?? null,
        entry_timestamp: owner?.entry_timestamp ?? null,
        stop: owner?.stop ?? null,
        position_ids: owners.map((position) => position.position_id),
      };
    }),
  };
};

function unrealizedText(holding: ValuedHolding | undefined): DecimalText | null {
  return holding === undefined ? null : moneyText(holding.unrealized);
}

/** Symbols where journal and broker differ. */
export const mismatchFindings: FindingsOf = ({ body }) =>
  Object.keys(body.mismatches)
    .sort()
    .map((symbol) =>
      critical(
        'POSITION_DIFFERS',
        `position in ${symbol} differs from the broker's`,
        'Compare it with the account at the broker, and close there what is too much.',
      ),
    );
