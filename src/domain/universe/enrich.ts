import { Decimal } from '../../kernel/decimal.js';
import { bySource, type FigureName, type Observation, type Provenance } from './observation.js';

/** A figure of a symbol: the value that counts, and what other sources report. */
export interface Figure extends Provenance {
  readonly value: string;
  readonly asOf: string | null;
  /** How it was computed from other figures; left out: as reported. */
  readonly computed?: string;
  /** Every other report of the figure, also those that agree. Never averaged. */
  readonly others: readonly (Provenance & { readonly value: string; readonly asOf: string | null })[];
}

/** A symbol with all that is known of it. */
export interface UniverseRow {
  readonly symbol: string;
  readonly figures: Readonly<Partial<Record<FigureName, Figure>>>;
  /** Figures on which sources disagree. */
  readonly disagreements: readonly FigureName[];
}

/** Sources that differ by up to this share agree: they look at different moments. */
const AGREES_WITHIN = Decimal.parse('0.02');
/** Figures that each source words in its own way: another text is no disagreement. */
const WORDED: readonly FigureName[] = ['name', 'security_type', 'cik'];
const NUMBER = /^-?\d+(\.\d+)?$/;

/** One row for each symbol, in order of symbols; the figures that count are those of the first source by precedence. */
export function enrich(observations: Iterable<Observation>): readonly UniverseRow[] {
  const bySymbol = new Map<string, Observation[]>();
  for (const one of observations) {
    const seen = bySymbol.get(one.symbol);
    if (seen === undefined) bySymbol.set(one.symbol, [one]);
    else seen.push(one);
  }
  const symbols = [...bySymbol.keys()].sort();
  return symbols.map((symbol) => rowOf(symbol, bySymbol.get(symbol) ?? []));
}

function rowOf(symbol: string, observations: readonly Observation[]): UniverseRow {
  const figures: Partial<Record<FigureName, Figure>> = {};
  for (const one of [...observations].sort(bySource)) {
    const counts = figures[one.figure];
    const { source, at, sha256, value, asOf } = one;
    if (counts === undefined) figures[one.figure] = { value, source, at, sha256, asOf, others: [] };
    else if (counts.source !== source) {
      figures[one.figure] = { ...counts, others: [...counts.others, { value, source, at, sha256, asOf }] };
    }
  }
  computeCap(figures);
  computePe(figures);
  const names = Object.keys(figures) as FigureName[];
  return { symbol, figures, disagreements: names.filter((name) => disagrees(name, figures[name])).sort() };
}

type Report = Figure['others'][number];

/** Shares outstanding times the price: of a company as it filed, where a source does not report its market cap. */
function computeCap(figures: Partial<Record<FigureName, Figure>>): void {
  const { shares_outstanding: shares, price } = figures;
  if (shares === undefined || price === undefined) return;
  for (const report of [shares, ...shares.others]) {
    const value = Decimal.parse(report.value).times(Decimal.parse(price.value)).rounded(0, 'halfEven').text();
    put(figures, 'market_cap', { ...report, value }, 'shares_outstanding x price');
  }
}

/** The price over the earnings of a share; a loss gives a negative figure, which is not a low one. */
function computePe(figures: Partial<Record<FigureName, Figure>>): void {
  const { eps, price } = figures;
  if (eps === undefined || price === undefined) return;
  for (const report of [eps, ...eps.others]) {
    const earnings = Decimal.parse(report.value);
    if (earnings.sign() === 0) continue;
    const value = Decimal.parse(price.value).divide(earnings, { scale: 4, round: 'halfEven' }).text();
    put(figures, 'pe', { ...report, value }, 'price / eps');
  }
}

/** Reported figures count before computed ones, which are shown next to them; a source that reports one needs none computed. */
function put(figures: Partial<Record<FigureName, Figure>>, name: 'market_cap' | 'pe', from: Report, how: string): void {
  const { source, at, sha256, value, asOf } = from;
  const figure = { value, source, at, sha256, asOf };
  const known = figures[name];
  if (known === undefined) figures[name] = { ...figure, computed: how, others: [] };
  else if (![known, ...known.others].some((one) => one.source === source)) {
    figures[name] = { ...known, others: [...known.others, figure] };
  }
}

function disagrees(name: FigureName, figure: Figure | undefined): boolean {
  if (figure === undefined || WORDED.includes(name)) return false;
  return figure.others.some((other) => !agree(figure.value, other.value));
}

function agree(a: string, b: string): boolean {
  if (!NUMBER.test(a) || !NUMBER.test(b)) return a === b;
  const [x, y] = [Decimal.parse(a), Decimal.parse(b)];
  return x.minus(y).abs().lte(x.abs().times(AGREES_WITHIN));
}
