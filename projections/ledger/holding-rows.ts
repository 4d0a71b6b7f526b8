import type { Position } from '../../src/events/event.js';
import type { TickerSymbol } from '../../src/events/names.js';
import { Decimal, type DecimalText } from '../../src/kernel/decimal.js';
import { addCents, cents, NO_CENTS, subtractCents, type Cents } from '../../src/kernel/money.js';
import type { UtcText } from '../../src/kernel/time.js';

/** The open lots of a symbol and side as of a position of the journal. */
export interface LedgerHolding {
  readonly symbol: TickerSymbol;
  readonly side: 'long' | 'short';
  /** Shares, above zero. */
  readonly quantity: Decimal;
  /** Remaining cost (long) or proceeds (short) of the open lots. */
  readonly amount: Cents;
  /** Price and time of the last execution in the symbol that still stands, after a split of the last one in today's shares; of an opening position its average cost. */
  readonly lastPrice: Decimal;
  readonly pricedAt: UtcText;
}

/** Lots and closures of a symbol as rows of one shape; what a bust takes back is negated, so that sums are right. */
export const HOLDING_ROWS = `
WITH splits AS (
  SELECT symbol AS name, max(source_position) AS last FROM groups
  WHERE trntype = 'SPLIT' AND source_position <= :position GROUP BY symbol
), trades AS (
  SELECT symbol, side, lot_id AS execution, quantity, amount, price, opened_utc AS traded_utc, place, 1 AS opens, source_position
    FROM lots
  UNION ALL SELECT symbol, side, closed_by, quantity, open_amount, close_price, closed_utc, place, 0, source_position
    FROM lot_closures
)
SELECT symbol, side, execution, quantity, amount, price, traded_utc, place, opens,
  coalesce(last > source_position, 0) AS outdated
  FROM trades LEFT JOIN splits ON name = symbol WHERE source_position <= :position
ORDER BY symbol, side`;

/** A row of it as SQLite gives it. */
export interface HoldingRow {
  readonly symbol: TickerSymbol;
  readonly side: 'long' | 'short';
  readonly execution: string;
  readonly quantity: DecimalText;
  readonly amount: bigint;
  readonly price: DecimalText;
  readonly traded_utc: UtcText;
  readonly place: Position;
  readonly opens: bigint;
  /** 1 when the shares were split or renamed since: the price is of other shares. The lots of then have prices of now. */
  readonly outdated: bigint;
}

interface Trade {
  readonly row: HoldingRow;
  /** Shares of the execution that were not taken back. */
  standing: Decimal;
}

interface Sum {
  readonly symbol: TickerSymbol;
  readonly side: 'long' | 'short';
  quantity: Decimal;
  amount: Cents;
}

/** The holdings that rows come to, by symbol and side. */
export function holdingsIn(rows: readonly HoldingRow[]): readonly LedgerHolding[] {
  const sums = new Map<string, Sum>();
  for (const { symbol, side, opens, ...row } of rows) {
    const key = `${symbol} ${side}`;
    const sum = sums.get(key) ?? { symbol, side, quantity: Decimal.ZERO, amount: NO_CENTS };
    const shares = Decimal.parse(row.quantity);
    const add = opens === 1n ? addCents : subtractCents;
    sum.quantity = opens === 1n ? sum.quantity.plus(shares) : sum.quantity.minus(shares);
    sum.amount = add(sum.amount, cents(row.amount));
    sums.set(key, sum);
  }
  const held = [...sums.values()].filter(({ quantity }) => !quantity.isZero());
  const last = lastTrades(rows, new Set(held.map(({ symbol }) => symbol)));
  return held.map((sum) => {
    const trade = last.get(sum.symbol);
    return {
      ...sum,
      lastPrice: trade === undefined ? Decimal.ZERO : Decimal.parse(trade.price),
      pricedAt: trade?.traded_utc ?? ('1970-01-01T00:00:00.000Z' as UtcText),
    };
  });
}

/** The last execution of each symbol that was not taken back, by its time and then by its place in the journal. */
function lastTrades(
  rows: readonly HoldingRow[],
  symbols: ReadonlySet<TickerSymbol>,
): ReadonlyMap<TickerSymbol, HoldingRow> {
  const trades = new Map<string, Trade>();
  for (const row of rows) {
    if (!symbols.has(row.symbol) || row.outdated === 1n) continue;
    // a correction under the same id has another price or size, and the place of what it corrects
    const key = [row.symbol, row.side, row.opens, row.execution, row.place, row.traded_utc, row.price].join(' ');
    const trade = trades.get(key) ?? { row, standing: Decimal.ZERO };
    trade.standing = trade.standing.plus(Decimal.parse(row.quantity));
    trades.set(key, trade);
  }
  const last = new Map<TickerSymbol, HoldingRow>();
  for (const { row, standing } of trades.values()) {
    const best = last.get(row.symbol);
    if (standing.sign() > 0 && (best === undefined || isLater(row, best))) last.set(row.symbol, row);
  }
  return last;
}

function isLater(a: HoldingRow, b: HoldingRow): boolean {
  return a.traded_utc === b.traded_utc ? a.place > b.place : a.traded_utc > b.traded_utc;
}
