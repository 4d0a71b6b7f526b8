import { exchangeName } from '../../domain/universe/exchanges.js';
import type { UniverseRow } from '../../domain/universe/enrich.js';
import type { Observation, Provenance } from '../../domain/universe/observation.js';
import { Decimal } from '../../kernel/decimal.js';
import { configError, type TradeBotError } from '../../kernel/errors.js';
import type { Secret } from '../../kernel/secret.js';
import { dateOf, epochMs, type Clock } from '../../kernel/time.js';
import type { ProviderAnswer, Quota, Stage, UniverseProvider } from '../../ports/universe-provider.js';
import { keyRefused, ProviderHttp, tooManyCalls, type Refusal } from '../provider-common/provider-http.js';
import {
  answerList,
  answerObject,
  isMembers,
  numberIn,
  Observing,
  queryOf,
  routeOf,
  textIn,
  type Members,
} from '../provider-common/read-answer.js';

export interface FinnhubOptions {
  /** Without a slash at its end. */
  readonly url: string;
  readonly key: Secret;
  readonly clock: Clock;
}

/** The host of Finnhub. */
export const FINNHUB_URL = 'https://finnhub.io/api/v1';
/** Calls of the free plan, and of every plan. */
const FINNHUB_QUOTA: Quota = { perMinute: 60, perSecond: 30 };

const SOURCE = 'finnhub';
const LISTING = '/stock/symbol';
const QUOTE = '/quote';
const PROFILE = '/stock/profile2';
const METRIC = '/stock/metric';
const MILLION = Decimal.of(1_000_000);

/** Symbols, quotes, profiles and metrics of Finnhub, with units made plain: dollars and shares, where it sends millions of both. */
export class FinnhubProvider implements UniverseProvider {
  readonly name = SOURCE;
  readonly quota = FINNHUB_QUOTA;
  readonly #http: ProviderHttp;

  constructor(private readonly options: FinnhubOptions) {
    const { url, key, clock } = options;
    this.#http = new ProviderHttp({
      ...{ source: SOURCE, clock, verdict: finnhubVerdict },
      baseOf: () => url,
      // in a header: a key in an address is in every log on the way
      headers: () => ({ 'x-finnhub-token': key.reveal() }),
    });
  }

  requests(stage: Stage, rows: readonly UniverseRow[]): readonly string[] {
    if (stage === 'listing') return [`${LISTING}?exchange=US`];
    const of = (symbol: string): string => `symbol=${encodeURIComponent(symbol)}`;
    if (stage === 'prices') {
      // another provider may have the price already, and a quote costs a call for each symbol
      return rows.filter(({ figures }) => figures.price === undefined).map(({ symbol }) => `${QUOTE}?${of(symbol)}`);
    }
    return rows.flatMap(({ symbol }) => [`${PROFILE}?${of(symbol)}`, `${METRIC}?${of(symbol)}&metric=all`]);
  }

  next(): undefined {
    return undefined;
  }

  endpointOf(path: string): string {
    return routeOf(path);
  }

  /** Profiles and metrics change at most once a day; a build repeated on one day asks for none of them again. */
  keepsDays(path: string): number {
    return [PROFILE, METRIC].includes(routeOf(path)) ? 1 : 0;
  }

  read(path: string, text: string, provenance: Provenance): readonly Observation[] {
    const route = routeOf(path);
    if (route === LISTING) return readListing(answerList(SOURCE, path, text), provenance);
    const symbol = queryOf(path).get('symbol') ?? '';
    const observing = new Observing(symbol, provenance);
    const answer = answerObject(SOURCE, path, text);
    if (route === QUOTE) return readQuote(answer, observing);
    return route === PROFILE ? readProfile(answer, observing) : readMetric(answer, observing);
  }

  async fetch(path: string): Promise<ProviderAnswer> {
    if (this.options.key.isEmpty) throw keyMissing();
    return this.#http.get(path);
  }

  /** Ends kept connections. */
  close(): void {
    this.#http.close();
  }
}

/** What Finnhub means by its refusals: an empty key is answered as too many calls are. */
function finnhubVerdict(refusal: Refusal): TradeBotError | ProviderAnswer | undefined {
  const { status, text } = refusal;
  const ofPlan = /access to this resource/i.test(text);
  if (status === 429) return /sign up/i.test(text) ? keyMissing() : tooManyCalls(SOURCE, refusal);
  if (ofPlan && (status === 403 || status === 401)) return { kind: 'none', why: 'NOT_IN_PLAN' };
  return status === 401 || status === 403 ? keyRefused(SOURCE, status) : undefined;
}

function keyMissing(): TradeBotError {
  return configError({
    code: 'PROVIDER_KEY_MISSING',
    message: 'finnhub has no key',
    remedy: 'Enter the key of Finnhub under the secret "screener_api".',
  });
}

function readListing(rows: readonly Members[], provenance: Provenance): readonly Observation[] {
  return rows.flatMap((row) => {
    const symbol = textIn(row, 'symbol');
    if (symbol === undefined) return [];
    const mic = textIn(row, 'mic');
    return new Observing(symbol, provenance)
      .note('name', textIn(row, 'description') ?? symbol)
      .note('exchange', mic === undefined ? undefined : exchangeName(mic))
      .note('security_type', textIn(row, 'type')).found;
  });
}

/** An unknown symbol is answered with zeros: no price is made of them. */
function readQuote(answer: Members, observing: Observing): readonly Observation[] {
  const [price, at] = [numberIn(answer, 'c'), numberIn(answer, 't')];
  if (price === undefined || at === undefined || price.sign() <= 0 || at.sign() <= 0) return [];
  return observing.note('price', price, dateOf(epochMs(at.toApproximateNumber() * 1_000))).found;
}

/** Empty for a symbol that is not covered. Market cap and shares come in millions, in the currency of the filings. */
function readProfile(answer: Members, observing: Observing): readonly Observation[] {
  const exchange = textIn(answer, 'exchange');
  const isDollars = textIn(answer, 'currency') === 'USD';
  observing.note('name', textIn(answer, 'name'));
  observing.note('exchange', exchange === undefined ? undefined : exchangeName(exchange));
  observing.note('market_cap', isDollars ? positive(millions(answer, 'marketCapitalization')) : undefined);
  return observing.note('shares_outstanding', positive(millions(answer, 'shareOutstanding'))).found;
}

/** Empty for funds and symbols that are not covered; any single figure may be missing or null. */
function readMetric(answer: Members, observing: Observing): readonly Observation[] {
  const metric = isMembers(answer['metric']) ? answer['metric'] : {};
  observing.note('pe', numberIn(metric, 'peNormalizedAnnual'));
  observing.note('pe_ttm', numberIn(metric, 'peTTM'));
  observing.note('eps', numberIn(metric, 'epsAnnual'));
  observing.note('debt_equity', numberIn(metric, 'totalDebt/totalEquityAnnual'));
  observing.note('market_cap', positive(millions(metric, 'marketCapitalization')));
  return observing.note('volume', positive(millions(metric, '10DayAverageTradingVolume'))).found;
}

function millions(members: Members, name: string): Decimal | undefined {
  return numberIn(members, name)?.times(MILLION);
}

function positive(value: Decimal | undefined): Decimal | undefined {
  return value !== undefined && value.sign() > 0 ? value : undefined;
}
