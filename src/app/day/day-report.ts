import { addCents, type Cents, centsFromText, moneyText, NO_CENTS, subtractCents } from '../../kernel/money.js';
import type { EventData, RecordedEvent } from '../../events/event.js';
import type { DateText } from '../../kernel/time.js';
import { droppedRows, explainFindings, type ExplainedFinding } from '../../domain/market/quality.js';

/** One strategy of the day, in dollars where money. */
export interface StrategyReport {
  readonly strategy: string;
  readonly candidates: number;
  readonly signals: number;
  readonly entries: number;
  readonly trades: number;
  readonly grossPnl: string;
  readonly fees: string;
  readonly netPnl: string;
}

/** A candidate that was not traded, with the final reason: of the screening, a rule, a limit, or the broker. */
export interface RefusalReport {
  readonly strategy: string;
  readonly symbol: string;
  readonly code: string;
  readonly figures: Readonly<Record<string, string>>;
}

/** The results of a day for a person; every figure is from the journal. */
export interface DayReport {
  readonly date: DateText;
  readonly outcome: 'completed' | 'halted' | 'unfinished';
  readonly signals: number;
  readonly refusals: readonly RefusalReport[];
  readonly orders: number;
  readonly rejectedOrders: number;
  readonly fills: number;
  readonly strategies: readonly StrategyReport[];
  readonly trades: number;
  readonly grossPnl: string;
  readonly fees: string;
  readonly netPnl: string;
  /** Against the value that the day began with; null for a day that is not finished. */
  readonly result: DayResult | null;
  readonly reconciliation: EventData<'ReconciliationCompleted'> | null;
  readonly openPositions: readonly string[];
  /** The recorded market data and what was wrong with it; null when none was recorded. */
  readonly marketData: MarketDataReport | null;
}

/** Counts of a session's market data; `findings` has the dropped rows first. */
export interface MarketDataReport {
  readonly bars: number;
  readonly quotes: number;
  readonly droppedRows: number;
  readonly findings: readonly ExplainedFinding[];
}

/** What the day changed, in dollars: realized after fees and against cost, and the change of the unrealized part. */
export interface DayResult {
  readonly realized: string;
  readonly unrealized: string;
  readonly total: string;
}

interface Tally {
  candidates: number;
  signals: number;
  entries: number;
  trades: number;
  gross: Cents;
  fees: Cents;
}

/** Folds the events of one session, in order. */
export function reportDay(date: DateText, events: Iterable<RecordedEvent>): DayReport {
  const tallies = new Map<string, Tally>();
  const refusals: RefusalReport[] = [];
  const counts = { signals: 0, orders: 0, rejectedOrders: 0, fills: 0 };
  const entries = new Map<string, Entry>();
  let reconciliation: DayReport['reconciliation'] = null;
  let closed: EventData<'SessionClosed'> | undefined;
  let compiled: EventData<'DailySummaryCompiled'> | undefined;
  const unrealized = { before: NO_CENTS, after: NO_CENTS };
  let marketData: DayReport['marketData'] = null;
  const of = (strategy: string): Tally => {
    const known = tallies.get(strategy);
    if (known !== undefined) return known;
    const tally = { candidates: 0, signals: 0, entries: 0, trades: 0, gross: NO_CENTS, fees: NO_CENTS };
    tallies.set(strategy, tally);
    return tally;
  };
  for (const event of events) {
    if (event.meta.sessionDate !== date) continue;
    countEvent(event, counts, of, refusals);
    followEntry(event, entries);
    if (event.type === 'ReconciliationCompleted') reconciliation = event.data;
    if (event.type === 'SessionClosed') closed = event.data;
    if (event.type === 'DailySummaryCompiled') compiled = event.data;
    if (event.type === 'PositionsMarked') {
      unrealized.after = centsFromText(event.data.unrealized);
      if (event.data.occasion === 'open') unrealized.before = unrealized.after;
    }
    if (event.type === 'MarketDataRecorded') marketData = marketDataReport(event.data);
  }
  const gross = addCents(...[...tallies.values()].map((tally) => tally.gross));
  const fees = addCents(...[...tallies.values()].map((tally) => tally.fees));
  return {
    date,
    outcome: closed?.outcome ?? 'unfinished',
    ...counts,
    refusals: [...refusals, ...[...entries.values()].flatMap(({ refusal }) => refusal ?? [])],
    strategies: [...tallies].map(([strategy, tally]) => strategyReport(strategy, tally)),
    trades: [...tallies.values()].reduce((sum, tally) => sum + tally.trades, 0),
    grossPnl: moneyText(gross),
    fees: moneyText(fees),
    netPnl: moneyText(subtractCents(gross, fees)),
    result: compiled === undefined ? null : dayResult(compiled, unrealized),
    reconciliation,
    openPositions: closed?.openPositions ?? [],
    marketData,
  };
}

