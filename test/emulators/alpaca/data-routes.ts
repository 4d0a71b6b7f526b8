import { sessionOf } from '../../../src/domain/calendar/nyse.js';
import { priceToDecimal } from '../../../src/domain/market/types.js';
import { addDays, epochMs, parseDateText, type DateText } from '../../../src/kernel/time.js';
import type { EmulatedExchange } from '../exchange/exchange.js';
import type { EmulatedMarket } from '../exchange/market.js';
import { fault, ok, type Answer, type Call } from './answer.js';
import { barJson } from './data-stream.js';

const MOST_DAYS = 14;
const MOST_BARS = 10_000;

type Row = Readonly<Record<string, unknown>>;

/** REST of the market data, version 2. */
export class DataRoutes {
  /** A plan that may not read this feed. */
  refused = false;
  /** Bars by symbol that come besides those of the market: of extended hours, wrong ones. */
  readonly extra = new Map<string, Row[]>();

  constructor(
    private readonly exchange: EmulatedExchange,
    private readonly market: EmulatedMarket | undefined,
  ) {}

  answer({ path, query }: Call): Answer {
    if (this.refused) return fault(403, 40310000, 'subscription does not permit querying recent SIP data');
    if (path === '/v2/stocks/bars') return this.#bars(query);
    if (path === '/v2/stocks/quotes/latest') return ok({ quotes: this.#latest(query, 'q') });
    if (path === '/v2/stocks/trades/latest') return ok({ trades: this.#latest(query, 't') });
    return fault(404, 40410000, 'endpoint not found');
  }

  #latest(query: URLSearchParams, kind: 'q' | 't'): Row {
    const symbols = (query.get('symbols') ?? '').split(',');
    const of = (symbol: string): Row => {
      const price = Number(this.exchange.price(symbol).shortText());
      return kind === 'q' ? { bp: price, ap: price, bs: 100, as: 100 } : { p: price, s: 100 };
    };
    return Object.fromEntries(symbols.map((symbol) => [symbol, of(symbol)]));
  }

  /** Sorted by symbol, then by time; the limit counts all symbols together. */
  #bars(query: URLSearchParams): Answer {
    const symbols = (query.get('symbols') ?? '').split(',').sort();
    const [start, end] = [query.get('start') ?? '', query.get('end') ?? ''];
    const daily = query.get('timeframe') === '1Day';
    const rows = symbols.flatMap((symbol) =>
      [...(daily ? this.#days(symbol, start, end) : this.#minutes(symbol, start, end)), ...this.#extra(symbol, daily)]
        .sort((a, b) => (String(a['t']) < String(b['t']) ? -1 : 1))
        .map((row): [string, Row] => [symbol, row]),
    );
    const from = Number(query.get('page_token') ?? '0');
    const limit = Math.min(Number(query.get('limit') ?? '1000'), MOST_BARS);
    const bars: Record<string, Row[]> = {};
    for (const [symbol, row] of rows.slice(from, from + limit)) (bars[symbol] ??= []).push(row);
    return ok({ bars, next_page_token: from + limit < rows.length ? String(from + limit) : null });
  }

  #extra(symbol: string, daily: boolean): readonly Row[] {
    return daily ? [] : (this.extra.get(symbol) ?? []);
  }

  #minutes(symbol: string, start: string, end: string): readonly Row[] {
    const [from, to] = [epochMs(Date.parse(start)), epochMs(Date.parse(end))];
    return (this.market?.bars(symbol, from, to) ?? []).map(barJson);
  }

  /** One bar a day, at midnight in New York: the previous day has the close that the references of a day name. */
  #days(symbol: string, start: string, end: string): readonly Row[] {
    const days: Row[] = [];
    let date = parseDateText(start.slice(0, 10));
    const last = end.slice(0, 10);
    for (let n = 0; n < MOST_DAYS && date <= last; n += 1, date = addDays(date, 1)) {
      const row = this.#day(symbol, date);
      if (row !== undefined) days.push(row);
    }
    return days;
  }

  #day(symbol: string, date: DateText): Row | undefined {
    if (sessionOf(date) === undefined) return undefined;
    let next = addDays(date, 1);
    for (let n = 0; n < MOST_DAYS && sessionOf(next) === undefined; n += 1) next = addDays(next, 1);
    const reference = this.market?.references(next).find((one) => one.symbol === symbol);
    const known = reference?.previousClose;
    const close = Number((known === undefined ? this.exchange.price(symbol) : priceToDecimal(known)).shortText());
    const volume = reference?.previousVolume ?? 1_000_000;
    return { t: `${date}T05:00:00Z`, o: close, h: close, l: close, c: close, v: volume, n: 1, vw: close };
  }
}
