import { exchangeDateOf, previousTradingDay, sessionOf } from '../../../src/domain/calendar/nyse.js';
import { priceToDecimal, type Bar, type MarketSlice } from '../../../src/domain/market/types.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { epochMs, MINUTE_MS, SECOND_MS, type Clock, type DateText, type EpochMs } from '../../../src/kernel/time.js';
import type { EmulatedExchange } from '../exchange/exchange.js';
import type { EmulatedMarket } from '../exchange/market.js';
import type { EmulatedSymbol } from '../exchange/types.js';
import type { ClientLink } from './client-link.js';
import { conIdOf, gatewayTime, type Field } from './layouts.js';
import { optionOf, symbolOf } from './option-names.js';

type Refuse = (id: number, code: number, text: string) => void;

interface Subscription {
  readonly link: ClientLink;
  readonly id: number;
  readonly symbol: string;
  readonly kind: string;
  /** Generic ticks that were asked for. */
  readonly ticks: string;
}

/** What the options of a symbol are: `SPY 20260116 500 P` has a quote. */
export interface EmulatedOptions {
  readonly expiries: readonly string[];
  readonly strikes: readonly string[];
  readonly quote: (option: { readonly expiry: string; readonly strike: string; readonly right: string }) => {
    readonly bid: string;
    readonly ask: string;
    readonly impliedVolatility: string;
  };
}

const BARS_A_MINUTE = 12;
const PACE = { requests: 60, withinMs: 10 * MINUTE_MS, sameWithinMs: 15 * SECOND_MS };

/** Market data of the gateway: lines, bars of five seconds, history within its pacing, auctions and options. */
export class MarketWire {
  readonly subscriptions: Subscription[] = [];
  readonly options = new Map<string, EmulatedOptions>();
  /** Symbols without a subscription to their data. */
  readonly notSubscribed = new Set<string>();
  vix: string | undefined = '17.25';
  readonly #asked: { readonly at: number; readonly what: string }[] = [];

