import { DEFAULT_SETTINGS, parseSettings, type Settings } from '../../../../src/domain/config/settings.js';
import { price, type Bar, type Price } from '../../../../src/domain/market/types.js';
import { MarketView } from '../../../../src/domain/market/view.js';
import type { OptionQuote } from '../../../../src/domain/options/option-chain.js';
import { EngineState } from '../../../../src/domain/session/engine-state.js';
import type { EventData, EventType, RecordedEvent } from '../../../../src/events/event.js';
import { parseStrategyName, parseSymbol, type TickerSymbol } from '../../../../src/events/names.js';
import { Decimal, type DecimalText } from '../../../../src/kernel/decimal.js';
import { sha256Hex } from '../../../../src/kernel/hash.js';
import {
  MINUTE_MS,
  parseDateText,
  parseUtcText,
  plusMs,
  toUtcText,
  type EpochMs,
} from '../../../../src/kernel/time.js';
import type { TimeBudget } from '../../../../src/strategies/time-budget.js';
import type { AssetTerms, TradingContext } from '../../../../src/trading/context.js';
import { newEffectMemory } from '../../../../src/trading/orders/effect-memory.js';
import { BOT, recorded } from '../../support/events.js';
import { CODES } from '../../support/fills.js';
import { ScriptedStrategy } from './scripted-strategy.js';

export const DATE = parseDateText('2013-10-07');
export const OPEN = parseStrategyName('open');

/** Prices of one minute in dollars; open, high and low default to the close. */
export interface MinutePrices {
  readonly close: number;
  readonly high?: number;
  readonly low?: number;
}

/** A UTC time of the trading day: `14:05` or `14:05:30`. */
export function timeOf(time: string): EpochMs {
  return parseUtcText(`${DATE}T${time.length === 5 ? `${time}:00` : time}.000Z`);
}

const toPrice = (dollars: number): Price => price(Math.round(dollars * 10_000));
const money = (text: string): DecimalText => Decimal.parse(text).shortText(2);

/** KO closed at 200 dollars, in shares of the day before. */
const SPLIT_OVERNIGHT = { previousClose: price(2_000_000) } as const;

/**
 * An open session with a float of 100,000 and one scripted strategy `open`: analysis from 13:31, entries from 14:00,
 * monitoring from 15:00, end at 16:00. Its trailing stop keeps 2 % away. The bot is `trading`.
 */
export class RuleWorld {
  readonly state = new EngineState(CODES);
  /** What was recorded, in order. */
  readonly tape: RecordedEvent[] = [];
  readonly memory = newEffectMemory();
  readonly strategy = new ScriptedStrategy(OPEN, {
    analysisFrom: timeOf('13:31'),
    breakoutFrom: timeOf('14:00'),
    monitoringFrom: timeOf('15:00'),
    endsAt: timeOf('16:00'),
  });
  readonly assets = new Map<TickerSymbol, AssetTerms>();
  now = timeOf('13:30');
  settings: Settings = DEFAULT_SETTINGS;
  budget: TimeBudget | undefined;
  worldClock: EpochMs | undefined;
  leaves = false;
  /** Decimals of a quantity at a broker where stops rest; undefined: they do not. */
  stopsRest: number | undefined;
  asksPerson = false;
  closesTogether = false;
  closesWithoutStream = false;
  spareCalls: number | undefined;
  closesAt = timeOf('20:00');
  readonly #market: MarketView;
  #events = 0;

