import { fraction } from '../../../projections/kit/records.js';
import { isConfigured } from '../../domain/config/configured-strategies.js';
import { entryHour } from '../../domain/performance/performance-fold.js';
import { TuningFold } from '../../domain/tuning/tuning-fold.js';
import type { EventData, RecordedEvent } from '../../events/event.js';
import { Decimal } from '../../kernel/decimal.js';
import { moneyText } from '../../kernel/money.js';
import { MINUTE_MS, parseUtcText, type DateText, type UtcText } from '../../kernel/time.js';
import { eachEvent } from './chain.js';
import { figureAnswer, type Contribution, type ExplainParts, type Explanation, type Figure } from './explanation.js';
import type { TradeFigure, TradeScope } from './question.js';
import { nothingKnown } from './refusals.js';

type Journal = ExplainParts['journal'];
type Closed = RecordedEvent<'PositionClosed'>;

/** The closed positions of a scope with the figures that the summary of the engine gives. */
interface Found {
  readonly closed: readonly Closed[];
  /** Of a session that is asked for as a whole. */
  readonly summary: EventData<'DailySummaryCompiled'> | undefined;
  /** A position was open before the session or after it: its fees and gains are not of one session alone. */
  readonly carries: boolean;
}

/** The positions that were closed, and the summary of the session when it is asked for as a whole. */
export async function closedIn(journal: Journal, scope: TradeScope): Promise<Found> {
  const { date, strategy } = scope;
  const closed: Closed[] = [];
  const tuning = new TuningFold();
  let summary: EventData<'DailySummaryCompiled'> | undefined;
  let opened: UtcText | undefined;
  let heldAtEnd = false;
  const unknown = unknownParts(scope);
  await eachEvent(journal, (event) => {
    if (scope.setting !== undefined) tuning.take(event);
    for (const part of unknown.keys()) if (isNamed(part, scope, { event, tuning })) unknown.delete(part);
    if (date !== undefined && event.meta.sessionDate !== date) return;
    if (event.type === 'SessionOpened') opened ??= event.occurredAt;
    if (event.type === 'SessionClosed') heldAtEnd = event.data.openPositions.length > 0;
    if (event.type === 'DailySummaryCompiled' && date !== undefined && strategy === undefined) summary = event.data;
    if (event.type === 'PositionClosed' && isIn(event, scope) && hasSetting(tuning, scope)) closed.push(event);
  });
  const [nobodyKnows] = unknown.values();
  if (nobodyKnows !== undefined && closed.length === 0) throw nothingKnown(nobodyKnows);
  const heldAtStart = closed.some(({ data }) => data.entryAt < (opened ?? ''));
  return { closed, summary, carries: heldAtStart || heldAtEnd };
}

/** What a scope asks for, in words: it is known once an event names it. A strategy of the program is known without one. */
function unknownParts({ date, until, strategy, symbol, setting }: TradeScope): Map<keyof TradeScope, string> {
  const parts = new Map<keyof TradeScope, string>();
  if (date !== undefined) parts.set('date', `a session of ${date}`);
  if (until !== undefined) parts.set('until', `a session up to ${until}`);
  if (strategy !== undefined && !isConfigured(strategy)) parts.set('strategy', `a strategy ${strategy.slice(0, 60)}`);
  if (symbol !== undefined) parts.set('symbol', `the symbol ${symbol}`);
  if (setting !== undefined) {
    const { key, value } = setting;
    parts.set('setting', `a session that ${strategy ?? ''} began with ${`${key}=${value}`.slice(0, 60)}`);
  }
  return parts;
}

function isNamed(
  part: keyof TradeScope,
  scope: TradeScope,
  { event, tuning }: { readonly event: RecordedEvent; readonly tuning: TuningFold },
): boolean {
  const { data, meta } = event;
  switch (part) {
    case 'date':
      return meta.sessionDate === scope.date;
    case 'until':
      return meta.sessionDate !== null && scope.until !== undefined && meta.sessionDate <= scope.until;
    case 'strategy':
      return 'strategy' in data && data.strategy === scope.strategy;
    case 'symbol':
      return 'symbol' in data && data.symbol === scope.symbol;
    case 'setting':
      return hasSetting(tuning, scope);
    case 'hour':
    case 'reason':
      return true;
  }
}