  constructor(
    private readonly exchange: EmulatedExchange,
    private readonly clock: Clock,
    private readonly market: EmulatedMarket | undefined,
  ) {
    market?.onMinute((slice) => this.#minute(slice));
  }

  end(link: ClientLink): void {
    this.#drop((each) => each.link === link);
  }

  request(link: ClientLink, name: string, f: readonly string[], refuse: Refuse): void {
    switch (name) {
      case 'marketData':
        this.#line(link, f, refuse);
        return;
      case 'realTimeBars':
        this.subscriptions.push({ link, id: Number(f[2]), symbol: symbolOf(f.slice(4, 9)), kind: name, ticks: '' });
        return;
      case 'cancelMarketData':
      case 'cancelRealTimeBars':
        if (!this.#drop((each) => each.link === link && each.id === Number(f[2])))
          refuse(Number(f[2]), 300, `Can't find EId with tickerId:${f[2] ?? ''}`);
        return;
      case 'historicalData':
        this.#history(link, f, refuse);
        return;
      case 'optionParameters':
        this.#parameters(link, Number(f[1]), symbolOf([f[2]]));
        return;
      default:
    }
  }

  /** What an auction would trade, and the shares without a counterparty. */
  auction(
    symbol: string,
    { volume, price, imbalance }: { readonly volume: number; readonly price: string; readonly imbalance: number },
  ): void {
    for (const each of this.#of('marketData', symbol)) {
      if (!each.ticks.split(',').includes('225')) continue;
      each.link.send('tickSize', [2, 6, each.id, 34, volume]);
      each.link.send('tickPrice', [1, 6, each.id, 35, price, 0, 0]);
      each.link.send('tickSize', [2, 6, each.id, 36, imbalance]);
    }
  }

  /** Lists an option that was never traded; undefined when the exchange has no such contract. */
  listOption(symbol: string): EmulatedSymbol | undefined {
    const bid = this.#quoteOf(symbol)?.bid;
    if (bid === undefined) return undefined;
    this.exchange.list({ symbol, price: Decimal.parse(bid), fractionable: false, lot: Decimal.of(100) });
    return this.exchange.symbol(symbol);
  }

  /** A minute of an option whose quotes stand still: bars of its bids, which have no volume, and its quotes. */
  optionMinute(symbol: string, start: EpochMs): void {
    const quote = this.#quoteOf(symbol);
    if (quote === undefined) return;
    if (this.exchange.symbol(symbol) !== undefined) this.exchange.setPrice(symbol, Decimal.parse(quote.bid));
    this.quote(symbol, quote.bid, quote.ask, '10');
    for (const each of this.#of('realTimeBars', symbol)) {
      for (let n = 0; n < BARS_A_MINUTE; n += 1) {
        const { bid } = quote;
        each.link.send('realTimeBar', [50, 3, each.id, start / SECOND_MS + n * 5, bid, bid, bid, bid, -1, -1, -1]);
      }
    }
  }

  #quoteOf(symbol: string): ReturnType<EmulatedOptions['quote']> | undefined {
    const option = optionOf(symbol);
    return option === undefined ? undefined : this.options.get(option.underlying)?.quote(option);
  }

  halt(symbol: string, state: 0 | 1 | 2): void {
    for (const each of this.#of('marketData', symbol)) each.link.send('tickGeneric', [45, 6, each.id, 49, state]);
  }

  quote(symbol: string, bid: string, ask: string, size = '100'): void {
    for (const each of this.#of('marketData', symbol)) {
      each.link.send('tickPrice', [1, 6, each.id, 1, bid, size, 0]);
      each.link.send('tickPrice', [1, 6, each.id, 2, ask, size, 0]);
    }
  }

  /** Bars of five seconds of one minute; `skip` of them are lost. */
  bars(bar: Bar, skip: readonly number[] = []): void {
    for (const each of this.#of('realTimeBars', bar.symbol)) {
      for (let n = 0; n < BARS_A_MINUTE; n += 1) {
        if (!skip.includes(n)) each.link.send('realTimeBar', realTimeBar(each.id, bar, n));
      }
    }
  }

  /** The data of all lines was lost (1101): clients ask for it again. */
  forget(): void {
    this.subscriptions.length = 0;
  }

  #of(kind: string, symbol: string): readonly Subscription[] {
    return this.subscriptions.filter((each) => each.kind === kind && each.symbol === symbol);
  }

  #drop(which: (each: Subscription) => boolean): boolean {
    let dropped = false;
    for (let at = this.subscriptions.length - 1; at >= 0; at -= 1) {
      const each = this.subscriptions[at];
      if (each === undefined || !which(each)) continue;
      this.subscriptions.splice(at, 1);
      dropped = true;
    }
    return dropped;
  }