/** An entry order of the day; with a refusal while it ended without a fill. */
interface Entry {
  readonly strategy: string;
  readonly symbol: string;
  filled: boolean;
  refusal: RefusalReport | undefined;
}

/** Follows the entries: one that the broker refuses, or that ends without a fill, is a candidate that was not traded. */
function followEntry(event: RecordedEvent, entries: Map<string, Entry>): void {
  switch (event.type) {
    case 'OrderIntended': {
      const { clientOrderId, purpose, strategy, symbol } = event.data;
      if (purpose === 'entry') entries.set(clientOrderId, { strategy, symbol, filled: false, refusal: undefined });
      return;
    }
    case 'OrderFilled': {
      const entry = entries.get(event.data.clientOrderId);
      if (entry === undefined) return;
      entry.filled = true;
      entry.refusal = undefined;
      return;
    }
    case 'OrderRejected':
      endEntry(entries.get(event.data.clientOrderId), event.data.code, { message: event.data.message });
      return;
    case 'OrderCancelled':
      endEntry(entries.get(event.data.clientOrderId), 'CANCELLED_WITHOUT_FILL', { reason: event.data.reason });
      return;
    case 'OrderExpired':
      endEntry(entries.get(event.data.clientOrderId), 'EXPIRED_WITHOUT_FILL', {});
      return;
    default:
  }
}

function endEntry(entry: Entry | undefined, code: string, figures: RefusalReport['figures']): void {
  if (entry === undefined || entry.filled) return;
  const { strategy, symbol } = entry;
  entry.refusal = { strategy, symbol, code, figures };
}

function dayResult(
  { netPnl }: EventData<'DailySummaryCompiled'>,
  { before, after }: { readonly before: Cents; readonly after: Cents },
): DayResult {
  const change = subtractCents(after, before);
  return {
    realized: netPnl,
    unrealized: moneyText(change),
    total: moneyText(addCents(centsFromText(netPnl), change)),
  };
}

function marketDataReport({ bars, quotes, findings }: EventData<'MarketDataRecorded'>): MarketDataReport {
  return { bars, quotes, droppedRows: droppedRows(findings), findings: explainFindings(findings) };
}

type Counts = { signals: number; orders: number; rejectedOrders: number; fills: number };

function countEvent(
  event: RecordedEvent,
  counts: Counts,
  of: (strategy: string) => Tally,
  refusals: RefusalReport[],
): void {
  switch (event.type) {
    case 'CandidatesRanked':
      of(event.data.strategy).candidates = event.data.candidates.length;
      for (const { symbol, code, figures } of event.data.screenedOut) {
        refusals.push({ strategy: event.data.strategy, symbol, code, figures });
      }
      return;
    case 'SignalTriggered':
      counts.signals += 1;
      of(event.data.strategy).signals += 1;
      return;
    case 'CandidateRejected':
      refusals.push({
        strategy: event.data.strategy,
        symbol: event.data.symbol,
        code: event.data.code,
        figures: event.data.figures,
      });
      return;
    case 'TradeBlocked':
      refusals.push({
        strategy: event.data.strategy,
        symbol: event.data.symbol,
        code: event.data.limit,
        figures: event.data.figures,
      });
      return;
    case 'OrderIntended':
      counts.orders += 1;
      if (event.data.purpose === 'entry') of(event.data.strategy).entries += 1;
      return;
    case 'OrderRejected':
      counts.rejectedOrders += 1;
      return;
    case 'OrderFilled':
      counts.fills += 1;
      return;
    case 'PositionClosed': {
      const tally = of(event.data.strategy);
      tally.trades += 1;
      tally.gross = addCents(tally.gross, centsFromText(event.data.grossPnl));
      tally.fees = addCents(tally.fees, centsFromText(event.data.fees));
      return;
    }
    default:
  }
}

function strategyReport(strategy: string, tally: Tally): StrategyReport {
  const { gross, fees, ...counts } = tally;
  return {
    strategy,
    ...counts,
    grossPnl: moneyText(gross),
    fees: moneyText(fees),
    netPnl: moneyText(subtractCents(gross, fees)),
  };
}
