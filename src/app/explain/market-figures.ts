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

/** From the value that a session began with to its value at its end, or only the part of it that is a result. */
export async function explainDay(parts: ExplainParts, about: 'gain' | 'bridge', date: DateText): Promise<Explanation> {
  const valued = await valuedSession(parts.journal, date);
  if (valued === undefined) throw nothingKnown(`a session of ${date}`);
  const { opened, upTo, opening } = valued;
  const before = parts.ledger.figures({ position: opened.position });
  const now = parts.ledger.figures({ position: upTo });
  const change = (key: keyof typeof now): Cents => subtractCents(now[key], before[key]);
  const markedBefore = centsFromText(opening?.data.unrealized ?? '0.00');
  const markedNow = sumOf(holdingsOf(parts.ledger, valued));
  const result: readonly Part[] = [
    { description: 'realized, before fees', cents: change('realized'), subject: `realized:${date}` },
    { description: 'fees', cents: negateCents(change('fees')), subject: `fees:${date}` },
    {
      description: 'dividends, interest and other income less other expenses',
      cents: subtractCents(change('net'), subtractCents(change('realized'), change('fees'))),
      subject: `result:${date}`,
    },
    {
      description: `change of the unrealized from ${moneyText(markedBefore)} to ${moneyText(markedNow)}`,
      cents: subtractCents(markedNow, markedBefore),
      subject: opening?.id ?? 'unrealized',
    },
  ];
  if (about === 'gain') {
    const formula =
      'result of the day, realized and unrealized, against the value that it began with; without transfers';
    return figureAnswer(composed(`gain of ${date}`, formula, result));
  }
  const transfers = subtractCents(change('equity'), change('net'));
  const bridge = composed(
    `value at the end of ${date}`,
    'the value that the day began with and everything that changed it',
    [
      {
        description: 'opening value, carried positions at the previous close',
        cents: addCents(before.equity, markedBefore),
        subject: opening?.id ?? opened.id,
      },
      ...result,
      {
        description: 'money moved in or out, and other changes that are no result',
        cents: transfers,
        subject: `equity:${date}`,
      },
    ],
  );
  return figureAnswer({ ...bridge, agrees: bridge.value === moneyText(addCents(now.equity, markedNow)) });
}

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