  constructor() {
    const symbols = ['AIG', 'BAC', 'SPY', 'IBM', 'XOM', 'KO'].map(parseSymbol);
    const known = { previousClose: undefined, previousVolume: 1_000_000, marketCap: undefined };
    this.#market = new MarketView({
      opensAt: this.now,
      closesAt: this.closesAt,
      references: symbols.map((symbol) => ({ symbol, ...known, ...(symbol === 'KO' ? SPLIT_OVERNIGHT : {}) })),
    });
    const terms = { tradable: true, fractionable: false, shortable: true, minQuantity: Decimal.ONE };
    for (const symbol of symbols) this.assets.set(symbol, terms);
    this.record('OpeningBalancesRecorded', { asOf: toUtcText(this.now), cash: money('100000.00'), positions: [] });
    this.record('FloatAdjusted', OPENING_FLOAT);
    this.record('SessionOpened', this.opening());
    for (const [from, to] of BOT_START) this.record('BotStateChanged', { from, to, reason: 'test' });
  }

  /** Folds one event that is recorded now. */
  record<T extends EventType>(type: T, data: EventData<T>, sessionDate: string = DATE): void {
    this.#events += 1;
    const at = toUtcText(this.now);
    const event: unknown = recorded(type, data, { at, position: this.#events, sessionDate });
    this.tape.push(event as RecordedEvent);
    this.state.apply(event as RecordedEvent);
  }

  moveTo(time: string): void {
    this.now = timeOf(time);
  }

  changeSettings(texts: Readonly<Record<string, string>>): void {
    this.settings = parseSettings(texts);
  }

  /** The minute that ends now; a symbol that is left out did not trade. */
  minute(prices: Readonly<Record<string, MinutePrices>>, halted: readonly string[] = []): void {
    const start = plusMs(this.now, -MINUTE_MS);
    const bars = Object.entries(prices).map(([symbol, { close, high = close, low = close }]): Bar => ({
      symbol: parseSymbol(symbol),
      start,
      open: toPrice(close),
      high: toPrice(high),
      low: toPrice(low),
      close: toPrice(close),
      volume: 1_000,
    }));
    this.#market.apply({ start, end: this.now, bars, quotes: [], halted: halted.map(parseSymbol), vix: undefined });
  }

  /** A minute that ends now and brings a chain of puts. */
  puts(symbol: string, quotes: readonly OptionQuote[]): void {
    const start = plusMs(this.now, -MINUTE_MS);
    const chains = [{ symbol: parseSymbol(symbol), right: 'put', at: this.now, quotes }] as const;
    this.#market.apply({ start, end: this.now, bars: [], quotes: [], halted: [], vix: undefined, chains });
  }

  context(): TradingContext {
    const { settings, strategy, memory, assets, budget, worldClock, closesAt, leaves } = this;
    return {
      identity: BOT,
      date: DATE,
      settings,
      strategies: [strategy],
      strategyContext: { settings, date: DATE, opensAt: timeOf('13:30'), closesAt },
      windows: new Map([[OPEN, strategy.hours]]),
      market: this.#market,
      assets,
      memory,
      ...(budget === undefined ? {} : { budget }),
      ...(this.stopsRest === undefined ? {} : { restingStops: this.#restingStops(this.stopsRest) }),
      ...(this.closesTogether ? { closesTogether: true } : {}),
      ...(this.closesWithoutStream ? { closesWithoutStream: true } : {}),
      ...(this.asksPerson ? { asksPerson: true } : {}),
      ...(leaves ? { isLeaving: () => true } : {}),
      ...(worldClock === undefined ? {} : { worldNow: () => worldClock }),
    };
  }

  #restingStops(quantityDecimals: number): NonNullable<TradingContext['restingStops']> {
    const { spareCalls } = this;
    return spareCalls === undefined ? { quantityDecimals } : { quantityDecimals, spareCalls: () => spareCalls };
  }

  private opening(): EventData<'SessionOpened'> {
    const digest = sha256Hex('test');
    return {
      date: DATE,
      opensAt: toUtcText(this.now),
      closesAt: toUtcText(this.closesAt),
      halfDay: false,
      broker: 'SIM',
      feed: { kind: 'synthetic', description: 'test', seed: 1, symbols: [parseSymbol('AIG')], sha256: digest },
      brokerSeed: 1,
      floatAtStart: money('100000.00'),
      openingEquity: money('100000.00'),
      sessionCap: money('2000.00'),
      settingsSha256: digest,
      versionTag: 'test',
    };
  }
}

const OPENING_FLOAT: EventData<'FloatAdjusted'> = {
  adjustmentId: 'FA-OPENING',
  amount: money('100000.00'),
  direction: 'inject',
  source: 'opening-balance',
  reason: 'test',
};

const BOT_START = [
  ['idle', 'analyzing'],
  ['analyzing', 'trading'],
] as const;
