import { wallClockOf } from '../../domain/calendar/clock-time.js';
import { EXCHANGE_ZONE } from '../../domain/calendar/nyse.js';
import type { Bar, MarketSlice, SymbolReference } from '../../domain/market/types.js';
import type { TickerSymbol } from '../../events/names.js';
import type { Decimal } from '../../kernel/decimal.js';
import { addDays, MINUTE_MS, plusMs, type DateText, type EpochMs } from '../../kernel/time.js';
import { figureOf, neededFigure, textOf, type Members } from '../broker-tradier/shapes.js';
import { symbolOf, wireSymbol } from '../broker-tradier/symbols.js';
import type { TradierApi } from '../broker-tradier/tradier-api.js';
import { minuteOf, slicesOf } from '../feed-common/minutes.js';
import { priceOf, readMinute } from './messages.js';

/** An older day is no reference any more. */
const DAYS_BACK = 10;
/** Symbols of one request for quotes. */
const MOST_QUOTES = 100;
/** One request for each symbol and each look: more would spend the calls of a minute. */
const MOST_SYMBOLS = 90;

type Api = Pick<TradierApi, 'quotes' | 'dailyBars' | 'minutes'>;

/** Bars and closes of the past, by REST; the broker is asked for one symbol at a time. */
export class TradierHistory {
  /** Days that were read, so that another try does not read them again. */
  readonly #days = new Map<string, Members | undefined>();

  constructor(private readonly api: Api) {}

  /** Previous close and volume of each symbol; the volume of symbols beyond the limit of calls is not known. */
  async references(symbols: readonly TickerSymbol[], date: DateText): Promise<readonly SymbolReference[]> {
    const closes = new Map<string, Decimal>();
    for (let n = 0; n < symbols.length; n += MOST_QUOTES) {
      for (const quote of await this.api.quotes(symbols.slice(n, n + MOST_QUOTES).map(wireSymbol))) {
        const close = figureOf(quote, 'prevclose');
        if (close !== undefined && close.sign() > 0) closes.set(symbolOf(textOf(quote, 'symbol') ?? ''), close);
      }
    }
    const references: SymbolReference[] = [];
    for (const [n, symbol] of symbols.entries()) {
      const day = n < MOST_SYMBOLS ? await this.#lastDay(symbol, date) : undefined;
      references.push(referenceOf(symbol, closes.get(symbol), day));
    }
    return references;
  }

  /** Minutes that ended in (from, to]; one without trades has no bars. */
  async slices(symbols: readonly TickerSymbol[], from: EpochMs, to: EpochMs): Promise<readonly MarketSlice[]> {
    return slicesOf(await this.bars(symbols, minuteOf(from), to), from, to);
  }

  /** Bars of whole minutes that begin in [from, to), each once. */
  async bars(symbols: readonly TickerSymbol[], from: EpochMs, to: EpochMs): Promise<readonly Bar[]> {
    const all: Bar[] = [];
    for (const symbol of symbols.slice(0, MOST_SYMBOLS)) {
      const rows = await this.api.minutes(wireSymbol(symbol), wallText(from), wallText(plusMs(to, -1)));
      const bars = rows.map((row) => readMinute(row, symbol));
      const whole = bars.filter((bar) => bar.start >= from && bar.start + MINUTE_MS <= to);
      all.push(...new Map(whole.map((bar) => [bar.start, bar])).values());
    }
    return all;
  }

  async #lastDay(symbol: TickerSymbol, date: DateText): Promise<Members | undefined> {
    const key = `${date} ${symbol}`;
    if (!this.#days.has(key)) {
      const days = await this.api.dailyBars(wireSymbol(symbol), addDays(date, -DAYS_BACK), addDays(date, -1));
      this.#days.set(key, days.filter((day) => (textOf(day, 'date') ?? '9') < date).at(-1));
    }
    return this.#days.get(key);
  }
}

/** The close that the broker compares today with; a split since the last day changes the volume by the same ratio. */
function referenceOf(symbol: TickerSymbol, close: Decimal | undefined, day: Members | undefined): SymbolReference {
  const dayClose = day === undefined ? undefined : neededFigure(day, 'close');
  const previous = close ?? dayClose;
  const volume = day === undefined ? undefined : neededFigure(day, 'volume');
  const adjusted =
    volume === undefined || dayClose === undefined || previous === undefined
      ? undefined
      : volume.times(dayClose).divide(previous, { scale: 0, round: 'halfEven' });
  return {
    symbol,
    previousClose: previous === undefined ? undefined : priceOf(previous),
    previousVolume: adjusted === undefined ? undefined : Number(adjusted.text()),
    marketCap: undefined,
  };
}

/** `YYYY-MM-DD HH:MM` in New York. */
function wallText(at: EpochMs): string {
  const { date, minutes } = wallClockOf(at, EXCHANGE_ZONE);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${date} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
