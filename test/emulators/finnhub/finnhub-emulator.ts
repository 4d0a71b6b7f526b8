import type { IncomingMessage } from 'node:http';
import {
  bare,
  json,
  ProviderServer,
  type Company,
  type Reply,
  type Route,
} from '../provider-server/provider-server.js';

const NO_ACCESS = { error: "You don't have access to this resource." };

/** Quotes, profiles, metrics and symbols as Finnhub sends them: millions, ratios, percent, zeros for what it does not know. */
export class FinnhubEmulator extends ProviderServer {
  /** Routes that the plan of the key does not have. */
  readonly outsidePlan = new Set<string>(['/stock/candle']);
  /** Epoch seconds of every quote. */
  quotedAt = 1_767_732_000;
  /** Close before the session of the quote; left out: the price. */
  previousClose: string | undefined;

  constructor(
    readonly companies: Company[],
    private readonly key: string,
    elapsedMs?: () => number,
  ) {
    super({ perMinute: 60, perSecond: 30 }, elapsedMs);
  }

  protected override unauthorized(request: IncomingMessage): Reply | undefined {
    const { 'x-finnhub-token': token = '' } = request.headers;
    const query = new URL(request.url ?? '/', 'http://emulator').searchParams.get('token') ?? '';
    const given = token === '' ? query : String(token);
    if (given === '') {
      const error = 'API limit reached. Please sign up for a free account to continue using the API.';
      return json({ error }, 429);
    }
    return given === this.key ? undefined : json({ error: 'Invalid API key' }, 401);
  }

  protected override tooMany(): Reply {
    return { status: 429, body: 'API limit reached. Please try again later. Remaining Limit: 0' };
  }

  protected override route(path: string): Route | undefined {
    if (this.outsidePlan.has(path)) return () => json(NO_ACCESS, 403);
    return {
      '/stock/symbol': () => json(this.companies.map((one) => symbolRow(one))),
      '/quote': (query: URLSearchParams) => this.#quote(this.#find(query)),
      '/stock/profile2': (query: URLSearchParams) => profile(this.#find(query)),
      '/stock/metric': (query: URLSearchParams) => metric(query.get('symbol') ?? '', this.#find(query)),
    }[path];
  }

  #find(query: URLSearchParams): Company | undefined {
    return this.companies.find(({ symbol }) => symbol === query.get('symbol'));
  }

  #quote(company: Company | undefined): Reply {
    if (company?.price === undefined) return json({ c: 0, d: null, dp: null, h: 0, l: 0, o: 0, pc: 0, t: 0 });
    const price = bare(company.price);
    return json({
      c: price,
      d: 0.1,
      dp: 0.2,
      h: price,
      l: price,
      o: price,
      pc: bare(this.previousClose ?? company.price),
      t: this.quotedAt,
    });
  }
}

function symbolRow({ symbol, name = symbol, mic }: Company): object {
  return {
    currency: 'USD',
    description: name,
    displaySymbol: symbol,
    figi: 'BBG',
    mic,
    symbol,
    symbol2: '',
    type: 'Common Stock',
  };
}

function profile(company: Company | undefined): Reply {
  if (company?.capMillions === undefined) return json({});
  const { symbol, name = symbol, mic, capMillions } = company;
  const exchange = mic === 'XNYS' ? 'NEW YORK STOCK EXCHANGE, INC.' : 'NASDAQ NMS - GLOBAL MARKET';
  return json({
    ...{ country: 'US', currency: 'USD', exchange, finnhubIndustry: 'Technology', name, ticker: symbol },
    ...{ marketCapitalization: bare(capMillions), shareOutstanding: bare('100.5') },
  });
}

function metric(symbol: string, company: Company | undefined): Reply {
  if (company?.capMillions === undefined) return json({ symbol, metricType: 'all', metric: {}, series: {} });
  const { pe, eps, debtEquity, capMillions, volume } = company;
  return json({
    ...{ symbol, metricType: 'all', series: {} },
    metric: {
      ...(pe === undefined ? {} : { peNormalizedAnnual: pe === null ? null : bare(pe) }),
      ...(eps === undefined ? {} : { epsAnnual: bare(eps) }),
      ...(debtEquity === undefined ? {} : { 'totalDebt/totalEquityAnnual': bare(debtEquity) }),
      ...(volume === undefined ? {} : { '10DayAverageTradingVolume': bare(String(volume / 1_000_000)) }),
      ...{ marketCapitalization: bare(capMillions), peTTM: 29.5315, roeTTM: 11.02, beta: null },
    },
  });
}
