import { sessionOf } from '../../../src/domain/calendar/nyse.js';
import { DEFAULT_SETTINGS, parseSettings } from '../../../src/domain/config/settings.js';
import {
  price,
  type AuctionImbalance,
  type Bar,
  type QuoteBar,
  type SymbolReference,
} from '../../../src/domain/market/types.js';
import { MarketView } from '../../../src/domain/market/view.js';
import type { OptionChain } from '../../../src/domain/options/option-chain.js';
import { parseSymbol, type TickerSymbol } from '../../../src/events/names.js';
import { invariant } from '../../../src/kernel/errors.js';
import { MINUTE_MS, parseDateText, plusMs, type EpochMs } from '../../../src/kernel/time.js';
import type { StrategyContext } from '../../../src/strategies/strategy.js';

/** A synthetic day; a test gives only the relevant minutes. */
export function contextOf(date = '2013-10-07', overrides: Record<string, string> = {}): StrategyContext {
  const session = sessionOf(parseDateText(date));
  invariant(session !== undefined, 'TEST_DATE', `${date} is no trading day`);
  const settings = Object.keys(overrides).length === 0 ? DEFAULT_SETTINGS : parseSettings(overrides);
  return { settings, date: session.date, opensAt: session.opensAt, closesAt: session.closesAt };
}

/** One minute: dollars; open, high and low default to the close. */
export interface Minute {
  readonly close: number;
  readonly open?: number;
  readonly high?: number;
  readonly low?: number;
  readonly volume?: number;
  readonly bid?: number;
  readonly ask?: number;
}

const cents = (dollars: number) => price(Math.round(dollars * 10_000));

function barOf(symbol: TickerSymbol, start: EpochMs, minute: Minute): Bar {
  const { close, open = close } = minute;
  const high = minute.high ?? Math.max(open, close);
  const low = minute.low ?? Math.min(open, close);
  return {
    symbol,
    start,
    open: cents(open),
    high: cents(high),
    low: cents(low),
    close: cents(close),
    volume: minute.volume ?? 1_000,
  };
}

function quoteOf(symbol: TickerSymbol, start: EpochMs, bid: number, ask: number): QuoteBar {
  const flat = (value: number) => ({
    open: cents(value),
    high: cents(value),
    low: cents(value),
    close: cents(value),
  });
  return { symbol, start, bid: flat(bid), ask: flat(ask), bidSize: 100, askSize: 100 };
}

export class TestMarket {
  readonly view: MarketView;
  private readonly from: EpochMs;

  constructor(
    context: StrategyContext,
    references: Readonly<Record<string, Partial<Omit<SymbolReference, 'symbol'>>>>,
    private minutes = 0,
  ) {
    this.from = context.opensAt;
    this.view = new MarketView({
      opensAt: context.opensAt,
      closesAt: context.closesAt,
      references: Object.entries(references).map(([symbol, known]) => ({
        symbol: parseSymbol(symbol),
        previousClose: undefined,
        previousVolume: 1_000_000,
        marketCap: undefined,
        ...known,
      })),
    });
  }

  /** The next minute; a symbol that is left out did not trade. */
  minute(
    bars: Readonly<Record<string, Minute>>,
    more: {
      vix?: number;
      halted?: readonly string[];
      auctions?: readonly Omit<AuctionImbalance, 'at'>[];
      chains?: readonly Omit<OptionChain, 'at'>[];
    } = {},
  ): this {
    const start = plusMs(this.from, this.minutes * MINUTE_MS);
    this.minutes += 1;
    const entries = Object.entries(bars).map(([symbol, minute]) => [parseSymbol(symbol), minute] as const);
    this.view.apply({
      start,
      end: plusMs(start, MINUTE_MS),
      bars: entries.map(([symbol, minute]) => barOf(symbol, start, minute)),
      quotes: entries.flatMap(([symbol, { bid, ask }]) =>
        bid === undefined || ask === undefined ? [] : [quoteOf(symbol, start, bid, ask)],
      ),
      halted: (more.halted ?? []).map(parseSymbol),
      vix: more.vix,
      imbalances: (more.auctions ?? []).map((auction) => ({ ...auction, at: start })),
      chains: (more.chains ?? []).map((chain) => ({ ...chain, at: start })),
    });
    return this;
  }

  /** `count` minutes from a rule of their number within the session. */
  run(count: number, bars: (minute: number) => Readonly<Record<string, Minute>>): this {
    for (let n = 0; n < count; n += 1) this.minute(bars(this.minutes));
    return this;
  }
}
