import { exchangeDateOf } from '../../domain/calendar/nyse.js';
import type { Bar, MarketSlice, SymbolReference } from '../../domain/market/types.js';
import type { TickerSymbol } from '../../events/names.js';
import { dataError, TradeBotError } from '../../kernel/errors.js';
import { addDays, toUtcText, type DateText, type EpochMs } from '../../kernel/time.js';
import type { BrokerHttp } from '../broker-common/http-client.js';
import { minuteOf, slicesOf } from '../feed-common/minutes.js';
import { Fields } from '../broker-common/fields.js';
import { messageOf } from '../broker-alpaca/refusals.js';
import { readBar } from './messages.js';

const LIMIT = 10_000;
/** A day of minutes of the symbols of one connection has two. */
const MOST_PAGES = 50;
/** A day that is older is no reference any more, as for recorded days. */
const DAYS_BACK = 10;

interface BarsQuery {
  readonly symbols: readonly TickerSymbol[];
  readonly timeframe: '1Min' | '1Day';
  readonly start: string;
  readonly end: string;
  readonly feed: string;
}

/** Bars of the past, by REST. */
export class AlpacaHistory {
  constructor(private readonly http: Pick<BrokerHttp, 'send'>) {}

  /** Close and volume of the last day before `date`, adjusted for splits. @throws NetworkError, ConfigError */
  async references(
    symbols: readonly TickerSymbol[],
    date: DateText,
    feed: string,
  ): Promise<readonly SymbolReference[]> {
    const query = { symbols, timeframe: '1Day', start: addDays(date, -DAYS_BACK), end: addDays(date, -1) } as const;
    const bars = await this.#daily(query, feed);
    return symbols.map((symbol) => {
      const last = bars.filter((bar) => bar.symbol === symbol && exchangeDateOf(bar.start) < date).at(-1);
      return { symbol, previousClose: last?.close, previousVolume: last?.volume, marketCap: undefined };
    });
  }

  /** Minutes that ended in (from, to]; one without trades has no bars. */
  async minutes(
    symbols: readonly TickerSymbol[],
    from: EpochMs,
    to: EpochMs,
    feed: string,
  ): Promise<readonly MarketSlice[]> {
    return slicesOf(await this.bars(symbols, minuteOf(from), to, feed), from, to);
  }

  /** Bars of minutes that begin in [from, to), each once. */
  async bars(symbols: readonly TickerSymbol[], from: EpochMs, to: EpochMs, feed: string): Promise<readonly Bar[]> {
    const range = { start: toUtcText(from), end: toUtcText(to) };
    const all = await this.#pages({ symbols, timeframe: '1Min', ...range, feed });
    const byKey = new Map(
      all.filter((bar) => bar.start >= from && bar.start < to).map((bar) => [`${bar.symbol} ${bar.start}`, bar]),
    );
    return [...byKey.values()];
  }

  /** Days that are over may be read from all exchanges on any plan; one that does not allow it gives its own feed. */
  async #daily(query: Omit<BarsQuery, 'feed'>, feed: string): Promise<readonly Bar[]> {
    try {
      return await this.#pages({ ...query, feed: 'sip' });
    } catch (error) {
      if (!(error instanceof TradeBotError) || error.code !== 'PLAN_REFUSED') throw error;
      return this.#pages({ ...query, feed });
    }
  }

  async #pages({ symbols, ...query }: BarsQuery): Promise<readonly Bar[]> {
    const bars: Bar[] = [];
    let token: string | null = null;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const adjustment = query.timeframe === '1Day' ? 'split' : 'raw';
      const text: Record<string, string> = { symbols: symbols.join(','), ...query, adjustment, limit: String(LIMIT) };
      if (token !== null) text['page_token'] = token;
      const answer = await this.#page(new URLSearchParams(text));
      const bySymbol = answer.has('bars') ? answer.object('bars') : undefined;
      for (const name of bySymbol?.names() ?? []) {
        const rows = Fields.listOf(bySymbol?.raw(name), 'bar');
        bars.push(...rows.map((row) => readBar(row, name as TickerSymbol)));
      }
      const next: string | null = answer.textOr('next_page_token', null);
      if (next === null || next === token) return bars;
      token = next;
    }
    throw dataError({
      code: 'HISTORY_NOT_WHOLE',
      message: `the bars of ALPACA from ${query.start} do not end within ${MOST_PAGES} pages`,
      remedy: 'Ask again later, or trade fewer symbols.',
    });
  }

  async #page(query: URLSearchParams): Promise<Fields> {
    const what = 'the bars';
    const path = `/v2/stocks/bars?${query.toString()}`;
    const answer = await this.http.send({ method: 'GET', path, what, effect: 'read', tries: 2 });
    if (answer.status >= 200 && answer.status < 300) return Fields.of(answer.value, 'bars');
    throw dataError({
      code: answer.status === 403 ? 'PLAN_REFUSED' : 'DATA_REFUSED',
      message: `ALPACA refused ${what}: ${messageOf(answer)}`,
      remedy: 'Check the symbols, and whether the plan of the account includes this data.',
    });
  }
}
