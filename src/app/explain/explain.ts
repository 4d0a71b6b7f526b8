import { balanceOfAll } from '../../domain/accounting/balances.js';
import type { LedgerGroup } from '../../domain/accounting/types.js';
import type { Ledger } from '../../../projections/ledger/query.js';
import type { Position, RecordedEvent } from '../../events/event.js';
import type { TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { configError, dataError, type TradeBotError } from '../../kernel/errors.js';
import { addCents, type Cents, moneyText, NO_CENTS } from '../../kernel/money.js';
import type { DateText } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import { chainOf, eachEvent, isNamed } from './chain.js';
import { ASKABLE, type Question } from './question.js';
import { describeEvent } from './describe-event.js';

export interface ExplainParts {
  readonly journal: Pick<Journal, 'readAll'>;
  readonly ledger: Pick<
    Ledger,
    'groupsNamed' | 'groupsWith' | 'accounts' | 'balances' | 'cashAccounts' | 'positions' | 'reached'
  >;
}

export interface ExplainedEvent {
  readonly position: Position;
  readonly type: RecordedEvent['type'];
  readonly eventId: string;
  /** The event that caused it; null when the cause is outside the journal. */
  readonly cause: { readonly eventId: string; readonly position: Position | null } | null;
  readonly correlationId: string;
  readonly occurredAt: string;
  readonly words: string;
  /** True for the subject of the question. */
  readonly asked: boolean;
}

export interface ExplainedGroup {
  readonly groupId: string;
  readonly fitid: string;
  readonly trntype: string;
  readonly datetimeUtc: string;
  readonly description: string;
  /** The event that was posted. */
  readonly eventId: string;
  readonly legs: readonly {
    readonly line: number;
    readonly account: string;
    readonly name: string;
    readonly debit: string;
    readonly credit: string;
  }[];
}

/** One part of a figure: the amount it added, and the running total after it. */
export interface Contribution {
  readonly at: string;
  readonly amount: string;
  readonly total: string;
  readonly description: string;
  /** The subject to ask for next. */
  readonly subject: string;
  readonly eventId: string;
}

export interface Figure {
  readonly name: string;
  readonly value: string;
  /** All parts; they add up to the value. */
  readonly contributions: readonly Contribution[];
  /** Whether a second source in the books gives the same value. */
  readonly agrees: boolean;
}

/** An answer: the figure and its parts, the events from the market signal on, and their postings. */
export interface Explanation {
  readonly figure: Figure | null;
  readonly events: readonly ExplainedEvent[];
  readonly groups: readonly ExplainedGroup[];
  /** Daily summaries that include the trades. */
  readonly summaries: readonly ExplainedEvent[];
}

/** Explains a thing or a figure from the journal and the ledger (JRN-32). Throws when neither knows the subject. */
export async function explain(parts: ExplainParts, question: Question): Promise<Explanation> {
  switch (question.about) {
    case 'id':
      return explainId(parts, question.id);
    case 'account':
      return explainBalance(parts, [question.code]);
    case 'cash':
      return explainBalance(parts, parts.ledger.cashAccounts());
    case 'pnl':
      return explainPnl(parts, question.date);
    case 'position':
      return explainPosition(parts, question.symbol);
  }
}

async function explainId(parts: ExplainParts, id: string): Promise<Explanation> {
  const posted = new Set<string>(parts.ledger.groupsNamed([id]).map((group) => group.sourceEventId));
  const anchors: RecordedEvent[] = [];
  await eachEvent(parts.journal, (event) => {
    if (posted.has(event.id) || isNamed(event, id)) anchors.push(event);
  });
  if (anchors.length === 0) throw unknown(`"${id.slice(0, 80)}"`);
  return explained(parts, anchors, null);
}

function nameOf(ledger: ExplainParts['ledger'], code: string): string {
  const account = ledger.accounts().find((each) => each.code === code);
  if (account === undefined) throw unknown(`account "${code.slice(0, 20)}"`);
  return `${code} ${account.name}`;
}

/** The balance of one account, or of several together. */
async function explainBalance(parts: ExplainParts, codes: readonly string[]): Promise<Explanation> {
  const name = codes.map((code) => nameOf(parts.ledger, code)).join(', ');
  let total: Cents = NO_CENTS;
  const contributions = parts.ledger.groupsWith({ accounts: codes }).map((group): Contribution => {
    const amount = onAccounts(group, codes);
    total = addCents(total, amount);
    return {
      at: group.datetimeUtc,
      amount: moneyText(amount),
      total: moneyText(total),
      description: `${group.trntype} ${group.description}`,
      subject: group.fitid,
      eventId: group.sourceEventId,
    };
  });
  const agrees = balanceOfAll(parts.ledger.balances(), codes) === total;
  const figure = { name, value: moneyText(total), contributions, agrees };
  return { figure, events: [], groups: [], summaries: [] };
}

async function explainPnl(parts: ExplainParts, date: DateText): Promise<Explanation> {
  const closed: RecordedEvent<'PositionClosed'>[] = [];
  let summary: RecordedEvent<'DailySummaryCompiled'> | undefined;
  await eachEvent(parts.journal, (event) => {
    if (event.meta.sessionDate !== date) return;
    if (event.type === 'PositionClosed') closed.push(event);
    if (event.type === 'DailySummaryCompiled') summary = event;
  });
  if (summary === undefined && closed.length === 0) throw unknown(`a session of ${date}`);
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
  const value = moneyText(total);
  const agrees = summary === undefined || Decimal.parse(summary.data.netPnl).equals(total);
  return explained(parts, closed, { name: `net P&L of ${date}`, value, contributions, agrees });
}

async function explainPosition(parts: ExplainParts, symbol: TickerSymbol): Promise<Explanation> {
  const moves = parts.ledger.groupsWith({ symbol }).filter((group) => group.quantity !== null);
  if (moves.length === 0) throw unknown(`a position in ${symbol}`);
  let total = Decimal.ZERO;
  const contributions: Contribution[] = [];
  for (const group of moves) {
    // Flat before this one: what came earlier belongs to another position.
    if (total.isZero()) contributions.length = 0;
    const shares = sharesOf(group);
    total = total.plus(shares);
    contributions.push({
      at: group.datetimeUtc,
      amount: shares.shortText(),
      total: total.shortText(),
      description: `${group.trntype} at ${group.price ?? ''}`,
      subject: group.fitid,
      eventId: group.sourceEventId,
    });
  }
  const held = parts.ledger.positions().get(symbol) ?? Decimal.ZERO;
  const figure = { name: `shares of ${symbol}`, value: total.shortText(), contributions, agrees: held.equals(total) };
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
  const { events, asked } = await chainOf(parts.journal, anchors);
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
  if (last !== undefined && (reached === null || reached < last.position)) throw behind(reached, last.position);
  const names = new Map(ledger.accounts().map(({ code, name }) => [code, name]));
  return ledger
    .groupsNamed(events.map(({ id }) => id))
    .map(({ groupId, fitid, trntype, datetimeUtc, description, sourceEventId, legs }) => ({
      groupId,
      fitid,
      trntype,
      datetimeUtc,
      description,
      eventId: sourceEventId,
      legs: legs.map(({ accountCode, debit, credit }, index) => ({
        line: index + 1,
        account: accountCode,
        name: names.get(accountCode) ?? '',
        debit: moneyText(debit),
        credit: moneyText(credit),
      })),
    }));
}

function onAccounts(group: LedgerGroup, codes: readonly string[]): Cents {
  const legs = group.legs.filter(({ accountCode }) => codes.includes(accountCode));
  return addCents(NO_CENTS, ...legs.map(({ debit, credit }) => (debit - credit) as Cents));
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

function unknown(what: string): TradeBotError {
  return configError({
    code: 'NOTHING_TO_EXPLAIN',
    message: `neither the journal nor the ledger knows ${what}`,
    remedy: `Ask for ${ASKABLE}.`,
  });
}

function behind(reached: Position | null, wanted: Position): TradeBotError {
  return dataError({
    code: 'LEDGER_BEHIND',
    message: `the ledger has processed events up to ${reached ?? 'none'}; the answer needs events up to ${wanted}`,
    remedy: 'Let the projections catch up (run the bot, or `tradebot rebuild ledger`), then ask again.',
  });
}