function isIn({ data, meta }: Closed, scope: TradeScope): boolean {
  return (
    (scope.strategy === undefined || data.strategy === scope.strategy) &&
    (scope.symbol === undefined || data.symbol === scope.symbol) &&
    (scope.hour === undefined || entryHour(data.entryAt) === scope.hour) &&
    (scope.reason === undefined || data.exitReason === scope.reason) &&
    (scope.until === undefined || (meta.sessionDate ?? data.exitAt) <= scope.until)
  );
}

function hasSetting(tuning: TuningFold, { strategy, setting }: TradeScope): boolean {
  return setting === undefined || (strategy !== undefined && tuning.runsWith(strategy, setting.key, setting.value));
}

/** A figure of closed positions with the part of each. */
export async function explainTrades(
  { journal }: ExplainParts,
  figure: Exclude<TradeFigure, 'pnl'>,
  scope: TradeScope,
): Promise<Explanation> {
  const found = await closedIn(journal, scope);
  return figureAnswer(figure === 'winrate' ? winRateFigure(found, scope) : SUMS[figure](found, scope));
}

/** Parts of a P&L by closed position, and their sum. */
export function pnlFigure(found: Found, scope: TradeScope): Figure {
  const { contributions, total } = added(found.closed, ({ netPnl }) => Decimal.parse(netPnl));
  const { summary, carries } = found;
  return {
    name: nameOf('net P&L', scope),
    value: moneyText(total),
    formula: 'the sum of the closed positions: gain or loss of each, less its commissions and fees',
    contributions,
    agrees: summary === undefined || carries ? null : Decimal.parse(summary.netPnl).equals(total),
  };
}

type Made = (found: Found, scope: TradeScope) => Figure;

const SUMS: Readonly<Record<Exclude<TradeFigure, 'pnl' | 'winrate'>, Made>> = {
  gross: sum('gain before fees', 'gain or loss of each closed position before its commissions and fees', 'grossPnl'),
  charges: sum('fees', 'commissions and fees of each closed position, of its entry and its exit', 'fees'),
  slippage: sum('slippage', 'of each closed position what its fills cost against their reference prices', 'slippage'),
  average: (found, scope) => {
    const { contributions, total } = added(found.closed, ({ netPnl }) => Decimal.parse(netPnl));
    const count = tradesOf(found.closed);
    return {
      name: nameOf('average net P&L', scope),
      value: count === 0 ? 'none, no position was closed' : divided(total, count, 2),
      formula: `net P&L of the closed positions (${moneyText(total)}) divided by their number (${count})`,
      contributions,
      agrees: null,
    };
  },
  count: ({ closed }, scope) => {
    const { contributions, total } = added(closed, () => Decimal.of(1));
    return {
      name: nameOf('number', scope),
      value: total.text(),
      formula: 'the number of closed positions',
      contributions,
      agrees: null,
    };
  },
  minutes: (found, scope) => {
    const seen = new Set<string>();
    const first = found.closed.filter(({ data }) => !seen.has(data.positionId) && seen.add(data.positionId));
    const { contributions, total } = added(first, ({ entryAt, exitAt }) => minutesOf(entryAt, exitAt));
    const whole = total.rounded(0, 'halfUp');
    return {
      name: nameOf('average minutes', scope),
      value: first.length === 0 ? 'none, no position was closed' : divided(whole, first.length, 1),
      formula: `minutes from the first to the last fill (${whole.shortText()}) divided by the number of positions (${first.length})`,
      contributions,
      agrees: null,
    };
  },
};

function sum(name: string, formula: string, member: 'grossPnl' | 'fees' | 'slippage'): Made {
  return ({ closed }, scope) => {
    const { contributions, total } = added(closed, (data) => Decimal.parse(data[member]));
    return {
      name: nameOf(name, scope),
      value: moneyText(total),
      formula: `the sum over the closed positions: ${formula}`,
      contributions,
      agrees: null,
    };
  };
}

