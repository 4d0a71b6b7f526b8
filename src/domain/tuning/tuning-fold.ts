import { isConfigured, strategyKey } from '../config/configured-strategies.js';
import { ownKey } from '../config/own-names.js';
import { SETTING_TABLE } from '../config/settings.js';
import type { RecordedEvent } from '../../events/event.js';
import type { StrategyName } from '../../events/names.js';
import { Decimal, type DecimalText } from '../../kernel/decimal.js';
import { addCents, centsFromText, centsToDecimal, moneyText, NO_CENTS, type Cents } from '../../kernel/money.js';
import { MINUTE_MS, parseUtcText } from '../../kernel/time.js';

/** What a strategy made while one of its settings had one value (TRD-37). */
export interface TuningRow {
  readonly strategy: string;
  readonly parameter: string;
  readonly value: string;
  /** Sessions in which the strategy began with it. */
  readonly sessions: number;
  readonly trades: number;
  /** Share of trades with a gain after fees, 0 to 1; null without a trade. */
  readonly winRate: DecimalText | null;
  /** Dollars after fees, of all trades and on average. */
  readonly netPnl: DecimalText;
  readonly averagePnl: DecimalText | null;
  /** Minutes from the first to the last fill, on average. */
  readonly averageMinutes: DecimalText | null;
  /** Entries that a filter or the risk gate blocked. */
  readonly blocked: number;
  /** Candidates that were not traded for another reason. */
  readonly rejected: number;
  /** The symbols that were traded most, with their number of trades. */
  readonly tickers: readonly { readonly symbol: string; readonly trades: number }[];
}

interface Tally {
  readonly strategy: string;
  readonly parameter: string;
  readonly value: string;
  sessions: number;
  trades: number;
  wins: number;
  net: Cents;
  minutes: number;
  blocked: number;
  rejected: number;
  readonly tickers: Map<string, number>;
}

/** The types of the events that the fold reads. */
export const TUNING_TYPES = [
  'ConfigChanged',
  'OwnStrategiesFound',
  'StrategyStarted',
  'EnhancementBlocked',
  'TradeBlocked',
  'CandidateRejected',
  'PositionClosed',
] as const;

const SWITCH = 'TUNING_TRACKER_ENABLED';
const MOST_TICKERS = 5;

/** Settings of the program that are named after a strategy, besides those of its group. */
const PREFIXES = ['TRAIL_PCT_', 'MAX_GAP_PCT_', 'MIN_MARKET_CAP_', 'MAX_MARKET_CAP_'];

/**
 * Compares what each strategy made with each value of its settings. Made of the journal alone: a session counts with the
 * settings with which its strategies began, and not at all while TUNING_TRACKER_ENABLED is false.
 */
export class TuningFold {
  #settings: Readonly<Record<string, string>> = {};
  /** Settings of own strategies with their defaults, by key. */
  #own: Readonly<Record<string, string>> = {};
  readonly #tallies = new Map<string, Tally>();
  /** The tallies of each strategy in the session in which it began last. */
  readonly #running = new Map<StrategyName, readonly Tally[]>();
  readonly #closed = new Set<string>();

  /** Folds one event, in the order of the journal; other types change nothing. */
  take(event: RecordedEvent): void {
    switch (event.type) {
      case 'ConfigChanged': {
        const texts = event.data.changes.filter(({ secret }) => !secret).map(({ key, to }) => [key, to ?? ''] as const);
        this.#settings = { ...this.#settings, ...Object.fromEntries(texts) };
        break;
      }
      case 'OwnStrategiesFound': {
        const settings = event.data.strategies.flatMap((one) => one.settings);
        this.#own = Object.fromEntries(settings.map(({ key, default: standard }) => [key, standard]));
        break;
      }
      case 'StrategyStarted':
        this.#begin(event.data.strategy);
        break;
      case 'EnhancementBlocked':
        this.#count(event.data.strategy, (tally) => (tally.blocked += 1));
        break;
      case 'TradeBlocked':
        if (event.data.purpose === 'entry') this.#count(event.data.strategy, (tally) => (tally.blocked += 1));
        break;
      case 'CandidateRejected':
        this.#count(event.data.strategy, (tally) => (tally.rejected += 1));
        break;
      case 'PositionClosed':
        this.#close(event);
        break;
      default:
        break;
    }
  }

