import type { IncomingMessage } from 'node:http';
import {
  bare,
  json,
  ProviderServer,
  type Company,
  type Reply,
  type Route,
} from '../provider-server/provider-server.js';

const EXCHANGE: Readonly<Record<string, string>> = { XNYS: 'NYSE', XNAS: 'Nasdaq', OOTC: 'OTC' };

/** The table of companies and their facts as the SEC serves them, with the facts of several filings. */
export class EdgarEmulator extends ProviderServer {
  constructor(
    readonly companies: Company[],
    elapsedMs?: () => number,
  ) {
    super({ perMinute: 600, perSecond: 10 }, elapsedMs);
  }

  protected override unauthorized(request: IncomingMessage): Reply | undefined {
    if (/\S+ .*@/.test(request.headers['user-agent'] ?? '')) return undefined;
    return { status: 403, body: '<html>Your Request Originates from an Undeclared Automated Tool</html>' };
  }

  protected override tooMany(): Reply {
    return { status: 403, body: '<html>Request Rate Threshold Exceeded</html>' };
  }

  protected override route(path: string): Route | undefined {
    if (path === '/files/company_tickers_exchange.json') return () => this.#tickers();
    const cik = /^\/api\/xbrl\/companyfacts\/CIK(\d{10})\.json$/.exec(path)?.[1];
    return cik === undefined ? undefined : () => this.#facts(Number(cik));
  }

  #tickers(): Reply {
    const filers = this.companies.filter(({ cik }) => cik !== undefined);
    const data = filers.map(({ cik, symbol, name = symbol, mic }) => [
      ...[cik, name, symbol.replace('.', '-'), EXCHANGE[mic] ?? null],
    ]);
    return json({ fields: ['cik', 'name', 'ticker', 'exchange'], data });
  }

  #facts(cik: number): Reply {
    const company = this.companies.find((one) => one.cik === cik);
    if (company?.capMillions === undefined) return { status: 404, body: '<?xml version="1.0"?><Error/>' };
    const { capMillions, price = '1', eps = '2.00', debtEquity = '0.5' } = company;
    const shares = Math.round((Number(capMillions) * 1_000_000) / Number(price));
    const annual = { fy: 2024, fp: 'FY', form: '10-K', accn: '0000-25-1', filed: '2025-02-01' };
    const later = { fy: 2025, fp: 'FY', form: '10-K', accn: '0000-26-1', filed: '2026-02-01' };
    return json({
      ...{ cik, entityName: company.symbol },
      facts: {
        dei: {
          EntityCommonStockSharesOutstanding: unitsOf('shares', [
            { end: '2025-01-20', val: shares, ...annual },
            { end: '2026-01-20', val: shares * 1_000, ...later },
          ]),
        },
        'us-gaap': {
          EarningsPerShareDiluted: unitsOf('USD/shares', [
            { start: '2024-10-01', end: '2024-12-31', val: bare('0.10'), ...annual },
            { start: '2024-01-01', end: '2024-12-31', val: bare(eps), ...annual },
            { start: '2025-01-01', end: '2025-12-31', val: bare('99'), ...later },
          ]),
          StockholdersEquity: unitsOf('USD', [{ end: '2024-12-31', val: 1_000_000, ...annual }]),
          LongTermDebt: unitsOf('USD', [{ end: '2024-12-31', val: Number(debtEquity) * 1_000_000, ...annual }]),
        },
      },
    });
  }
}

function unitsOf(unit: string, rows: readonly object[]): object {
  return { label: 'x', description: 'x', units: { [unit]: rows } };
}