/** The share of closed positions that had a gain after fees. */
function winRateFigure({ closed, summary }: Found, scope: TradeScope): Figure {
  const isWin = ({ netPnl }: Closed['data']): Decimal => Decimal.of(Decimal.parse(netPnl).sign() > 0 ? 1 : 0);
  const { contributions, total } = added(closed, isWin, (data) => `, net ${data.netPnl}`);
  const wins = Number(total.text());
  return {
    name: nameOf('win rate', scope),
    value: fraction(wins, closed.length) ?? 'none, no position was closed',
    formula: `positions closed with a gain after fees (${wins}) divided by all that were closed (${closed.length})`,
    contributions,
    agrees: summary === undefined ? null : summary.wins === wins && summary.trades === closed.length,
  };
}

/** How far the P&L of all sessions up to this one is below its highest: the sessions since then. */
export async function explainDrawdown({ journal }: ExplainParts, date: DateText): Promise<Explanation> {
  const { closed } = await closedIn(journal, { until: date });
  const days = new Map<string, Closed[]>();
  for (const one of closed) {
    const day = one.meta.sessionDate ?? one.data.exitAt.slice(0, 10);
    days.set(day, [...(days.get(day) ?? []), one]);
  }
  let below = Decimal.ZERO;
  let contributions: Contribution[] = [];
  for (const [day, ofDay] of [...days].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const net = Decimal.sum(ofDay.map(({ data }) => Decimal.parse(data.netPnl)));
    below = below.plus(net);
    const last = ofDay.at(-1);
    if (last === undefined) continue;
    contributions.push({
      ...{ at: last.occurredAt, amount: moneyText(net), total: moneyText(below) },
      ...{ description: `net P&L of ${day}`, subject: `pnl:${day}`, eventId: last.id },
    });
    if (below.sign() < 0) continue;
    below = Decimal.ZERO;
    contributions = [];
  }
  return figureAnswer({
    name: `drawdown of ${date}`,
    value: moneyText(below),
    formula: 'net P&L of the sessions since the total was highest; zero at a new high',
    contributions,
    agrees: null,
  });
}

/** One contribution for each position with its amount, and their sum. */
function added(
  closed: readonly Closed[],
  amountOf: (data: Closed['data']) => Decimal,
  more: (data: Closed['data']) => string = ({ exitReason }) => `, ${exitReason}`,
): { readonly contributions: readonly Contribution[]; readonly total: Decimal } {
  let total = Decimal.ZERO;
  const contributions = closed.map(({ id, occurredAt, data }): Contribution => {
    const amount = amountOf(data);
    total = total.plus(amount);
    return {
      ...{ at: occurredAt, amount: amount.text(), total: total.text() },
      description: `${data.strategy} ${data.symbol} ${data.side}${more(data)}`,
      ...{ subject: data.positionId, eventId: id },
    };
  });
  return { contributions, total };
}

/** Of a setting a corrected position counts once, as in the table of settings. */
const tradesOf = (closed: readonly Closed[]): number => new Set(closed.map(({ data }) => data.positionId)).size;

const divided = (total: Decimal, count: number, scale: number): string =>
  total.divide(Decimal.of(count), { scale, round: 'halfEven' }).text();

function minutesOf(entryAt: UtcText, exitAt: UtcText): Decimal {
  const ms = parseUtcText(exitAt) - parseUtcText(entryAt);
  return Decimal.of(ms).divide(Decimal.of(MINUTE_MS), { scale: 4, round: 'halfEven' });
}

/** `net P&L of 2026-01-05/open`. */
function nameOf(figure: string, { date, until, strategy, symbol, hour, reason, setting }: TradeScope): string {
  const of = [
    ...[date, until === undefined ? undefined : `all sessions up to ${until}`, strategy, symbol],
    ...[hour === undefined ? undefined : `${hour}:00`, reason?.replaceAll('_', ' ')],
    setting === undefined ? undefined : `${setting.key}=${setting.value}`,
  ].filter((part) => part !== undefined);
  return `${figure} of ${of.length === 0 ? 'all closed positions' : of.join('/')}`;
}
