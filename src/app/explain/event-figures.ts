import { fraction } from '../../../projections/kit/records.js';
import { entryHour } from '../../domain/performance/performance-fold.js';
import { adjustFloat, NO_FLOAT } from '../../domain/float/float.js';
import type { EventData, RecordedEvent } from '../../events/event.js';
import type { StrategyName, TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { moneyText, subtractCents } from '../../kernel/money.js';
import type { DateText, UtcText } from '../../kernel/time.js';
import { eachEvent } from './chain.js';
import { figureAnswer, type Contribution, type ExplainParts, type Explanation, type Figure } from './explanation.js';
import { nothingKnown } from './refusals.js';

type Journal = ExplainParts['journal'];

/** The float: every change of it, and nothing else (ACC-30). */
export async function explainFloat({ journal }: ExplainParts): Promise<Explanation> {
  let state = NO_FLOAT;
  let agrees: boolean | null = null;
  const contributions: Contribution[] = [];
  await eachEvent(journal, (event) => {
    if (event.type === 'SessionOpened') agrees = event.data.floatAtStart === moneyText(state.float);
    if (event.type !== 'FloatAdjusted') return;
    const before = state.float;
    state = adjustFloat(state, event.data);
    contributions.push({
      at: event.occurredAt,
      amount: moneyText(subtractCents(state.float, before)),
      total: moneyText(state.float),
      description: `${event.data.direction} (${event.data.source}): ${event.data.reason}`,
      subject: event.id,
      eventId: event.id,
    });
  });
  const formula = 'what was injected into the float less what was returned from it; nothing else changes it';
  return figureAnswer({ name: 'float', value: moneyText(state.float), formula, contributions, agrees });
}

/** The closed positions of a session with the figures that the summary of the engine gives. */
interface Closed {
  readonly closed: readonly RecordedEvent<'PositionClosed'>[];
  readonly summary: EventData<'DailySummaryCompiled'> | undefined;
  /** A position was open before the session or after it: its fees and gains are not of one session alone. */
  readonly carries: boolean;
}

/** Which closed positions a question is about; what is left out is not restricted. */
export interface Scope {
  readonly date?: DateText;
  readonly strategy?: StrategyName;
  readonly symbol?: TickerSymbol;
  /** Hour of the entry in New York, such as 09. */
  readonly hour?: string;
}

/** The positions that were closed, and the summary of the session when it is asked for as a whole. */
export async function closedIn(journal: Journal, scope: Scope): Promise<Closed> {
  const { date, strategy } = scope;
  const closed: RecordedEvent<'PositionClosed'>[] = [];
  let summary: EventData<'DailySummaryCompiled'> | undefined;
  let opened: UtcText | undefined;
  let heldAtEnd = false;
  let isKnown = date === undefined;
  await eachEvent(journal, (event) => {
    if (date !== undefined && event.meta.sessionDate !== date) return;
    isKnown = true;
    if (event.type === 'SessionOpened') opened ??= event.occurredAt;
    if (event.type === 'SessionClosed') heldAtEnd = event.data.openPositions.length > 0;
    if (event.type === 'DailySummaryCompiled' && date !== undefined && strategy === undefined) summary = event.data;
    if (event.type !== 'PositionClosed') return;
    if (isIn(event.data, scope)) closed.push(event);
  });
  if (!isKnown) throw nothingKnown(`a session of ${date ?? ''}`);
  const heldAtStart = closed.some(({ data }) => data.entryAt < (opened ?? ''));
  return { closed, summary, carries: heldAtStart || heldAtEnd };
}

function isIn({ strategy, symbol, entryAt }: EventData<'PositionClosed'>, scope: Scope): boolean {
  return (
    (scope.strategy === undefined || strategy === scope.strategy) &&
    (scope.symbol === undefined || symbol === scope.symbol) &&
    (scope.hour === undefined || entryHour(entryAt) === scope.hour)
  );
}

/** Parts of a P&L by closed position, and their sum. */
export function pnlFigure({ closed, summary, carries }: Closed, { date, strategy, symbol, hour }: Scope): Figure {
  const of = [date, strategy, symbol, hour === undefined ? undefined : `${hour}:00`].filter(
    (part) => part !== undefined,
  );
  let total = Decimal.ZERO;
  const contributions = closed.map(({ id, occurredAt, data }): Contribution => {
    total = total.plus(Decimal.parse(data.netPnl));
    return {
      at: occurredAt,
      amount: data.netPnl,
      total: total.text(),
      description: `${data.strategy} ${data.symbol} ${data.side}, ${data.exitReason}`,
      subject: data.positionId,
      eventId: id,
    };
  });
  return {
    name: of.length === 0 ? 'net P&L of all closed positions' : `net P&L of ${of.join('/')}`,
    value: moneyText(total),
    formula: 'the sum of the closed positions: gain or loss of each, less its commissions and fees',
    contributions,
    agrees: summary === undefined || carries ? null : Decimal.parse(summary.netPnl).equals(total),
  };
}

/** The share of closed positions that had a gain after fees. */
export async function explainWinRate({ journal }: ExplainParts, scope: Scope): Promise<Explanation> {
  const { closed, summary } = await closedIn(journal, scope);
  let wins = 0;
  const contributions = closed.map(({ id, occurredAt, data }): Contribution => {
    const won = Decimal.parse(data.netPnl).sign() > 0;
    if (won) wins += 1;
    return {
      at: occurredAt,
      amount: won ? '1' : '0',
      total: String(wins),
      description: `${data.strategy} ${data.symbol} ${data.side}, net ${data.netPnl}`,
      subject: data.positionId,
      eventId: id,
    };
  });
  const of = [scope.date, scope.strategy].filter((part) => part !== undefined).join('/');
  return figureAnswer({
    name: of === '' ? 'win rate' : `win rate of ${of}`,
    value: fraction(wins, closed.length) ?? 'none, no position was closed',
    formula: `positions closed with a gain after fees (${wins}) divided by all that were closed (${closed.length})`,
    contributions,
    agrees: summary === undefined ? null : summary.wins === wins && summary.trades === closed.length,
  });
}

/** What a session began with: equity is the value, float and cap are parts of the event. */
export async function openingOf(journal: Journal, date: DateText): Promise<RecordedEvent<'SessionOpened'>> {
  let opened: RecordedEvent<'SessionOpened'> | undefined;
  await eachEvent(journal, (event) => {
    if (event.type === 'SessionOpened' && event.data.date === date) opened = event;
  });
  if (opened === undefined) throw nothingKnown(`a session of ${date}`);
  return opened;
}

/** A setting: each change with who made it and why. */
export async function explainSetting({ journal }: ExplainParts, key: string): Promise<Explanation> {
  const contributions: Contribution[] = [];
  await eachEvent(journal, (event) => {
    if (event.type !== 'ConfigChanged') return;
    for (const change of event.data.changes) {
      if (change.key !== key) continue;
      const to = change.secret ? '(secret)' : (change.to ?? 'default');
      contributions.push({
        at: event.occurredAt,
        amount: to,
        total: to,
        description: `by ${event.meta.actor}: ${event.data.reason}`,
        subject: event.id,
        eventId: event.id,
      });
    }
  });
  const last = contributions.at(-1);
  if (last === undefined) throw nothingKnown(`a change of the setting "${key.slice(0, 60)}"`);
  return figureAnswer({
    name: `setting ${key}`,
    value: last.amount,
    formula: 'the last change that the journal has; the changes are not added up',
    contributions,
    agrees: null,
  });
}

/** The stop of the last position in a symbol: each move of it. */
export async function explainStop({ journal }: ExplainParts, symbol: TickerSymbol): Promise<Explanation> {
  let contributions: Contribution[] = [];
  let positionId = '';
  await eachEvent(journal, (event) => {
    if (event.type !== 'TrailingStopMoved' || event.data.symbol !== symbol) return;
    const { stop, previousStop, extreme, basis } = event.data;
    if (event.data.positionId !== positionId) contributions = [];
    positionId = event.data.positionId;
    contributions.push({
      at: event.occurredAt,
      amount: previousStop === null ? stop : Decimal.parse(stop).minus(Decimal.parse(previousStop)).shortText(2),
      total: stop,
      description: `best price ${extreme}, ${basis}`,
      subject: positionId,
      eventId: event.id,
    });
  });
  const last = contributions.at(-1);
  if (last === undefined) throw nothingKnown(`a stop of ${symbol}`);
  return figureAnswer({
    name: `stop of ${positionId}`,
    value: last.total,
    formula: 'the best price since the entry less the distance of the trail; it never moves back',
    contributions,
    agrees: null,
  });
}
