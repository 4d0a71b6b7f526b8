import { exchangeName } from '../../domain/universe/exchanges.js';
import type { UniverseRow } from '../../domain/universe/enrich.js';
import type { Observation, Provenance } from '../../domain/universe/observation.js';
import { canonicalSymbol } from '../../events/names.js';
import { configError, type TradeBotError } from '../../kernel/errors.js';
import type { Clock } from '../../kernel/time.js';
import type { ProviderAnswer, Quota, Stage, UniverseProvider } from '../../ports/universe-provider.js';
import { notAnAnswer, ProviderHttp, tooManyCalls, type Refusal } from '../provider-common/provider-http.js';
import { answerObject, isMembers, numberIn, Observing, routeOf, textIn } from '../provider-common/read-answer.js';
import { readFacts } from './company-facts.js';

export interface EdgarOptions {
  /** One host for everything, without a slash at its end; empty: the hosts of the SEC. */
  readonly url: string;
  /** Who asks, with a mail address: the SEC refuses those who do not say it. */
  readonly contact: string;
  readonly clock: Clock;
}

const SOURCE = 'edgar';
const TICKERS = '/files/company_tickers_exchange.json';
const FACTS = '/api/xbrl/companyfacts/';
const FILES_HOST = 'https://www.sec.gov';
const DATA_HOST = 'https://data.sec.gov';
/** The SEC blocks an address for ten minutes. */
const BLOCKED_MS = 600_000;
/** Filings are quarterly; the facts of a company are megabytes. */
const FACTS_KEPT_DAYS = 7;

/** Companies and their facts as filed with the SEC: no key, and no fact that was not filed at the time. */
export class EdgarProvider implements UniverseProvider {
  readonly name = SOURCE;
  /** Below the ten a second that the SEC allows an address. */
  readonly quota: Quota = { perMinute: 480, perSecond: 8 };
  readonly #http: ProviderHttp;

  constructor(private readonly options: EdgarOptions) {
    const { url, contact, clock } = options;
    const [files, data] = url === '' ? [FILES_HOST, DATA_HOST] : [url, url];
    this.#http = new ProviderHttp({
      ...{ source: SOURCE, clock, verdict: edgarVerdict },
      baseOf: (path) => (path.startsWith(TICKERS) ? files : data),
      headers: () => ({ 'user-agent': `TradeBot ${contact}` }),
    });
  }

  requests(stage: Stage, rows: readonly UniverseRow[]): readonly string[] {
    if (stage === 'listing') return [TICKERS];
    if (stage === 'prices') return [];
    // one company may have several classes of shares; its facts are asked for once
    const byCik = new Map<string, string[]>();
    for (const { symbol, figures } of rows) {
      const cik = figures.cik?.value;
      if (cik === undefined) continue;
      byCik.set(cik, [...(byCik.get(cik) ?? []), symbol]);
    }
    return [...byCik].map(([cik, symbols]) => `${FACTS}CIK${cik.padStart(10, '0')}.json#${symbols.join(',')}`);
  }

  next(): undefined {
    return undefined;
  }

  endpointOf(path: string): string {
    return path.startsWith(FACTS) ? FACTS : routeOf(path);
  }

  keepsDays(path: string): number {
    return path.startsWith(FACTS) ? FACTS_KEPT_DAYS : 0;
  }

  read(path: string, text: string, provenance: Provenance): readonly Observation[] {
    const answer = answerObject(SOURCE, path, text);
    if (path.startsWith(TICKERS)) return readTickers(answer, path, provenance);
    const { facts } = answer;
    if (!isMembers(facts)) throw notAnAnswer(SOURCE, path, 'it has no facts');
    const symbols = (path.split('#')[1] ?? '').split(',').filter((symbol) => symbol !== '');
    return symbols.flatMap((symbol) => readFacts(facts, new Observing(symbol, provenance), provenance.at.slice(0, 10)));
  }

  async fetch(path: string): Promise<ProviderAnswer> {
    const { contact } = this.options;
    if (contact.includes('@')) return this.#http.get(path);
    throw configError({
      code: 'PROVIDER_CONTACT_MISSING',
      message: 'edgar: the SEC answers only those who name a contact',
      remedy: 'Enter a name and a mail address as the contact of this provider under the secret "screener_api".',
    });
  }
}

/** The SEC answers 403 to those who do not say who they are, and to those who ask too often. */
function edgarVerdict(refusal: Refusal): TradeBotError | undefined {
  const { status, text } = refusal;
  if (status === 429 || (status === 403 && /rate|threshold/i.test(text)))
    return tooManyCalls(SOURCE, refusal, BLOCKED_MS);
  if (status !== 403) return undefined;
  return configError({
    code: 'PROVIDER_CONTACT_REFUSED',
    message: 'edgar: the SEC refuses the contact (HTTP 403)',
    remedy: 'Enter a real name and mail address as the contact of this provider under the secret "screener_api".',
  });
}

/** A table: names of columns, then rows. */
function readTickers(
  { fields, data }: ReturnType<typeof answerObject>,
  path: string,
  provenance: Provenance,
): readonly Observation[] {
  if (!Array.isArray(fields) || !Array.isArray(data))
    throw notAnAnswer(SOURCE, path, 'it is not the table of companies');
  return data.flatMap((cells: unknown) => {
    if (!Array.isArray(cells)) return [];
    const row = Object.fromEntries(fields.map((name, index) => [String(name), cells[index] as unknown]));
    const [symbol, cik, exchange] = [textIn(row, 'ticker'), numberIn(row, 'cik'), textIn(row, 'exchange')];
    if (symbol === undefined || cik === undefined) return [];
    return new Observing(canonicalSymbol(symbol), provenance)
      .note('name', textIn(row, 'name') ?? symbol)
      .note('exchange', exchange === undefined ? undefined : exchangeName(exchange))
      .note('cik', cik.text()).found;
  });
}
