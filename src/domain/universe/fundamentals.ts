import type { Fundamentals } from '../market/fundamentals.js';
import { Decimal } from '../../kernel/decimal.js';
import type { FigureName } from './observation.js';
import type { PublishedUniverse } from './universe-file.js';
import type { UniverseRow } from './enrich.js';

const NAMES = ['pe', 'pe_ttm', 'eps', 'debt_equity', 'market_cap', 'volume'] as const satisfies readonly FigureName[];

/** The text of the daily cache file: for each symbol of a universe the figures that the fundamental guard judges by. */
export function fundamentalsText(universe: PublishedUniverse, session: string): string {
  const { date, build_id } = universe.header;
  const rows = universe.symbols.map(({ symbol, row }) => JSON.stringify({ symbol, figures: figuresOf(row) }));
  const head = JSON.stringify({ format: 1, session, universe_date: date, build_id }).slice(0, -1);
  return `${head},"symbols":[\n${[...rows].sort().join(',\n')}\n]}\n`;
}

function figuresOf({ figures }: UniverseRow): Readonly<Record<string, object>> {
  return Object.fromEntries(
    NAMES.flatMap((name) => {
      const figure = figures[name];
      if (figure === undefined) return [];
      const { value, source, at, sha256, asOf } = figure;
      return [[name, { value, source, at, sha256, as_of: asOf }]];
    }),
  );
}

/** Reads a cache file; undefined when the text is none. A figure that is no number is one that is not known. */
export function parseFundamentals(text: string): ReadonlyMap<string, CachedCompany> | undefined {
  let rows: unknown;
  try {
    rows = (JSON.parse(text) as { readonly symbols?: unknown } | null)?.symbols;
  } catch {
    return undefined;
  }
  if (!Array.isArray(rows)) return undefined;
  return new Map(rows.filter(isRow).map(({ symbol, figures }) => [symbol, fundamentalsOf(figures)]));
}

/** What the cache has of a company. */
export interface CachedCompany extends Fundamentals {
  /** Shares traded in the last session, or on an average day. */
  readonly volume: Decimal | undefined;
}

interface CachedRow {
  readonly symbol: string;
  readonly figures?: Readonly<Partial<Record<string, { readonly value?: unknown } | null>>> | null;
}

function isRow(value: unknown): value is CachedRow {
  return typeof value === 'object' && value !== null && 'symbol' in value && typeof value.symbol === 'string';
}

function fundamentalsOf(figures: CachedRow['figures']): CachedCompany {
  const figure = (name: (typeof NAMES)[number]): Decimal | undefined => {
    const value = figures?.[name]?.value;
    return typeof value === 'string' && /^-?\d+(\.\d{1,18})?$/.test(value) ? Decimal.parse(value) : undefined;
  };
  return {
    volume: figure('volume'),
    pe: figure('pe'),
    eps: figure('eps'),
    debtEquity: figure('debt_equity'),
    marketCap: figure('market_cap'),
  };
}
