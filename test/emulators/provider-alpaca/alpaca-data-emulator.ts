import type { IncomingMessage } from 'node:http';
import {
  bare,
  json,
  ProviderServer,
  type Company,
  type Reply,
  type Route,
} from '../provider-server/provider-server.js';

const EXCHANGE: Readonly<Record<string, string>> = { XNYS: 'NYSE', XNAS: 'NASDAQ', ARCX: 'ARCA', OOTC: 'OTC' };

/** Assets and daily bars as Alpaca sends them: assets as one list, bars by symbol in pages. */
export class AlpacaDataEmulator extends ProviderServer {
  /** Rows of a page of bars, over all symbols. */
  pageRows = 4;

  constructor(
    readonly companies: Company[],
    private readonly key: { readonly id: string; readonly secret: string },
    elapsedMs?: () => number,
  ) {
    super({ perMinute: 200, perSecond: 50 }, elapsedMs);
  }

  protected override unauthorized(request: IncomingMessage): Reply | undefined {
    const { 'apca-api-key-id': id, 'apca-api-secret-key': secret } = request.headers;
    if (id === this.key.id && secret === this.key.secret) return undefined;
    return json({ code: 40_310_000, message: 'forbidden.' }, 403);
  }

  protected override tooMany(): Reply {
    return { ...json({ code: 42_910_000, message: 'too many requests.' }, 429), headers: { 'retry-after': '3' } };
  }

  protected override route(path: string): Route | undefined {
    if (path === '/v2/assets') return () => json(this.companies.map(asset));
    if (path === '/v2/stocks/bars') return (query) => this.#bars(query);
    return undefined;
  }

  #bars(query: URLSearchParams): Reply {
    const wanted = (query.get('symbols') ?? '').split(',').sort();
    const end = (query.get('end') ?? '').slice(0, 10);
    const rows = wanted.flatMap((symbol) => {
      const company = this.companies.find((one) => one.symbol === symbol);
      return company?.price === undefined ? [] : barsOf(company, end);
    });
    const from = Number(query.get('page_token') ?? 0);
    const page = rows.slice(from, from + this.pageRows);
    const bars: Record<string, object[]> = {};
    for (const { symbol, bar } of page) (bars[symbol] ??= []).push(bar);
    const token = from + this.pageRows < rows.length ? String(from + this.pageRows) : null;
    return json({ bars: page.length === 0 ? null : bars, next_page_token: token });
  }
}

function asset({ symbol, name = symbol, mic, tradable = true }: Company): object {
  return {
    ...{
      id: `id-${symbol}`,
      class: 'us_equity',
      exchange: EXCHANGE[mic] ?? mic,
      symbol,
      name,
      status: 'active',
      tradable,
    },
    ...{ marginable: true, shortable: true, fractionable: true, attributes: ['a_new_one'], a_new_field: { x: 1 } },
  };
}

/** Two days, the earlier one at another price. */
function barsOf({ symbol, price = '1', volume = 0 }: Company, end: string): { symbol: string; bar: object }[] {
  const earlier = new Date(Date.parse(end) - 86_400_000).toISOString().slice(0, 10);
  const bar = (day: string, c: string): object => ({
    ...{ t: `${day}T05:00:00Z`, o: bare(c), h: bare(c), l: bare(c), c: bare(c), v: volume, n: 10, vw: bare(c) },
  });
  return [
    { symbol, bar: bar(earlier, '1.23') },
    { symbol, bar: bar(end, price) },
  ];
}
