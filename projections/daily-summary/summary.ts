import { Decimal, type DecimalText } from '../../src/kernel/decimal.js';
import { SECOND_MS } from '../../src/kernel/time.js';
import { dayFigures } from '../kit/day-value.js';
import { fraction } from '../kit/records.js';
import { allLots } from '../../src/domain/accounting/lots.js';
import { figuresOf } from '../../src/domain/accounting/figures.js';
import { cents, moneyText, subtractCents } from '../../src/kernel/money.js';
import type { AccountingBook } from '../../src/domain/accounting/book.js';
import { count, type Counter, type Day, type Latencies, type TradeFact } from './day-state.js';

const TICKERS_SHOWN = 5;

function total(trades: readonly TradeFact[], of: (trade: TradeFact) => string): Decimal {
  return Decimal.sum(trades.map((trade) => Decimal.parse(of(trade)))).rounded(2, 'halfEven');
}

const wins = (trades: readonly TradeFact[]): number =>
  trades.filter((trade) => Decimal.parse(trade.netPnl).sign() > 0).length;

function average(trades: readonly TradeFact[], sum: Decimal): DecimalText | null {
  return trades.length === 0 ? null : sum.divide(Decimal.of(trades.length), { scale: 2, round: 'halfEven' }).text();
}

/** The largest gain or the largest loss; null when there was none. */
function extreme(trades: readonly TradeFact[], sign: 1 | -1): DecimalText | null {
  let found: Decimal | undefined;
  for (const { netPnl } of trades) {
    const net = Decimal.parse(netPnl);
    if (net.sign() === sign && (found === undefined || net.compare(found) === sign)) found = net;
  }
  return found?.text() ?? null;
}

function seconds(ms: number, of: number): DecimalText | null {
  if (of === 0) return null;
  return Decimal.of(ms)
    .divide(Decimal.of(of * SECOND_MS), { scale: 3, round: 'halfEven' })
    .text();
}

/** Nearest rank, in whole milliseconds. */
function percentiles(times: readonly number[]): Readonly<Record<string, number | null>> {
  const sorted = [...times].sort((a, b) => a - b);
  const rank = (percent: number): number | null => sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? null;
  return { count: sorted.length, p50_ms: rank(50), p90_ms: rank(90), p99_ms: rank(99), max_ms: rank(100) };
}

function byTicker(
  trades: readonly TradeFact[],
  sign: 1 | -1,
): readonly { ticker: string; trades: number; PnL: DecimalText }[] {
  const sums = new Map<string, TradeFact[]>();
  for (const trade of trades) sums.set(trade.symbol, [...(sums.get(trade.symbol) ?? []), trade]);
  return [...sums]
    .map(([ticker, own]) => ({ ticker, trades: own.length, net: total(own, (trade) => trade.netPnl) }))
    .filter(({ net }) => net.sign() === sign)
    .sort((a, b) => -sign * a.net.compare(b.net) || (a.ticker < b.ticker ? -1 : 1))
    .slice(0, TICKERS_SHOWN)
    .map(({ ticker, trades: number, net }) => ({ ticker, trades: number, PnL: net.text() }));
}

