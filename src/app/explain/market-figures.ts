import type { EventData, Position, RecordedEvent } from '../../events/event.js';
import type { TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import {
  addCents,
  centsFromText,
  moneyText,
  negateCents,
  NO_CENTS,
  roundToCents,
  subtractCents,
  type Cents,
} from '../../kernel/money.js';
import type { DateText } from '../../kernel/time.js';
import { eachEvent } from './chain.js';
import { figureAnswer, type Contribution, type ExplainParts, type Explanation, type Figure } from './explanation.js';
import { onSymbol } from './ledger-figures.js';
import type { BridgePart } from './question.js';
import { nothingKnown } from './refusals.js';

/** A session and its valuations: its opening, its last event before the next one, its marks. */
interface Valued {
  readonly opened: RecordedEvent<'SessionOpened'>;
  readonly upTo: Position;
  readonly opening: RecordedEvent<'PositionsMarked'> | undefined;
  readonly last: RecordedEvent<'PositionsMarked'> | undefined;
}

/** A part of a composed figure and the question that explains it. */
interface Part {
  readonly description: string;
  readonly cents: Cents;
  readonly subject: string;
}

/** Unrealized gain or loss at the last prices of the last session, of all holdings or of one symbol. */
export async function explainUnrealized(parts: ExplainParts, symbol: TickerSymbol | undefined): Promise<Explanation> {
  const valued = await valuedSession(parts.journal, undefined);
  const holdings =
    valued === undefined
      ? []
      : holdingsOf(parts.ledger, valued).filter((each) => symbol === undefined || each.symbol === symbol);
  if (symbol !== undefined && holdings.length === 0) throw nothingKnown(`a valued holding of ${symbol}`);
  let total: Cents = NO_CENTS;
  const contributions = holdings.map(({ symbol: of, quantity, price, value, cost, mark }): Contribution => {
    const amount = subtractCents(value, cost);
    total = addCents(total, amount);
    return {
      at: mark.occurredAt,
      amount: moneyText(amount),
      total: moneyText(total),
      description: `${quantity.shortText()} ${of} at ${price} is ${moneyText(value)}, less cost ${moneyText(cost)}`,
      subject: mark.id,
      eventId: mark.id,
    };
  });
  return figureAnswer({
    name: symbol === undefined ? 'unrealized' : `unrealized of ${symbol}`,
    value: moneyText(total),
    formula: 'shares at their last price in PositionsMarked less what they cost (cost:SYMBOL); 0.00 without a price',
    contributions,
    agrees: symbol === undefined ? asMarked(valued?.last?.data, holdings, total) : null,
  });
}

/** Equity with positions at their last prices. */
export async function explainValue(parts: ExplainParts): Promise<Explanation> {
  const { equity } = parts.ledger.figures();
  const unrealized = await unrealizedNow(parts);
  return figureAnswer(
    composed('value', 'equity in the books plus the unrealized gain or loss of the holdings', [
      { description: 'equity, positions at cost', cents: equity, subject: 'equity' },
      { description: 'unrealized gain or loss', cents: unrealized, subject: 'unrealized' },
    ]),
  );
}

/** From the value that a session began with to its value at its end, its result, or another part of it. */
export async function explainDay(
  { journal, ledger }: ExplainParts,
  about: DayFigure,
  date: DateText,
): Promise<Explanation> {
  const valued = await valuedSession(journal, date);
  if (valued === undefined) throw nothingKnown(`a session of ${date}`);
  const { name, formula } = DAY_FIGURES[about];
  const figure = composed(`${name} of ${date}`, formula, dayParts(ledger, valued)[about]);
  if (about !== 'bridge') return figureAnswer(figure);
  const end = addCents(ledger.figures({ position: valued.upTo }).equity, sumOf(holdingsOf(ledger, valued)));
  return figureAnswer({ ...figure, agrees: figure.value === moneyText(end) });
}

/** The parts of each figure of a session. */
function dayParts(ledger: ExplainParts['ledger'], valued: Valued): Readonly<Record<DayFigure, readonly Part[]>> {
  const { opened, upTo, opening } = valued;
  const { date } = opened.data;
  const before = ledger.figures({ position: opened.position });
  const now = ledger.figures({ position: upTo });
  const change = (key: keyof typeof now): Cents => subtractCents(now[key], before[key]);
  const markedBefore = centsFromText(opening?.data.unrealized ?? '0.00');
  const markedNow = sumOf(holdingsOf(ledger, valued));
  const startId = opening?.id ?? opened.id;
  const realized = partOf('realized, before fees', change('realized'), `realized:${date}`);
  const fees = partOf('fees', negateCents(change('fees')), `fees:${date}`);
  const start = [
    partOf('equity when the session opened, positions at cost', before.equity, opened.id),
    partOf('unrealized at the previous close', markedBefore, startId),
  ];
  const other = [partOf('net income', change('net'), `result:${date}`), negated(realized), negated(fees)];
  const unrealized = [
    partOf('unrealized at the end', markedNow, 'unrealized'),
    partOf('unrealized at the start', negateCents(markedBefore), startId),
  ];
  const moved = [
    partOf('change of equity in the books', change('equity'), `equity:${date}`),
    partOf('net income', negateCents(change('net')), `result:${date}`),
  ];
  const gain = [
    realized,
    fees,
    partOf('dividends, interest and other income less other expenses', totalOf(other), `bridge:${date}/other`),
    partOf(
      `change of the unrealized from ${moneyText(markedBefore)} to ${moneyText(markedNow)}`,
      totalOf(unrealized),
      `bridge:${date}/unrealized`,
    ),
  ];
  const bridge = [
    partOf('opening value, carried positions at the previous close', totalOf(start), `bridge:${date}/opening`),
    ...gain,
    partOf('money moved in or out, and other changes that are no result', totalOf(moved), `bridge:${date}/moved`),
  ];
  return { gain, bridge, opening: start, other, unrealized, moved };
}

type DayFigure = 'gain' | 'bridge' | BridgePart;

const partOf = (description: string, cents: Cents, subject: string): Part => ({ description, cents, subject });
const negated = (part: Part): Part => ({ ...part, cents: negateCents(part.cents) });

const DAY_FIGURES: Readonly<Record<DayFigure, { readonly name: string; readonly formula: string }>> = {
  gain: {
    name: 'gain',
    formula: 'result of the day, realized and unrealized, against the value that it began with; without transfers',
  },
  bridge: { name: 'value at the end', formula: 'the value that the day began with and everything that changed it' },
  opening: { name: 'opening value', formula: 'equity in the books and the unrealized that the day began with' },
  other: { name: 'other income', formula: 'net income of the day without realized gains and fees' },
  unrealized: { name: 'unrealized', formula: 'the unrealized now less the unrealized that the day began with' },
  moved: { name: 'transfers', formula: 'the change of equity in the books that is no result' },
};

const totalOf = (parts: readonly Part[]): Cents => addCents(NO_CENTS, ...parts.map(({ cents }) => cents));

function composed(name: string, formula: string, parts: readonly Part[]): Figure {
  let total: Cents = NO_CENTS;
  const contributions = parts.map(({ description, cents, subject }): Contribution => {
    total = addCents(total, cents);
    return { at: '', amount: moneyText(cents), total: moneyText(total), description, subject, eventId: '' };
  });
  return { name, value: moneyText(total), formula, contributions, agrees: null };
}

/** A holding at its last price; shares sold short are below zero. */
export interface Holding {
  readonly symbol: TickerSymbol;
  readonly quantity: Decimal;
  readonly price: string;
  readonly value: Cents;
  readonly cost: Cents;
  readonly mark: RecordedEvent<'PositionsMarked'>;
}

/** What the books hold at the end of the session and its last valuation has a price for. */
function holdingsOf(ledger: ExplainParts['ledger'], { upTo, last }: Valued): readonly Holding[] {
  if (last === undefined) return [];
  return [...ledger.positions({ position: upTo })]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([symbol, quantity]) => {
      const marked = last.data.holdings.find((each) => each.symbol === symbol);
      if (marked === undefined) return [];
      const groups = ledger.groupsWith({ symbol }).filter(({ sourcePosition }) => sourcePosition <= upTo);
      const cost = addCents(NO_CENTS, ...groups.map((group) => onSymbol(group, symbol)));
      const value = roundToCents(quantity.times(Decimal.parse(marked.price)));
      return [{ symbol, quantity, price: marked.price, value, cost, mark: last }];
    });
}