  #line(link: ClientLink, f: readonly string[], refuse: Refuse): void {
    const id = Number(f[2]);
    const symbol = symbolOf(f.slice(4, 9));
    if (this.notSubscribed.has(symbol)) {
      refuse(id, 354, 'Requested market data is not subscribed.');
      return;
    }
    this.subscriptions.push({ link, id, symbol, kind: 'marketData', ticks: f[16] ?? '' });
    if (f[5] === 'IND') {
      if (this.vix !== undefined) link.send('tickPrice', [1, 6, id, 4, this.vix, 0, 0]);
    } else if (f[5] === 'OPT') this.#optionQuote(link, id, f);
    else this.#shareQuote(link, id, symbol);
  }

  #shareQuote(link: ClientLink, id: number, symbol: string): void {
    const price = this.exchange.price(symbol);
    const cent = Decimal.of(1, 2);
    link.send('tickPrice', [1, 6, id, 1, price.minus(cent), 100, 0]);
    link.send('tickPrice', [1, 6, id, 2, price.plus(cent), 100, 0]);
    link.send('tickPrice', [1, 6, id, 4, price, 100, 0]);
  }

  #optionQuote(link: ClientLink, id: number, f: readonly string[]): void {
    const quote = this.#quoteOf(symbolOf(f.slice(4, 9)));
    if (quote !== undefined) {
      const underlying = this.exchange.price(symbolOf([f[4]]));
      link.send('tickPrice', [1, 6, id, 1, quote.bid, 10, 0]);
      link.send('tickPrice', [1, 6, id, 2, quote.ask, 10, 0]);
      link.send('optionFigures', [21, id, 13, 0, quote.impliedVolatility, -0.5, 1, 0, 0, 0, 0, underlying]);
    }
    if (f[17] === '1') link.send('snapshotEnd', [57, 1, id]);
  }

  #parameters(link: ClientLink, id: number, symbol: string): void {
    const options = this.options.get(symbol);
    if (options !== undefined) {
      const lists = [options.expiries.length, ...options.expiries, options.strikes.length, ...options.strikes];
      for (const exchange of ['SMART', 'CBOE'])
        link.send('optionParameters', [75, id, exchange, conIdOf(symbol), symbol.replace('.', ''), '100', ...lists]);
    }
    link.send('optionParametersEnd', [76, id]);
  }

  #history(link: ClientLink, f: readonly string[], refuse: Refuse): void {
    const id = Number(f[1]);
    const symbol = symbolOf(f.slice(3, 8));
    const now = this.clock.now();
    const what = f.slice(2).join('|');
    const recent = this.#asked.filter(({ at }) => now - at < PACE.withinMs);
    this.#asked.push({ at: now, what });
    const repeated = recent.some((each) => each.what === what && now - each.at < PACE.sameWithinMs);
    if (repeated || recent.length >= PACE.requests) {
      refuse(id, 162, 'Historical Market Data Service error message:API historical data query pacing violation');
      return;
    }
    const rows = f[16] === '1 day' ? this.#days(symbol, now) : this.#minutes(symbol, f, now);
    link.send('historicalData', [17, id, '', '', rows.length, ...rows.flat()]);
  }

  #minutes(symbol: string, f: readonly string[], now: EpochMs): readonly (readonly Field[])[] {
    const end = endOf(f[15] ?? '', now);
    const seconds = Number((f[17] ?? '').split(' ')[0]);
    const bars = this.market?.bars(symbol, epochMs(end - seconds * SECOND_MS), end) ?? [];
    return bars.map((bar) => row(String(bar.start / SECOND_MS), bar));
  }

  #days(symbol: string, now: EpochMs): readonly (readonly Field[])[] {
    const date = exchangeDateOf(now);
    const reference = this.market?.references(date).find((each) => each.symbol === symbol);
    if (reference?.previousClose === undefined) return [];
    const price = priceToDecimal(reference.previousClose);
    const day = previousTradingDay(date).replaceAll('-', '');
    return [[day, price, price, price, price, reference.previousVolume ?? 0, price, 1]];
  }

  #minute(slice: MarketSlice): void {
    const options = new Set(
      this.subscriptions.map(({ symbol }) => symbol).filter((each) => optionOf(each) !== undefined),
    );
    for (const symbol of options) this.optionMinute(symbol, slice.start);
    for (const bar of slice.bars) this.bars(bar);
    for (const { symbol, bid, ask } of slice.quotes) {
      this.quote(symbol, priceToDecimal(bid.close).shortText(), priceToDecimal(ask.close).shortText());
    }
  }
}

const row = (time: string, bar: Bar): readonly Field[] => [
  ...[time, priceToDecimal(bar.open), priceToDecimal(bar.high), priceToDecimal(bar.low), priceToDecimal(bar.close)],
  ...[bar.volume, priceToDecimal(bar.close), 1],
];

function realTimeBar(id: number, bar: Bar, n: number): readonly Field[] {
  const [, open, high, low, close] = row('', bar);
  const seconds = bar.start / SECOND_MS + n * 5;
  // the first has the range and the volume of the minute, the others stand at its close
  const figures = n === 0 ? [open, high, low, close, bar.volume] : [close, close, close, close, 0];
  return [50, 3, id, seconds, ...figures, close, 1];
}

/** `20260105-15:00:00` is UTC; empty is now. */
function endOf(text: string, now: EpochMs): EpochMs {
  const match = /^(\d{4})(\d{2})(\d{2})-(\d{2}:\d{2}:\d{2})$/.exec(text);
  if (match === null) return now;
  return epochMs(Date.parse(`${match[1] ?? ''}-${match[2] ?? ''}-${match[3] ?? ''}T${match[4] ?? ''}.000Z`));
}

/** The hours of a session, as a gateway in New York writes them. */
export function liquidHours(date: DateText): string {
  const session = sessionOf(date);
  const day = date.replaceAll('-', '');
  if (session === undefined) return `${day}:CLOSED`;
  const clock = (at: EpochMs): string => gatewayTime(at).slice(9, 14).replace(':', '');
  return `${day}:${clock(session.opensAt)}-${day}:${clock(session.closesAt)}`;
}
