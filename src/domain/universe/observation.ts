import type { Sha256Hex } from '../../kernel/hash.js';
import type { UtcText } from '../../kernel/time.js';

/** The providers of the universe, in order of precedence: the first that reports a figure is the one whose figure counts. */
export const PROVIDERS = ['alpaca', 'finnhub', 'edgar'] as const;
export type ProviderName = (typeof PROVIDERS)[number];

/**
 * What a provider can report of a symbol. Money is in dollars and volume in shares, whatever unit the provider uses: readers
 * of answers convert. `cik` is the number under which the SEC files a company.
 */
export type FigureName =
  | 'name'
  | 'exchange'
  | 'tradable'
  | 'security_type'
  | 'cik'
  | 'price'
  | 'volume'
  | 'market_cap'
  | 'shares_outstanding'
  | 'pe'
  | 'pe_ttm'
  | 'eps'
  | 'debt_equity';

/** Where an observation comes from: the provider, when it answered, and the hash of its whole answer. */
export interface Provenance {
  readonly source: ProviderName;
  readonly at: UtcText;
  readonly sha256: Sha256Hex;
}

/** One figure of one symbol as one provider reports it. */
export interface Observation extends Provenance {
  readonly symbol: string;
  readonly figure: FigureName;
  /** A decimal as text, or a word. */
  readonly value: string;
  /** What the figure is of: the day of a price, the filing date of a fact; null when the provider does not say. */
  readonly asOf: string | null;
}

/** By precedence of the source, the newest first: no file depends on which answer came first. */
export function bySource(a: Observation, b: Observation): number {
  const order = PROVIDERS.indexOf(a.source) - PROVIDERS.indexOf(b.source);
  return order !== 0 ? order : textOrder(b.asOf ?? '', a.asOf ?? '') || textOrder(a.value, b.value);
}

const textOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
