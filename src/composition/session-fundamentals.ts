import { textIfThere } from '../adapters/files/growing-file.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import type { SymbolReference } from '../domain/market/types.js';
import { parseFundamentals, type CachedCompany } from '../domain/universe/fundamentals.js';
import { addDays, type DateText } from '../kernel/time.js';
import type { MarketDay } from '../ports/market-data.js';

/** Figures of companies by symbol, for a session. */
export type FundamentalsOf = (session: DateText) => ReadonlyMap<string, CachedCompany>;

/** A cache of an earlier day still serves: figures of a fiscal year do not change overnight. */
const MOST_DAYS = 7;
const NONE: ReadonlyMap<string, CachedCompany> = new Map();

/** Reads the daily cache of a home (TRD-34): that of the session, else the newest before it. A damaged file counts as none. */
export function cachedFundamentals({ universe }: Pick<HomePaths, 'universe'>): FundamentalsOf {
  return (session) => {
    for (let days = 0; days <= MOST_DAYS; days += 1) {
      const text = readable(universe.fundamentals(addDays(session, -days)));
      const figures = text === undefined ? undefined : parseFundamentals(text);
      if (figures !== undefined) return figures;
    }
    return NONE;
  };
}

/** A disk that does not give the file must not keep a session, with its open positions, from beginning. */
function readable(path: string): string | undefined {
  try {
    return textIfThere(path);
  } catch {
    return undefined;
  }
}

/** The day with what is known of its companies; a market cap and a volume of the feed itself stay. */
export function withFundamentals(market: MarketDay, of: FundamentalsOf): MarketDay {
  const known = of(market.date);
  if (known.size === 0) return market;
  const { date, description } = market;
  const references = market.references.map((reference) => completed(reference, known.get(reference.symbol)));
  return { date, description, references, findings: () => market.findings() };
}

function completed(reference: SymbolReference, known: CachedCompany | undefined): SymbolReference {
  if (known === undefined) return reference;
  const { volume, ...fundamentals } = known;
  return {
    ...reference,
    marketCap: reference.marketCap ?? fundamentals.marketCap?.toApproximateNumber(),
    previousVolume: reference.previousVolume ?? volume?.rounded(0, 'down').toApproximateNumber(),
    fundamentals,
  };
}