function sorted(counter: Counter): Counter {
  return Object.fromEntries(Object.entries(counter).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function strategyFigures(day: Day, strategy: string): object {
  const trades = day.trades.filter((trade) => trade.strategy === strategy);
  const counts = day.strategies[strategy] ?? { candidates: 0, signals: 0, blocked: 0, entries: 0, failed: null };
  return {
    ...counts,
    trades: trades.length,
    wins: wins(trades),
    win_rate: fraction(wins(trades), trades.length),
    gross_pnl: total(trades, (trade) => trade.grossPnl).text(),
    fees: total(trades, (trade) => trade.fees).text(),
    PnL: total(trades, (trade) => trade.netPnl).text(),
  };
}

/** The figures of the day in the books: changes of the ledger's accounts since the session opened. */
function bookFigures(
  day: Day,
  book: AccountingBook,
): { gross: DecimalText; fees: DecimalText; net: DecimalText; income: DecimalText; equity: DecimalText } {
  const now = figuresOf(book);
  const gross = subtractCents(now.realized, cents(BigInt(day.value.realizedBefore)));
  const fees = subtractCents(now.fees, cents(BigInt(day.value.feesBefore)));
  return {
    gross: moneyText(gross),
    fees: moneyText(fees),
    net: moneyText(subtractCents(gross, fees)),
    income: moneyText(subtractCents(now.net, cents(BigInt(day.value.netBefore)))),
    equity: moneyText(now.equity),
  };
}

function latencyFigures(latencies: Latencies): object {
  return Object.fromEntries(Object.entries(latencies).map(([step, times]) => [step, percentiles(times as number[])]));
}

/**
 * The summary of OUT-4. Money is exact text; `trading_pnl` (`PnL`) is after commissions and fees, `gross_pnl` before;
 * `net_income` also has dividends, interest and other income less other expenses.
 */
export function summaryOf(day: Day, book: AccountingBook): object {
  const { trades, compiled } = day;
  const books = bookFigures(day, book);
  const valued = dayFigures(day.value, book);
  const net = total(trades, (trade) => trade.netPnl);
  const signals = Object.values(day.strategies).reduce((sum, counts) => sum + counts.signals, 0);
  const strategies = [...new Set([...Object.keys(day.strategies), ...trades.map((trade) => trade.strategy)])].sort();
  const each = strategies.map((strategy): [string, ReturnType<typeof strategyFigures>] => [
    strategy,
    strategyFigures(day, strategy),
  ]);
  return {
    date: day.date,
    broker: day.broker,
    version_tag: day.versionTag,
    outcome: day.closed?.outcome ?? 'open',
    total_trades: trades.length,
    wins: wins(trades),
    win_rate: fraction(wins(trades), trades.length),
    win_rate_per_strategy: Object.fromEntries(
      strategies.map((strategy) => {
        const own = trades.filter((trade) => trade.strategy === strategy);
        return [strategy, fraction(wins(own), own.length)];
      }),
    ),
    gross_pnl: books.gross,
    fees: books.fees,
    PnL: books.net,
    trading_pnl: books.net,
    net_income: books.income,
    slippage: total(trades, (trade) => trade.slippage).text(),
    average_pnl_per_trade: average(trades, net),
    max_gain: extreme(trades, 1),
    max_loss: extreme(trades, -1),
    average_holding_time: seconds(
      trades.reduce((sum, trade) => sum + trade.holdingMs, 0),
      trades.length,
    ),
    trade_count_vs_signals_triggered: { trades: trades.length, signals, ratio: fraction(trades.length, signals) },
    most_profitable_tickers: byTicker(trades, 1),
    worst_tickers: byTicker(trades, -1),
    exits_by_reason: sorted(tally(trades.map((trade) => trade.exitReason))),
    strategies: Object.fromEntries(each),
    orders: day.orderCounts,
    latency: latencyFigures(day.latencies),
    blocks_by_filter: sorted(day.blocksByFilter),
    blocks_by_risk_gate: sorted(day.blocksByGate),
    refused_candidates: sorted(day.refusedCandidates),
    refused_orders: sorted(day.refusedOrders),
    risk_triggers: day.riskTriggers,
    errors: sorted(day.errors),
    opening_equity: day.openingEquity,
    closing_equity: books.equity,
    day_result: valued.result,
    equity_bridge: valued.bridge,
    float_at_start: day.floatAtStart,
    open_positions: day.closed?.openPositions ?? [],
    reconciliation: day.reconciliation,
    market_data: day.marketData,
    checks: {
      closed_positions_equal_books: day.heldAtOpen || allLots(book.lots).length > 0 ? null : books.net === net.text(),
      engine_summary_equals_books:
        compiled === null ? null : compiled.netPnl === books.net && compiled.fees === books.fees,
    },
  };
}

function tally(keys: readonly string[]): Counter {
  const counter: Counter = {};
  for (const key of keys) count(counter, key);
  return counter;
}
