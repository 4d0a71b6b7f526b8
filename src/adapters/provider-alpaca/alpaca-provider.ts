import { exchangeName } from '../../domain/universe/exchanges.js';
import type { UniverseRow } from '../../domain/universe/enrich.js';
import type { Observation, Provenance } from '../../domain/universe/observation.js';
import { configError, type TradeBotError } from '../../kernel/errors.js';
import type { Secret } from '../../kernel/secret.js';
import { addDays, type Clock, type DateText } from '../../kernel/time.js';
import type { ProviderAnswer, Quota, Stage, UniverseProvider } from '../../ports/universe-provider.js';
import { keyRefused, notAnAnswer, ProviderHttp, type Refusal } from '../provider-common/provider-http.js';
import {
  answerList,
  answerObject,
  isMembers,
  numberIn,
  Observing,
  routeOf,
  textIn,
  type Members,
} from '../provider-common/read-answer.js';

export interface AlpacaProviderOptions {
  /** Host of the trading interface, without a slash at its end; empty: live or paper by the kind of the key. */
  readonly url: string;
  readonly key: Secret;
  readonly secretKey: Secret;
  readonly clock: Clock;
}

const SOURCE = 'alpaca';
const ASSETS = '/v2/assets';
const BARS = '/v2/stocks/bars';
const LIVE = 'https://api.alpaca.markets';
const PAPER = 'https://paper-api.alpaca.markets';
const DATA = 'https://data.alpaca.markets';
/** Symbols of one request: the address stays short, and their bars fit a page. */
const SYMBOLS_AT_ONCE = 200;
const ROWS_OF_A_PAGE = 10_000;
/** Days that surely contain the last trade of a symbol that is traded at all. */
const DAYS_BACK = 7;

/** Assets of Alpaca and their last daily bars. */
export class AlpacaProvider implements UniverseProvider {
  readonly name = SOURCE;
  readonly quota: Quota = { perMinute: 180, perSecond: 10 };
  readonly #http: ProviderHttp;

  constructor(private readonly options: AlpacaProviderOptions) {
    const { key, secretKey, clock } = options;
    const url = options.url || (key.reveal().startsWith('PK') ? PAPER : LIVE);
    // a host of its own, such as a proxy, serves everything itself
    const data = [LIVE, PAPER].includes(url) ? DATA : url;
    this.#http = new ProviderHttp({
      ...{ source: SOURCE, clock, verdict: alpacaVerdict },
      baseOf: (path) => (path.startsWith(ASSETS) ? url : data),
      headers: () => ({ 'APCA-API-KEY-ID': key.reveal(), 'APCA-API-SECRET-KEY': secretKey.reveal() }),
    });
  }

  requests(stage: Stage, rows: readonly UniverseRow[], date: DateText): readonly string[] {
    if (stage === 'listing') return [`${ASSETS}?status=active&asset_class=us_equity`];
    if (stage === 'figures') return [];
    const symbols = rows.map(({ symbol }) => symbol);
    const paths: string[] = [];
    for (let at = 0; at < symbols.length; at += SYMBOLS_AT_ONCE) {
      paths.push(barsPath(symbols.slice(at, at + SYMBOLS_AT_ONCE), date));
    }
    return paths;
  }

  next(path: string, text: string): string | undefined {
    if (routeOf(path) !== BARS) return undefined;
    const token = textIn(answerObject(SOURCE, path, text), 'next_page_token');
    if (token === undefined) return undefined;
    return `${path.replace(/&page_token=.*$/, '')}&page_token=${encodeURIComponent(token)}`;
  }

  endpointOf(path: string): string {
    return routeOf(path);
  }

  keepsDays(): number {
    return 0;
  }

  read(path: string, text: string, provenance: Provenance): readonly Observation[] {
    if (routeOf(path) === ASSETS) return readAssets(answerList(SOURCE, path, text), provenance);
    const { bars } = answerObject(SOURCE, path, text);
    if (bars === null) return [];
    if (!isMembers(bars)) throw notAnAnswer(SOURCE, path, 'it has no bars');
    return Object.entries(bars).flatMap(([symbol, rows]) => readBars(symbol, rows, provenance));
  }

  async fetch(path: string): Promise<ProviderAnswer> {
    const { key, secretKey } = this.options;
    if (!key.isEmpty && !secretKey.isEmpty) return this.#http.get(path);
    throw configError({
      code: 'PROVIDER_KEY_MISSING',
      message: 'alpaca has no key and secret key',
      remedy: 'Enter both under the secret "screener_api".',
    });
  }
}

/** The end is before now by more than a quarter of an hour: younger data of all exchanges is not in the free plan. */
function barsPath(symbols: readonly string[], date: DateText): string {
  const query = [
    `symbols=${symbols.map(encodeURIComponent).join(',')}`,
    'timeframe=1Day',
    `start=${addDays(date, -DAYS_BACK)}T00:00:00Z`,
    `end=${date}T20:00:00Z`,
    `limit=${ROWS_OF_A_PAGE}`,
    'adjustment=raw',
    'feed=sip',
  ];
  return `${BARS}?${query.join('&')}`;
}

function alpacaVerdict({ status, text, path }: Refusal): TradeBotError | undefined {
  if (status !== 403) return undefined;
  if (!/subscription/i.test(text)) return keyRefused(SOURCE, status);
  return configError({
    code: 'PROVIDER_PLAN',
    message: `alpaca: the plan does not have ${routeOf(path)}`,
    remedy: 'Build the universe later than a quarter of an hour after the close, or take another plan.',
  });
}

function readAssets(rows: readonly Members[], provenance: Provenance): readonly Observation[] {
  return rows.flatMap((row) => {
    const symbol = textIn(row, 'symbol');
    // crypto and options have other classes
    if (symbol === undefined || (textIn(row, 'class') ?? 'us_equity') !== 'us_equity') return [];
    const exchange = textIn(row, 'exchange');
    const active = (textIn(row, 'status') ?? 'active') === 'active';
    return new Observing(symbol, provenance)
      .note('name', textIn(row, 'name') ?? symbol)
      .note('exchange', exchange === undefined ? undefined : exchangeName(exchange))
      .note('tradable', String(active && row['tradable'] === true)).found;
  });
}

/** The last bar of a page; a symbol whose bars continue on the next page has its last one there. */
function readBars(symbol: string, rows: unknown, provenance: Provenance): readonly Observation[] {
  const bars = Array.isArray(rows) ? rows.filter(isMembers) : [];
  const last = bars.reduce<Members | undefined>(
    (newest, bar) => ((textIn(bar, 't') ?? '') > (textIn(newest ?? {}, 't') ?? '') ? bar : newest),
    undefined,
  );
  const [close, at] = [numberIn(last ?? {}, 'c'), textIn(last ?? {}, 't')];
  if (last === undefined || close === undefined || close.sign() <= 0 || at === undefined) return [];
  const date = at.slice(0, 10);
  return new Observing(symbol, provenance).note('price', close, date).note('volume', numberIn(last, 'v'), date).found;
}