  /** Whether what the strategy does now counts for this value of its setting. */
  runsWith(strategy: StrategyName, parameter: string, value: string): boolean {
    const running = this.#running.get(strategy) ?? [];
    return running.some((tally) => tally.parameter === parameter && tally.value === value);
  }

  /** One row for each value that a parameter had, by strategy, parameter and value. */
  rows(): readonly TuningRow[] {
    return [...this.#tallies.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, tally]) => rowOf(tally));
  }

  #begin(strategy: StrategyName): void {
    if (this.#settings[SWITCH] === 'false') {
      this.#running.delete(strategy);
      return;
    }
    const tallies = this.#parametersOf(strategy).map(([parameter, value]) => {
      const key = `${strategy}\n${parameter}\n${value}`;
      const tally = this.#tallies.get(key) ?? newTally(strategy, parameter, value);
      this.#tallies.set(key, tally);
      tally.sessions += 1;
      return tally;
    });
    this.#running.set(strategy, tallies);
  }

  #parametersOf(strategy: StrategyName): readonly (readonly [string, string])[] {
    const texts = { ...this.#own, ...this.#settings };
    return Object.entries(texts).filter(([key, value]) => value !== '' && isParameter(key, strategy));
  }

  #count(strategy: StrategyName, add: (tally: Tally) => void): void {
    for (const tally of this.#running.get(strategy) ?? []) add(tally);
  }

  /** A correction after the end is a second report with the difference: no other trade. */
  #close({ data }: RecordedEvent<'PositionClosed'>): void {
    const net = centsFromText(data.netPnl);
    const isFirst = !this.#closed.has(data.positionId);
    this.#closed.add(data.positionId);
    const minutes = (parseUtcText(data.exitAt) - parseUtcText(data.entryAt)) / MINUTE_MS;
    this.#count(data.strategy, (tally) => {
      tally.net = addCents(tally.net, net);
      if (!isFirst) return;
      tally.trades += 1;
      if (net > 0n) tally.wins += 1;
      tally.minutes += minutes;
      tally.tickers.set(data.symbol, (tally.tickers.get(data.symbol) ?? 0) + 1);
    });
  }
}

const GROUPS: ReadonlyMap<string, string> = new Map(
  Object.entries(SETTING_TABLE).map(([key, { group }]) => [key, group]),
);

function isParameter(key: string, strategy: string): boolean {
  if (!isConfigured(strategy)) return key.startsWith(ownKey(strategy, ''));
  if (key.endsWith('_ENABLED')) return false;
  if (GROUPS.get(key) === strategy) return true;
  return PREFIXES.some((prefix) => key === `${prefix}${strategyKey(strategy)}`);
}

function newTally(strategy: string, parameter: string, value: string): Tally {
  const counts = { sessions: 0, trades: 0, wins: 0, net: NO_CENTS, minutes: 0, blocked: 0, rejected: 0 };
  return { strategy, parameter, value, ...counts, tickers: new Map() };
}

function rowOf({ strategy, parameter, value, sessions, trades, wins, net, minutes, ...counts }: Tally): TuningRow {
  const { blocked, rejected, tickers } = counts;
  const all = Decimal.of(Math.max(1, trades));
  const each = (amount: Decimal, scale: number): DecimalText | null =>
    trades === 0 ? null : amount.divide(all, { scale, round: 'halfEven' }).text();
  return {
    ...{ strategy, parameter, value, sessions, trades },
    winRate: each(Decimal.of(wins), 4),
    netPnl: moneyText(net),
    averagePnl: each(centsToDecimal(net), 2),
    averageMinutes: each(Decimal.of(Math.round(minutes)), 1),
    ...{ blocked, rejected },
    tickers: [...tickers]
      .map(([symbol, count]) => ({ symbol, trades: count }))
      .sort((a, b) => b.trades - a.trades || (a.symbol < b.symbol ? -1 : 1))
      .slice(0, MOST_TICKERS),
  };
}
