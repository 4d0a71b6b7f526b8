import type { EventType, RecordedEvent } from '../../events/event.js';
import { Decimal, type DecimalText } from '../../kernel/decimal.js';
import { addCents, centsFromText, moneyText, NO_CENTS, subtractCents, type Cents } from '../../kernel/money.js';
import { epochMs, parseUtcText, type DateText, type UtcText } from '../../kernel/time.js';
import { wallClockOf } from '../calendar/clock-time.js';
import { EXCHANGE_ZONE, exchangeDateOf } from '../calendar/nyse.js';
import { bucketsOf, type Bucket } from './buckets.js';

/** The types of the events that the fold reads. */
export const PERFORMANCE_TYPES = ['SessionOpened', 'PositionClosed'] as const satisfies readonly EventType[];

/** What some closed positions made. Dollars are exact texts. */
export interface Results {
  readonly trades: number;
  readonly wins: number;
  /** Share of trades with a gain after fees, 0 to 1. */
  readonly winRate: DecimalText;
  readonly gross: DecimalText;
  readonly fees: DecimalText;
  readonly net: DecimalText;
  readonly average: DecimalText;
}

/** The results of one strategy, symbol or hour. */
export interface ResultsOf extends Results {
  readonly key: string;
}

/** A session in the order of time. */
export interface SessionResult {
  readonly date: DateText;
  /** Equity when it opened; null for a day without a session. */
  readonly openingEquity: DecimalText | null;
  readonly trades: number;
  readonly net: DecimalText;
  /** Net P&L of all sessions up to this one. */
  readonly total: DecimalText;
  /** How far the total is below its highest so far; zero or below zero. */
  readonly drawdown: DecimalText;
}

/** The lowest point of the total below an earlier highest. */
export interface Drawdown {
  readonly amount: DecimalText;
  /** Session of the highest total; null when that was the start. */
  readonly from: DateText | null;
  readonly to: DateText;
}

/** All that a page of performance shows. */
export interface Performance {
  readonly all: Results | null;
  /** Null without a loss. */
  readonly drawdown: Drawdown | null;
  readonly sessions: readonly SessionResult[];
  readonly strategies: readonly ResultsOf[];
  readonly symbols: readonly ResultsOf[];
  /** By the hour of the entry in New York, such as 09. */
  readonly hours: readonly ResultsOf[];
  readonly reasons: readonly ResultsOf[];
  readonly distribution: readonly Bucket[];
}

interface Tally {
  trades: number;
  wins: number;
  gross: Cents;
  fees: Cents;
  net: Cents;
}

interface Day {
  openingEquity: DecimalText | null;
  trades: number;
  net: Cents;
}

/** The hour of an entry in New York: `09` for 09:30. */
export function entryHour(entryAt: UtcText): string {
  const { minutes } = wallClockOf(epochMs(parseUtcText(entryAt)), EXCHANGE_ZONE);
  return String(Math.floor(minutes / 60)).padStart(2, '0');
}

/** Adds closed positions up, event by event. */
export class PerformanceFold {
  readonly #days = new Map<DateText, Day>();
  readonly #by = {
    ...{ all: new Map<string, Tally>(), strategies: new Map<string, Tally>(), symbols: new Map<string, Tally>() },
    ...{ hours: new Map<string, Tally>(), reasons: new Map<string, Tally>() },
  };
  readonly #nets: Cents[] = [];

  take(event: RecordedEvent): void {
    if (event.type === 'SessionOpened') {
      const day = this.#day(event.data.date);
      day.openingEquity ??= event.data.openingEquity;
    }
    if (event.type === 'PositionClosed') this.#close(event);
  }

  view(): Performance {
    const [all] = rowsOf(this.#by.all);
    const sessions = this.#sessions();
    return {
      all: all ?? null,
      drawdown: deepest(sessions),
      sessions,
      strategies: rowsOf(this.#by.strategies),
      symbols: rowsOf(this.#by.symbols),
      hours: rowsOf(this.#by.hours).toSorted((a, b) => (a.key < b.key ? -1 : 1)),
      reasons: rowsOf(this.#by.reasons),
      distribution: bucketsOf(this.#nets),
    };
  }

  #close({ data, meta }: RecordedEvent<'PositionClosed'>): void {
    const { strategy, symbol, entryAt, exitAt, exitReason, grossPnl, fees, netPnl } = data;
    const net = centsFromText(netPnl);
    const day = this.#day(meta.sessionDate ?? exchangeDateOf(parseUtcText(exitAt)));
    day.trades += 1;
    day.net = addCents(day.net, net);
    this.#nets.push(net);
    const add = (to: Map<string, Tally>, key: string): void => {
      const tally = to.get(key) ?? { trades: 0, wins: 0, gross: NO_CENTS, fees: NO_CENTS, net: NO_CENTS };
      tally.trades += 1;
      if (net > NO_CENTS) tally.wins += 1;
      tally.gross = addCents(tally.gross, centsFromText(grossPnl));
      tally.fees = addCents(tally.fees, centsFromText(fees));
      tally.net = addCents(tally.net, net);
      to.set(key, tally);
    };
    add(this.#by.all, '');
    add(this.#by.strategies, strategy);
    add(this.#by.symbols, symbol);
    add(this.#by.hours, entryHour(entryAt));
    add(this.#by.reasons, exitReason);
  }

  #day(date: DateText): Day {
    const day = this.#days.get(date) ?? { openingEquity: null, trades: 0, net: NO_CENTS };
    this.#days.set(date, day);
    return day;
  }

  #sessions(): readonly SessionResult[] {
    let total = NO_CENTS;
    let highest = NO_CENTS;
    return [...this.#days]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([date, { openingEquity, trades, net }]) => {
        total = addCents(total, net);
        if (total > highest) highest = total;
        const drawdown = moneyText(subtractCents(total, highest));
        return { date, openingEquity, trades, net: moneyText(net), total: moneyText(total), drawdown };
      });
  }
}

/** Best first. */
function rowsOf(tallies: ReadonlyMap<string, Tally>): readonly ResultsOf[] {
  return [...tallies]
    .toSorted(([a, x], [b, y]) => (x.net === y.net ? (a < b ? -1 : 1) : y.net > x.net ? 1 : -1))
    .map(([key, { trades, wins, gross, fees, net }]) => {
      const count = Decimal.of(trades);
      return {
        ...{ key, trades, wins },
        winRate: Decimal.of(wins).divide(count, { scale: 4, round: 'halfEven' }).text(),
        ...{ gross: moneyText(gross), fees: moneyText(fees), net: moneyText(net) },
        average: Decimal.parse(moneyText(net)).divide(count, { scale: 2, round: 'halfEven' }).text(),
      };
    });
}

function deepest(sessions: readonly SessionResult[]): Drawdown | null {
  let found: Drawdown | null = null;
  let highest: DateText | null = null;
  for (const { date, drawdown } of sessions) {
    const amount = Decimal.parse(drawdown);
    if (amount.isZero()) highest = date;
    else if (found === null || amount.lt(Decimal.parse(found.amount)))
      found = { amount: drawdown, from: highest, to: date };
  }
  return found;
}
