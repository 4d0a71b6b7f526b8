import { chargesOf } from '../../domain/accounting/figures.js';
import type { LedgerGroup } from '../../domain/accounting/types.js';
import type { Position, RecordedEvent } from '../../events/event.js';
import type { TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { moneyText } from '../../kernel/money.js';
import { isPosition, positionOfText } from '../as-of/moment-text.js';
import { chainOf, eachEvent, isNamed } from './chain.js';
import { describeEvent } from './describe-event.js';
import { explainFloat, explainSetting, explainStop, openingOf } from './event-figures.js';
import type { Contribution, ExplainedEvent, ExplainedGroup, ExplainParts, Explanation, Figure } from './explanation.js';
import {
  explainAtWork,
  explainBalance,
  explainBooks,
  explainCost,
  explainEntry,
  explainSide,
} from './ledger-figures.js';
import { explainDay, explainUnrealized, explainValue } from './market-figures.js';
import type { OpeningFigure, Question } from './question.js';
import { ledgerBehind, nothingAt, nothingKnown } from './refusals.js';
import { explainAtStops, explainPrice, explainToStop } from './stop-figures.js';
import { closedIn, explainDrawdown, explainTrades, pnlFigure } from './trade-figures.js';

/**
 * Explains a thing or a figure from the journal and the ledger (JRN-32). Throws when neither knows the subject: what the asker
 * may not see (`mayRead` of the parts) is not there, in every respect.
 */
export async function explain(parts: ExplainParts, question: Question): Promise<Explanation> {
  switch (question.about) {
    case 'id':
      return explainId(parts, question.id);
    case 'event':
      return explainEvent(parts, question.position);
    case 'account':
      return explainBalance(parts, [question.code]);
    case 'cash':
      return explainBalance(parts, parts.ledger.cashAccounts());
    case 'books':
      return explainBooks(parts, question.figure, question.date);
    case 'trades': {
      if (question.figure !== 'pnl') return explainTrades(parts, question.figure, question);
      const found = await closedIn(parts.journal, question);
      return explained(parts, found.closed, pnlFigure(found, question));
    }
    case 'drawdown':
      return explainDrawdown(parts, question.date);
    case 'debits':
    case 'credits':
      return explainSide(parts, question.about);
    case 'atwork':
      return explainAtWork(parts);
    case 'atstops':
      return explainAtStops(parts);
    case 'float':
      return explainFloat(parts);
    case 'unrealized':
      return explainUnrealized(parts, question.symbol);
    case 'value':
      return explainValue(parts);
    case 'gain':
      return explainDay(parts, 'gain', question.date);
    case 'bridge':
      return explainDay(parts, question.part ?? 'bridge', question.date);
    case 'opening':
      return explainOpening(parts, question);
    case 'setting':
      return explainSetting(parts, question.key);
    case 'position':
      return explainPosition(parts, question.symbol);
    case 'cost':
      return explainCost(parts, question.symbol);
    case 'entry':
      return explainEntry(parts, question.symbol);
    case 'stop':
      return explainStop(parts, question.symbol);
    case 'price':
      return explainPrice(parts, question.symbol);
    case 'tostop':
      return explainToStop(parts, question.symbol);
  }
}

async function explainId(parts: ExplainParts, id: string): Promise<Explanation> {
  const posted = new Set<string>(parts.ledger.groupsNamed([id]).map((group) => group.sourceEventId));
  const anchors: RecordedEvent[] = [];
  await eachEvent(parts.journal, (event) => {
    if (!maySee(parts, event)) return;
    if (posted.has(event.id) || isNamed(event, id)) anchors.push(event);
  });
  if (anchors.length > 0) return explained(parts, anchors, null);
  if (isPosition(id)) return explainEvent(parts, positionOfText(id));
  throw nothingAt({ about: 'id', id });
}

async function explainEvent(parts: ExplainParts, position: Position): Promise<Explanation> {
  const anchors: RecordedEvent[] = [];
  await eachEvent(parts.journal, (event) => {
    if (event.position === position && maySee(parts, event)) anchors.push(event);
  });
  if (anchors.length === 0) throw nothingAt({ about: 'event', position });
  return explained(parts, anchors, null);
}

const OPENING: Readonly<Record<OpeningFigure, { readonly name: string; readonly formula: string }>> = {
  equity: { name: 'opening equity', formula: 'equity at the broker when the session opened' },
  float: { name: 'float at start', formula: 'the float when the session opened; explain float shows what made it' },
  cap: {
    name: 'session cap',
    formula:
      'what entries of the session may use of its float, by the settings; checked before each entry, at the price of its signal',
  },
};

async function explainOpening(
  parts: ExplainParts,
  { date, figure }: Extract<Question, { about: 'opening' }>,
): Promise<Explanation> {
  const opened = await openingOf(parts.journal, date);
  const { openingEquity, floatAtStart, sessionCap } = opened.data;
  const values: Readonly<Record<OpeningFigure, string>> = {
    equity: openingEquity,
    float: floatAtStart,
    cap: sessionCap,
  };
  const others = Object.entries(values).flatMap(([other, value]) => (other === figure ? [] : [`${other} ${value}`]));
  const { name, formula } = OPENING[figure];
  return explained(parts, [opened], {
    name: `${name} of ${date}`,
    value: values[figure],
    formula: `${formula}; ${others.join(', ')}`,
    contributions: [],
    agrees: null,
  });
}

async function explainPosition(parts: ExplainParts, symbol: TickerSymbol): Promise<Explanation> {
  const moves = movesOf(parts.ledger, symbol);
  if (moves.length === 0) throw nothingKnown(`a position in ${symbol}`);
  let total = Decimal.ZERO;
  const contributions: Contribution[] = [];
  for (const { shares, at, description, subject, eventId } of moves) {
    // Flat before this one: what came earlier belongs to another position.
    if (total.isZero()) contributions.length = 0;
    total = total.plus(shares);
    contributions.push({ at, amount: shares.shortText(), total: total.shortText(), description, subject, eventId });
  }
  const held = parts.ledger.positions().get(symbol) ?? Decimal.ZERO;
  const figure: Figure = {
    name: `shares of ${symbol}`,
    value: total.shortText(),
    formula: 'shares bought less shares sold since it was last flat; below zero is short',
    contributions,
    agrees: held.equals(total),
  };
  const wanted = new Set(contributions.map(({ eventId }) => eventId));
  const anchors: RecordedEvent[] = [];
  await eachEvent(parts.journal, (event) => {
    if (wanted.has(event.id)) anchors.push(event);
  });
  return explained(parts, anchors, figure);
}

/** The chain of the anchors, its postings, and the summaries of the days on which its trades ended. */
async function explained(
  parts: ExplainParts,
  anchors: readonly RecordedEvent[],
  figure: Figure | null,
): Promise<Explanation> {
  const { events: all, asked } = await chainOf(parts.journal, anchors);
  const events = all.filter((event) => maySee(parts, event));
  const symbols = new Set(events.flatMap((event) => ('symbol' in event.data ? [String(event.data.symbol)] : [])));
  const positions = new Map(events.map((event) => [event.id, event.position]));
  const days = new Set(events.filter(({ type }) => type === 'PositionClosed').map(({ meta }) => meta.sessionDate));
  const summaries: RecordedEvent[] = [];
  await eachEvent(parts.journal, (event) => {
    if (event.type === 'DailySummaryCompiled' && days.has(event.data.date)) summaries.push(event);
  });
  const toExplained = (event: RecordedEvent): ExplainedEvent => explainedEvent(event, { symbols, positions, asked });
  return {
    figure,
    events: events.map(toExplained),
    groups: postingsOf(parts.ledger, events),
    summaries: summaries.filter(({ id }) => !positions.has(id)).map(toExplained),
  };
}

function maySee({ mayRead }: ExplainParts, { type }: RecordedEvent): boolean {
  return mayRead?.(type) ?? true;
}

interface Context {
  readonly symbols: ReadonlySet<string>;
  readonly positions: ReadonlyMap<string, Position>;
  readonly asked: ReadonlySet<string>;
}

function explainedEvent(event: RecordedEvent, { symbols, positions, asked }: Context): ExplainedEvent {
  const { position, type, id: eventId, occurredAt, meta } = event;
  const { causationId, correlationId } = meta;
  const cause = causationId === null ? null : { eventId: causationId, position: positions.get(causationId) ?? null };
  return {
    position,
    type,
    eventId,
    cause,
    correlationId,
    occurredAt,
    words: describeEvent(event, symbols),
    asked: asked.has(eventId),
  };
}

/** The postings of these events; throws when the ledger has not processed all of them yet. */
function postingsOf(ledger: ExplainParts['ledger'], events: readonly RecordedEvent[]): readonly ExplainedGroup[] {
  const reached = ledger.reached();
  const last = events.at(-1);
  if (last !== undefined && (reached === null || reached < last.position)) throw ledgerBehind(reached, last.position);
  const names = new Map(ledger.accounts().map(({ code, name }) => [code, name]));
  return ledger.groupsNamed(events.map(({ id }) => id)).map((group) => ({
    groupId: group.groupId,
    fitid: group.fitid,
    trntype: group.trntype,
    datetimeUtc: group.datetimeUtc,
    description: group.description,
    amount: moneyText(group.netAmount),
    charges: moneyText(chargesOf(group)),
    eventId: group.sourceEventId,
    legs: group.legs.map(({ accountCode, debit, credit }, index) => ({
      line: index + 1,
      account: accountCode,
      name: names.get(accountCode) ?? '',
      debit: moneyText(debit),
      credit: moneyText(credit),
    })),
  }));
}

interface Move extends Pick<Contribution, 'at' | 'description' | 'subject' | 'eventId'> {
  readonly shares: Decimal;
  readonly position: Position;
}

/** What moved shares of a symbol, in posting order: groups, and transfers without a cent. */
function movesOf(ledger: ExplainParts['ledger'], symbol: TickerSymbol): readonly Move[] {
  const groups = ledger
    .groupsWith({ symbol })
    .filter(({ quantity }) => quantity !== null)
    .map((group): Move => ({
      shares: sharesOf(group),
      at: group.datetimeUtc,
      description: `${group.trntype} at ${group.price ?? ''}`,
      subject: group.fitid,
      eventId: group.sourceEventId,
      position: group.sourcePosition,
    }));
  const reached = ledger.reached();
  const transfers = (reached === null ? [] : ledger.shareTransfers({ after: null, position: reached }))
    .filter((transfer) => transfer.symbol === symbol)
    .map(({ quantity, side, direction, datetimeUtc, description, sourceEventId, sourcePosition }): Move => {
      const shares = Decimal.parse(quantity);
      return {
        shares: (side === 'long') === (direction === 'in') ? shares : shares.negated(),
        at: datetimeUtc,
        description,
        subject: sourceEventId,
        eventId: sourceEventId,
        position: sourcePosition,
      };
    });
  if (transfers.length === 0) return groups;
  return [...groups, ...transfers].sort((a, b) => (a.position < b.position ? -1 : a.position > b.position ? 1 : 0));
}

/** The change in shares by a group: a debit of shares is positive, a credit negative. */
function sharesOf(group: LedgerGroup): Decimal {
  return Decimal.sum(
    group.legs.map(({ quantity, debit }) => {
      if (quantity === null) return Decimal.ZERO;
      const shares = Decimal.parse(quantity);
      return debit > 0n ? shares : shares.negated();
    }),
  );
}