function sumOf(holdings: readonly Holding[]): Cents {
  return addCents(NO_CENTS, ...holdings.map(({ value, cost }) => subtractCents(value, cost)));
}

/** The holdings at their last prices of the last session; empty without one. */
export async function valuedHoldings({ journal, ledger }: ExplainParts): Promise<readonly Holding[]> {
  const valued = await valuedSession(journal, undefined);
  return valued === undefined ? [] : holdingsOf(ledger, valued);
}

async function unrealizedNow(parts: ExplainParts): Promise<Cents> {
  const valued = await valuedSession(parts.journal, undefined);
  return valued === undefined ? NO_CENTS : sumOf(holdingsOf(parts.ledger, valued));
}

/** Whether the valuation itself has this sum; null when the holdings have changed since. */
function asMarked(
  marked: EventData<'PositionsMarked'> | undefined,
  holdings: readonly Holding[],
  total: Cents,
): boolean | null {
  if (marked === undefined) return null;
  const same = (each: EventData<'PositionsMarked'>['holdings'][number]): boolean =>
    holdings.some(({ symbol, quantity }) => symbol === each.symbol && quantity.equals(Decimal.parse(each.quantity)));
  if (marked.holdings.length !== holdings.length || !marked.holdings.every(same)) return null;
  return centsFromText(marked.unrealized) === total;
}

/** The session of a date, or the last one. */
async function valuedSession(
  journal: ExplainParts['journal'],
  date: DateText | undefined,
): Promise<Valued | undefined> {
  let found: { -readonly [Key in keyof Valued]: Valued[Key] } | undefined;
  let isOver = false;
  await eachEvent(journal, (event) => {
    if (event.type === 'SessionOpened') {
      isOver = found !== undefined && date !== undefined;
      if (date === undefined || event.data.date === date)
        found = { opened: event, upTo: event.position, opening: undefined, last: undefined };
    }
    if (found === undefined || isOver) return;
    found.upTo = event.position;
    if (event.type !== 'PositionsMarked') return;
    found.last = event;
    if (event.data.occasion === 'open') found.opening = event;
  });
  return found;
}
